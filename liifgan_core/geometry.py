"""Sizes, regions and tiles as plain values.

All tuples and fields are ordered (height, width) or (top, left). A low-resolution (LR) pixel is a
unit square: pixel (r, c) covers [r, r + 1) x [c, c + 1) and its centre is at (r + 0.5, c + 0.5).
Output pixels have the same frame in the output's own units.
"""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

MAX_OUTPUT_SIDE = 100_000
"""Longest output side in pixels: beyond it hardly any program opens the file, and a slip of the
finger (a factor of 1000 for 100) would fill the disk."""


@dataclass(frozen=True, slots=True)
class Size:
    """A whole number of pixels in each direction."""

    height: int
    width: int

    def __post_init__(self) -> None:
        if self.height < 1 or self.width < 1:
            raise ValueError(f"a size needs at least one pixel a side, not {self}")

    @property
    def num_pixels(self) -> int:
        """Height times width."""
        return self.height * self.width

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


@dataclass(frozen=True, slots=True)
class Rect:
    """A region of the LR image in (fractional) LR pixels."""

    top: float
    left: float
    height: float
    width: float

    def __post_init__(self) -> None:
        if not all(map(math.isfinite, (self.top, self.left, self.height, self.width))):
            raise ValueError(f"a region needs finite numbers, not {self}")
        if self.height <= 0 or self.width <= 0:
            raise ValueError(f"a region needs a positive height and width, not {self}")

    @classmethod
    def whole(cls, size: Size) -> "Rect":
        """Return the region that covers an image of `size`."""
        return cls(0.0, 0.0, float(size.height), float(size.width))

    def is_within(self, size: Size) -> bool:
        """Whether the region lies inside an image of `size`, up to 1e-6 LR pixels."""
        slack = 1e-6
        return (
            self.top >= -slack
            and self.left >= -slack
            and self.top + self.height <= size.height + slack
            and self.left + self.width <= size.width + slack
        )


@dataclass(frozen=True, slots=True)
class Tile:
    """A block of whole pixels: rows [top, top + height), columns [left, left + width)."""

    top: int
    left: int
    height: int
    width: int

    @property
    def bottom(self) -> int:
        """First row below the tile."""
        return self.top + self.height

    @property
    def right(self) -> int:
        """First column right of the tile."""
        return self.left + self.width

    def grown(self, halo: int, within: Size) -> "Tile":
        """Return the tile with `halo` more pixels on each side, cut off at the image's border."""
        top, left = max(0, self.top - halo), max(0, self.left - halo)
        bottom = min(within.height, self.bottom + halo)
        right = min(within.width, self.right + halo)
        return Tile(top, left, bottom - top, right - left)


@dataclass(frozen=True, slots=True)
class Viewport:
    """What to render: a region of the LR image, at an output size.

    The two axes are independent, so the factor may differ between them.
    """

    region: Rect
    size: Size

    @classmethod
    def whole(cls, lr_size: Size, size: Size) -> "Viewport":
        """Return the viewport that shows all of an image of `lr_size` at output `size`."""
        return cls(Rect.whole(lr_size), size)

    @property
    def scale(self) -> tuple[float, float]:
        """Output pixels per LR pixel, (vertical, horizontal)."""
        return self.size.height / self.region.height, self.size.width / self.region.width

    def tiles(self, tile: int) -> Iterator[Tile]:
        """Yield tiles that partition the output, row by row, of at most `tile` pixels a side.

        Sides are evened out: 260 pixels in tiles of 256 become two of 130, not 256 and 4.
        """
        for top, height in split_evenly(self.size.height, tile):
            for left, width in split_evenly(self.size.width, tile):
                yield Tile(top, left, height, width)


def split_evenly(length: int, at_most: int) -> list[tuple[int, int]]:
    """Return (start, length) of the fewest nearly equal parts, each at most `at_most` long."""
    if length < 1 or at_most < 1:
        raise ValueError(f"cannot split {length} into parts of at most {at_most}")
    count = math.ceil(length / at_most)
    edges = [length * i // count for i in range(count + 1)]
    return [(a, b - a) for a, b in itertools.pairwise(edges)]
