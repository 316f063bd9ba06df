"""Automatic masks to start from, computed in the background."""

from PySide6.QtCore import QObject, Signal

from app.state.mask_editor import MaskEditor
from app.state.photo import Photo
from app.workers.task import Task
from liifgan_core.images.auto_mask import AutoMask, auto_mask
from liifgan_core.images.detail_mask import DetailMask


class AutoMasks(QObject):
    """Computes one mask at a time; a newer one replaces what is still being computed.

    Main thread.
    """

    failed = Signal(str)
    """A message for the user."""

    def __init__(self, editor: MaskEditor, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self._latest: Task | None = None

    def start(self, kind: AutoMask) -> None:
        """Compute the open photo's mask and take it, in the place of the present one."""
        photo = self._editor.document.photo
        if photo is None:
            return
        task = Task(lambda _progress, _cancel: auto_mask(photo.image, kind), self)
        self._latest = task
        task.succeeded.connect(lambda mask: self._take(task, photo, mask))
        task.failed.connect(self.failed)
        task.finished.connect(task.deleteLater)
        task.start()

    def _take(self, task: Task, photo: Photo, mask: DetailMask) -> None:
        if task is self._latest and photo is self._editor.document.photo:
            self._editor.replace_mask(mask)
