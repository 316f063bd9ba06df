"""What a PNG says beside its pixels, before and behind (PNG specification, third edition, 11.3).

Pillow sees chunks behind the image data only after decoding, OpenImageIO leaves most of them out.
"""

import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from liifgan_core.geometry import Size

_SIGNATURE_BYTES = 8
LIGHT_LEVELS = frozenset((b"mDCV", b"mDCv", b"cLLI", b"cLLi"))
"""What describes a mastering display and its picture's light, the drafts' names too."""
CREDENTIALS = b"caBX"
"""A C2PA manifest, which vouches for the very bytes of the file."""
_WANTED = (
    LIGHT_LEVELS
    | frozenset((CREDENTIALS,))
    | frozenset(
        (b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM", b"eXIf", b"pHYs", b"tEXt", b"zTXt", b"iTXt")
    )
)
_MAX_BLOCK_BYTES = 16 << 20
_MAX_TOTAL_BYTES = 64 << 20
"""Bounds of what is read and unpacked, far beyond what programs write."""


@dataclass(frozen=True, slots=True)
class PngChunks:
    """The chunks of a PNG that tell something about its picture."""

    size: Size
    bit_depth: int
    colour_type: int
    """0 gray, 2 RGB, 3 palette, 4 gray and alpha, 6 RGB and alpha."""

    found: dict[bytes, bytes] = field(default_factory=dict)
    """Kind -> data of the first chunk of each kind but texts."""

    texts: tuple[tuple[str, str], ...] = ()
    """(keyword, text) in the order of the file."""

    @property
    def is_gray(self) -> bool:
        """Whether it has one colour channel."""
        return self.colour_type in (0, 4)

    @property
    def icc_profile(self) -> bytes | None:
        """The embedded profile, None without one or where it is damaged."""
        _name, _, packed = self.found.get(b"iCCP", b"").partition(b"\0")
        return _unpacked(packed[1:]) if packed else None


def read_chunks(file: BinaryIO, check: Callable[[Size], None]) -> PngChunks:
    """Return the chunks of the PNG, from its start; ValueError without a whole header.

    `check` gets the size before anything else is read; it may raise. A file that is cut off or
    damaged behind the header gives what could be read.
    """
    file.seek(_SIGNATURE_BYTES)
    header = file.read(25)
    if len(header) < 25 or header[4:8] != b"IHDR":
        raise ValueError("its header is missing")
    width, height, bit_depth, colour_type = struct.unpack(">IIBB", header[8:18])
    size = Size(height, width)
    check(size)
    found: dict[bytes, bytes] = {}
    texts: list[tuple[str, str]] = []
    room = _MAX_TOTAL_BYTES
    for kind, data in _chunks(file):
        room -= len(data)
        if kind in (b"tEXt", b"zTXt", b"iTXt"):
            text = _text(kind, data)
            room -= len(text[1]) if text else 0
            if text:
                texts.append(text)
        else:
            found.setdefault(kind, data)
        if room < 0:
            break
    return PngChunks(size, bit_depth, colour_type, found, tuple(texts))


def _chunks(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Yield (kind, data) of the wanted chunks whose checksum is right."""
    while True:
        head = file.read(8)
        if len(head) < 8 or head[4:] == b"IEND":
            return
        length, kind = struct.unpack(">I4s", head)
        if kind not in _WANTED or length > _MAX_BLOCK_BYTES:
            file.seek(length + 4, 1)
            continue
        data, checksum = file.read(length), file.read(4)
        if checksum == struct.pack(">I", zlib.crc32(data, zlib.crc32(kind))):
            yield kind, data


def _text(kind: bytes, data: bytes) -> tuple[str, str] | None:
    """Return (keyword, text), None where it is damaged."""
    keyword, _, rest = data.partition(b"\0")
    name = keyword.decode("latin-1")
    if kind == b"tEXt":
        return name, rest.decode("latin-1")
    if kind == b"zTXt":
        unpacked = _unpacked(rest[1:])
        return None if unpacked is None else (name, unpacked.decode("latin-1"))
    if len(rest) < 2:
        return None
    is_packed, rest = rest[0], rest[2:]
    _language, _, rest = rest.partition(b"\0")
    _translated, _, rest = rest.partition(b"\0")
    plain = _unpacked(rest) if is_packed else rest
    return None if plain is None else (name, plain.decode("utf-8", "surrogateescape"))


def _unpacked(packed: bytes) -> bytes | None:
    """Return the deflated data, None where it is damaged or too long."""
    unpacker = zlib.decompressobj()
    try:
        data = unpacker.decompress(packed, _MAX_BLOCK_BYTES)
    except zlib.error:
        return None
    return data if unpacker.eof else None
