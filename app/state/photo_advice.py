"""What is advised for the open photo, by what spoils it; only said, never done."""

import logging

from PySide6.QtCore import QObject, Signal

from app.state.document import DocumentModel
from app.workers.task import Task
from liifgan_core.photo_quality import PhotoQuality, photo_quality

_logger = logging.getLogger(__name__)


class PhotoAdvice(QObject):
    """Looks at each photo that is opened, in the background. Main thread."""

    changed = Signal()

    def __init__(self, document: DocumentModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._quality: PhotoQuality | None = None
        self._key = ""
        document.photo_changed.connect(self._look)

    @property
    def quality(self) -> PhotoQuality | None:
        """What was found of the open photo; None: nothing yet."""
        return self._quality

    def _look(self) -> None:
        photo = self._document.photo
        if photo is None or photo.key == self._key:
            return
        self._key, self._quality = photo.key, None
        self.changed.emit()
        key, image, path = photo.key, photo.image, photo.path
        task = Task(lambda _progress, _cancel: (key, photo_quality(image, path)), self)
        task.succeeded.connect(self._take)
        task.failed.connect(lambda message: _logger.warning("no advice: %s", message))
        task.finished.connect(task.deleteLater)
        task.start()

    def _take(self, answer: tuple[str, PhotoQuality]) -> None:
        key, quality = answer
        if key == self._key:  # else another photo was opened in between
            self._quality = quality
            self.changed.emit()
