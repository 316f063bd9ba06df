"""Which areas of a photo the pixels of a warped view show.

A pixel of the view is a parallelogram in the photo: its centre and the derivative of the map. Its
mean is taken over an upright box about the same centre, whose sides have the parallelogram's
spread: side y is the length of the derivative of y. So a turn keeps the box's area, quarter turns
are exact, and the box differs from the parallelogram by its fourth moments, and by a shear.

A pixel that covers more than an LR pixel is the mean of several samples on a grid of its own, each
a box: the smallest grid whose boxes cover at most one.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from liifgan_core.geometry import Size, Tile, Viewport
from liifgan_core.warp import Warp

_ROUNDING = 1e-9
"""What a side may be too long by rounding alone."""
_MOST_SAMPLES = 1 << 20
"""Samples along a pixel's side; no output side is so small that it needs as many."""


@dataclass(frozen=True, slots=True)
class Boxes:
    """Upright areas of a photo, P of them, in LR pixels; float64."""

    y: NDArray[np.float64]
    """(P,) centres; code n is at n, so 0 is the first LR pixel's centre."""
    x: NDArray[np.float64]
    height: NDArray[np.float64]
    """(P,) or (1,) where all are equal; above 0, at most 1."""
    width: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.y)


@dataclass(frozen=True, slots=True)
class Parallelograms:
    """Areas of a photo that pixels of a view show, P of them, in LR pixels; float64."""

    pixel: NDArray[np.int64]
    """(P,) which pixels, counted row by row through their block."""
    y: NDArray[np.float64]
    """(P,) centres; 0 is the first LR pixel's centre."""
    x: NDArray[np.float64]
    dy_dy: NDArray[np.float64]
    """(P,) or (1,): LR pixels down by output pixels down; the others likewise."""
    dy_dx: NDArray[np.float64]
    dx_dy: NDArray[np.float64]
    dx_dx: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.pixel)

    def __getitem__(self, chosen: NDArray[np.int64]) -> "Parallelograms":
        partials = (self.dy_dy, self.dy_dx, self.dx_dy, self.dx_dx)
        return Parallelograms(
            self.pixel[chosen],
            self.y[chosen],
            self.x[chosen],
            *(partial if len(partial) == 1 else partial[chosen] for partial in partials),
        )

    @property
    def reach(self) -> tuple[float, float]:
        """How far from its centre a box of any sample of a pixel ends at most, along y and x."""
        spans = abs(self.dy_dy) + abs(self.dy_dx), abs(self.dx_dy) + abs(self.dx_dx)
        return float(spans[0].max()), float(spans[1].max())

    @property
    def sides(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Height and width of the pixels' boxes, (P,) or (1,)."""
        return np.hypot(self.dy_dy, self.dy_dx), np.hypot(self.dx_dy, self.dx_dx)

    def touching(self, area: Tile) -> "Parallelograms":
        """Return those of which a sample may read an LR pixel of `area`."""
        far_y, far_x = (reach + 1.0 for reach in self.reach)
        touches = (self.y > area.top - far_y) & (self.y < area.bottom - 1 + far_y)
        touches &= (self.x > area.left - far_x) & (self.x < area.right - 1 + far_x)
        return self if touches.all() else self[np.flatnonzero(touches)]

    def span(self, photo: Size) -> tuple[tuple[int, int], tuple[int, int]]:
        """Return the first and last LR row, and column, that their samples may read."""
        spans: list[tuple[int, int]] = []
        for at, reach, side in zip(
            (self.y, self.x), self.reach, (photo.height, photo.width), strict=True
        ):
            low, high = np.floor(at.min() - reach - 1.0), np.ceil(at.max() + reach + 1.0)
            spans.append((min(max(int(low), 0), side - 1), min(max(int(high), 0), side - 1)))
        return spans[0], spans[1]

    def by_grid(self) -> Iterator[tuple["Parallelograms", tuple[int, int]]]:
        """Yield all, those together that need the same grid of samples along (height, width)."""
        rows = np.ceil(np.hypot(self.dy_dy, self.dx_dy) - _ROUNDING).clip(1.0)
        cols = np.ceil(np.hypot(self.dy_dx, self.dx_dx) - _ROUNDING).clip(1.0)
        # A sheared pixel's box can be longer than its sides.
        longest = np.maximum(
            np.hypot(self.dy_dy / rows, self.dy_dx / cols),
            np.hypot(self.dx_dy / rows, self.dx_dx / cols),
        )
        more = np.where(longest > 1.0 + _ROUNDING, 2.0, 1.0)
        rows, cols = (rows * more).astype(np.int64), (cols * more).astype(np.int64)
        if (rows == rows[0]).all() and (cols == cols[0]).all():
            yield self, (int(rows[0]), int(cols[0]))
            return
        kinds, kind = np.unique(rows * _MOST_SAMPLES + cols, return_inverse=True)
        for number, code in enumerate(kinds.tolist()):
            yield self[np.flatnonzero(kind == number)], divmod(code, _MOST_SAMPLES)

    def boxes(self, grid: tuple[int, int], photo: Size) -> Iterator[Boxes]:
        """Yield the boxes of each sample of a grid; a pixel is the mean of its boxes.

        Centres beyond the photo are moved to its edge.
        """
        rows, cols = grid
        height = np.hypot(self.dy_dy / rows, self.dy_dx / cols).clip(max=1.0)
        width = np.hypot(self.dx_dy / rows, self.dx_dx / cols).clip(max=1.0)
        for i in range(rows):
            down = (i + 0.5) / rows - 0.5
            for j in range(cols):
                across = (j + 0.5) / cols - 0.5
                y = self.y + (self.dy_dy * down + self.dy_dx * across)
                x = self.x + (self.dx_dy * down + self.dx_dx * across)
                yield Boxes(
                    y.clip(-0.5, photo.height - 0.5), x.clip(-0.5, photo.width - 0.5), height, width
                )


@dataclass(frozen=True, slots=True)
class Footprints:
    """What a block of a view's output shows of a photo."""

    areas: Parallelograms
    """Of the pixels that show something."""
    coverage: NDArray[np.float32]
    """(h, w) share of each of the block's pixels that shows the photo, 0 to 1."""


def footprints(warp: Warp, viewport: Viewport, block: Tile) -> Footprints:
    """Return where a block of a view's output lies in the photo.

    The viewport's region is one of the warp's frame. Takes about 100 bytes a pixel.
    """
    step_y = viewport.region.height / viewport.size.height
    step_x = viewport.region.width / viewport.size.width
    rows = viewport.region.top + (np.arange(block.top, block.bottom) + 0.5) * step_y
    cols = viewport.region.left + (np.arange(block.left, block.right) + 0.5) * step_x
    places = warp.places(rows[:, None], cols[None, :])
    shape = block.height, block.width
    down = _by_pixel(places.dy_dy, step_y), _by_pixel(places.dx_dy, step_y)
    across = _by_pixel(places.dy_dx, step_x), _by_pixel(places.dx_dx, step_x)
    coverage = np.ones(shape, np.float32)
    sides = np.hypot(down[0], across[0]), np.hypot(down[1], across[1])
    for at, side, length in zip(
        (places.y, places.x), sides, (warp.photo.height, warp.photo.width), strict=True
    ):
        half = side.reshape(shape if side.size > 1 else (1, 1)) / 2.0
        inside = np.minimum(at + half, length) - np.maximum(at - half, 0.0)
        share = np.nan_to_num(inside / (2.0 * half), nan=0.0).clip(0.0, 1.0)
        # What is missing by rounding alone is there.
        coverage *= np.where(share > 1.0 - _ROUNDING, 1.0, share).astype(np.float32)
    seen = coverage.ravel() > 0.0
    pixel = np.arange(seen.size) if seen.all() else np.flatnonzero(seen)
    areas = Parallelograms(
        pixel,
        _seen(places.y, shape, pixel) - 0.5,
        _seen(places.x, shape, pixel) - 0.5,
        *(
            partial if len(partial) == 1 else partial[pixel]
            for partial in (down[0], across[0], down[1], across[1])
        ),
    )
    return Footprints(areas, coverage)


def _by_pixel(partial: NDArray[np.float64], step: float) -> NDArray[np.float64]:
    return np.atleast_1d(partial * step).ravel()


def _seen(
    at: NDArray[np.float64], shape: tuple[int, int], pixel: NDArray[np.int64]
) -> NDArray[np.float64]:
    flat = np.broadcast_to(at, shape).ravel()
    return flat if pixel.size == flat.size else flat[pixel]
