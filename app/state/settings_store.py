"""The settings while the app runs: observable, written when they change.

Several apps may run at once: each writes what was changed in it and nothing else, into what the
file says by then.
"""

import logging
from collections.abc import Callable
from pathlib import Path

import msgspec
from PySide6.QtCore import QLockFile, QObject, Signal

from app.settings import AppSettings, load_settings, save_settings, with_recent

_logger = logging.getLogger(__name__)

_LOCK_MS = 2000
"""How long another app may take to write; it takes a millisecond."""


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
        """The present settings of this app."""
        return self._settings

    def change(self, **fields: object) -> None:
        """Replace some of the settings; raises msgspec.ValidationError for a wrong value."""

        def changed(settings: AppSettings) -> AppSettings:
            wanted = msgspec.structs.replace(settings, **fields)
            return msgspec.convert(msgspec.to_builtins(wanted), AppSettings)

        self.update(changed)

    def add_recent(self, path: Path) -> None:
        """Remember a photo that was opened."""
        self.update(lambda settings: with_recent(settings, path))

    def update(self, change: Callable[[AppSettings], AppSettings]) -> None:
        """Change the settings by a function; it is applied to what other apps have written, too."""
        old, self._settings = self._settings, change(self._settings)
        if self._settings == old:
            return
        try:
            self._write(change)
        except OSError as error:  # a full disk must not stop the work
            _logger.warning("%s cannot be written: %s", self._path, error)
        self.changed.emit()
        if _engine_part(self._settings) != _engine_part(old):
            self.engine_changed.emit()

    def _write(self, change: Callable[[AppSettings], AppSettings]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        lock = QLockFile(str(self._path.with_suffix(".lock")))
        if not lock.tryLock(_LOCK_MS):
            # Without the lock the worst is that one of two changes of one moment is forgotten.
            _logger.warning("%s is locked by another program", self._path)
        written = load_settings(self._path) if self._path.exists() else AppSettings()
        save_settings(self._path, change(written))
        lock.unlock()


def _engine_part(settings: AppSettings) -> tuple[str, str, int]:
    return settings.device, settings.precision, settings.memory_mb
