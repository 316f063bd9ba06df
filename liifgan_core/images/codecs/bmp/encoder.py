"""Writes BMP, row by row and without compression."""

import struct
from typing import BinaryIO

import numpy as np

from liifgan_core.images.codecs.encoder import Layout
from liifgan_core.images.colour.code_points import code_points_of

_FILE_HEADER_BYTES, _INFO_BYTES, _V5_BYTES = 14, 40, 124
_V5_MASKS = (0xFF0000, 0xFF00, 0xFF, 0)
_EMBEDDED = b"DEBM"  # PROFILE_EMBEDDED, "MBED" as a number
_FOR_PHOTOS = 4  # LCS_GM_IMAGES, perceptual
_METRES_PER_INCH = 0.0254


class BmpEncoder:
    """Streams one 24-bit picture; rows stand in the file from the last on.

    With a profile the header is of version 5, which says where it is; without, the plain one that
    every program reads.
    """

    def __init__(self, file: BinaryIO, layout: Layout) -> None:
        if layout.bit_depth != 8 or layout.num_channels != 3:
            raise ValueError(f"BMP holds 8-bit RGB only, not {layout}")
        self._file = file
        self._height = layout.size.height
        self._num_rows = 0
        self._stride = -(-layout.size.width * 3 // 4) * 4
        points = code_points_of(layout.icc_profile)
        # Without a word everybody takes it for sRGB.
        self._profile = b"" if points and points.is_srgb else layout.icc_profile or b""
        header_bytes = _V5_BYTES if self._profile else _INFO_BYTES
        self._pixels_at = _FILE_HEADER_BYTES + header_bytes
        self._num_bytes = self._stride * self._height
        total = self._pixels_at + self._num_bytes + len(self._profile)
        dpi = layout.metadata.resolution or (72.0, 72.0)
        per_metre = [round(each / _METRES_PER_INCH) for each in dpi]
        file.write(b"BM" + struct.pack("<IHHI", total, 0, 0, self._pixels_at))
        file.write(struct.pack("<IiiHHI", header_bytes, layout.size.width, self._height, 1, 24, 0))
        file.write(struct.pack("<IiiII", self._num_bytes, *per_metre, 0, 0))
        if self._profile:
            place = header_bytes + self._num_bytes  # counted from the header's start
            file.write(struct.pack("<4I", *_V5_MASKS) + _EMBEDDED + bytes(36 + 12))
            file.write(struct.pack("<4I", _FOR_PHOTOS, place, len(self._profile), 0))

    def put(self, rows: np.ndarray) -> None:
        """Take the next rows: (n, W, 3) uint8."""
        lines = np.zeros((len(rows), self._stride), np.uint8)
        lines[:, : rows.shape[1] * 3] = rows[::-1, :, ::-1].reshape(len(rows), -1)
        self._num_rows += len(rows)
        self._file.seek(self._pixels_at + (self._height - self._num_rows) * self._stride)
        self._file.write(lines.data)

    def finish(self) -> None:
        """Write the profile behind the pixels."""
        if self._profile:
            self._file.seek(self._pixels_at + self._num_bytes)
            self._file.write(self._profile)
