"""Finds the EXIF block of camera raws, wherever each maker puts it."""

import struct
from collections.abc import Iterator
from typing import BinaryIO

from liifgan_core.images.metadata import exif
from liifgan_core.images.metadata.exif import Directory, Exif
from liifgan_core.images.metadata.metadata import NO_METADATA, Metadata, with_resolution

_RAF_MARK = b"FUJIFILMCCD-RAW"
_RAF_JPEG_AT = 84
"""Where a RAF says where its JPEG preview is."""
_JPEG_HEAD_BYTES = 1 << 18
"""Enough for the preview's first segments, of which EXIF is one of at most 64 KB."""
_CANON_UUID = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
"""The box in which a CR3 keeps its directories."""
_MAX_BOX_BYTES = 1 << 20
_MAX_BOXES = 1000


def read(file: BinaryIO) -> Metadata:
    """Return what the camera raw `file` says; nothing where that is not found."""
    file.seek(0)
    head = file.read(32)
    if head.startswith(_RAF_MARK):
        block = _raf_exif(file)
        parsed = exif.parse(block) if block else None
    elif head[4:8] == b"ftyp":
        parsed = _cr3_exif(file)
    else:
        parsed = exif.parse_tiff(lambda offset, length: exif.bytes_at(file, offset, length))
    if parsed is None:
        return NO_METADATA
    told = exif.descriptive(parsed)
    has_any = told.main or told.photo or told.gps
    metadata = Metadata(exif=exif.to_bytes(told) if has_any else None)
    return with_resolution(metadata, exif.resolution(parsed))


def _raf_exif(file: BinaryIO) -> bytes:
    """Return the EXIF block of a RAF's preview, empty where there is none."""
    place = exif.bytes_at(file, _RAF_JPEG_AT, 4)
    if len(place) < 4:
        return b""
    jpeg = exif.bytes_at(file, struct.unpack(">I", place)[0], _JPEG_HEAD_BYTES)
    at = 2
    while jpeg[:2] == b"\xff\xd8" and at + 4 <= len(jpeg) and jpeg[at] == 0xFF:
        [length] = struct.unpack(">H", jpeg[at + 2 : at + 4])
        segment = jpeg[at + 4 : at + 2 + length]
        if jpeg[at + 1] == 0xE1 and segment.startswith(b"Exif\0\0"):
            return segment
        at += 2 + length
    return b""


def _cr3_exif(file: BinaryIO) -> Exif | None:
    """Return the directories of a CR3, each of which is a TIFF structure in a box of its own."""
    file.seek(0, 2)
    end = file.tell()
    found: dict[bytes, Exif] = {}
    for kind, at, stop in _boxes(file, 0, end):
        if kind != b"moov":
            continue
        for inner, place, inner_stop in _boxes(file, at, stop):
            if inner != b"uuid" or exif.bytes_at(file, place, 16) != _CANON_UUID:
                continue
            for name, start, name_stop in _boxes(file, place + 16, inner_stop):
                if name.startswith(b"CMT") and name_stop - start <= _MAX_BOX_BYTES:
                    parsed = exif.parse(exif.bytes_at(file, start, name_stop - start))
                    if parsed is not None:
                        found[name] = parsed
    main = found.get(b"CMT1")
    if main is None:
        return None

    def directory(name: bytes) -> Directory:
        each = found.get(name)
        return each.main if each is not None and each.order == main.order else {}

    return Exif(main.order, main.main, directory(b"CMT2"), directory(b"CMT4"), {})


def _boxes(file: BinaryIO, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield (kind, where the content starts, where it ends) of each box (ISO/IEC 14496-12)."""
    for _ in range(_MAX_BOXES):
        head = exif.bytes_at(file, at, 16)
        if at + 8 > end or len(head) < 8:
            return
        length, kind = struct.unpack(">I4s", head[:8])
        start = at + 8
        if length == 1 and len(head) == 16:
            [length] = struct.unpack(">Q", head[8:])
            start = at + 16
        elif length == 0:
            length = end - at
        if at + length > end or at + length < start:
            return
        yield kind, start, at + length
        at += length
