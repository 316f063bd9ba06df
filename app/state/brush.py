"""What a brush or a shape does to a detail mask, as values and functions over arrays. No Qt.

Places are (y, x) in LR pixels. Coverage is how much of an effect a place gets, 0 to 1.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from liifgan_core.geometry import Size, Tile
from liifgan_core.images.detail_mask import MAX_STRENGTH, ONE, Values, stored

Floats = NDArray[np.float32]
Point = tuple[float, float]

Effect = Literal["less", "more", "value"]
"""Take strength away, add some, or bring it towards a value."""

MIN_SIZE, MAX_SIZE = 2.0, 2000.0
"""Diameter of a brush in LR pixels."""
SIZE_STEP = 2.0**0.25
HARDNESS_STEP = 0.1


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
        radius = self.size / 2
        full = self.hardness * radius
        soft = max(self.reach - full, 1e-3)
        t = np.clip((np.float32(self.reach) - distance) / np.float32(soft), 0.0, 1.0)
        return t * t * (np.float32(3.0) - np.float32(2.0) * t)


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
    dy, dx = np.float32(end[0] - start[0]), np.float32(end[1] - start[1])
    length2 = dy * dy + dx * dx
    if length2 > 0.0:
        along = np.clip((y * dy + x * dx) / length2, 0.0, 1.0)
        y, x = y - along * dy, x - along * dx
    return brush.profile(np.sqrt(y * y + x * x))


def cell_places(photo: Size, grid: Size, tile: Tile) -> tuple[Floats, Floats]:
    """Return where the cells' centres are in the photo: rows (h, 1) and columns (1, w)."""
    y = (np.arange(tile.top, tile.bottom) + 0.5) * (photo.height / grid.height)
    x = (np.arange(tile.left, tile.right) + 0.5) * (photo.width / grid.width)
    return y.astype(np.float32)[:, None], x.astype(np.float32)[None]


def changed(values: Values, coverage: Floats, change: Change) -> Values:
    """Return mask values after a change by its coverage, both (h, w)."""
    before = values.astype(np.float32)
    if change.effect == "value":
        target = np.float32(stored(change.value))
        after = before + coverage * np.float32(change.amount) * (target - before)
    else:
        step = change.amount if change.effect == "more" else -change.amount
        after = before + coverage * np.float32(step * ONE)
    return (np.clip(after, 0.0, MAX_STRENGTH * ONE) + np.float32(0.5)).astype(np.uint16)


def _cells(
    start: float, end: float, reach: float, density: float, num_cells: int
) -> tuple[int, int] | None:
    first = max(0, int(np.floor((min(start, end) - reach) * density - 0.5)))
    last = min(num_cells, int(np.ceil((max(start, end) + reach) * density + 0.5)))
    return (first, last) if first < last else None
