"""How large a built folder is, and what in it."""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

MB = 10**6


def files_below(folder: Path) -> Iterator[Path]:
    """Yield all files and links in a folder, sorted, not following links."""
    for root, folders, names in os.walk(folder):
        links = [name for name in folders if (Path(root) / name).is_symlink()]
        folders[:] = sorted(set(folders) - set(links))
        yield from (Path(root) / name for name in sorted(names + links))


def total_bytes(folder: Path) -> int:
    """Return the sum of all files' sizes."""
    return sum(path.lstat().st_size for path in files_below(folder))


def largest_parts(folder: Path, count: int = 10) -> list[tuple[str, int]]:
    """Return (name, bytes) of the largest parts, the largest first.

    A part is a package with the libraries beside it (`numpy` and `numpy.libs`), or a file.
    """
    sizes: Counter[str] = Counter()
    for path in files_below(folder):
        parts = path.relative_to(folder).parts
        if parts[0] == "_internal" and len(parts) > 2:
            sizes[parts[1].removesuffix(".libs")] += path.lstat().st_size
        else:
            sizes[path.name] += path.lstat().st_size
    return sizes.most_common(count)
