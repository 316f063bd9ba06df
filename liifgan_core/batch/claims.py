"""Which process works on what: locks on bytes of one file, which the system gives up with it.

Nothing is written for a claim, and none outlives its process, however that ends. On Linux locks
belong to the open file, elsewhere to the process: it must not open and close that file a second
time meanwhile.
"""

import errno
import hashlib
import logging
import os
import struct
import sys

_log = logging.getLogger(__name__)

_FIRST_BYTE = 1 << 62
"""Far beyond the end of any manifest: locks need no bytes to be there."""
_HELD = frozenset((errno.EACCES, errno.EAGAIN, errno.EDEADLK))
"""What systems answer when somebody else has the lock."""


class Claims:
    """Claims of this process on one file. For one thread at a time."""

    def __init__(self, descriptor: int) -> None:
        """`descriptor` is open for writing, and stays so as long as claims are held."""
        self._descriptor = descriptor
        self._can_lock = True

    def take(self, what: str) -> bool:
        """Claim something; False as long as another process has it.

        Where the file system has no locks, there is one warning, and every claim is granted.
        """
        if not self._can_lock:
            return True
        try:
            _lock(self._descriptor, _place(what), is_held=True)
        except OSError as error:
            if error.errno in _HELD:
                return False
            self._can_lock = False
            _log.warning(
                "files cannot be locked here (%s): another process on this folder may do the same "
                "photos",
                error.strerror,
            )
        return True

    def release(self, what: str) -> None:
        """Give a claim up."""
        if self._can_lock:
            _lock(self._descriptor, _place(what), is_held=False)


def _place(what: str) -> int:
    digest = hashlib.sha256(what.encode("utf-8", "surrogatepass")).digest()
    return _FIRST_BYTE + int.from_bytes(digest[:7], "big")


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int, place: int, *, is_held: bool) -> None:
        os.lseek(descriptor, place, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK if is_held else msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int, place: int, *, is_held: bool) -> None:
        if sys.platform == "linux" and struct.calcsize("l") == 8:
            kind = fcntl.F_WRLCK if is_held else fcntl.F_UNLCK
            # struct flock: type, whence, start, length, process; padded to 8 bytes.
            request = struct.pack("hhqqi0q", kind, os.SEEK_SET, place, 1, 0)
            fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, request)
            return
        kind = fcntl.LOCK_EX | fcntl.LOCK_NB if is_held else fcntl.LOCK_UN
        fcntl.lockf(descriptor, kind, 1, place, os.SEEK_SET)
