"""A small piece of the open photo as each model draws it, for the models' cards.

Drawn one at a time, on the processor, only while the view rests and is complete. What is begun is
not given up, so models that read all of a network of others draw theirs only when they are asked
to, or once they are the chosen one. On one core that others use, too, a piece takes `liif` 0.4 s,
`liif-gan-fast` 1.3 s and `liif-gan` 3 s, loading included (AVX-512, November 2026).
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from app.state.frame_schedule import FrameSchedule
from app.state.model_choice import cards, is_ready
from app.state.photo import Photo
from app.workers.task import Task
from liifgan_core.geometry import Size, Tile
from liifgan_core.weights.descriptor import WeightsInfo

Bytes = NDArray[np.uint8]
RenderPicture = Callable[[Bytes, Size, str], Bytes]

FACTOR = 3
"""Enlargement of a piece: at 2 models hardly differ, at 4 little is seen of the photo."""
PIECE = 44
"""Side of a piece in the photo's pixels; cards show as much of its middle as they have pixels."""
_MARGIN = 14
"""Pixels around it that are drawn, too, so that no edge of a picture is seen."""
REST_MS = 400
"""How long all must have been still before a piece is drawn."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Sample:
    photo: str
    model: str
    sha256: str


class CropSamples(QObject):
    """Pieces by model for the open photo. Main thread."""

    changed = Signal()

    def __init__(
        self, schedule: FrameSchedule, render: RenderPicture, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._schedule, self._document, self._render = schedule, schedule.document, render
        self._pictures: dict[_Sample, Bytes] = {}
        self._asked: set[str] = set()
        self._failed: set[_Sample] = set()
        self._piece: Bytes | None = None
        self._task: Task | None = None
        self._is_shut_down = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._draw_next)
        self._document.photo_changed.connect(self._begin_anew)
        self._document.models_changed.connect(self._rest.start)
        self._document.comparison_changed.connect(self._rest.start)
        schedule.busy_changed.connect(self._wait)
        schedule.pace.rested.connect(self._rest.start)

    def picture(self, model: WeightsInfo) -> Bytes | None:
        """Return the piece as a model draws it, (h, w, 3) RGB; None: it is not there yet."""
        sample = self._sample(model)
        return None if sample is None else self._pictures.get(sample)

    def is_on_demand(self, model: WeightsInfo) -> bool:
        """Whether a piece will come only when it is asked for."""
        return not self._is_wanted(model) and self.picture(model) is None

    def ask(self, model: str) -> None:
        """Draw a model's piece as soon as the view rests, however long it takes."""
        self._asked.add(model)
        self._rest.start()

    def shut_down(self) -> None:
        """Draw no more, and wait for what is being drawn."""
        self._is_shut_down = True
        self._rest.stop()
        if self._task is not None:
            self._task.stop()

    def _begin_anew(self) -> None:
        self._pictures.clear()
        self._failed.clear()
        self._asked.clear()
        self._piece = None
        self._rest.start()
        self.changed.emit()

    def _wait(self, is_busy: bool) -> None:
        if is_busy:
            self._rest.stop()
        else:
            self._rest.start()

    def _sample(self, model: WeightsInfo) -> _Sample | None:
        photo = self._document.photo
        return None if photo is None else _Sample(photo.key, model.name, model.sha256)

    def _is_wanted(self, model: WeightsInfo) -> bool:
        is_chosen = model.name == self._document.model
        return not is_slow(model) or model.name in self._asked or is_chosen

    def _next(self) -> WeightsInfo | None:
        for model in cards(self._document.models):
            sample = self._sample(model)
            is_done = sample in self._pictures or sample in self._failed
            if is_ready(model) and self._is_wanted(model) and not is_done:
                return model
        return None

    def _draw_next(self) -> None:
        photo = self._document.photo
        is_still = not self._schedule.is_busy and not self._schedule.pace.is_moving
        if photo is None or self._task is not None or self._is_shut_down or not is_still:
            return
        model = self._next()
        if model is None:
            return
        sample = _Sample(photo.key, model.name, model.sha256)
        if self._piece is None:
            self._piece = piece_of(photo)
        piece, render = self._piece, self._render
        task = self._task = Task(lambda _progress, _cancel: _drawn(piece, render, sample), self)
        task.succeeded.connect(self._take)
        task.failed.connect(lambda message: self._fail(sample, message))
        task.finished.connect(self._end)
        task.start()

    def _take(self, answer: tuple[_Sample, Bytes]) -> None:
        sample, picture = answer
        photo = self._document.photo
        if photo is not None and photo.key == sample.photo:
            self._pictures[sample] = picture
            self.changed.emit()

    def _fail(self, sample: _Sample, message: str) -> None:
        """A card without a picture is no harm; the view shows errors of its model itself."""
        _logger.warning("no sample by %s: %s", sample.model, message)
        self._failed.add(sample)

    def _end(self) -> None:
        if self._task is not None:
            self._task.deleteLater()
        self._task = None
        self._rest.start()


def is_slow(model: WeightsInfo) -> bool:
    """Whether a piece by a model takes seconds."""
    return model.encodes_slowly and model.pace == "full"


def piece_of(photo: Photo) -> Bytes:
    """Return (h, w, 3) 8-bit RGB of the photo's most telling place, with a margin around it.

    That is the place with the largest differences between neighbours, found in the preview.
    """
    size = photo.image.size
    side = PIECE + 2 * _MARGIN
    height, width = min(size.height, side), min(size.width, side)
    gray = cv2.cvtColor(photo.preview, cv2.COLOR_RGB2GRAY)
    # Fine noise is no structure to show: what is left of a small blur is.
    edges = np.abs(cv2.Laplacian(cv2.GaussianBlur(gray, (0, 0), 1.5), cv2.CV_32F))
    ratio = gray.shape[0] / size.height
    box = (max(1, round(PIECE // 2 * ratio)),) * 2  # about what a card shows
    energy = cv2.boxFilter(edges, cv2.CV_32F, box, borderType=cv2.BORDER_REFLECT)
    row, column = np.unravel_index(int(energy.argmax()), energy.shape)
    top = min(max(0, round(int(row) / ratio) - height // 2), size.height - height)
    left = min(max(0, round(int(column) / ratio) - width // 2), size.width - width)
    rgb = photo.image.rgb(Tile(top, left, height, width))
    return (rgb * 255.0 + 0.5).astype(np.uint8)


def _drawn(piece: Bytes, render: RenderPicture, sample: _Sample) -> tuple[_Sample, Bytes]:
    height, width = piece.shape[:2]
    picture = render(piece, Size(FACTOR * height, FACTOR * width), sample.model)
    margin_y, margin_x = (max(0, FACTOR * (side - PIECE) // 2) for side in (height, width))
    inner = picture[margin_y : picture.shape[0] - margin_y, margin_x : picture.shape[1] - margin_x]
    return sample, np.ascontiguousarray(inner)
