"""The settings while the app runs: observable, written when they change.

Several apps may run. Each writes what was changed in it into the file as it is then, so none undoes
what another has changed; each keeps what it began with until the next start.
"""

import logging
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from PySide6.QtCore import QLockFile, QObject, Signal

from app.settings import AppSettings, load_settings, save_settings, with_recent

_LOCK_MS = 1000
"""To wait for another app that is writing, which takes it a few milliseconds."""

_logger = logging.getLogger(__name__)


class SettingsStore(QObject):
    """Holds the settings and their file. Main thread."""

    changed = Signal()
    engine_changed = Signal()
    """Device, precision or memory: the engine must be opened anew."""

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self._settings = load_settings(path)

    @property
    def settings(self) -> AppSettings:
        """The present settings."""
        return self._settings

    def change(self, **fields: object) -> None:
        """Replace some of the settings; raises msgspec.ValidationError for a wrong value."""
        before = self._settings
        after = _changed(before, fields)
        if after != before:
            self._take(after, lambda kept: _changed(kept, fields))

    def add_recent(self, path: Path) -> None:
        """Remember a photo that was opened, beside those that other apps have opened."""
        self._take(with_recent(self._settings, path), lambda kept: with_recent(kept, path))

    def _take(self, after: AppSettings, merge: Callable[[AppSettings], AppSettings]) -> None:
        """Take settings here, and into the file what `merge` makes of those in it."""
        before, self._settings = self._settings, after
        if after == before:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with _locked(self._path):
                kept = load_settings(self._path) if self._path.exists() else before
                save_settings(self._path, merge(kept))
        except OSError as error:  # a full disk must not stop the work
            _logger.warning("%s cannot be written: %s", self._path, error)
        self.changed.emit()
        if _engine_part(after) != _engine_part(before):
            self.engine_changed.emit()


def _changed(settings: AppSettings, fields: dict[str, object]) -> AppSettings:
    wanted = msgspec.structs.replace(settings, **fields)
    return msgspec.convert(msgspec.to_builtins(wanted), AppSettings)


@contextmanager
def _locked(path: Path) -> Generator[None]:
    """Keep other apps from writing a file meanwhile."""
    lock = QLockFile(f"{path}.lock")
    if not lock.tryLock(_LOCK_MS):
        _logger.warning("%s is held by another app; it is written all the same", path)
    try:
        yield
    finally:
        lock.unlock()


def _engine_part(settings: AppSettings) -> tuple[str, str, int]:
    return settings.device, settings.precision, settings.memory_mb
