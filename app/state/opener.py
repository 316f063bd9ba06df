"""Opens photos in the background: from files, the clipboard, or a drop."""

import base64
import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QImage

from app.qimage import image_from_qimage
from app.settings import AppSettings
from app.state.document import DocumentModel
from app.state.photo import Photo, make_photo, read_photo
from app.workers.task import Task, Work
from liifgan_core.images.formats import FORMATS, readable_names

READABLE_SUFFIXES = tuple(
    suffix for known in FORMATS if known.can_read for suffix in known.suffixes
)


class Opener(QObject):
    """One photo at a time; a newer one replaces what is still being read. Main thread."""

    failed = Signal(str)
    """A message for the user."""
    opened = Signal(object)
    """The Path of the file that is now open; not sent for pictures from the clipboard."""

    def __init__(
        self,
        document: DocumentModel,
        parent: QObject | None = None,
        *,
        settings: Callable[[], AppSettings] = AppSettings,
    ) -> None:
        """`settings` tells how large and how much of a file is read."""
        super().__init__(parent)
        self._settings = settings
        self._document = document
        self._latest: Task | None = None
        self._series: list[Path] = []

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Open the first photo among files and folders."""
        photos = [photo for path in paths for photo in _photos_at(path)]
        if not photos:
            names = ", ".join(str(path) for path in paths)
            self.failed.emit(
                self.tr("{0} holds no photo that can be read; drop {1}.").format(
                    names, readable_names()
                )
            )
            return
        self._series = [photo.absolute() for photo in photos]
        self._read(self._series[0])

    def step(self, offset: int) -> None:
        """Open the next (1) or previous (-1) photo: of those opened together, or of the folder."""
        photo = self._document.photo
        if photo is None or photo.path is None:
            return
        path = photo.path
        series = self._series if len(self._series) > 1 and path in self._series else []
        series = series or [child.absolute() for child in _photos_at(path.parent)]
        if path in series and len(series) > 1:
            self._read(series[(series.index(path) + offset) % len(series)])

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
        elif (content := _inline_picture(data)) is not None:
            self.open_picture(QImage.fromData(content), self.tr("Pasted picture"))
        elif data.hasUrls():
            self.failed.emit(
                self.tr(
                    "The browser gave only the picture's address. Copy the picture itself there "
                    "and paste it here, or save it and drop the file."
                )
            )
        else:
            self.failed.emit(
                self.tr("There is no picture here; copy or drop an image file or a picture.")
            )

    def _read(self, path: Path) -> None:
        settings = self._settings()
        self._start(
            lambda _progress, _cancel: read_photo(
                path, max_pixels=settings.max_pixels, memory_bytes=settings.export_memory_bytes
            )
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


def _inline_picture(data: QMimeData) -> bytes | None:
    """Return the content of a "data:" address, as browsers give for pictures inside a page."""
    for url in data.urls():
        head, separator, body = url.toString().partition(",")
        if separator and head.startswith("data:image/") and head.endswith(";base64"):
            with contextlib.suppress(ValueError):
                return base64.b64decode(body, validate=True)
    return None


def _photos_at(path: Path) -> list[Path]:
    """Return a file itself, or a folder's photos by name; a missing file is reported by reading."""
    if not path.is_dir():
        return [path]
    try:
        children = sorted(path.iterdir())
    except OSError:
        return [path]  # reading it says why
    return [
        child
        for child in children
        if child.suffix.lower() in READABLE_SUFFIXES and not child.name.startswith(".")
    ]
