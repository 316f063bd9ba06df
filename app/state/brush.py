"""What a brush or a shape does to a detail mask, as values and functions over arrays. No Qt.

Places are (y, x) in LR pixels. Coverage is how much of an effect a place gets, 0 to 1.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from liifgan_core.geometry import Size, Tile
from liifgan_core.images.detail_mask import ONE, Values, stored

Floats = NDArray[np.float32]
Point = tuple[float, float]

Effect = Literal["less", "more", "value"]
"""Take strength away, add some, or bring it towards a value."""

MIN_SIZE, MAX_SIZE = 2.0, 2000.0
"""Diameter of a brush in LR pixels."""
SIZE_STEP = 2.0**0.25
HARDNESS_STEP = 0.1
_STRIP_CELLS = 1 << 15
"""Floats of 128 KB; some five of them are at work at once."""


@dataclass(frozen=True, slots=True)
class Change:
    """What happens where the coverage is 1."""

    effect: Effect = "less"
    amount: float = 1.0
    """0 to 1: how much strength is added or taken away, or how far it goes towards the value."""
    value: float = 0.5
    """Where "value" leads, 0 to 1.5."""


@dataclass(frozen=True, slots=True)
class Brush:
    """A round brush."""

    size: float = 80.0
    """Diameter in LR pixels, so that a stroke is the same at any zoom."""
    hardness: float = 0.5
    """Part of the radius that has the full effect, 0 to 1."""
    feather: float = 0.0
    """How far the soft edge reaches beyond the size, as a part of the radius, 0 to 1."""

    @property
    def reach(self) -> float:
        """Distance from the middle beyond which nothing changes, LR pixels."""
        return self.size / 2 * (1.0 + self.feather)

    def profile(self, distance: Floats) -> Floats:
        """Return the coverage at distances from the stroke's line, LR pixels; falls from 1 to 0."""
        soft = max(self.reach - self.hardness * self.size / 2, 1e-3)
        return smooth_step((np.float32(self.reach) - distance) * np.float32(1.0 / soft))


def segment_tile(brush: Brush, start: Point, end: Point, photo: Size, grid: Size) -> Tile | None:
    """Return the grid's cells that a straight piece of a stroke may change; None outside of it."""
    rows = _cells(start[0], end[0], brush.reach, grid.height / photo.height, grid.height)
    cols = _cells(start[1], end[1], brush.reach, grid.width / photo.width, grid.width)
    if rows is None or cols is None:
        return None
    return Tile(rows[0], cols[0], rows[1] - rows[0], cols[1] - cols[0])


def segment_coverage(
    brush: Brush, start: Point, end: Point, photo: Size, grid: Size, tile: Tile
) -> Floats:
    """Return the coverage of a straight piece of a stroke on a tile of the grid, (h, w).

    By the distance to the nearest point of the piece: how often the mouse reports does not matter.
    """
    y, x = cell_places(photo, grid, tile)
    y, x = y - np.float32(start[0]), x - np.float32(start[1])
    dy, dx = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dy, dx)
    if length == 0.0:
        return brush.profile(np.sqrt(y * y + x * x))
    # In the stroke's own frame: beside it, and before its start or behind its end.
    dy, dx = np.float32(dy / length), np.float32(dx / length)
    along, beside = y * dy + x * dx, y * dx - x * dy
    along -= np.clip(along, 0.0, np.float32(length))
    return brush.profile(_floats(cv2.magnitude(along, beside)))


def cell_places(photo: Size, grid: Size, tile: Tile) -> tuple[Floats, Floats]:
    """Return where the cells' centres are in the photo: rows (h, 1) and columns (1, w)."""
    y = (np.arange(tile.top, tile.bottom) + 0.5) * (photo.height / grid.height)
    x = (np.arange(tile.left, tile.right) + 0.5) * (photo.width / grid.width)
    return y.astype(np.float32)[:, None], x.astype(np.float32)[None]


def changed(values: Values, coverage: Floats, change: Change) -> Values:
    """Return mask values after a change by its coverage, both (h, w)."""
    if change.effect == "value":
        missing = np.subtract(np.float32(stored(change.value)), values, dtype=np.float32)
        step = coverage * missing * np.float32(change.amount)
    else:
        sign = 1.0 if change.effect == "more" else -1.0
        step = coverage * np.float32(sign * change.amount * ONE)
    # Rounded, and held between 0 and the largest of 16 bits, which is MAX_STRENGTH.
    return np.asarray(cv2.add(values, step, dtype=cv2.CV_16U), np.uint16)


def smooth_step(t: Floats) -> Floats:
    """Return 0 below 0, 1 above 1, and a cubic without corners between; `t` is written to."""
    np.clip(t, 0.0, 1.0, out=t)
    square = t * t
    t *= np.float32(-2.0)
    t += np.float32(3.0)
    t *= square
    return t


def strips(tile: Tile) -> Iterator[Tile]:
    """Yield a tile in strips of rows that a processor's cache holds: three times as quick."""
    step = max(1, _STRIP_CELLS // tile.width)
    for top in range(tile.top, tile.bottom, step):
        yield Tile(top, tile.left, min(step, tile.bottom - top), tile.width)


def _floats(values: object) -> Floats:
    """Return OpenCV's array under its real type, which its annotations leave open."""
    return np.asarray(values, np.float32)


def _cells(
    start: float, end: float, reach: float, density: float, num_cells: int
) -> tuple[int, int] | None:
    first = max(0, int(np.floor((min(start, end) - reach) * density - 0.5)))
    last = min(num_cells, int(np.ceil((max(start, end) + reach) * density + 0.5)))
    return (first, last) if first < last else None
