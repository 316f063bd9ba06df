"""The last step of writing a file: it gets its name, at once and wholly."""

import contextlib
import errno
import os
from pathlib import Path

NO_HARD_LINKS = frozenset(
    {
        errno.EPERM,
        errno.EACCES,
        errno.ENOSYS,
        errno.EOPNOTSUPP,
        getattr(errno, "ENOTSUP", errno.EOPNOTSUPP),
        errno.EMLINK,
    }
)
"""What file systems without hard links (FAT, some network shares) answer to `os.link`."""


def publish(temporary: Path, target: Path, *, overwrite: bool) -> None:
    """Give the finished file its name, at once and wholly; raises OSError.

    Without `overwrite`, something that appeared under the name in the meantime stays, and
    FileExistsError is raised. With it, a symbolic link is replaced itself; what it points to stays.
    """
    if overwrite:
        os.replace(temporary, target)
    else:
        _link_exclusively(temporary, target)
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Make the new name survive a power cut, where the system can."""
    with contextlib.suppress(OSError):  # Windows cannot open folders, some shares cannot sync them
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _link_exclusively(temporary: Path, target: Path) -> None:
    """Move the file to `target`; FileExistsError when there is anything under that name."""
    try:
        os.link(temporary, target)
    except (OSError, NotImplementedError) as error:
        number = getattr(error, "errno", errno.ENOSYS)
        if number not in NO_HARD_LINKS:
            raise
        _reserve_and_replace(temporary, target)
    else:
        os.unlink(temporary)


def _reserve_and_replace(temporary: Path, target: Path) -> None:
    """Take the name with an empty file that must be new, then put the real one in its place."""
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    try:
        os.replace(temporary, target)
    except BaseException:
        os.unlink(target)
        raise
