"""One function in a thread of its own: opening, exporting."""

import logging
from collections.abc import Callable

from PySide6.QtCore import QObject, QThread, QTimer, Signal

from app.wording import told
from liifgan_core.errors import LiifganError
from liifgan_core.progress import Cancelled, CancelToken, Progress

Work = Callable[[Progress, CancelToken], object]

_logger = logging.getLogger(__name__)


_running: set["Task"] = set()


class Task(QThread):
    """Runs once. `run` is the new thread's, everything else belongs to the main thread.

    Exactly one of `succeeded`, `failed` and `cancelled` is sent, then `finished`. A task that has
    begun lives until it ends, also where its owner does not, since Qt aborts the program when a
    running thread is destroyed. It is asked to stop then, and what it sends reaches nobody.
    """

    progressed = Signal(float)
    """Fraction from 0 to 1."""
    succeeded = Signal(object)
    """What the function returned."""
    failed = Signal(str)
    """A message for the user."""
    cancelled = Signal()

    def __init__(self, work: Work, owner: QObject | None = None) -> None:
        super().__init__()
        self._work = work
        self._cancel = CancelToken()
        self._owner = owner
        self.finished.connect(self._forget)
        if owner is not None:
            owner.destroyed.connect(self._cancel.cancel)

    @staticmethod
    def running(owner: QObject | None = None) -> tuple["Task", ...]:
        """Return the tasks that have begun and not ended: an owner's, or all."""
        return tuple(task for task in _running if owner is None or task._owner is owner)

    def start(self, priority: QThread.Priority = QThread.Priority.InheritPriority) -> None:
        """Begin."""
        _running.add(self)
        super().start(priority)

    @property
    def is_cancelled(self) -> bool:
        """Whether the function was asked to stop."""
        return self._cancel.is_cancelled

    def cancel(self) -> None:
        """Ask the function to stop. O(1)."""
        self._cancel.cancel()

    def stop(self) -> None:
        """Ask the function to stop and wait for it."""
        self.cancel()
        self.wait()
        _running.discard(self)

    def _forget(self) -> None:
        if self.isFinished():
            _running.discard(self)
        else:  # still on its way out of `run`; the main thread must not wait for it here
            QTimer.singleShot(0, self._forget)

    def run(self) -> None:
        try:
            self.succeeded.emit(self._work(self.progressed.emit, self._cancel))
        except Cancelled:
            self.cancelled.emit()
        except LiifganError as error:
            self.failed.emit(told(error))
        except Exception as error:
            _logger.exception("a task failed")
            message = self.tr("Something went wrong that should not: {0}")
            self.failed.emit(message.format(f"{type(error).__name__}: {error}"))
