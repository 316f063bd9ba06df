"""Uploads and results on disk: a folder of this process, for no other user, removed in the end."""

import contextlib
import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from liifgan_core.batch.claims import Claims

_PREFIX, _LOCK = "spool-", "lock"
_CLAIM = "spool"


class Spool:
    """The folder, with one folder below it for each job. A context manager; any thread."""

    def __init__(self, parent: Path) -> None:
        """`parent` is made if needed; what killed processes have left in it is removed."""
        self._parent = parent
        self.path = Path()

    def __enter__(self) -> Self:
        self._parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in self._parent.glob(f"{_PREFIX}*"):
            _remove_if_abandoned(folder)
        # mkdtemp makes it for the user alone (0700).
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=self._parent))
        self._lock = os.open(self.path / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
        Claims(self._lock).take(_CLAIM)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        os.close(self._lock)
        shutil.rmtree(self.path, ignore_errors=True)

    def new_folder(self) -> Path:
        """Return a new empty folder."""
        folder = self.path / secrets.token_hex(8)
        folder.mkdir(mode=0o700)
        return folder

    def remove(self, folder: Path) -> None:
        """Remove a job's folder and all in it."""
        shutil.rmtree(folder, ignore_errors=True)

    @property
    def num_bytes(self) -> int:
        """Bytes of all files; a walk through the folder."""
        return sum(_sizes(self.path))


def _sizes(folder: Path) -> Iterator[int]:
    for here, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):  # removed meanwhile
                yield os.stat(os.path.join(here, name)).st_size


def _remove_if_abandoned(folder: Path) -> None:
    """Remove the folder of a process that has ended without: nobody holds its lock."""
    try:
        if not stat.S_ISDIR(os.lstat(folder).st_mode):
            return
        descriptor = os.open(folder / _LOCK, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return
    try:
        is_abandoned = Claims(descriptor).take(_CLAIM)
    finally:
        os.close(descriptor)
    if is_abandoned:
        shutil.rmtree(folder, ignore_errors=True)
