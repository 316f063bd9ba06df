"""Writes TIFF strip by strip (TIFF 6.0; BigTIFF beyond 4 GB)."""

import struct
import zlib
from typing import BinaryIO

import numpy as np

from liifgan_core.images.encoder import Layout

_COMPRESSION_LEVEL = 6
_STRIP_BYTES = 1 << 18
"""Uncompressed size of a strip: large enough to compress well (larger ones gain under 1 %)."""

BIG_TIFF_BYTES = 4_000_000_000
"""Uncompressed size from which offsets get 64 bits. Below, 294 MB are left under 2^32 for what
deflate may add (0.03 %), the strip tables and the profile."""

_ASCII, _SHORT, _LONG, _UNDEFINED, _LONG8 = 2, 3, 4, 7, 16
_TYPE_CODES = {_ASCII: "B", _SHORT: "H", _LONG: "I", _UNDEFINED: "B", _LONG8: "Q"}
_DEFLATE, _HORIZONTAL_DIFFERENCE, _RGB, _CHUNKY, _UNASSOCIATED = 8, 2, 2, 1, 2


class TiffEncoder:
    """Streams one picture, 8 or 16 bit, little-endian, deflate with horizontal differences."""

    def __init__(self, file: BinaryIO, layout: Layout) -> None:
        self._file = file
        self._layout = layout
        self._is_big = layout.row_bytes * layout.size.height >= BIG_TIFF_BYTES
        self._offsets: list[int] = []
        self._lengths: list[int] = []
        self._strip_rows = min(layout.size.height, max(1, _STRIP_BYTES // layout.row_bytes))
        shape = (self._strip_rows, layout.size.width, layout.num_channels)
        self._strip = np.empty(shape, np.dtype(f"<u{layout.bit_depth // 8}"))
        self._num_waiting = 0
        # The place of the directory is filled in at the end.
        file.write(b"II+\0\x08\0\0\0" + bytes(8) if self._is_big else b"II*\0" + bytes(4))

    def put(self, rows: np.ndarray) -> None:
        """Take the next rows: (n, W, 3 or 4)."""
        while len(rows):
            taken = min(len(rows), self._strip_rows - self._num_waiting)
            self._strip[self._num_waiting : self._num_waiting + taken] = rows[:taken]
            self._num_waiting += taken
            rows = rows[taken:]
            if self._num_waiting == self._strip_rows:
                self._write_strip()

    def finish(self) -> None:
        """Write the last strip and the directory, and point the header to it."""
        if self._num_waiting:
            self._write_strip()
        entry, count, offset = ("<HHQ", "<Q", "<Q") if self._is_big else ("<HHI", "<H", "<I")
        inline = struct.calcsize(offset)
        table = b""
        fields = self._fields()
        for tag, kind, values in fields:
            data = struct.pack(f"<{len(values)}{_TYPE_CODES[kind]}", *values)
            if len(data) > inline:
                data = struct.pack(offset, self._append(data))
            table += struct.pack(entry, tag, kind, len(values)) + data.ljust(inline, b"\0")
        place = self._append(struct.pack(count, len(fields)) + table + bytes(inline))
        self._file.seek(8 if self._is_big else 4)
        self._file.write(struct.pack(offset, place))

    def _write_strip(self) -> None:
        rows = self._strip[: self._num_waiting]
        rows[:, 1:] -= rows[:, :-1].copy()  # modulo 2^bits, as the predictor asks
        data = zlib.compress(rows.tobytes(), _COMPRESSION_LEVEL)
        self._offsets.append(self._append(data))
        self._lengths.append(len(data))
        self._num_waiting = 0

    def _append(self, data: bytes) -> int:
        """Write `data` at an even offset, as TIFF wants it, and return the offset."""
        place = self._file.tell()
        self._file.write(bytes(place % 2))
        self._file.write(data)
        return place + place % 2

    def _fields(self) -> list[tuple[int, int, list[int] | bytes]]:
        """Return (tag, type, values), ascending by tag."""
        layout = self._layout
        channels = layout.num_channels
        place = _LONG8 if self._is_big else _LONG
        fields: list[tuple[int, int, list[int] | bytes]] = [
            (256, _LONG, [layout.size.width]),
            (257, _LONG, [layout.size.height]),
            (258, _SHORT, [layout.bit_depth] * channels),
            (259, _SHORT, [_DEFLATE]),
            (262, _SHORT, [_RGB]),
            (273, place, self._offsets),
            (274, _SHORT, [1]),  # orientation: upright
            (277, _SHORT, [channels]),
            (278, _LONG, [self._strip_rows]),
            (279, place, self._lengths),
            (284, _SHORT, [_CHUNKY]),
            (317, _SHORT, [_HORIZONTAL_DIFFERENCE]),
        ]
        if layout.software:
            fields.append((305, _ASCII, layout.software.encode("utf-8") + b"\0"))
        if layout.has_alpha:
            fields.append((338, _SHORT, [_UNASSOCIATED]))
        if layout.icc_profile:
            fields.append((34675, _UNDEFINED, layout.icc_profile))
        return sorted(fields, key=lambda field: field[0])
