"""Whether quick models draw while the view moves: by the setting, and by what the device can do."""

import logging
from collections.abc import Callable

from PySide6.QtCore import QObject

from app.state.frame_schedule import FrameSchedule
from app.state.settings_store import SettingsStore
from app.state.stand_ins import wants_quick
from app.workers.task import Task

_logger = logging.getLogger(__name__)


class QuickChoice(QObject):
    """Keeps a view's frames to the setting. Main thread.

    Until the device is known there is taken to be no fast GPU, as on most computers.
    """

    def __init__(
        self,
        schedule: FrameSchedule,
        store: SettingsStore,
        has_fast_gpu: Callable[[str], bool],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._schedule, self._store, self._ask = schedule, store, has_fast_gpu
        self._device: str | None = None
        """The setting that was asked for last."""
        self._has_fast_gpu = False
        store.changed.connect(self._choose)
        self._choose()

    def start(self) -> None:
        """Look at the device, in the background, now and whenever another one is set."""
        self._store.changed.connect(self._look)
        self._look()

    def _look(self) -> None:
        device, ask = self._store.settings.device, self._ask
        if device == self._device:
            return
        self._device = device
        task = Task(lambda _progress, _cancel: (device, ask(device)), self)
        task.succeeded.connect(self._take)
        # The engine meets the same error with its first frame, and shows it.
        task.failed.connect(lambda message: _logger.warning("%s: %s", device, message))
        task.finished.connect(task.deleteLater)
        task.start()

    def _take(self, answer: tuple[str, bool]) -> None:
        device, has_fast_gpu = answer
        if device == self._device:  # else another one was set in between
            self._has_fast_gpu = has_fast_gpu
            self._choose()

    def _choose(self) -> None:
        setting = self._store.settings.while_zooming
        self._schedule.use_quick_models(wants_quick(setting, has_fast_gpu=self._has_fast_gpu))
