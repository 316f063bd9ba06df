"""Writes TIFF from top to bottom (TIFF 6.0; BigTIFF beyond 4 GB), large ones in tiles."""

import struct
from typing import BinaryIO

import numpy as np

from liifgan_core.images.codecs.encoder import Layout
from liifgan_core.images.codecs.tiff.level import TILE_SIDE, TiffLevel, reduced_layout
from liifgan_core.images.metadata import exif
from liifgan_core.images.metadata.exif import Entry

BIG_TIFF_BYTES = 4_000_000_000
"""Uncompressed size from which offsets get 64 bits and rows are stored in tiles. Below, 294 MB are
left under 2^32 for what deflate may add (0.03 %), the tables and the metadata."""

_DEFLATE, _CHUNKY, _UNASSOCIATED, _REDUCED = 8, 1, 2, 1
_BLACK_IS_ZERO, _RGB = 1, 2
_HORIZONTAL_DIFFERENCE, _FLOATING_POINT = 2, 3
_FLOAT_SAMPLES = 3
_LONG8 = 16
_POINTERS = frozenset((exif.EXIF_DIRECTORY, exif.GPS_DIRECTORY))

Field = tuple[int, Entry]


class TiffEncoder:
    """Streams one picture, 8, 16 or 32 (float) bit, little-endian, deflated differences.

    Large pictures, and those with a pyramid, are stored in tiles; each level of the pyramid is
    half the one above it and hangs on the picture's directory (SubIFDs). Memory: a row of tiles of
    each level.
    """

    def __init__(self, file: BinaryIO, layout: Layout) -> None:
        self._file = file
        self._layout = layout
        num_bytes = layout.row_bytes * layout.size.height
        # The levels of a pyramid add a third.
        self._is_big = num_bytes * (4 if layout.has_pyramid else 3) >= BIG_TIFF_BYTES * 3
        layouts = [layout]
        while layout.has_pyramid and _longest_side(layouts[-1]) > TILE_SIDE:
            layouts.append(reduced_layout(layouts[-1]))
        is_tiled = self._is_big or layout.has_pyramid
        self._levels = [
            TiffLevel(each, self._append, is_tiled=is_tiled, has_smaller=each is not layouts[-1])
            for each in layouts
        ]
        # The place of the directory is filled in at the end.
        file.write(b"II+\0\x08\0\0\0" + bytes(8) if self._is_big else b"II*\0" + bytes(4))

    def put(self, rows: np.ndarray) -> None:
        """Take the next rows: (n, W, channels)."""
        for level in self._levels:
            rows = level.put(rows)

    def finish(self) -> None:
        """Write the last rows and the directories, and point the header to the first."""
        rows = self._levels[0].flush()
        for level in self._levels[1:]:
            rows = np.concatenate((level.put(rows), level.flush()))
        smaller = [self._directory(self._picture_fields(level)) for level in self._levels[1:]]
        fields = self._picture_fields(self._levels[0]) + self._metadata_fields()
        if smaller:
            fields.append((330, self._places(smaller)))
        place = self._directory(fields)
        self._file.seek(8 if self._is_big else 4)
        self._file.write(struct.pack(self._pointer, place))

    @property
    def _pointer(self) -> str:
        return "<Q" if self._is_big else "<I"

    def _directory(self, fields: list[Field]) -> int:
        """Write a directory with its values in front of it, and return its place."""
        inline = struct.calcsize(self._pointer)
        table = b""
        for tag, entry in sorted(fields, key=lambda field: field[0]):
            data = entry.data
            if len(data) > inline:
                data = struct.pack(self._pointer, self._append(data))
            count = len(entry.data) // 8 if entry.kind == _LONG8 else entry.count
            head = struct.pack("<HH", tag, entry.kind) + struct.pack(self._pointer, count)
            table += head + data.ljust(inline, b"\0")
        count = struct.pack("<Q" if self._is_big else "<H", len(fields))
        return self._append(count + table + bytes(inline))

    def _append(self, data: bytes) -> int:
        """Write `data` at an even offset, as TIFF wants it, and return the offset."""
        place = self._file.tell()
        self._file.write(bytes(place % 2))
        self._file.write(data)
        return place + place % 2

    def _places(self, offsets: list[int]) -> Entry:
        letter, kind = ("Q", _LONG8) if self._is_big else ("I", exif.LONG)
        return Entry(kind, struct.pack(f"<{len(offsets)}{letter}", *offsets))

    def _picture_fields(self, level: TiffLevel) -> list[Field]:
        layout = level.layout
        channels = layout.num_channels
        is_float = layout.bit_depth == 32
        fields: list[Field] = [
            (254, _long(0 if level is self._levels[0] else _REDUCED)),
            (256, _long(layout.size.width)),
            (257, _long(layout.size.height)),
            (258, _short(*[layout.bit_depth] * channels)),
            (259, _short(_DEFLATE)),
            (262, _short(_BLACK_IS_ZERO if layout.is_gray else _RGB)),
            (274, _short(1)),  # orientation: upright
            (277, _short(channels)),
            (284, _short(_CHUNKY)),
            (317, _short(_FLOATING_POINT if is_float else _HORIZONTAL_DIFFERENCE)),
        ]
        places, lengths = self._places(level.offsets), self._places(level.lengths)
        if level.is_tiled:
            fields += [(322, _long(TILE_SIDE)), (323, _long(TILE_SIDE))]
            fields += [(324, places), (325, lengths)]
        else:
            fields += [(273, places), (278, _long(level.block_rows)), (279, lengths)]
        if is_float:
            fields.append((339, _short(*[_FLOAT_SAMPLES] * channels)))
        if layout.has_alpha:
            fields.append((338, _short(_UNASSOCIATED)))
        return fields

    def _metadata_fields(self) -> list[Field]:
        """Return the EXIF facts as fields, and the other blocks; sub-directories are written."""
        metadata = self._layout.metadata
        fields: list[Field] = []
        parsed = exif.parse(metadata.exif) if metadata.exif else None
        if parsed is not None:
            main = {t: e for t, e in parsed.main.items() if t not in _POINTERS}
            main.pop(exif.ORIENTATION, None)
            fields += [(tag, exif.little_endian(e, parsed.order)) for tag, e in main.items()]
            for tag, directory in (
                (exif.EXIF_DIRECTORY, parsed.photo),
                (exif.GPS_DIRECTORY, parsed.gps),
            ):
                below = [
                    (t, exif.little_endian(e, parsed.order))
                    for t, e in directory.items()
                    if t != exif.INTEROP_DIRECTORY
                ]
                if below:
                    fields.append((tag, self._places([self._directory(below)])))
        if metadata.note and exif.SOFTWARE not in dict(fields):
            note = metadata.note.encode("utf-8") + b"\0"
            fields.append((exif.SOFTWARE, Entry(exif.ASCII, note)))
        if metadata.xmp:
            fields.append((700, Entry(1, metadata.xmp)))
        if self._layout.icc_profile:
            fields.append((34675, Entry(exif.UNDEFINED, self._layout.icc_profile)))
        if metadata.iptc:
            fields.append((exif.IPTC, Entry(exif.UNDEFINED, metadata.iptc)))
        if metadata.resolution and exif.X_RESOLUTION not in dict(fields):
            for tag, dpi in zip(
                (exif.X_RESOLUTION, exif.Y_RESOLUTION), metadata.resolution, strict=True
            ):
                value = struct.pack("<II", round(dpi * 1000), 1000)
                fields.append((tag, Entry(exif.RATIONAL, value)))
            fields.append((exif.RESOLUTION_UNIT, _short(2)))
        return fields


def _short(*values: int) -> Entry:
    return Entry(exif.SHORT, struct.pack(f"<{len(values)}H", *values))


def _long(value: int) -> Entry:
    return Entry(exif.LONG, struct.pack("<I", value))


def _longest_side(layout: Layout) -> int:
    return max(layout.size.height, layout.size.width)
