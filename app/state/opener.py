"""Opens photos in the background: from files, the clipboard, or a drop."""

import base64
import contextlib
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, QSize, QTimer, Signal
from PySide6.QtGui import QImage

from app.qimage import image_from_qimage
from app.state.document import DocumentModel
from app.state.drafts import draft, embedded_thumbnail
from app.state.photo import DECODED, Photo, make_photo, read_photo
from app.state.series import Series
from app.state.time_left import TimeLeft
from app.workers.task import Task, Work
from liifgan_core.images.formats import FORMATS, readable_names
from liifgan_core.progress import CancelToken, Progress

READABLE_SUFFIXES = tuple(
    suffix for known in FORMATS if known.can_read for suffix in known.suffixes
)
SLOW_MS = 120
"""How long a photo may take to open until it is shown that it opens: before, it would flicker."""
_TICK_MS = 100
_DRAFT_SIZE = QSize(1400, 1000)
"""About a canvas; JPEG is decoded at the eighth, quarter or half of its size that is next."""
_BYTES_PER_S = 8e6
"""At which JPEG of 50 megapixels is decoded on a busy core (November 2026); what was opened since
corrects it."""


@dataclass(frozen=True, slots=True, eq=False)
class Opening:
    """A photo that is being opened."""

    name: str
    draft: QImage | None = None
    """What can be seen of it already."""
    fraction: float | None = None
    """0 to 1, while it is decoded an estimate by the file's size; None in the first second."""
    seconds_left: float | None = None


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

    _drafted = Signal(object, int, QImage)
    """The Task that reads the photo, its file's bytes, and what can be seen of it already."""

    def __init__(self, document: DocumentModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.series = Series(self)
        self._latest: Task | None = None
        self._opening: Opening | None = None
        self._is_slow = False
        self._left = TimeLeft()
        self._start_s = 0.0
        self._num_bytes = 0
        self._bytes_per_s = _BYTES_PER_S
        self._slow = QTimer(self)
        self._slow.setSingleShot(True)
        self._slow.setInterval(SLOW_MS)
        self._slow.timeout.connect(self._show_that_it_is_slow)
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._estimate)
        self._drafted.connect(self._take_draft)

    @property
    def opening(self) -> Opening | None:
        """What is being opened; None while nothing is, or not for SLOW_MS yet."""
        return self._opening if self._is_slow else None

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
        self._start(lambda progress, _cancel: read_photo(path, progress), path.name, path)

    def _start(self, work: Work, name: str, path: Path | None = None) -> None:
        task = Task(work, self)
        self._latest = task
        self._opening, self._is_slow = Opening(name), False
        self._left.begin()
        self._start_s, self._num_bytes = time.monotonic(), 0
        self._slow.start()
        task.progressed.connect(partial(self._take_progress, task))
        task.succeeded.connect(partial(self._take, task))
        task.failed.connect(partial(self._report, task))
        task.finished.connect(task.deleteLater)
        task.start()
        if path is not None:
            self._draw_drafts(task, path)

    def _draw_drafts(self, reading: Task, path: Path) -> None:
        """Have a camera's thumbnail read, and then the picture at a part of its size."""

        def draw(_progress: Progress, _cancel: CancelToken) -> None:
            num_bytes = path.stat().st_size if path.is_file() else 0
            self._drafted.emit(reading, num_bytes, embedded_thumbnail(path))
            self._drafted.emit(reading, num_bytes, draft(path, _DRAFT_SIZE))

        task = Task(draw, self)
        task.finished.connect(task.deleteLater)
        task.start()

    def _take_draft(self, reading: Task, num_bytes: int, picture: QImage) -> None:
        if reading is not self._latest or self._opening is None:
            return
        self._num_bytes = num_bytes
        if not picture.isNull():
            self._opening = replace(self._opening, draft=picture)
            self._tell()

    def _show_that_it_is_slow(self) -> None:
        self._is_slow = self._opening is not None
        self._tick.start()
        self._tell()

    def _take_progress(self, task: Task, fraction: float) -> None:
        if task is not self._latest:
            return
        seconds = time.monotonic() - self._start_s
        if fraction == DECODED and self._num_bytes and seconds > 0:
            self._bytes_per_s = self._num_bytes / seconds
        self._left.take(fraction)
        self._tell()

    def _estimate(self) -> None:
        """Let the part of decoding grow as time passes; decoders tell nothing themselves."""
        if self._num_bytes and self._left.fraction < DECODED:
            usual_s = self._num_bytes / self._bytes_per_s
            passed = (time.monotonic() - self._start_s) / usual_s
            # Nine tenths at the usual time, and then ever slower.
            self._left.take(DECODED * (1.0 - math.exp(-2.3 * passed)))
        self._tell()

    def _tell(self) -> None:
        if self._opening is None:
            return
        self._opening = replace(
            self._opening,
            fraction=self._left.fraction if self._left.is_long else None,
            seconds_left=self._left.seconds_left,
        )
        if self._is_slow:
            self.opening_changed.emit()

    def _end(self) -> None:
        self._slow.stop()
        self._tick.stop()
        self._left.end()
        self._opening, self._is_slow = None, False

    def _take(self, task: Task, photo: Photo) -> None:
        if task is not self._latest:
            return
        self._end()
        self._keep_choices()
        self._document.open(photo, self.series.choices_of(photo.path))
        if photo.path is None:
            self.series.take([])
        self.series.follow(photo.path)
        self.opening_changed.emit()
        if photo.path is not None:
            self.opened.emit(photo.path)

    def _keep_choices(self) -> None:
        photo = self._document.photo
        if photo is not None:
            self.series.keep(photo.path, self._document.choices)

    def _report(self, task: Task, message: str) -> None:
        if task is self._latest:
            self._end()
            self.opening_changed.emit()
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
