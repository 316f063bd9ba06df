"""Several pictures in one JPEG file (CIPA DC-007, Multi-Picture Format): where they are."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from liifgan_core.images.metadata import exif

MARK = b"MPF\0"
_START_OF_IMAGE, _START_OF_SCAN = b"\xff\xd8", 0xDA
_MAX_SEGMENTS = 10_000
_ENTRIES = 0xB002
_ENTRY_BYTES = 16
_THUMBNAILS = (0x010001, 0x010002)
"""Types of entries that are the same picture, smaller (5.2.3.3)."""
_PRIMARY, _OTHER = 0x030000, 0


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment of a JPEG's header."""

    marker: int
    start: int
    """Where the content begins in the file."""
    content: bytes


def segments(file: BinaryIO) -> Iterator[Segment]:
    """Yield the segments up to the first scan; what is damaged ends them."""
    file.seek(len(_START_OF_IMAGE))
    for _ in range(_MAX_SEGMENTS):
        head = file.read(4)
        if len(head) < 4 or head[0] != 0xFF or head[1] == _START_OF_SCAN:
            return
        length = int.from_bytes(head[2:], "big") - 2
        start = file.tell()
        content = file.read(max(0, length))
        if length < 0 or len(content) < length:
            return
        yield Segment(head[1], start, content)


def other_pictures(file: BinaryIO) -> list[bytes]:
    """Return the files of the pictures behind the first one, smaller copies of it left out."""
    for segment in segments(file):
        if segment.content.startswith(MARK):
            return list(_pictures(file, segment))
    return []


def directory(first_bytes: int, second_start: int, second_bytes: int) -> bytes:
    """Return the content of the segment that tells two pictures.

    `second_start` counts from behind the mark. Its length is always the same.
    """
    entries = struct.pack(">IIIHH", _PRIMARY, first_bytes, 0, 0, 0)
    entries += struct.pack(">IIIHH", _OTHER, second_bytes, second_start, 0, 0)
    table = struct.pack(">HHHI4s", 3, 0xB000, exif.UNDEFINED, 4, b"0100")
    table += struct.pack(">HHII", 0xB001, exif.LONG, 1, 2)
    table += struct.pack(">HHII", _ENTRIES, exif.UNDEFINED, len(entries), 8 + 2 + 3 * 12 + 4)
    return MARK + b"MM\0*\0\0\0\x08" + table + bytes(4) + entries


def _pictures(file: BinaryIO, segment: Segment) -> Iterator[bytes]:
    block = segment.content[len(MARK) :]
    parsed = exif.parse(block)
    entry = parsed.main.get(_ENTRIES) if parsed else None
    if parsed is None or entry is None:
        return
    for at in range(0, len(entry.data) - _ENTRY_BYTES + 1, _ENTRY_BYTES):
        kind, length, offset = struct.unpack_from(f"{parsed.order}III", entry.data, at)
        if offset == 0 or kind & 0xFFFFFF in _THUMBNAILS:
            continue
        file.seek(segment.start + len(MARK) + offset)
        data = file.read(length)
        if data.startswith(_START_OF_IMAGE):
            yield data
