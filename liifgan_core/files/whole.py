"""Files that appear whole or not at all."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from liifgan_core.files.pending import PendingFile


@contextmanager
def whole_file(path: Path) -> Generator[BinaryIO]:
    """Give a file to write, which replaces the one at `path` when the context ends well.

    The folder is made if needed. Raises OSError, and leaves nothing behind then.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    pending = PendingFile(path, suffix=path.suffix)
    try:
        yield pending.file
        pending.publish(overwrite=True)
    finally:
        pending.discard()


def write_whole(path: Path, content: bytes) -> None:
    """Write a file at once; see `whole_file`."""
    with whole_file(path) as file:
        file.write(content)
