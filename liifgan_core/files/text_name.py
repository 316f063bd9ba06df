"""Names for libraries that take file names as UTF-8 only."""

import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def text_name(path: Path) -> Generator[str]:
    """Give a name of a file that is valid text: its own, or that of a link for the moment.

    A file may be called by any bytes on POSIX, which Python shows as lone surrogates (PEP 383).
    """
    name = str(path)
    try:
        name.encode()
    except UnicodeEncodeError:
        with tempfile.TemporaryDirectory() as folder:
            link = Path(folder, f"photo{path.suffix if path.suffix.isascii() else ''}")
            link.symlink_to(os.path.abspath(path))
            yield str(link)
    else:
        yield name
