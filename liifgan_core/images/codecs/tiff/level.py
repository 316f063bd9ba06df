"""One resolution of a TIFF picture: its strips or tiles, and the rows for the next smaller one."""

import dataclasses
import zlib
from collections.abc import Callable

import numpy as np

from liifgan_core.geometry import Size
from liifgan_core.images.codecs.encoder import Layout, RowBuffer

TILE_SIDE = 256
"""Pixels; the usual size, and a multiple of 16 as TIFF asks."""
_STRIP_BYTES = 1 << 18
"""Uncompressed size of a strip: large enough to compress well (larger ones gain under 1 %)."""
_COMPRESSION_LEVEL = 6


class TiffLevel:
    """Compresses the rows of one resolution; `append` puts data into the file."""

    def __init__(
        self,
        layout: Layout,
        append: Callable[[bytes], int],
        *,
        is_tiled: bool,
        has_smaller: bool = False,
    ) -> None:
        self.layout = layout
        self.is_tiled = is_tiled
        self._has_smaller = has_smaller
        self.offsets: list[int] = []
        self.lengths: list[int] = []
        strip_rows = min(layout.size.height, max(1, _STRIP_BYTES // layout.row_bytes))
        self.block_rows = TILE_SIDE if is_tiled else strip_rows
        little = layout.dtype.newbyteorder("<")
        self._buffer = RowBuffer(self.block_rows, layout, little)
        self._append = append

    def put(self, rows: np.ndarray) -> np.ndarray:
        """Take the next rows; return those of the next smaller level that they complete."""
        smaller = [self._write(block) for block in self._buffer.feed(rows)]
        return np.concatenate(smaller) if smaller else self._no_rows()

    def flush(self) -> np.ndarray:
        """Take that no more rows come; return the last ones of the next smaller level."""
        rest = self._buffer.rest()
        return self._write(rest) if len(rest) else self._no_rows()

    def _no_rows(self) -> np.ndarray:
        width = -(-self.layout.size.width // 2)
        return np.empty((0, width, self.layout.num_channels), self.layout.dtype)

    def _write(self, rows: np.ndarray) -> np.ndarray:
        smaller = _halved(rows) if self._has_smaller else self._no_rows()
        if self.is_tiled:
            for left in range(0, rows.shape[1], TILE_SIDE):
                part = rows[:, left : left + TILE_SIDE]
                tile = np.zeros((TILE_SIDE, TILE_SIDE, rows.shape[2]), rows.dtype)
                tile[: len(part), : part.shape[1]] = part
                self._write_block(tile)
        else:
            self._write_block(rows)
        return smaller

    def _write_block(self, rows: np.ndarray) -> None:
        differences = _float_differences if rows.dtype.kind == "f" else _differences
        data = zlib.compress(differences(rows), _COMPRESSION_LEVEL)
        self.offsets.append(self._append(data))
        self.lengths.append(len(data))


def reduced_layout(layout: Layout) -> Layout:
    """Return the layout of the next smaller level; odd sides are rounded up."""
    size = Size(-(-layout.size.height // 2), -(-layout.size.width // 2))
    return dataclasses.replace(layout, size=size)


def _halved(rows: np.ndarray) -> np.ndarray:
    """Return the means of 2x2 pixels; a last odd row or column stands for two."""
    odd_rows, odd_columns = rows.shape[0] % 2, rows.shape[1] % 2
    if odd_rows or odd_columns:
        rows = np.pad(rows, ((0, odd_rows), (0, odd_columns), (0, 0)), mode="edge")
    is_float = rows.dtype.kind == "f"
    # The narrowest type that holds the sum of four: a row of tiles may be 100,000 pixels wide.
    wide = np.float32 if is_float else np.uint16 if rows.dtype.itemsize == 1 else np.uint32
    total = rows[0::2, 0::2].astype(wide)
    for part in (rows[0::2, 1::2], rows[1::2, 0::2], rows[1::2, 1::2]):
        total += part
    if is_float:
        return total / np.float32(4)
    total += 2
    total //= 4
    return total.astype(rows.dtype)


def _differences(rows: np.ndarray) -> bytes:
    """Return the differences to the left neighbour, modulo 2^bits (TIFF 6.0, section 14)."""
    out = rows.copy()
    out[:, 1:] -= rows[:, :-1]
    return out.tobytes()


def _float_differences(rows: np.ndarray) -> bytes:
    """Return the byte planes of each row, the highest first, as differences (TIFF note 3)."""
    num_rows, _width, channels = rows.shape
    values = np.ascontiguousarray(rows, rows.dtype.newbyteorder(">")).view(np.uint8)
    planes = values.reshape(num_rows, -1, rows.dtype.itemsize).transpose(0, 2, 1)
    flat = planes.reshape(num_rows, -1)
    out = flat.copy()
    out[:, channels:] -= flat[:, :-channels]
    return out.tobytes()
