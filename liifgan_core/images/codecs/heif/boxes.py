"""What the boxes of an AVIF say about its primary picture (ISO/IEC 23008-12).

The libraries that decode and encode AVIF here keep code points of colour to themselves.
"""

import contextlib
import struct
from collections.abc import Iterator

from liifgan_core.images.colour.code_points import CodePoints

_FULL_BOX_BYTES = 4
"""Version and flags, which some boxes have in front of their content."""
_MAX_BOXES = 10_000
_HEAD_BYTES = 8
META_BYTES = 1 << 20
"""Bytes from the start of a file that hold its `meta` box, with room for grids of many tiles."""


def nclx_code_points(data: bytes) -> CodePoints | None:
    """Return what the primary picture's `nclx` says, None without one or where boxes are damaged.

    `data` is the file, or as much from its start as holds the `meta` box.
    """
    place = _nclx_place(data)
    if place is None or len(data) < place + 4:
        return None
    primaries, transfer = struct.unpack_from(">HH", data, place)
    return CodePoints(primaries, transfer) if max(primaries, transfer) < 256 else None


def num_bits(data: bytes) -> int:
    """Return the bits per channel of an AVIF, 8 where boxes are damaged; `data` as above."""
    configurations: list[int] = []
    for kind, start, end, is_primary in _properties(data):
        if kind == b"pixi" and is_primary and end > start + 5:
            return data[start + 5]  # version and flags, number of channels, the bits of each
        if kind == b"av1C" and end > start + 2:
            is_high, is_twelve = data[start + 2] & 0x40, data[start + 2] & 0x20
            configurations.append(12 if is_high and is_twelve else 10 if is_high else 8)
    return max(configurations, default=8)


def has_light_levels(data: bytes) -> bool:
    """Whether a picture's mastering display or light levels are told; `data` as above."""
    return any(kind in (b"mdcv", b"clli") for kind, _start, _end, _is_primary in _properties(data))


def with_code_points(data: bytes, points: CodePoints) -> bytes:
    """Return the file with other code points in the `nclx` of its primary picture.

    The file must have one: every encoder used here writes it (ValueError otherwise).
    """
    place = _nclx_place(data)
    if place is None:
        raise ValueError("the encoder gave no code points to replace")
    replaced = struct.pack(">HH", points.primaries, points.transfer)
    return data[:place] + replaced + data[place + len(replaced) :]


def _nclx_place(data: bytes) -> int | None:
    """Return where the code points of the primary picture's nclx begin."""
    for kind, start, _end, is_primary in _properties(data):
        if kind == b"colr" and is_primary and data[start : start + 4] == b"nclx":
            return start + 4
    return None


def _properties(data: bytes) -> list[tuple[bytes, int, int, bool]]:
    """Return (kind, start, end, whether it is the primary picture's) of all properties.

    What cannot be followed is left out.
    """
    with contextlib.suppress(struct.error, IndexError, StopIteration):
        meta = _first(data, b"meta", 0, len(data))
        inside, end = meta[0] + _FULL_BOX_BYTES, meta[1]
        place = _first(data, b"pitm", inside, end)[0]
        properties = _first(data, b"iprp", inside, end)
        container = _first(data, b"ipco", *properties)
        links = _first(data, b"ipma", *properties)
        number = ">I" if data[place] > 0 else ">H"
        [primary] = struct.unpack_from(number, data, place + _FULL_BOX_BYTES)
        wanted = _linked(data, links[0], primary)
        return [
            (kind, start, stop, index in wanted)
            for index, (kind, start, stop) in enumerate(_boxes(data, *container), start=1)
        ]
    return []


def _linked(data: bytes, at: int, item: int) -> set[int]:
    """Return the numbers, from 1 on, of the properties that `ipma` links with the item."""
    version, is_wide = data[at], data[at + 3] & 1
    [count] = struct.unpack_from(">I", data, at + _FULL_BOX_BYTES)
    at += _FULL_BOX_BYTES + 4
    for _ in range(min(count, _MAX_BOXES)):
        [each] = struct.unpack_from(">I" if version else ">H", data, at)
        at += 4 if version else 2
        num_links, at = data[at], at + 1
        step = 2 if is_wide else 1
        if each == item:
            numbers = struct.unpack_from(f">{num_links}{'H' if is_wide else 'B'}", data, at)
            return {number & (0x7FFF if is_wide else 0x7F) for number in numbers}
        at += num_links * step
    return set()


def _first(data: bytes, kind: bytes, start: int, end: int) -> tuple[int, int]:
    """Return (start, end) of the content of the first box of that kind, or raise StopIteration."""
    return next((s, e) for k, s, e in _boxes(data, start, end) if k == kind)


def _boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield (kind, start, end) of the content of each box."""
    for _ in range(_MAX_BOXES):
        if start + _HEAD_BYTES > end:
            return
        length, kind = struct.unpack_from(">I4s", data, start)
        head = _HEAD_BYTES
        if length == 1:
            [length] = struct.unpack_from(">Q", data, start + _HEAD_BYTES)
            head = 16
        elif length == 0:
            length = end - start
        if length < head:
            return
        yield kind, start + head, min(start + length, end)
        start += length
