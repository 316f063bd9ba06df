"""The settings while the app runs: observable, written when they change."""

import logging
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Signal

from app.settings import AppSettings, load_settings, save_settings, with_recent

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
        wanted = msgspec.structs.replace(self._settings, **fields)
        self._take(msgspec.convert(msgspec.to_builtins(wanted), AppSettings))

    def add_recent(self, path: Path) -> None:
        """Remember a photo that was opened."""
        self._take(with_recent(self._settings, path))

    def _take(self, settings: AppSettings) -> None:
        old, self._settings = self._settings, settings
        if settings == old:
            return
        try:
            save_settings(self._path, settings)
        except OSError as error:  # a full disk must not stop the work
            _logger.warning("%s cannot be written: %s", self._path, error)
        self.changed.emit()
        if _engine_part(settings) != _engine_part(old):
            self.engine_changed.emit()


def _engine_part(settings: AppSettings) -> tuple[str, str, int]:
    return settings.device, settings.precision, settings.memory_mb
