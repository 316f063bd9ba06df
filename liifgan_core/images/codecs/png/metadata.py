"""EXIF, XMP, IPTC, resolution and texts of a PNG (PNG specification, third edition, 11.3)."""

import binascii
import struct

from liifgan_core.images.codecs.png.chunks import PngChunks
from liifgan_core.images.metadata import iptc
from liifgan_core.images.metadata.metadata import Metadata, with_resolution
from liifgan_core.losses import tell

XMP_KEYWORD = "XML:com.adobe.xmp"
RAW_PROFILE = "Raw profile type "
"""Keyword of what some programs put into texts in hexadecimal digits, followed by what it is."""
METRES_PER_INCH = 0.0254
_XMP_MARK = b"http://ns.adobe.com/xap/1.0/\0"
_OLD_PIXELS = ("Thumb::", "exif:Orientation", "exif:PixelXDimension", "exif:PixelYDimension")
"""Keywords of texts about the pixels before, or about another file."""


def png_metadata(chunks: PngChunks, *, name: str) -> Metadata:
    """Return what the chunks say beside pixels and colour.

    A "raw profile" counts where there is no chunk of its own for it. A damaged one is left out
    with a logged warning; `name` is the file's for it.
    """
    raw = _raw_profiles(chunks, name)
    exif = chunks.found.get(b"eXIf", b"") or raw.get("exif", b"") or raw.get("APP1", b"")
    packet = _first_text(chunks, XMP_KEYWORD) or raw.get("xmp", b"")
    if exif.startswith(_XMP_MARK):
        exif, packet = b"", packet or exif
    records = raw.get("iptc", b"") or raw.get("8bim", b"")
    metadata = Metadata(
        exif=exif.removeprefix(b"Exif\0\0") or None,
        xmp=packet.removeprefix(_XMP_MARK) or None,
        iptc=iptc.from_resources(records),
        texts=tuple(
            (keyword, text)
            for keyword, text in chunks.texts
            if keyword != XMP_KEYWORD and not keyword.startswith((RAW_PROFILE, *_OLD_PIXELS))
        ),
    )
    physical = chunks.found.get(b"pHYs", b"")
    if len(physical) == 9 and physical[8] == 1:
        across, down = (n * METRES_PER_INCH for n in struct.unpack(">II", physical[:8]))
        return with_resolution(metadata, (across, down))
    return metadata


def raw_colour_profile(chunks: PngChunks) -> bytes | None:
    """Return the ICC profile that is a raw profile, None without one."""
    raw = _raw_profiles(chunks, None)
    return raw.get("icc") or raw.get("icm")


def raw_profile(data: bytes, kind: str) -> tuple[str, str]:
    """Return (keyword, text) that hold `data` as raw profile of that kind."""
    digits = binascii.hexlify(data).decode()
    lines = "\n".join(digits[at : at + 72] for at in range(0, len(digits), 72))
    return RAW_PROFILE + kind, f"\n{kind}\n{len(data):8d}\n{lines}\n"


def _raw_profiles(chunks: PngChunks, name: str | None) -> dict[str, bytes]:
    """Return kind -> data of all raw profiles; damage is told where there is a `name` for it."""
    found: dict[str, bytes] = {}
    for keyword, text in chunks.texts:
        if not keyword.startswith(RAW_PROFILE):
            continue
        try:
            _kind, length, digits = text.strip().split("\n", 2)
            data = binascii.unhexlify("".join(digits.split()))
            if len(data) != int(length):
                raise ValueError("its length is wrong")
        except ValueError:
            if name:
                tell("damaged", file=name, part=repr(keyword))
            continue
        found.setdefault(keyword.removeprefix(RAW_PROFILE), data)
    return found


def _first_text(chunks: PngChunks, keyword: str) -> bytes:
    text = next((text for key, text in chunks.texts if key == keyword), "")
    return text.encode("utf-8", "surrogateescape")
