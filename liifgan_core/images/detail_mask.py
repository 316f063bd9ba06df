"""How strong the detail layer is at each place of a photo: a picture of strengths.

The strength at a place is the overall strength times the mask's: a mask of 1 everywhere changes
nothing, 0 leaves the structure, and taking the mask away gives back what was there before.
"""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from liifgan_core.errors import MaskError
from liifgan_core.geometry import Size, Tile, Viewport

MAX_STRENGTH = 1.5
"""Of a place, times the overall strength; beyond it pictures only turn harsh."""
ONE = 43690
"""The stored value of strength 1; that of MAX_STRENGTH is the largest of 16 bits."""
MAX_SIDE = 2048
"""Longest side of a mask: 6 MB of a photo in 3:2. Bilinear interpolation fills what is between."""
_PROPORTION_SLACK = 0.01
"""How much the proportions of mask and photo may differ, beside rounding to whole pixels."""

Values = NDArray[np.uint16]


@dataclass(frozen=True, slots=True, eq=False)
class DetailMask:
    """Strengths on a grid that covers the whole photo, whatever the photo's own size.

    Two masks are equal where their grids and values are. Picklable.
    """

    values: Values
    """(h, w), at most MAX_SIDE a side, ONE for strength 1; C-contiguous, not to be written to."""

    def __post_init__(self) -> None:
        values = self.values
        if values.ndim != 2 or values.dtype != np.uint16 or not values.size:
            raise ValueError(f"a mask is (h, w) of uint16, not {values.shape} of {values.dtype}")
        if max(values.shape) > MAX_SIDE:
            raise ValueError(f"a mask has at most {MAX_SIDE} pixels a side, not {values.shape}")
        frozen = np.ascontiguousarray(values).view()
        frozen.setflags(write=False)
        object.__setattr__(self, "values", frozen)

    @classmethod
    def filled(cls, photo: Size, strength: float = 1.0) -> "DetailMask":
        """Return a mask of one strength, on the grid that a photo's mask has."""
        grid = grid_size(photo)
        return cls(np.full((grid.height, grid.width), stored(strength), np.uint16))

    @property
    def size(self) -> Size:
        """Of the grid."""
        return Size(*self.values.shape)

    @property
    def digest(self) -> str:
        """SHA-256 of grid and values, as 16 hexadecimal digits. Takes some 5 ms for 6 MB."""
        text = hashlib.sha256(f"{self.size}\n".encode())
        text.update(self.values.astype("<u2", copy=False).data)
        return text.hexdigest()[:16]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, DetailMask):
            return NotImplemented
        return other is self or np.array_equal(self.values, other.values)

    def __hash__(self) -> int:
        return hash(self.digest)

    def check_fits(self, photo: Size) -> None:
        """Raise MaskError where the proportions are not the photo's: it would be stretched."""
        grid = self.size
        rows, cols = _factors(grid.height, photo.height), _factors(grid.width, photo.width)
        if max(rows[0], cols[0]) > min(rows[1], cols[1]) * (1.0 + _PROPORTION_SLACK):
            raise MaskError(
                f"the mask's proportions ({grid}) are not those of the photo ({photo}); "
                "give a mask that was made for it"
            )

    def strengths(self, photo: Size, viewport: Viewport, tile: Tile) -> NDArray[np.float32]:
        """Return the strength at each output pixel's centre of a tile of a viewport, (h, w).

        Bilinear between the centres of the grid's cells, constant beyond the outermost. Places are
        float64 and those of the whole viewport, so tiles equal the whole bit for bit. Where all
        neighbours are equal the result is exactly theirs. `photo` is the size of the whole photo.
        """
        down, across = viewport.scale
        y = viewport.region.top + (np.arange(tile.top, tile.bottom, dtype=np.float64) + 0.5) / down
        x = (
            viewport.region.left
            + (np.arange(tile.left, tile.right, dtype=np.float64) + 0.5) / across
        )
        rows, cols = (
            _taps(y, photo.height, self.size.height),
            _taps(x, photo.width, self.size.width),
        )
        block = self.values[rows.first[0] : rows.last[-1] + 1, cols.first[0] : cols.last[-1] + 1]
        block = np.divide(block, np.float32(ONE), dtype=np.float32)
        # The axis first that leaves less for the other; as the whole viewport has it.
        if self.size.height < photo.height * down:
            return _along_rows(_along_cols(block, cols), rows)
        return _along_cols(_along_rows(block, rows), cols)

    def at(
        self, photo: Size, y: NDArray[np.float64], x: NDArray[np.float64]
    ) -> NDArray[np.float32]:
        """Return the strengths at places of the photo, LR pixels, all of one shape.

        Interpolated as in `strengths`, for views whose pixels lie in no rows and columns.
        """
        rows, cols = (
            _taps(y, photo.height, self.size.height),
            _taps(x, photo.width, self.size.width),
        )

        def read(row: NDArray[np.intp], col: NDArray[np.intp]) -> NDArray[np.float32]:
            return np.divide(self.values[row, col], np.float32(ONE), dtype=np.float32)

        upper, lower = (
            _between(read(row, cols.first), read(row, cols.last), cols.weight)
            for row in (rows.first, rows.last)
        )
        return _between(upper, lower, rows.weight)

    def patched(self, tile: Tile, values: Values) -> "DetailMask":
        """Return the mask with other values (h, w) in a tile of its grid."""
        changed = self.values.copy()
        changed[tile.top : tile.bottom, tile.left : tile.right] = values
        return DetailMask(changed)


def grid_size(photo: Size) -> Size:
    """Return the grid of a photo's mask: its own pixels, or fewer of about its proportions."""
    factor = min(1.0, MAX_SIDE / max(photo.height, photo.width))
    return Size(max(1, round(photo.height * factor)), max(1, round(photo.width * factor)))


def stored(strength: float) -> int:
    """Return the value that is stored for a strength; raises ValueError beyond 0 to 1.5."""
    if not 0.0 <= strength <= MAX_STRENGTH:
        raise ValueError(f"a place's strength is from 0 to {MAX_STRENGTH:g}, not {strength:g}")
    return round(strength * ONE)


def _factors(num_cells: int, length: int) -> tuple[float, float]:
    """Return the least and the largest factor by which a side is rounded to so many cells."""
    least = 0.0 if num_cells == 1 else (num_cells - 0.5) / length
    return least, (num_cells + 0.5) / length


@dataclass(frozen=True, slots=True)
class _Taps:
    """Which two cells each place of an axis lies between, and the second one's weight."""

    first: NDArray[np.intp]
    last: NDArray[np.intp]
    weight: NDArray[np.float32]


def _taps(places: NDArray[np.float64], length: int, num_cells: int) -> _Taps:
    cells = np.clip(places * (num_cells / length) - 0.5, 0.0, num_cells - 1.0)
    first = cells.astype(np.intp)
    weight = (cells - first).astype(np.float32)
    return _Taps(first, np.minimum(first + 1, num_cells - 1), weight)


def _along_rows(block: NDArray[np.float32], taps: _Taps) -> NDArray[np.float32]:
    """Return the rows that taps mean, of a block that begins at their first one."""
    top = taps.first[0]
    upper, lower = (np.take(block, cells - top, axis=0) for cells in (taps.first, taps.last))
    return _between(upper, lower, taps.weight[:, None])


def _along_cols(block: NDArray[np.float32], taps: _Taps) -> NDArray[np.float32]:
    left = taps.first[0]
    before, behind = (np.take(block, cells - left, axis=1) for cells in (taps.first, taps.last))
    return _between(before, behind, taps.weight)


def _between(
    a: NDArray[np.float32], b: NDArray[np.float32], weight: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return a + weight * (b - a); both arrays are the caller's own and `b` is written to."""
    b -= a
    b *= weight
    b += a
    return b
