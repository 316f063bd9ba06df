"""Writes BMP and PPM/PGM, row by row and without compression."""

import struct
from typing import BinaryIO

import numpy as np

from liifgan_core.images.encoder import Layout

_HEADER_BYTES = 14 + 40
_METRES_PER_INCH = 0.0254


class BmpEncoder:
    """Streams one 24-bit picture (BITMAPINFOHEADER); rows stand in the file from the last on."""

    def __init__(self, file: BinaryIO, layout: Layout) -> None:
        if layout.bit_depth != 8 or layout.num_channels != 3:
            raise ValueError(f"BMP holds 8-bit RGB only, not {layout}")
        self._file = file
        self._height = layout.size.height
        self._num_rows = 0
        self._stride = -(-layout.size.width * 3 // 4) * 4
        num_bytes = self._stride * self._height
        dpi = layout.metadata.dpi or 72.0
        per_metre = round(dpi / _METRES_PER_INCH)
        file.write(b"BM" + struct.pack("<IHHI", _HEADER_BYTES + num_bytes, 0, 0, _HEADER_BYTES))
        file.write(struct.pack("<IiiHHI", 40, layout.size.width, self._height, 1, 24, 0))
        file.write(struct.pack("<IiiII", num_bytes, per_metre, per_metre, 0, 0))

    def put(self, rows: np.ndarray) -> None:
        """Take the next rows: (n, W, 3) uint8."""
        lines = np.zeros((len(rows), self._stride), np.uint8)
        lines[:, : rows.shape[1] * 3] = rows[::-1, :, ::-1].reshape(len(rows), -1)
        self._num_rows += len(rows)
        self._file.seek(_HEADER_BYTES + (self._height - self._num_rows) * self._stride)
        self._file.write(lines.data)

    def finish(self) -> None:
        """Do nothing: everything is written."""


class PnmEncoder:
    """Streams one picture as binary PPM, or PGM if gray; 8 or 16 bit."""

    def __init__(self, file: BinaryIO, layout: Layout) -> None:
        if layout.has_alpha:
            raise ValueError("PPM holds no alpha")
        self._file = file
        self._dtype = layout.dtype.newbyteorder(">")
        magic = "P5" if layout.is_gray else "P6"
        full = 2**layout.bit_depth - 1
        file.write(f"{magic}\n{layout.size.width} {layout.size.height}\n{full}\n".encode())

    def put(self, rows: np.ndarray) -> None:
        """Take the next rows: (n, W, 1 or 3)."""
        self._file.write(np.ascontiguousarray(rows, self._dtype).tobytes())

    def finish(self) -> None:
        """Do nothing: everything is written."""
