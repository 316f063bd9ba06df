"""Small pictures of photos on disk, made in the background."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtGui import QImage, QPixmap

from app.state.drafts import Fit, thumbnail
from app.workers.task import Task
from liifgan_core.progress import CancelToken, Progress

_RATIO = 2.0
"""Pixels of a thumbnail per logical one: sharp at 200 %."""


class Thumbnails(QObject):
    """Makes them one after the other; newer wishes replace older ones. Main thread."""

    made = Signal(object, QPixmap)
    """A photo's Path, and its picture. Not sent for what cannot be read."""
    missing = Signal(object)
    """The Path of a photo that is not there."""

    _read = Signal(object, object, object)
    """The CancelToken of its task, a Path, and the QImage; None for a file that is gone."""

    def __init__(self, size: QSize, parent: QObject | None = None, *, fit: Fit = "over") -> None:
        super().__init__(parent)
        self._size: QSize = size
        self._fit: Fit = fit
        self._task: Task | None = None
        self._is_shut_down = False
        self._read.connect(self._take)

    def ask(self, paths: Sequence[Path]) -> None:
        """Make those of some photos, in this order."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if not paths or self._is_shut_down:
            return
        task = self._task = Task(partial(self._read_all, tuple(paths)), self)
        task.finished.connect(task.deleteLater)
        task.finished.connect(partial(self._forget, task))
        task.start()

    def shut_down(self) -> None:
        """Make none from now on."""
        self.ask(())
        self._is_shut_down = True

    def _read_all(self, paths: tuple[Path, ...], progress: Progress, cancel: CancelToken) -> None:
        """Send pictures as they come. The task's thread."""
        for path in paths:
            cancel.check()
            picture = thumbnail(path, self._size, fit=self._fit, ratio=_RATIO)
            cancel.check()
            self._read.emit(cancel, path, picture)

    def _take(self, cancel: CancelToken, path: Path, picture: QImage | None) -> None:
        if cancel.is_cancelled:
            return
        if picture is None:
            self.missing.emit(path)
        elif not picture.isNull():
            self.made.emit(path, QPixmap.fromImage(picture))

    def _forget(self, task: Task) -> None:
        if task is self._task:
            self._task = None
