"""Small pictures of photos on disk, made in the background."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage, QImageReader, QPixmap

from app.workers.task import Task
from liifgan_core.progress import CancelToken, Progress


class Thumbnails(QObject):
    """Makes them one after the other; newer wishes replace older ones. Main thread."""

    made = Signal(object, QPixmap)
    """A photo's Path, and its picture. Not sent for formats that Qt cannot read."""
    missing = Signal(object)
    """The Path of a photo that is not there."""

    def __init__(self, size: QSize, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._size = size
        self._task: Task | None = None

    def ask(self, paths: Sequence[Path]) -> None:
        """Make those of some photos."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if not paths:
            return
        task = self._task = Task(partial(_read_all, tuple(paths), self._size), self)
        task.succeeded.connect(partial(self._take, task))
        task.finished.connect(task.deleteLater)
        task.finished.connect(partial(self._forget, task))
        task.start()

    def _take(self, task: Task, found: dict[Path, QImage | None]) -> None:
        if task is not self._task:
            return
        for path, picture in found.items():
            if picture is None:
                self.missing.emit(path)
            elif not picture.isNull():
                self.made.emit(path, QPixmap.fromImage(picture))

    def _forget(self, task: Task) -> None:
        if task is self._task:
            self._task = None


def _read_all(
    paths: tuple[Path, ...], size: QSize, _progress: Progress, cancel: CancelToken
) -> dict[Path, QImage | None]:
    """Return pictures by path: None for a file that is gone, a null one for a foreign format."""
    found: dict[Path, QImage | None] = {}
    for path in paths:
        cancel.check()
        found[path] = _read(path, size) if path.is_file() else None
    return found


def _read(path: Path, size: QSize) -> QImage:
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    whole = reader.size()
    if whole.isValid():  # then JPEG is decoded at a part of its size
        by_expanding = Qt.AspectRatioMode.KeepAspectRatioByExpanding
        reader.setScaledSize(whole.scaled(size * 2, by_expanding))
    picture = reader.read()
    if picture.isNull():
        return picture
    filled = picture.scaled(
        size * 2,
        Qt.AspectRatioMode.KeepAspectRatioByExpanding,
        Qt.TransformationMode.SmoothTransformation,
    )
    left = (filled.width() - 2 * size.width()) // 2
    top = (filled.height() - 2 * size.height()) // 2
    cut = filled.copy(left, top, 2 * size.width(), 2 * size.height())
    cut.setDevicePixelRatio(2.0)
    return cut
