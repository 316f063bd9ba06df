"""The outside of a JPEG XL file: its size, and the boxes for EXIF and XMP (ISO/IEC 18181-1, -2).

OpenImageIO decodes the picture as soon as it opens the file and does not know these boxes.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

import brotli

from liifgan_core.geometry import Size
from liifgan_core.images.metadata.metadata import Metadata

_SIGNATURE = b"\0\0\0\x0cJXL \r\n\x87\n"
_CODESTREAM = b"\xff\x0a"
_HEADER_BYTES = 32
"""Bytes of the codestream that hold its size and kind: 2 for the mark, and at most 180 bits."""
_MAX_BOXES = 10_000
_MAX_BLOCK_BYTES = 16 << 20
_PACKED_HEAD = 4
"""Bytes in front of compressed content: the kind of box that it is."""
_RATIOS = ((0, 1), (1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
"""Width to height for the three bits that may stand for the width."""
_SIZE_BITS = (9, 13, 18, 30)
_PREVIEW_BITS, _PREVIEW_BITS_IN_EIGHTS = (6, 8, 10, 12), (0, 0, 5, 9)
_COUNT_BITS = (0, 0, 4, 12)
"""Further bits of the number of extra channels, by its first two."""
_ALPHA = 0
"""Type of an extra channel."""
SHORT_JXL_BYTES = 128
"""OpenImageIO (3.2.2) takes shorter files for damaged: it looks at that many bytes."""


@dataclass(frozen=True, slots=True)
class JxlHeader:
    """What is known before a file is decoded."""

    size: Size
    """Before turning."""
    is_animated: bool
    starts_with_alpha: bool | None
    """Whether the first channel behind the colours is alpha; None where there is none."""
    metadata: Metadata


def read_header(file: BinaryIO) -> JxlHeader:
    """Return the header of the JPEG XL file; ValueError if it is none.

    Compressed metadata boxes ("brob") are unpacked.
    """
    file.seek(0)
    head = file.read(len(_SIGNATURE))
    if head.startswith(_CODESTREAM):
        file.seek(0)
        return JxlHeader(*_facts(file.read(_HEADER_BYTES)), Metadata())
    if head != _SIGNATURE:
        raise ValueError("its signature is wrong")
    start = b""
    blocks: dict[bytes, bytes] = {}
    for kind, length in _boxes(file):
        if kind in (b"jxlc", b"jxlp"):
            if len(start) < _HEADER_BYTES:  # a part may hold a few bytes only
                data = file.read(min(length, 4 + _HEADER_BYTES))
                start += data[4:] if kind == b"jxlp" else data
        elif kind in (b"Exif", b"xml ") and kind not in blocks and length <= _MAX_BLOCK_BYTES:
            blocks[kind] = file.read(length)
        elif kind == b"brob" and _PACKED_HEAD < length <= _MAX_BLOCK_BYTES:
            real = file.read(_PACKED_HEAD)
            if real in (b"Exif", b"xml ") and real not in blocks:
                blocks[real] = _unpacked(file.read(length - _PACKED_HEAD))
    exif = blocks.get(b"Exif", b"")
    metadata = Metadata(exif=_after_offset(exif) or None, xmp=blocks.get(b"xml ") or None)
    return JxlHeader(*_facts(start), metadata)


def _unpacked(packed: bytes) -> bytes:
    """Return what a compressed box holds (18181-2, 9.9), nothing where it is damaged."""
    unpacker = brotli.Decompressor()
    try:
        data = unpacker.process(packed, output_buffer_limit=_MAX_BLOCK_BYTES)
    except brotli.error:
        return b""
    return data if unpacker.is_finished() else b""


def with_metadata(encoded: bytes, metadata: Metadata) -> list[bytes]:
    """Return the pieces of the file `encoded` with boxes for `metadata` behind its head.

    OpenImageIO writes an empty EXIF box of its own, which is left out.
    """
    boxes = b""
    if metadata.exif:
        boxes += _box(b"Exif", bytes(4) + metadata.exif)
    if metadata.xmp:
        boxes += _box(b"xml ", metadata.xmp)
    file_type = _box(b"ftyp", b"jxl " + bytes(4) + b"jxl ")
    if encoded.startswith(_CODESTREAM):
        if not boxes:
            return [encoded]
        return [_SIGNATURE + file_type + boxes + _box(b"jxlc", b"", len(encoded)), encoded]
    head = len(_SIGNATURE) + len(file_type)
    if encoded[:head] != _SIGNATURE + file_type:
        raise ValueError("the JPEG XL encoder gave a file with another beginning")
    pieces, start = [encoded[:head] + boxes], head
    file = BytesIO(encoded)
    for kind, length in _boxes(file):
        content = file.tell()
        if kind == b"brob" and encoded[content : content + _PACKED_HEAD] == b"Exif":
            pieces.append(encoded[start : content - 8])
            start = content + length
    return [*pieces, encoded[start:]]


def padded(encoded: bytes) -> bytes:
    """Return the content of a file of less than SHORT_JXL_BYTES, made longer without a change."""
    missing = SHORT_JXL_BYTES - len(encoded)
    # Zeros behind the codestream are ignored, also where they belong to a box without a length.
    return encoded + (bytes(missing) if _is_open(encoded) else _box(b"skip", bytes(missing)))


def _is_open(encoded: bytes) -> bool:
    """Whether what is appended belongs to the codestream."""
    if encoded.startswith(_CODESTREAM):
        return True
    at = 0
    while at + 8 <= len(encoded):
        [length] = struct.unpack(">I", encoded[at : at + 4])
        if length < 8:
            return length == 0
        at += length
    return False


def _boxes(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Yield (kind, length) of each box, the file standing at its content."""
    at = len(_SIGNATURE)
    file.seek(0, 2)
    end = file.tell()
    for _ in range(_MAX_BOXES):
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:
            return
        length, kind = struct.unpack(">I4s", head[:8])
        head_bytes = 8
        if length == 1 and len(head) == 16:
            [length] = struct.unpack(">Q", head[8:])
            head_bytes = 16
        elif length == 0:
            length = end - at
        if length < head_bytes or at + length > end:
            raise ValueError("a box is cut off")
        file.seek(at + head_bytes)
        yield kind, length - head_bytes
        at += length


def _box(kind: bytes, content: bytes, more: int = 0) -> bytes:
    """Return a box; `more` bytes of content follow."""
    return struct.pack(">I4s", 8 + len(content) + more, kind) + content


def _after_offset(block: bytes) -> bytes:
    """Return the TIFF structure of an Exif box, which begins with where that starts."""
    if len(block) < 8:
        return b""
    [offset] = struct.unpack(">I", block[:4])
    return block[4 + offset :]


def _facts(codestream: bytes) -> tuple[Size, bool, bool | None]:
    """Return size, whether it is an animation, and whether the first extra channel is alpha.

    From the codestream's first bytes (18181-1, SizeHeader and ImageMetadata). None: there is no
    extra channel, or, of animations, that is not looked for.
    """
    if not codestream.startswith(_CODESTREAM) or len(codestream) < 4:
        raise ValueError("its codestream is damaged")
    bits = _Bits(codestream[2:])
    size = _size_header(bits)
    is_default = bits.take(1)
    if is_default:
        return size, False, None
    if bits.take(1) and _is_animated(bits):
        return size, True, None
    return size, False, _starts_with_alpha(bits)


def _size_header(bits: "_Bits") -> Size:
    if bits.take(1):
        height = 8 * (bits.take(5) + 1)
        ratio = bits.take(3)
        width = 0 if ratio else 8 * (bits.take(5) + 1)
    else:
        height = bits.take(_SIZE_BITS[bits.take(2)]) + 1
        ratio = bits.take(3)
        width = 0 if ratio else bits.take(_SIZE_BITS[bits.take(2)]) + 1
    if ratio:
        numerator, denominator = _RATIOS[ratio]
        width = height * numerator // denominator
    return Size(height, max(1, width))


def _is_animated(bits: "_Bits") -> bool:
    """Whether the fields of metadata that seldom differ tell of an animation."""
    bits.take(3)  # orientation
    if bits.take(1):
        _size_header(bits)  # the size to show it at
    if bits.take(1):
        _skip_preview(bits)
    return bool(bits.take(1))


def _starts_with_alpha(bits: "_Bits") -> bool | None:
    is_float = bits.take(1)
    if bits.take(2) == 3:  # an unusual depth
        bits.take(6)
    if is_float:
        bits.take(4)  # bits of the exponent
    bits.take(1)  # whether 16 bits suffice to decode it
    count = bits.take(2)
    if count == 0:
        return None
    bits.take(_COUNT_BITS[count])
    is_plain_alpha = bool(bits.take(1))
    return is_plain_alpha or bits.take(2) == _ALPHA


def _skip_preview(bits: "_Bits") -> None:
    sides = _PREVIEW_BITS_IN_EIGHTS if bits.take(1) else _PREVIEW_BITS
    bits.take(sides[bits.take(2)])
    if not bits.take(3):
        bits.take(sides[bits.take(2)])


class _Bits:
    """Bits of a byte string, the lowest first."""

    def __init__(self, data: bytes) -> None:
        self._number = int.from_bytes(data, "little")

    def take(self, count: int) -> int:
        value = self._number & ((1 << count) - 1)
        self._number >>= count
        return value
