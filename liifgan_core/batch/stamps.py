"""Whether a file is still the one that it was."""

import os
from pathlib import Path

import msgspec

from liifgan_core.files.digest import digest_of


class FileStamp(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file's content, and what tells without reading it that nothing has changed."""

    num_bytes: int
    sha256: str
    mtime_ns: int = -1
    ctime_ns: int = -1
    """-1 where the times are not known. That of the last change to the inode cannot be set back, so
    a file that was rewritten with its old time is noticed."""


def stamp_of(path: Path) -> FileStamp:
    """Return the stamp of a file, which is read for it; raises OSError and ValueError.

    A file that changes meanwhile has times that it will not have again: it is read anew later.
    """
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        num_bytes, sha256 = digest_of(file)
    return FileStamp(
        num_bytes=num_bytes,
        sha256=sha256,
        mtime_ns=status.st_mtime_ns,
        ctime_ns=status.st_ctime_ns,
    )


def has_times(path: Path, stamp: FileStamp) -> bool:
    """Whether size and times are those of the stamp; O(1)."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return False
    times = status.st_mtime_ns, status.st_ctime_ns
    return status.st_size == stamp.num_bytes and times == (stamp.mtime_ns, stamp.ctime_ns)


def is_unchanged(path: Path, stamp: FileStamp, *, trusts_times: bool = True) -> bool:
    """Whether a file has the content of the stamp; it is read where times do not suffice."""
    if trusts_times and has_times(path, stamp):
        return True
    try:
        if not path.is_file() or path.stat().st_size != stamp.num_bytes:
            return False
        return stamp_of(path).sha256 == stamp.sha256
    except (OSError, ValueError):
        return False
