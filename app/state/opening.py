"""What can be seen of a photo while it opens, and how far that is."""

import time
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, QSize, QTimer, Signal
from PySide6.QtGui import QImage

from app.state.drafts import draft, embedded_thumbnail
from app.state.photo import DECODED
from app.state.time_left import TimeLeft
from app.workers.task import Task
from liifgan_core.progress import CancelToken, Progress

SLOW_MS = 120
"""How long a photo may take until it is shown that it opens: before, it would flicker."""
_TICK_MS = 100
_DRAFT_SIZE = QSize(1400, 1000)
"""About a canvas; JPEG is decoded at the eighth, quarter or half of its size that is next."""
_BYTES_PER_S = 8e6
"""At which JPEG of 50 megapixels is decoded on a busy core (November 2026); what was opened since
takes its place."""
_PART_AT_USUAL_TIME = 0.9
"""Of decoding, that is shown as done when it has taken as long as usual; then it slows down."""


@dataclass(frozen=True, slots=True, eq=False)
class Opening:
    """A photo that is being opened."""

    name: str
    draft: QImage | None = None
    """What can be seen of it already."""
    fraction: float | None = None
    """0 to 1, while it is decoded an estimate by the file's size; None in the first second."""
    seconds_left: float | None = None


class OpeningWatch(QObject):
    """Follows one photo, from `begin` to `end`. Main thread."""

    changed = Signal()
    """`present` is another one."""

    _drafted = Signal(int, int, QImage)
    """The number of the opening, the file's bytes, and what can be seen of it already."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._number = 0
        self._opening: Opening | None = None
        self._is_slow = False
        self._left = TimeLeft()
        self._start_s = 0.0
        self._num_bytes = 0
        self._bytes_per_s = _BYTES_PER_S
        self.slow = QTimer(self)
        self.slow.setSingleShot(True)
        self.slow.setInterval(SLOW_MS)
        self.slow.timeout.connect(self._show)
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self._estimate)
        self._drafted.connect(self._take_draft)

    @property
    def present(self) -> Opening | None:
        """What is being opened; None while nothing is, or not for SLOW_MS yet."""
        return self._opening if self._is_slow else None

    def begin(self, name: str, path: Path | None = None) -> None:
        """Take note that a photo begins to open, in the place of another one; None: no file."""
        self._number += 1
        self._opening, self._is_slow = Opening(name), False
        self._left.begin()
        self._start_s, self._num_bytes = time.monotonic(), 0
        self.slow.start()
        if path is not None:
            self._draw_drafts(self._number, path)

    def take(self, fraction: float) -> None:
        """Take how much is done, 0 to 1."""
        seconds = time.monotonic() - self._start_s
        if fraction == DECODED and self._num_bytes and seconds > 0:
            self._bytes_per_s = self._num_bytes / seconds
        self._left.take(fraction)
        self._tell()

    def end(self) -> None:
        """Take note that the photo is open, or will not be."""
        self._number += 1
        self.slow.stop()
        self._tick.stop()
        self._left.end()
        self._opening, self._is_slow = None, False
        self.changed.emit()

    def _draw_drafts(self, number: int, path: Path) -> None:
        """Have a camera's thumbnail read, and then the picture at a part of its size."""

        def draw(_progress: Progress, cancel: CancelToken) -> None:
            num_bytes = path.stat().st_size if path.is_file() else 0
            self._drafted.emit(number, num_bytes, embedded_thumbnail(path))
            cancel.check()
            self._drafted.emit(number, num_bytes, draft(path, _DRAFT_SIZE))

        task = Task(draw, self)
        task.finished.connect(task.deleteLater)
        task.start()

    def _take_draft(self, number: int, num_bytes: int, picture: QImage) -> None:
        if number != self._number or self._opening is None:
            return
        self._num_bytes = num_bytes
        if not picture.isNull():
            self._opening = replace(self._opening, draft=picture)
            self._tell()

    def _show(self) -> None:
        self._is_slow = True
        self._tick.start()
        self._tell()

    def _estimate(self) -> None:
        """Let the part of decoding grow as time passes; decoders tell nothing themselves."""
        if self._num_bytes and self._left.fraction < DECODED:
            usual_s = self._num_bytes / self._bytes_per_s
            passed = (time.monotonic() - self._start_s) / usual_s
            self._left.take(DECODED * (1.0 - (1.0 - _PART_AT_USUAL_TIME) ** passed))
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
            self.changed.emit()
