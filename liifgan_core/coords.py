"""Where output pixels look in the LR image: the only module that knows LIIF's frame.

LIIF's frame (Chen et al. 2021, section 3): the image spans [-1, 1] on both axes, order (y, x), so
an LR image of H rows has its latent codes at -1 + (2 n + 1) / H. A relative coordinate is the
distance to a latent code in units of which one LR pixel spans 2.0. A cell is the output pixel's
size in the same units, 2 / scale.

Everything here is separable: a query's neighbours, relative coordinates and weights are products of
a row part and a column part. Positions are computed in float64 and only the distance to the latent
code, a number between -2 and 2, is rounded to float32. So an image of 100,000 pixels a side is as
exact as one of 100.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from liifgan_core.geometry import Tile, Viewport

_SNAP = 2.0**30
"""Positions are rounded to 2**-30 LR pixels, far below the float32 step of a relative coordinate,
so that a pixel that lies on a latent code's centre does so exactly and needs no second corner."""


@dataclass(frozen=True, slots=True)
class AxisTaps:
    """The latent codes along one axis that a run of output pixels reads: one entry per tap.

    Entries with the same pixel belong together; their weights add up to 1. A tap of weight zero is
    left out, as are the doubles that clamping makes at the image's border.
    """

    pixel: NDArray[np.int64]
    """Output pixel, counted from the first of the run."""
    latent: NDArray[np.int64]
    """Index of the latent code in the LR image."""
    rel_coord: NDArray[np.float32]
    """Query minus latent centre; one LR pixel spans 2.0."""
    weight: NDArray[np.float32]
    """Share of the tap in its output pixel."""
    cell: float
    """Size of a query in the same units: 2 / scale, at most 2."""

    @property
    def span(self) -> tuple[int, int]:
        """First and last latent code that is read."""
        return int(self.latent.min()), int(self.latent.max())

    def within(self, start: int, stop: int) -> "AxisTaps":
        """Return the taps on latent codes [start, stop), ordered by latent code."""
        keep = np.flatnonzero((self.latent >= start) & (self.latent < stop))
        keep = keep[np.argsort(self.latent[keep], kind="stable")]
        return AxisTaps(
            self.pixel[keep],
            self.latent[keep],
            self.rel_coord[keep],
            self.weight[keep],
            self.cell,
        )


@dataclass(frozen=True, slots=True)
class AxisBoxes:
    """The areas of a run of output pixels along one axis, in LR pixels: for averages over them.

    Unlike `AxisTaps` they may reach one LR pixel beyond the image, where its border is repeated.
    """

    first: NDArray[np.int64]
    """The last LR pixel whose centre is not beyond the area's start: the first that reaches it."""
    last: NDArray[np.int64]
    """The first LR pixel whose centre is not before the area's end."""
    start: NDArray[np.float64]
    """The area's start minus the centre of `first`, in [0, 1)."""
    extent: float
    """The area's length: 1 / scale."""


@dataclass(frozen=True, slots=True)
class AxisPixels:
    """A run of a viewport's output pixels along one axis; what a decoder reads follows from it."""

    start: float
    """The viewport's region in LR pixels."""
    length: float
    num_pixels: int
    """The viewport's output size."""
    num_latents: int
    """Size of the LR image."""
    first: int
    """The run: output pixels [first, first + count)."""
    count: int

    def taps(self) -> AxisTaps:
        """Return the latent codes that LIIF's local ensemble reads."""
        return axis_taps(
            self.start,
            self.length,
            self.num_pixels,
            self.num_latents,
            first=self.first,
            count=self.count,
        )

    def ends(self) -> tuple["AxisPixels", "AxisPixels"]:
        """Return its first and its last pixel as runs of their own, between which it reads."""
        return replace(self, count=1), replace(self, first=self.first + self.count - 1, count=1)

    def boxes(self) -> AxisBoxes:
        """Return the areas that the output pixels cover."""
        extent = self.length / self.num_pixels
        index = np.arange(self.first, self.first + self.count + 1, dtype=np.float64)
        edge = self.start + index * extent - 0.5
        if extent * _SNAP > 2.0**10:
            # As for taps: an edge on a centre does not touch the LR pixel beyond. Pixels so small
            # that this would move them noticeably are left where they are.
            edge = snapped(edge)
        first = np.floor(edge[:-1])
        return AxisBoxes(
            first=first.astype(np.int64),
            last=np.ceil(edge[1:]).astype(np.int64),
            start=edge[:-1] - first,
            extent=extent,
        )


def samples_per_pixel(scale: float) -> int:
    """Return how many queries a side one output pixel averages: 1 from x1 upwards.

    Below x1 an output pixel covers several LR pixels and LIIF, which was trained for factors of at
    least 1, would alias. There a pixel is the mean of the smallest grid of queries whose own factor
    is at least 1.
    """
    return max(1, math.ceil(1.0 / scale - 1e-9))


def snapped(position: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return positions rounded so that one on a latent code's centre lies there exactly."""
    return np.round(position * _SNAP) / _SNAP


def _positions(
    start: float, length: float, num_pixels: int, first: int, count: int, samples: int
) -> NDArray[np.float64]:
    """Return the queries' positions in LR pixels minus 0.5, so latent code n is at n."""
    index = np.arange(first * samples, (first + count) * samples, dtype=np.float64)
    position = start + (index + 0.5) * (length / (num_pixels * samples)) - 0.5
    return snapped(position)


def axis_taps(
    start: float, length: float, num_pixels: int, num_latents: int, *, first: int, count: int
) -> AxisTaps:
    """Return the taps of output pixels [first, first + count) along one axis.

    `start` and `length` are the viewport's region and `num_pixels` its output size along the axis;
    `num_latents` is the LR image's. LIIF's local ensemble takes the two codes around a query; each
    is weighted by the distance to the other.
    """
    samples = samples_per_pixel(num_pixels / length)
    position = _positions(start, length, num_pixels, first, count, samples)
    both, rel_coord, weight = corners(position, num_latents)

    pixel = np.arange(count * samples, dtype=np.int64) // samples
    keep = weight > 0
    return AxisTaps(
        pixel=np.broadcast_to(pixel, both.shape)[keep],
        latent=both[keep],
        rel_coord=rel_coord[keep].astype(np.float32),
        weight=(weight[keep] / samples).astype(np.float32),
        cell=2.0 * length / (num_pixels * samples),
    )


@dataclass(frozen=True, slots=True)
class AxisCorners:
    """Both latent codes around each pixel of a patch along one axis, (N, 2): for training.

    Unlike `AxisTaps` it keeps corners of weight zero, so patches can be stacked to a batch.
    """

    latent: NDArray[np.int64]
    """Index of the latent code in the LR image."""
    rel_coord: NDArray[np.float32]
    """Query minus latent centre; one LR pixel spans 2.0."""
    weight: NDArray[np.float32]
    """Share of the corner; the two of a pixel add up to 1."""
    cell: float
    """Size of a query in the same units: 2 / scale."""


def axis_corners(start: float, length: float, num_pixels: int, num_latents: int) -> AxisCorners:
    """Return the corners of `num_pixels` pixels that fill [start, start + length) LR pixels.

    The plain formula of factors of at least 1; `start` may be any real number.
    """
    position = _positions(start, length, num_pixels, 0, num_pixels, 1)
    latent, rel_coord, weight = corners(position, num_latents)
    return AxisCorners(
        latent=latent.T,
        rel_coord=rel_coord.T.astype(np.float32),
        weight=weight.T.astype(np.float32),
        cell=2.0 * length / num_pixels,
    )


def corners(
    position: NDArray[np.float64], num_latents: int
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Return (latent, rel_coord, weight), each (2, N), of positions where code n is at n.

    The two codes around each, along one axis; at the border they are the same and the second has
    weight zero.
    """
    lower = np.floor(position).astype(np.int64)
    both = np.stack([lower, lower + 1]).clip(0, num_latents - 1)
    rel_coord = (position - both) * 2.0

    distance = np.abs(rel_coord)
    total = distance.sum(axis=0)
    is_same_code = both[0] == both[1]
    safe_total = np.where(total > 0, total, 1.0)
    weight = distance[::-1] / safe_total
    weight[0, is_same_code] = 1.0
    weight[1, is_same_code] = 0.0
    return both, rel_coord, weight


def tile_pixels(
    viewport: Viewport, lr_shape: tuple[int, int], tile: Tile
) -> tuple[AxisPixels, AxisPixels]:
    """Return the rows and columns of one tile of a viewport's output.

    The tile's pixels keep their place in the whole viewport, so tiles fit together exactly.
    """
    region, size = viewport.region, viewport.size
    rows = AxisPixels(
        region.top, region.height, size.height, lr_shape[0], first=tile.top, count=tile.height
    )
    cols = AxisPixels(
        region.left, region.width, size.width, lr_shape[1], first=tile.left, count=tile.width
    )
    return rows, cols


def make_coord(viewport: Viewport, lr_shape: tuple[int, int]) -> NDArray[np.float32]:
    """Return the (h, w, 2) coordinates of the output pixels' centres in [-1, 1], (y, x).

    For the plain formula only: at factors of at least 1, and to float32's step of the whole image.
    """
    region, size = viewport.region, viewport.size
    y = _positions(region.top, region.height, size.height, 0, size.height, 1) + 0.5
    x = _positions(region.left, region.width, size.width, 0, size.width, 1) + 0.5
    y, x = 2.0 * y / lr_shape[0] - 1.0, 2.0 * x / lr_shape[1] - 1.0
    return np.stack(np.meshgrid(y, x, indexing="ij"), axis=-1).astype(np.float32)


def make_cell(viewport: Viewport, lr_shape: tuple[int, int]) -> NDArray[np.float32]:
    """Return the (2,) size (height, width) of an output pixel in the frame of `make_coord`."""
    scale_y, scale_x = viewport.scale
    return np.array([2.0 / (scale_y * lr_shape[0]), 2.0 / (scale_x * lr_shape[1])], np.float32)
