"""EXIF blocks in and out (EXIF 2.32, which is TIFF 6.0's directory structure).

A block is parsed into its directories, cleaned, and written anew: what stood for the old pixels
(size, orientation, thumbnail) must not describe the new ones. Nothing of it can be trusted.
"""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import BinaryIO

ORIENTATION, SOFTWARE = 274, 305
X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT = 282, 283, 296
EXIF_DIRECTORY, GPS_DIRECTORY, INTEROP_DIRECTORY = 34665, 34853, 40965
PIXEL_WIDTH, PIXEL_HEIGHT = 40962, 40963
XMP, IPTC, PHOTOSHOP = 700, 33723, 34377

BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED = 1, 2, 3, 4, 5, 7
_INCHES = 2
_CENTIMETRES_PER_INCH = 2.54

_UNIT_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
"""Bytes of a value by TIFF type."""
_SWAPPED_BYTES = {**_UNIT_BYTES, RATIONAL: 4, 10: 4}
"""Bytes whose order depends on the byte order: a rational is two numbers of four."""
_POINTER_BYTES = {13: 4, 16: 8, 17: 8, 18: 8}
"""Bytes of the types that only TIFF files have: places of directories, and numbers of BigTIFF."""

_MAGIC_NUMBERS = frozenset((42, 0x4F52, 0x5352, 0x55))
"""TIFF, and the camera raws that differ from it in this number only: ORF (two) and RW2."""

_MAX_ENTRIES = 1000
_MAX_VALUE_BYTES = 1 << 20
"""Bounds of a directory's entries, and of a value where up to a thousand directories are read for
their layout."""
_MAX_DIRECTORY_BYTES = 64 << 20
"""Bound of all values of a directory that is not read for its layout: editors let histories, masks
and descriptions grow."""

_KEPT_MAIN_TAGS = frozenset(
    {11, 270, 271, 272, 282, 283, 296, 305, 306, 315, 316, 18246, 18249, 33432}
    | {40091, 40092, 40093, 40094, 40095}
)
"""What the main directory says about the photo rather than about the file's layout: description,
camera, resolution, program, date, author, rating, copyright, and the title fields of Windows."""

Fetch = Callable[[int, int], bytes]
"""Gives up to `length` bytes at an offset."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One value: TIFF type, and the raw bytes in the block's byte order."""

    kind: int
    data: bytes

    @property
    def count(self) -> int:
        """Number of values."""
        return len(self.data) // _UNIT_BYTES[self.kind]


Directory = Mapping[int, Entry]


@dataclass(frozen=True, slots=True)
class Exif:
    """The directories of a block; the thumbnail's is not among them."""

    order: str
    """"<" for little-endian values, ">" for big-endian ones."""
    main: Directory
    photo: Directory
    """The EXIF directory."""
    gps: Directory
    interop: Directory

    @property
    def orientation(self) -> int:
        """1 to 8; 1 where there is none or it is wrong."""
        entry = self.main.get(ORIENTATION)
        if entry is None or entry.kind != SHORT or len(entry.data) < 2:
            return 1
        [value] = struct.unpack(f"{self.order}H", entry.data[:2])
        return value if 1 <= value <= 8 else 1


def parse(block: bytes) -> Exif | None:
    """Return the directories of an EXIF block (with or without "Exif\\0\\0"), None if damaged."""
    data = block.removeprefix(b"Exif\0\0")
    return parse_tiff(lambda offset, length: data[offset : offset + length])


def bytes_at(file: BinaryIO, offset: int, length: int) -> bytes:
    """Return some of a file's bytes; fewer, or none, where it ends or has no such place."""
    try:
        file.seek(offset)
    except (OSError, OverflowError, ValueError):
        return b""
    return file.read(length)


def parse_tiff(fetch: Fetch) -> Exif | None:
    """Return the directories of the TIFF structure behind `fetch`, None if there is none.

    Entries that are damaged are left out. BigTIFF is understood.
    """
    opened = open_structure(fetch)
    return None if opened is None else exif_at(*opened)


def open_structure(fetch: Fetch) -> "tuple[DirectoryReader, int] | None":
    """Return what reads the directories behind `fetch`, and where the first is; None if none is."""
    head = fetch(0, 16)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None or len(head) < 8:
        return None
    magic, first = struct.unpack(f"{order}HI", head[2:8])
    is_big = magic == 43
    if is_big:
        if len(head) < 16:
            return None
        [first] = struct.unpack(f"{order}Q", head[8:16])
    elif magic not in _MAGIC_NUMBERS:
        return None
    return DirectoryReader(fetch, order, is_big=is_big), first


def exif_at(reader: "DirectoryReader", offset: int) -> Exif:
    """Return the directory at `offset`, as the main one, and those that it points to."""
    main = reader.directory(offset)
    photo = reader.below(main, EXIF_DIRECTORY)
    return Exif(
        reader.order,
        main,
        photo,
        reader.below(main, GPS_DIRECTORY),
        reader.below(photo, INTEROP_DIRECTORY),
    )


def descriptive(source: Exif) -> Exif:
    """Return the directories without what describes the layout of a TIFF file."""
    main = {tag: e for tag, e in source.main.items() if tag in _KEPT_MAIN_TAGS}
    return Exif(source.order, main, source.photo, source.gps, source.interop)


def resolution(source: Exif) -> tuple[float, float] | None:
    """Return the pixels per inch across and down; None when there are none."""
    try:
        across, down = (
            struct.unpack(f"{source.order}II", source.main[tag].data)
            for tag in (X_RESOLUTION, Y_RESOLUTION)
        )
    except (KeyError, struct.error):
        return None
    unit = source.main.get(RESOLUTION_UNIT)
    per_inch = {b"": 1.0, struct.pack(f"{source.order}H", 3): _CENTIMETRES_PER_INCH}
    factor = per_inch.get(unit.data if unit else b"", 1.0)
    if across[1] == 0 or down[1] == 0:
        return None
    return across[0] / across[1] * factor, down[0] / down[1] * factor


def for_result(
    source: Exif | None,
    *,
    width: int,
    height: int,
    note: str | None,
    dpi: tuple[float, float] | None,
) -> Exif:
    """Return what the result says: the source's facts, upright, with its own size and note.

    `dpi` (across, down) None leaves the source's resolution. The thumbnail and whatever else
    describes the old pixels is left out.
    """
    order = source.order if source else "<"
    main = dict(descriptive(source).main) if source else {}
    photo = dict(source.photo) if source else {}
    main[ORIENTATION] = _number(order, SHORT, 1)
    if note:
        main[SOFTWARE] = Entry(ASCII, note.encode("utf-8") + b"\0")
    if dpi is not None:
        for tag, value in zip((X_RESOLUTION, Y_RESOLUTION), dpi, strict=True):
            main[tag] = Entry(RATIONAL, struct.pack(f"{order}II", round(value * 1000), 1000))
        main[RESOLUTION_UNIT] = _number(order, SHORT, _INCHES)
    if photo:
        photo[PIXEL_WIDTH] = _number(order, LONG, width)
        photo[PIXEL_HEIGHT] = _number(order, LONG, height)
    gps = source.gps if source else {}
    return Exif(order, main, photo, gps, source.interop if source else {})


def without_upright(block: bytes) -> bytes:
    """Return the block without an orientation that only says that the picture is upright."""
    parsed = parse(block)
    if parsed is None or parsed.orientation != 1:
        return block
    main = {tag: entry for tag, entry in parsed.main.items() if tag != ORIENTATION}
    return to_bytes(replace(parsed, main=main))


def to_bytes(exif: Exif) -> bytes:
    """Return the block, beginning with the byte order mark ("II" or "MM")."""
    order = exif.order
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HI", 42, 8)
    directories = [dict(exif.main), dict(exif.photo), dict(exif.gps), dict(exif.interop)]
    # Pointers are filled in once the places are known; sizes do not depend on them.
    for parent, tag, child in ((0, EXIF_DIRECTORY, 1), (0, GPS_DIRECTORY, 2)):
        if directories[child]:
            directories[parent][tag] = _number(order, LONG, 0)
    if directories[3] and directories[1]:
        directories[1][INTEROP_DIRECTORY] = _number(order, LONG, 0)
    places, at = [], 8
    for directory in directories:
        places.append(at)
        at += _directory_bytes(directory) if directory else 0
    for parent, tag, child in (
        (0, EXIF_DIRECTORY, 1),
        (0, GPS_DIRECTORY, 2),
        (1, INTEROP_DIRECTORY, 3),
    ):
        if tag in directories[parent] and directories[child]:
            directories[parent][tag] = _number(order, LONG, places[child])
    body = b"".join(
        _written(directory, place, order)
        for directory, place in zip(directories, places, strict=True)
        if directory
    )
    return head + body


def little_endian(entry: Entry, order: str) -> Entry:
    """Return an entry of a block in `order` with its values in little-endian order."""
    unit = _SWAPPED_BYTES[entry.kind]
    if order == "<" or unit == 1:
        return entry
    pieces = (entry.data[at : at + unit][::-1] for at in range(0, len(entry.data), unit))
    return Entry(entry.kind, b"".join(pieces))


def _number(order: str, kind: int, value: int) -> Entry:
    return Entry(kind, struct.pack(f"{order}{'H' if kind == SHORT else 'I'}", value))


def _directory_bytes(directory: Directory) -> int:
    outside = sum(len(e.data) + len(e.data) % 2 for e in directory.values() if len(e.data) > 4)
    return 2 + 12 * len(directory) + 4 + outside


def _written(directory: Directory, place: int, order: str) -> bytes:
    table, outside = struct.pack(f"{order}H", len(directory)), b""
    behind = place + 2 + 12 * len(directory) + 4
    for tag, entry in sorted(directory.items()):
        value = entry.data.ljust(4, b"\0")
        if len(entry.data) > 4:
            value = struct.pack(f"{order}I", behind + len(outside))
            outside += entry.data + bytes(len(entry.data) % 2)
        table += struct.pack(f"{order}HHI", tag, entry.kind, entry.count) + value
    return table + bytes(4) + outside


class DirectoryReader:
    """Reads directories of one byte order and pointer size."""

    def __init__(self, fetch: Fetch, order: str, *, is_big: bool) -> None:
        self._fetch = fetch
        self._order = order
        self._count, self._pointer = ("Q", "Q") if is_big else ("H", "I")
        self._inline = 8 if is_big else 4

    @property
    def order(self) -> str:
        """ "<" for little-endian values, ">" for big-endian ones."""
        return self._order

    def directory(self, offset: int, *, is_layout: bool = False) -> dict[int, Entry]:
        """Return the entries at `offset`; `is_layout` adds those of types that EXIF lacks."""
        unit_bytes = {**_UNIT_BYTES, **_POINTER_BYTES} if is_layout else _UNIT_BYTES
        count_bytes = struct.calcsize(f"<{self._count}")
        head = self._fetch(offset, count_bytes)
        if offset < 8 or len(head) < count_bytes:
            return {}
        [count] = struct.unpack(f"{self._order}{self._count}", head)
        step = 4 + 2 * self._inline
        table = self._fetch(offset + count_bytes, min(count, _MAX_ENTRIES) * step)
        found: dict[int, Entry] = {}
        room = _MAX_DIRECTORY_BYTES
        for at in range(0, len(table) - step + 1, step):
            tag, kind = struct.unpack(f"{self._order}HH", table[at : at + 4])
            [number] = struct.unpack(
                f"{self._order}{self._pointer}", table[at + 4 : at + 4 + self._inline]
            )
            length = number * unit_bytes.get(kind, 0)
            if not 0 < length <= (_MAX_VALUE_BYTES if is_layout else room):
                continue
            data = table[at + 4 + self._inline : at + step][:length]
            if length > self._inline:
                [place] = struct.unpack(f"{self._order}{self._pointer}", data)
                data = self._fetch(place, length)
            if len(data) == length:
                found[tag] = Entry(kind, data)
                room -= length
        return found

    def next_place(self, offset: int) -> int:
        """Return where the directory behind the one at `offset` is, 0 where it is the last."""
        count_bytes = struct.calcsize(f"<{self._count}")
        head = self._fetch(offset, count_bytes)
        if offset < 8 or len(head) < count_bytes:
            return 0
        [count] = struct.unpack(f"{self._order}{self._count}", head)
        end = offset + count_bytes + count * (4 + 2 * self._inline)
        data = self._fetch(end, self._inline)
        if len(data) < self._inline:
            return 0
        [place] = struct.unpack(f"{self._order}{self._pointer}", data)
        return place

    def below(self, directory: Directory, tag: int) -> dict[int, Entry]:
        """Return the directory that the entry `tag` points to, empty where there is none."""
        entry = directory.get(tag)
        if entry is None or len(entry.data) not in (4, 8):
            return {}
        letter = "I" if len(entry.data) == 4 else "Q"
        [offset] = struct.unpack(f"{self._order}{letter}", entry.data)
        return self.directory(offset)
