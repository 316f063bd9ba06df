"""Writes baseline JPEG (4:4:4) in bands, so that the picture never lies in memory as a whole.

Each band is encoded on its own by Pillow, with a restart marker after every row of 8x8 blocks.
A decoder forgets everything at a restart marker, so the bands' data, joined by further restart
markers behind the first band's header, are one valid picture (ITU-T T.81, B.2 and F.1.1.5.1):
the very pixels that encoding it in one piece would give.
"""

import shutil
import struct
from collections.abc import Sequence
from dataclasses import replace
from io import SEEK_END, BytesIO
from typing import Any, BinaryIO

import numpy as np
from PIL import Image as PilImage

from liifgan_core.images.codecs.encoder import Layout, RowBuffer
from liifgan_core.images.codecs.jpeg import gain_map, multi_picture
from liifgan_core.images.gain_map import GainMap
from liifgan_core.images.metadata import iptc, xmp_extended
from liifgan_core.images.metadata.exif_within import within
from liifgan_core.images.metadata.metadata import Metadata
from liifgan_core.losses import tell

_BLOCK_ROWS = 8
"""Pixel rows of one row of blocks without chroma subsampling."""

BAND_ROWS = 8 * _BLOCK_ROWS
"""Restart markers count from 0 to 7, so with 8 block rows a band each band starts at 0."""

_BETWEEN_BANDS = b"\xff\xd7"
"""RST7, the marker after the eighth block row."""

_START_OF_FRAME, _START_OF_SCAN, _END_OF_IMAGE = 0xC0, 0xDA, b"\xff\xd9"


_MAX_SEGMENT_BYTES = 65_533
"""What a segment can hold beside its own length; longer metadata is left out."""
_APP1, _APP2, _APP13 = 0xE1, 0xE2, 0xED
_EXIF_MARK, _XMP_MARK = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0"


class JpegEncoder:
    """Streams one 8-bit RGB or gray picture; holds one band of `BAND_ROWS` rows."""

    def __init__(
        self, file: BinaryIO, layout: Layout, *, more_segments: Sequence[tuple[int, bytes]] = ()
    ) -> None:
        if layout.has_alpha or layout.bit_depth != 8:
            raise ValueError(f"JPEG holds 8-bit RGB or gray only, not {layout}")
        self._file = file
        self._layout = layout
        self._buffer = RowBuffer(BAND_ROWS, layout)
        self._num_bands = 0
        self._more_segments = list(more_segments)
        self._map_file: BinaryIO | None = None
        self._directory_at = 0
        if layout.gain_map is not None:
            self._map_file = _encoded_map(layout.gain_map, layout)
            self._more_segments += [(_APP2, gain_map.ISO_VERSION)] * bool(layout.gain_map.iso)
            self._more_segments.append((_APP2, multi_picture.directory(0, 0, 0)))

    def put(self, rows: np.ndarray) -> None:
        """Take the next rows: (n, W, 1 or 3) uint8."""
        for band in self._buffer.feed(rows):
            self._write_band(band)

    def finish(self) -> None:
        """Write the last band and the end mark."""
        rest = self._buffer.rest()
        if len(rest):
            self._write_band(rest)
        self._file.write(_END_OF_IMAGE)
        if self._map_file is not None:
            self._attach(self._map_file)

    def _attach(self, map_file: BinaryIO) -> None:
        """Write the gain map behind the photo, and where it is into the directory."""
        photo_bytes = self._file.tell()
        shutil.copyfileobj(map_file, self._file)
        map_bytes = self._file.tell() - photo_bytes
        base = self._directory_at + len(multi_picture.MARK)
        self._file.seek(self._directory_at)
        self._file.write(multi_picture.directory(photo_bytes, photo_bytes - base, map_bytes))
        map_file.close()

    def _write_band(self, band: np.ndarray) -> None:
        is_first = self._num_bands == 0
        header, data = _split(self._encoded(band, has_metadata=is_first))
        if is_first:
            self._file.write(_with_height(header, self._layout.size.height))
            self._directory_at = header.find(multi_picture.directory(0, 0, 0))
        else:
            self._file.write(_BETWEEN_BANDS)
        self._file.write(data)
        self._num_bands += 1

    def _encoded(self, band: np.ndarray, *, has_metadata: bool) -> bytes:
        picture = PilImage.fromarray(band[..., 0] if self._layout.is_gray else band)
        out = BytesIO()
        picture.save(
            out,
            "JPEG",
            quality=self._layout.quality,
            subsampling="4:4:4",
            restart_marker_rows=1,
            optimize=False,
            **(self._options() if has_metadata else {}),
        )
        return out.getvalue()

    def _options(self) -> dict[str, Any]:
        """Return Pillow's options for what stands in front of the picture."""
        layout = self._layout
        if self._map_file is not None and layout.gain_map and layout.gain_map.xmp:
            map_bytes = self._map_file.seek(0, SEEK_END)
            self._map_file.seek(0)
            packet = gain_map.with_claim(layout.metadata.xmp, map_bytes)
            layout = replace(layout, metadata=replace(layout.metadata, xmp=packet))
        options = _metadata(layout)
        options["extra"] += b"".join(_segment(*each) for each in self._more_segments)
        return options


def _encoded_map(source: GainMap, layout: Layout) -> BinaryIO:
    """Return the file of the gain map for the photo with `layout`, at its start.

    It is held in memory until the photo is written: packed, some per cent of the photo's size.
    """
    size = layout.gain_map_size or source.size
    own = Layout(
        size, is_gray=source.is_gray, metadata=Metadata(xmp=source.xmp), quality=layout.quality
    )
    file = BytesIO()
    iso = [(_APP2, source.iso)] if source.iso else []
    encoder = JpegEncoder(file, own, more_segments=iso)
    for band in source.bands(size):
        encoder.put(band)
    encoder.finish()
    file.seek(0)
    return file


def _metadata(layout: Layout) -> dict[str, Any]:
    """Return Pillow's options for what fits into one segment each."""
    metadata = layout.metadata
    options: dict[str, Any] = {"icc_profile": layout.icc_profile}
    if metadata.resolution:
        options["dpi"] = metadata.resolution
    comment = "\n".join(text for _keyword, text in metadata.texts).encode()
    if comment and _fits("comment", comment):
        options["comment"] = comment
    if metadata.exif:
        block, left_out = within(metadata.exif, _MAX_SEGMENT_BYTES - len(_EXIF_MARK))
        for value in left_out:
            tell("too-long", part="a value of EXIF", bytes=len(value.data), format="JPEG")
        options["exif"] = _EXIF_MARK + block if block else b""
    segments = _xmp_segments(metadata.xmp) if metadata.xmp else []
    resources = iptc.to_resources(metadata.iptc) if metadata.iptc else b""
    options["extra"] = b"".join(_segment(_APP1, content) for content in segments)
    if resources and _fits("IPTC block", resources):
        options["extra"] += _segment(_APP13, resources)
    return options


def _xmp_segments(packet: bytes) -> list[bytes]:
    """Return the contents of the segments for a packet: several where it is long."""
    room = _MAX_SEGMENT_BYTES - len(_XMP_MARK)
    if len(packet) <= room:
        return [_XMP_MARK + packet]
    halves = xmp_extended.split(packet, room)
    if halves is None:
        _fits("XMP packet", _XMP_MARK + packet)
        return []
    return [_XMP_MARK + halves[0], *xmp_extended.extension_segments(halves[1])]


def _segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def _fits(kind: str, segment: bytes) -> bool:
    """Whether the data fits into one segment; if not, that is told."""
    if len(segment) <= _MAX_SEGMENT_BYTES:
        return True
    tell("too-long", part=kind, bytes=len(segment), format="JPEG")
    return False


def _split(encoded: bytes) -> tuple[bytes, bytes]:
    """Return the header up to the scan's data, and the data without the end mark."""
    for marker, start, length in _segments(encoded):
        if marker == _START_OF_SCAN:
            end = start + 2 + length
            return encoded[:end], encoded[end : -len(_END_OF_IMAGE)]
    raise ValueError("the JPEG encoder gave no scan")


def _with_height(header: bytes, height: int) -> bytes:
    """Return `header` with the picture's height instead of the band's."""
    for marker, start, _length in _segments(header):
        if marker == _START_OF_FRAME:  # marker, length, precision, then the height
            return header[: start + 5] + height.to_bytes(2, "big") + header[start + 7 :]
    raise ValueError("the JPEG encoder gave no baseline frame")


def _segments(data: bytes) -> list[tuple[int, int, int]]:
    """Return (marker, offset of the marker, length after it) up to the start of scan."""
    found: list[tuple[int, int, int]] = []
    at = 2
    while not found or found[-1][0] != _START_OF_SCAN:
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if data[at] != 0xFF or length < 2:
            raise ValueError("the JPEG encoder gave a header without structure")
        found.append((data[at + 1], at, length))
        at += 2 + length
    return found
