"""Opens photos in the background: from files, the clipboard, or a drop."""

import base64
import contextlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QImage

from app.qimage import image_from_qimage
from app.settings import AppSettings
from app.state.document import DocumentModel
from app.state.opening import Opening, OpeningWatch
from app.state.photo import Photo, make_photo, read_photo
from app.state.series import Series
from app.workers.task import Task, Work
from liifgan_core.images.formats import FORMATS, readable_names

READABLE_SUFFIXES = tuple(
    suffix for known in FORMATS if known.can_read for suffix in known.suffixes
)


class Opener(QObject):
    """One photo at a time; a newer one replaces what is still being read. Main thread.

    Listing folders, reading and decoding are done in threads.
    """

    failed = Signal(str)
    """A message for the user."""
    opened = Signal(object)
    """The Path of the file that is now open; not sent for pictures from the clipboard."""
    opening_changed = Signal()
    """What is being opened, or how much is done."""

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
        self.series = Series(self)
        self._latest: Task | None = None
        self.watch = OpeningWatch(self)
        self.watch.changed.connect(self.opening_changed)

    @property
    def opening(self) -> Opening | None:
        """What is being opened; None while nothing is, or not for a moment yet."""
        return self.watch.present

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Open the first photo among files and folders; several make a series."""
        given = tuple(paths)
        self._list(partial(_listed, given), partial(self._open_first, given))

    def open_at(self, place: int) -> None:
        """Open the photo at a place of the series."""
        if 0 <= place < len(self.series.paths):
            self._read(self.series.paths[place])

    def step(self, offset: int) -> None:
        """Open the next (1) or previous (-1) photo: of those opened together, or of the folder."""
        photo = self._document.photo
        if photo is None or photo.path is None:
            return
        path = photo.path.absolute()
        if self.series.place_of(path) is not None:
            self._step_in_series(path, offset)
        else:
            self._list(partial(_listed, (path.parent,)), partial(self._step_in, path, offset))

    def open_picture(self, picture: QImage, name: str) -> None:
        """Open a picture that is no file."""
        if picture.isNull():
            self.failed.emit(self.tr("There is no picture in it; copy or drop an image."))
            return
        self._start(
            lambda _progress, _cancel: make_photo(image_from_qimage(picture), name=name), name
        )

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

    def shut_down(self) -> None:
        """Begin nothing more; what still runs is of no use to anybody."""
        self._latest = None
        self.watch.end()

    # Which

    def _list(self, find: Callable[[], list[Path]], take: Callable[[list[Path]], None]) -> None:
        """Find photos in the background, and go on with them unless something newer is wanted."""
        task = Task(lambda _progress, _cancel: find(), self)
        self._latest = task
        task.succeeded.connect(lambda found: take(found) if task is self._latest else None)
        task.failed.connect(partial(self._report, task))
        task.finished.connect(task.deleteLater)
        task.start()

    def _open_first(self, given: Sequence[Path], photos: list[Path]) -> None:
        if not photos:
            names = ", ".join(str(path) for path in given)
            self.failed.emit(
                self.tr("{0} holds no photo that can be read; drop {1}.").format(
                    names, readable_names()
                )
            )
            return
        self._keep_choices()
        if len(photos) > 1 or self.series.place_of(photos[0]) is None:
            self.series.take(photos)  # one of those that are there leaves them as they are
        self._read(photos[0])

    def _step_in(self, path: Path, offset: int, photos: list[Path]) -> None:
        """Take a photo's folder as series, and open its neighbour."""
        if path in photos and len(photos) > 1:
            self.series.take(photos)
            self.series.follow(path)
            self._step_in_series(path, offset)

    def _step_in_series(self, path: Path, offset: int) -> None:
        place = self.series.place_of(path)
        if place is not None:
            self.open_at((place + offset) % len(self.series.paths))

    # Reading

    def _read(self, path: Path) -> None:
        settings = self._settings()
        limits = settings.max_pixels, settings.export_memory_bytes
        self._start(
            lambda progress, _cancel: read_photo(
                path, progress, max_pixels=limits[0], memory_bytes=limits[1]
            ),
            path.name,
            path,
        )

    def _start(self, work: Work, name: str, path: Path | None = None) -> None:
        task = Task(work, self)
        self._latest = task
        self.watch.begin(name, path)
        task.progressed.connect(partial(self._take_progress, task))
        task.succeeded.connect(partial(self._take, task))
        task.failed.connect(partial(self._report, task))
        task.finished.connect(task.deleteLater)
        task.start()

    def _take_progress(self, task: Task, fraction: float) -> None:
        if task is self._latest:
            self.watch.take(fraction)

    def _take(self, task: Task, photo: Photo) -> None:
        if task is not self._latest:
            return
        self._keep_choices()
        self._document.open(photo, self.series.choices_of(photo.path))
        if photo.path is None:
            self.series.take([])
        self.series.follow(photo.path)
        self.watch.end()
        if photo.path is not None:
            self.opened.emit(photo.path)

    def _keep_choices(self) -> None:
        photo = self._document.photo
        if photo is not None:
            self.series.keep(photo.path, self._document.choices)

    def _report(self, task: Task, message: str) -> None:
        if task is self._latest:
            self.watch.end()
            self.failed.emit(message)


def _inline_picture(data: QMimeData) -> bytes | None:
    """Return the content of a "data:" address, as browsers give for pictures inside a page."""
    for url in data.urls():
        head, separator, body = url.toString().partition(",")
        if separator and head.startswith("data:image/") and head.endswith(";base64"):
            with contextlib.suppress(ValueError):
                return base64.b64decode(body, validate=True)
    return None


def _listed(paths: Sequence[Path]) -> list[Path]:
    """Return the photos at some paths, absolute. May take seconds; any thread."""
    return [photo.absolute() for path in paths for photo in _photos_at(path)]


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
