"""Opens photos in the background: from files, the clipboard, or a drop."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QImage

from app.qimage import image_from_qimage
from app.state.document import DocumentModel
from app.state.photo import Photo, make_photo, read_photo
from app.workers.task import Task, Work
from liifgan_core.images.formats import FORMATS

READABLE_SUFFIXES = tuple(
    suffix for known in FORMATS if known.can_read for suffix in known.suffixes
)


class Opener(QObject):
    """One photo at a time; a newer one replaces what is still being read. Main thread."""

    failed = Signal(str)
    """A message for the user."""
    opened = Signal(object)
    """The Path of the file that is now open; not sent for pictures from the clipboard."""

    def __init__(self, document: DocumentModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._latest: Task | None = None

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Open the first photo among files and folders."""
        photos = [photo for path in paths for photo in _photos_at(path)]
        if not photos:
            names = ", ".join(str(path) for path in paths)
            self.failed.emit(
                self.tr(
                    "{0} holds no photo that can be read; drop PNG, JPEG, WebP or TIFF."
                ).format(names)
            )
            return
        path = photos[0].absolute()
        self._start(lambda _progress, _cancel: read_photo(path))

    def open_picture(self, picture: QImage, name: str) -> None:
        """Open a picture that is no file."""
        if picture.isNull():
            self.failed.emit(self.tr("There is no picture in it; copy or drop an image."))
            return
        self._start(lambda _progress, _cancel: make_photo(image_from_qimage(picture), name=name))

    def open_mime(self, data: QMimeData) -> None:
        """Open what was dropped or pasted: files first, since they keep their depth."""
        paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
        if paths:
            self.open_paths(paths)
        elif data.hasImage():
            self.open_picture(QImage(data.imageData()), self.tr("Pasted picture"))
        else:
            self.failed.emit(
                self.tr("There is no picture here; copy or drop an image file or a picture.")
            )

    def _start(self, work: Work) -> None:
        task = Task(work, self)
        self._latest = task
        task.succeeded.connect(lambda photo: self._take(task, photo))
        task.failed.connect(lambda message: self._report(task, message))
        task.finished.connect(task.deleteLater)
        task.start()

    def _take(self, task: Task, photo: Photo) -> None:
        if task is self._latest:
            self._document.open(photo)
            if photo.path is not None:
                self.opened.emit(photo.path)

    def _report(self, task: Task, message: str) -> None:
        if task is self._latest:
            self.failed.emit(message)


def _photos_at(path: Path) -> list[Path]:
    """Return a file itself, or a folder's photos by name; a missing file is reported by reading."""
    if not path.is_dir():
        return [path]
    return sorted(child for child in path.iterdir() if child.suffix.lower() in READABLE_SUFFIXES)
