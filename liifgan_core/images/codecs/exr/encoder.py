"""Writes OpenEXR scan lines with ZIP compression (OpenEXR file layout, version 2)."""

import struct
import zlib
from typing import BinaryIO

import numpy as np

from liifgan_core.images.codecs.encoder import Layout, RowBuffer
from liifgan_core.images.codecs.exr.colour import exr_chromaticities
from liifgan_core.images.windows import Windows

_BLOCK_ROWS = 16
"""Rows that ZIP compression takes together."""
_ZIP, _INCREASING_Y = 3, 0
_HALF, _FLOAT = 1, 2
_COMPRESSION_LEVEL = 4
"""OpenEXR's own default."""


class ExrEncoder:
    """Streams one picture of half or single precision floats; holds one block of rows."""

    def __init__(self, file: BinaryIO, layout: Layout) -> None:
        self._file = file
        self._layout = layout
        self._buffer = RowBuffer(_BLOCK_ROWS, layout)
        self._num_rows = 0
        self._offsets: list[int] = []
        file.write(struct.pack("<II", 20000630, 2) + _header(layout))
        self._table_at = file.tell()
        num_blocks = -(-layout.size.height // _BLOCK_ROWS)
        file.write(bytes(8 * num_blocks))

    def put(self, rows: np.ndarray) -> None:
        """Take the next rows: (n, W, channels), float16 or float32."""
        for block in self._buffer.feed(rows):
            self._write_block(block)

    def finish(self) -> None:
        """Write the last block and the table of offsets."""
        rest = self._buffer.rest()
        if len(rest):
            self._write_block(rest)
        self._file.seek(self._table_at)
        self._file.write(struct.pack(f"<{len(self._offsets)}Q", *self._offsets))

    def _write_block(self, block: np.ndarray) -> None:
        # Row by row, and in it channel by channel in the order of their names: A, B, G, R.
        little = block[..., ::-1].transpose(0, 2, 1).astype(block.dtype.newbyteorder("<"))
        raw = little.tobytes()
        packed = _packed(raw)
        data = packed if len(packed) < len(raw) else raw
        self._offsets.append(self._file.tell())
        top = self._layout.windows.top if self._layout.windows else 0
        self._file.write(struct.pack("<iI", top + self._num_rows, len(data)) + data)
        self._num_rows += len(block)


def _packed(raw: bytes) -> bytes:
    """Return the bytes split into even and odd ones, as differences, deflated."""
    values = np.frombuffer(raw, np.uint8)
    split = np.concatenate((values[0::2], values[1::2]))
    split[1:] -= split[:-1].copy()
    split[1:] += 128
    return zlib.compress(split.tobytes(), _COMPRESSION_LEVEL)


def _header(layout: Layout) -> bytes:
    kind = _HALF if layout.bit_depth == 16 else _FLOAT
    names = sorted((["Y"] if layout.is_gray else ["R", "G", "B"]) + ["A"] * layout.has_alpha)
    channels = b"".join(
        name.encode() + b"\0" + struct.pack("<IB3xII", kind, 0, 1, 1) for name in names
    )
    size = layout.size
    windows = layout.windows or Windows(0, 0, 0, 0, size.width, size.height)
    across, down = layout.metadata.resolution or (1.0, 1.0)
    attributes = [
        ("channels", "chlist", channels + b"\0"),
        ("compression", "compression", bytes([_ZIP])),
        ("dataWindow", "box2i", _box(windows.left, windows.top, size.width, size.height)),
        (
            "displayWindow",
            "box2i",
            _box(
                windows.display_left,
                windows.display_top,
                windows.display_width,
                windows.display_height,
            ),
        ),
        ("lineOrder", "lineOrder", bytes([_INCREASING_Y])),
        ("pixelAspectRatio", "float", struct.pack("<f", down / across)),
        ("screenWindowCenter", "v2f", struct.pack("<2f", 0.0, 0.0)),
        ("screenWindowWidth", "float", struct.pack("<f", 1.0)),
    ]
    chromaticities = exr_chromaticities(layout.icc_profile)
    if chromaticities:
        attributes.append(("chromaticities", "chromaticities", struct.pack("<8f", *chromaticities)))
    if layout.white_nits:
        attributes.append(("whiteLuminance", "float", struct.pack("<f", layout.white_nits)))
    if layout.metadata.note:
        attributes.append(("software", "string", layout.metadata.note.encode()))
    if layout.metadata.dpi:
        attributes.append(("xDensity", "float", struct.pack("<f", layout.metadata.dpi)))
    return b"".join(_attribute(*attribute) for attribute in attributes) + b"\0"


def _box(left: int, top: int, width: int, height: int) -> bytes:
    return struct.pack("<4i", left, top, left + width - 1, top + height - 1)


def _attribute(name: str, kind: str, value: bytes) -> bytes:
    return name.encode() + b"\0" + kind.encode() + b"\0" + struct.pack("<I", len(value)) + value
