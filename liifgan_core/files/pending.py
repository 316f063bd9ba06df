"""A file that has no name until it is complete, so that a killed process leaves nothing behind."""

import contextlib
import errno
import os
import secrets
import shutil
from pathlib import Path
from typing import BinaryIO

from liifgan_core.files.digest import digest_of
from liifgan_core.files.publish import NO_HARD_LINKS, publish, sync_folder

_STEM_LENGTH = 40
"""Characters of the target's name in a temporary one, so that this is never too long (255 bytes on
most file systems; up to 4 bytes a character)."""
_DESCRIPTORS = Path("/proc/self/fd")
_NO_LINKS_FROM_PROC = frozenset((errno.EXDEV, errno.ENOENT, errno.EINVAL))
"""What systems answer that do not let an open file be linked; it is copied then."""


class PendingFile:
    """One file in the folder of `target`, open for writing.

    On Linux it has no name at all: the system removes it with the process, however that ends.
    Elsewhere, and on file systems that cannot do this, it has a hidden name that a killed process
    leaves behind. Raises OSError.
    """

    def __init__(self, target: Path, *, suffix: str) -> None:
        self._target = target
        token = f"{os.getpid()}-{secrets.token_hex(4)}"
        # For the moment between writing and renaming, or all of the time.
        self._named = target.with_name(f".{target.stem[:_STEM_LENGTH]}.{token}.part{suffix}")
        self.file: BinaryIO = _unnamed(target.parent) or self._named.open("x+b")
        self._has_name = self._named.exists()

    def digest(self) -> tuple[int, str]:
        """Return (bytes, SHA-256) of what was written; raises OSError."""
        self.file.flush()
        return digest_of(self.file)

    def publish(self, *, overwrite: bool) -> None:
        """Put the file on disk and give it its name; raises OSError."""
        self.file.flush()
        os.fsync(self.file.fileno())
        if not self._has_name and not overwrite and self._link(self._target):
            sync_folder(self._target.parent)
            return
        if not self._has_name and not self._link(self._named):
            self._copy()
        self._has_name = True
        self.file.close()
        publish(self._named, self._target, overwrite=overwrite)

    def discard(self) -> None:
        """Close the file and remove what is left of it."""
        with contextlib.suppress(OSError):  # a full disk shows again when closing flushes
            self.file.close()
        with contextlib.suppress(OSError):
            self._named.unlink()

    def _link(self, name: Path) -> bool:
        """Give the unnamed file a name; False where the file system has no hard links."""
        source = _DESCRIPTORS / str(self.file.fileno())
        folder = os.open(name.parent, os.O_RDONLY)
        try:
            # With a descriptor Python calls linkat, which can follow the link in /proc.
            os.link(source, name, src_dir_fd=folder, follow_symlinks=True)
        except OSError as error:
            if error.errno in NO_HARD_LINKS | _NO_LINKS_FROM_PROC:
                return False
            raise
        finally:
            os.close(folder)
        return True

    def _copy(self) -> None:
        self.file.seek(0)
        with self._named.open("xb") as copy:
            shutil.copyfileobj(self.file, copy, 1 << 20)
            copy.flush()
            os.fsync(copy.fileno())


def _unnamed(folder: Path) -> BinaryIO | None:
    """Return a new file without a name in `folder`, None where the system cannot make one."""
    flag = getattr(os, "O_TMPFILE", None)
    if flag is None or not _DESCRIPTORS.is_dir():
        return None
    try:
        descriptor = os.open(folder, flag | os.O_RDWR, 0o666)
    except OSError:
        return None  # the named file shows whether the folder can be written
    return os.fdopen(descriptor, "w+b")
