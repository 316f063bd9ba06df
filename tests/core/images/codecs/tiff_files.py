"""Writes TIFF files of any kind, field by field, for tests (TIFF 6.0; BigTIFF)."""

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

SHORT, LONG, LONG8 = 3, 4, 16
_LETTERS = {1: "B", 2: "B", SHORT: "H", LONG: "I", 5: "I", 7: "B", 10: "i", LONG8: "Q"}
_PER_VALUE = {5: 2, 10: 2}

Field = tuple[int, Sequence[int]]
"""TIFF type, and the numbers; two for each rational."""


@dataclass(frozen=True)
class Page:
    """A picture: its fields but those that the writer knows, its samples, and pictures below it."""

    samples: np.ndarray
    """(H, W, channels), in the type that is stored; bits below 8 are packed by the writer."""
    fields: Mapping[int, Field] = field(default_factory=dict)
    bits: int | None = None
    """Bits of a sample where the array's type holds more."""
    tile: int = 0
    """Side of a tile; 0 stores one strip."""
    is_planar: bool = False
    """Whether each channel is stored by itself."""
    has_predictor: bool = False
    """Whether differences are deflated."""
    below: Sequence["Page"] = ()


def short(*values: int) -> Field:
    return SHORT, values


def long(*values: int) -> Field:
    return LONG, values


def tiff(*pages: Page, order: str = "<", is_big: bool = False) -> bytes:
    """Return the file with `pages` as its chain."""
    writer = _Writer(order, is_big=is_big)
    link = writer.header()
    for page in pages:
        link = writer.directory(page, link)
    return bytes(writer.data)


class _Writer:
    def __init__(self, order: str, *, is_big: bool) -> None:
        self.data = bytearray()
        self._order = order
        self._is_big = is_big
        self._pointer = "Q" if is_big else "I"

    def header(self) -> int:
        """Write the header and return where the first directory's place goes."""
        self.data += (b"II" if self._order == "<" else b"MM") + self._pack(
            "H", 43 - (not self._is_big)
        )
        if self._is_big:
            self.data += self._pack("HH", 8, 0)
        self.data += self._pack(self._pointer, 0)
        return len(self.data) - struct.calcsize(self._pointer)

    def directory(self, page: Page, link: int) -> int:
        """Write a picture, its place at `link`; return where the next one's goes."""
        blocks = self._blocks(page)
        places = [self._append(block) for block in blocks]
        below = [self._below(sub) for sub in page.below]
        height, width, channels = page.samples.shape
        bits = page.bits or page.samples.dtype.itemsize * 8
        fields: dict[int, Field] = {
            256: long(width),
            257: long(height),
            258: short(*[bits] * channels),
            259: short(8 if page.has_predictor else 1),
            277: short(channels),
            284: short(2 if page.is_planar else 1),
        }
        if page.has_predictor:
            fields[317] = short(3 if page.samples.dtype.kind == "f" else 2)
        if page.samples.dtype.kind == "f":
            fields[339] = short(*[3] * channels)
        lengths = [len(block) for block in blocks]
        if page.tile:
            fields |= {322: long(page.tile), 323: long(page.tile)}
            fields |= {324: self._places(places), 325: long(*lengths)}
        else:
            fields |= {273: self._places(places), 278: long(height), 279: long(*lengths)}
        if below:
            fields[330] = self._places(below)
        return self._table(fields | dict(page.fields), link)

    def _below(self, page: Page) -> int:
        scratch = self._append(bytes(8))
        self.directory(page, scratch)
        [place] = struct.unpack_from(self._order + self._pointer, self.data, scratch)
        return place

    def _table(self, fields: dict[int, Field], link: int) -> int:
        inline = struct.calcsize(self._pointer)
        table = b""
        for tag, (kind, values) in sorted(fields.items()):
            data = self._pack(f"{len(values)}{_LETTERS[kind]}", *values)
            stored = data.ljust(inline, b"\0")
            if len(data) > inline:
                stored = self._pack(self._pointer, self._append(data))
            count = len(values) // _PER_VALUE.get(kind, 1)
            table += self._pack("HH", tag, kind) + self._pack(self._pointer, count) + stored
        count = self._pack("Q" if self._is_big else "H", len(fields))
        place = self._append(count + table + bytes(inline))
        struct.pack_into(self._order + self._pointer, self.data, link, place)
        return place + len(count) + len(table)

    def _places(self, places: Sequence[int]) -> Field:
        return (LONG8 if self._is_big else LONG), places

    def _blocks(self, page: Page) -> list[bytes]:
        samples = page.samples.astype(page.samples.dtype.newbyteorder(self._order))
        planes = np.split(samples, samples.shape[2], 2) if page.is_planar else [samples]
        side = page.tile
        blocks: list[np.ndarray] = []
        for plane in planes:
            height, width, _ = plane.shape
            if not side:
                blocks.append(plane)
                continue
            padded = np.pad(plane, ((0, -height % side), (0, -width % side), (0, 0)))
            for top in range(0, height, side):
                for left in range(0, width, side):
                    blocks.append(padded[top : top + side, left : left + side])
        return [self._encoded(block, page) for block in blocks]

    def _encoded(self, block: np.ndarray, page: Page) -> bytes:
        if page.bits is not None and page.bits < block.dtype.itemsize * 8:
            return _packed(block, page.bits)
        if not page.has_predictor:
            return block.tobytes()
        if block.dtype.kind == "f":  # TIFF technical note 3: bytes by significance, differences
            big = np.ascontiguousarray(block.astype(block.dtype.newbyteorder(">"))).view(np.uint8)
            rows, channels = len(block), block.shape[2]
            planes = big.reshape(rows, -1, block.dtype.itemsize).transpose(0, 2, 1)
            flat = planes.reshape(rows, -1).copy()
            flat[:, channels:] -= flat[:, :-channels].copy()
            return zlib.compress(flat.tobytes())
        differences = block.astype(block.dtype.newbyteorder("="))
        differences[:, 1:] -= differences[:, :-1].copy()
        return zlib.compress(differences.astype(block.dtype).tobytes())

    def _append(self, data: bytes) -> int:
        self.data += bytes(len(self.data) % 2)
        self.data += data
        return len(self.data) - len(data)

    def _pack(self, layout: str, *values: int) -> bytes:
        return struct.pack(self._order + layout, *values)


def _packed(block: np.ndarray, bits: int) -> bytes:
    """Return rows of samples of `bits` each, the first in the highest bits, padded to bytes."""
    rows = b""
    for row in block.reshape(len(block), -1):
        digits = "".join(f"{int(value):0{bits}b}" for value in row)
        digits += "0" * (-len(digits) % 8)
        rows += int(digits, 2).to_bytes(len(digits) // 8, "big")
    return rows
