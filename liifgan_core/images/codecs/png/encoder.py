"""Writes PNG row by row (PNG specification, third edition)."""

import struct
import zlib
from typing import BinaryIO

import numpy as np

from liifgan_core.images.codecs.encoder import Layout
from liifgan_core.images.codecs.png.metadata import METRES_PER_INCH, XMP_KEYWORD, raw_profile
from liifgan_core.images.colour.code_points import code_points_of
from liifgan_core.images.metadata.metadata import Metadata
from liifgan_core.images.metadata.texts import SOFTWARE

_COMPRESSION_LEVEL = 6
_BAND_BYTES = 1 << 20
"""Rows are filtered in bands of about this size, which stay in the processor's cache."""

_PLAIN_TEXT = bytes(5)
"""Behind an iTXt's keyword: no compression, no language, no translated keyword (11.3.3.4)."""

_SUB, _UP, _PAETH = 1, 2, 4
"""Filter types (9.2). None and Average hardly ever win on photographs."""


class PngEncoder:
    """Streams one picture, 8 or 16 bit, with adaptive filters; holds a few rows at a time."""

    def __init__(self, file: BinaryIO, layout: Layout) -> None:
        self._file = file
        self._pixel_bytes = layout.num_channels * layout.bit_depth // 8
        self._above = np.zeros(layout.row_bytes, np.uint8)
        self._compressor = zlib.compressobj(_COMPRESSION_LEVEL, strategy=zlib.Z_FILTERED)
        size = layout.size
        colour_type = (0 if layout.is_gray else 2) + (4 if layout.has_alpha else 0)
        file.write(b"\x89PNG\r\n\x1a\n")
        header = struct.pack(
            ">IIBBBBB", size.width, size.height, layout.bit_depth, colour_type, 0, 0, 0
        )
        self._chunk(b"IHDR", header)
        self._colour(layout)
        self._metadata(layout.metadata)

    def put(self, rows: np.ndarray) -> None:
        """Take the next rows: (n, W, channels)."""
        big_endian = np.ascontiguousarray(rows, rows.dtype.newbyteorder(">"))
        lines = big_endian.reshape(len(rows), -1).view(np.uint8)
        step = max(1, _BAND_BYTES // lines.shape[1])
        for top in range(0, len(lines), step):
            band = lines[top : top + step]
            filtered = filter_rows(band, self._above, self._pixel_bytes)
            self._above = band[-1]
            self._data(self._compressor.compress(filtered.data))

    def finish(self) -> None:
        """Write the end of the compressed data and the end mark."""
        self._data(self._compressor.flush())
        self._chunk(b"IEND", b"")

    def _colour(self, layout: Layout) -> None:
        """Write what the colours mean: by code points where they have some, and the profile."""
        if not layout.icc_profile:
            return
        points = code_points_of(layout.icc_profile)
        if points is not None and points.is_srgb:
            self._chunk(b"sRGB", b"\0")  # perceptual, as photos want it
            return
        if points is not None:
            self._chunk(b"cICP", bytes((points.primaries, points.transfer, 0, 1)))
        self._chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(layout.icc_profile))

    def _metadata(self, metadata: Metadata) -> None:
        if metadata.resolution:
            per_metre = (round(dpi / METRES_PER_INCH) for dpi in metadata.resolution)
            self._chunk(b"pHYs", struct.pack(">IIB", *per_metre, 1))
        if metadata.note:
            self._text(SOFTWARE, metadata.note)
        for keyword, text in metadata.texts:
            self._text(keyword, text)
        if metadata.iptc:
            self._text(*raw_profile(metadata.iptc, "iptc"))
        if metadata.exif:
            self._chunk(b"eXIf", metadata.exif)
        if metadata.xmp:
            self._chunk(b"iTXt", XMP_KEYWORD.encode() + _PLAIN_TEXT + metadata.xmp)

    def _text(self, keyword: str, text: str) -> None:
        """Write a text in Latin-1 where that holds it, else in UTF-8 (11.3.3)."""
        name = keyword.encode("latin-1", "replace")
        try:
            self._chunk(b"tEXt", name + b"\0" + text.encode("latin-1"))
        except UnicodeEncodeError:
            plain = text.encode("utf-8", "surrogateescape")
            self._chunk(b"iTXt", name + _PLAIN_TEXT + plain)

    def _data(self, compressed: bytes) -> None:
        if compressed:
            self._chunk(b"IDAT", compressed)

    def _chunk(self, kind: bytes, data: bytes) -> None:
        checksum = zlib.crc32(data, zlib.crc32(kind))
        self._file.write(struct.pack(">I", len(data)) + kind)
        self._file.write(data)
        self._file.write(struct.pack(">I", checksum))


def filter_rows(rows: np.ndarray, above: np.ndarray, pixel_bytes: int) -> np.ndarray:
    """Return the filtered rows (n, 1 + L) uint8, each with its filter type in front.

    `rows` is (n, L) uint8, `above` (L,) the row before them. Per row that filter is taken whose
    bytes, read as signed, have the smallest sum of magnitudes (12.7).
    """
    up = np.vstack((above[None], rows[:-1]))
    left, up_left = np.zeros_like(rows), np.zeros_like(rows)
    left[:, pixel_bytes:] = rows[:, :-pixel_bytes]
    up_left[:, pixel_bytes:] = up[:, :-pixel_bytes]
    candidates = {
        _SUB: rows - left,
        _UP: rows - up,
        _PAETH: rows - _paeth(left, up, up_left),
    }
    costs = np.stack([_cost(filtered) for filtered in candidates.values()])
    best = costs.argmin(axis=0)
    out = np.empty((len(rows), rows.shape[1] + 1), np.uint8)
    for index, (kind, filtered) in enumerate(candidates.items()):
        chosen = best == index
        out[chosen, 0] = kind
        out[chosen, 1:] = filtered[chosen]
    return out


def _cost(filtered: np.ndarray) -> np.ndarray:
    magnitude = np.minimum(filtered, np.uint8(0) - filtered)  # |signed byte|, 128 included
    return magnitude.sum(axis=1, dtype=np.int64)


def _paeth(left: np.ndarray, up: np.ndarray, up_left: np.ndarray) -> np.ndarray:
    """Return of the three neighbours the one nearest to left + up - up_left (9.4)."""
    rise = up.astype(np.int16) - up_left
    run = left.astype(np.int16) - up_left
    to_left, to_up, to_corner = np.abs(rise), np.abs(run), np.abs(rise + run)
    nearest = np.where(to_up <= to_corner, up, up_left)
    return np.where((to_left <= to_up) & (to_left <= to_corner), left, nearest)
