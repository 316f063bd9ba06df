"""The gain map of an Ultra HDR photo: a picture of how much brighter HDR displays show each place.

It stands behind the photo in the same JPEG file; its own XMP says what its values mean (Gain Map
Specification 1.0 by Adobe, ISO 21496-1).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

import numpy as np

from liifgan_core.geometry import Size, Tile, Viewport
from liifgan_core.images.codecs.jpeg.multi_picture import segments
from liifgan_core.images.resample import resample

NAMESPACE = b"http://ns.adobe.com/hdr-gain-map/1.0/"
ISO_MARK = b"urn:iso:std:iso:ts:21496:-1\0"
ISO_VERSION = ISO_MARK + bytes(4)
"""What the photo itself says for ISO 21496-1: least and written version, both 0."""
_XMP_MARK = b"http://ns.adobe.com/xap/1.0/\0"
_APPLE = b"http://ns.apple.com/HDRGainMap/1.0/"
_BAND_ROWS = 256
_RDF_START = re.compile(rb"<rdf:RDF(?:\s[^>]*)?>")
_EMPTY = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"></rdf:RDF></x:xmpmeta>'
)
_CLAIM = (
    b'<rdf:Description rdf:about="" xmlns:hdrgm="' + NAMESPACE + b'" '
    b'xmlns:Container="http://ns.google.com/photos/1.0/container/" '
    b'xmlns:Item="http://ns.google.com/photos/1.0/container/item/" hdrgm:Version="1.0">'
    b'<Container:Directory><rdf:Seq><rdf:li rdf:parseType="Resource">'
    b'<Container:Item Item:Semantic="Primary" Item:Mime="image/jpeg"/></rdf:li>'
    b'<rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="GainMap" '
    b'Item:Mime="image/jpeg" Item:Length="%d"/></rdf:li></rdf:Seq></Container:Directory>'
    b"</rdf:Description>"
)


@dataclass(frozen=True, slots=True, eq=False)
class GainMap:
    """A gain map, upright as its photo."""

    samples: np.ndarray
    """(h, w, 3) uint8; its size has nothing to do with the photo's."""
    is_gray: bool
    xmp: bytes | None
    """Its own packet; None where only `iso` says what the values mean."""
    iso: bytes | None = None
    """What it says by ISO 21496-1, the mark in front."""

    @property
    def size(self) -> Size:
        """Height and width in pixels."""
        return Size(*self.samples.shape[:2])

    def size_for(self, photo: Size, result: Size) -> Size:
        """Return the size that grows as the photo does."""
        height = int(self.size.height * result.height / photo.height + 0.5)
        width = int(self.size.width * result.width / photo.width + 0.5)
        return Size(max(1, height), max(1, width))

    def bands(self, size: Size) -> Iterator[np.ndarray]:
        """Yield the rows (n, W, 1 or 3) uint8 of the map in that size, bicubic, top to bottom."""
        viewport = Viewport.whole(self.size, size)
        channels = 1 if self.is_gray else 3
        for top in range(0, size.height, _BAND_ROWS):
            tile = Tile(top, 0, min(_BAND_ROWS, size.height - top), size.width)
            values = resample(self._values, self.size, viewport, tile)[..., :channels]
            yield (values * 255 + 0.5).astype(np.uint8)

    def _values(self, tile: Tile) -> np.ndarray:
        block = self.samples[tile.top : tile.bottom, tile.left : tile.right]
        return np.divide(block, np.float32(255), dtype=np.float32)


def told_by(data: bytes) -> tuple[bytes | None, bytes | None] | None:
    """Return (XMP, ISO 21496-1) of a JPEG file that is a gain map, None if it is none."""
    packet = iso = None
    for segment in segments(BytesIO(data)):
        if segment.content.startswith(_XMP_MARK) and NAMESPACE in segment.content:
            packet = segment.content.removeprefix(_XMP_MARK)
        elif segment.content.startswith(ISO_MARK):
            iso = segment.content
    return None if packet is None and iso is None else (packet, iso)


def is_apples(data: bytes) -> bool:
    """Whether a JPEG file is a gain map of Apple's kind, whose meaning stands in a maker's note."""
    return any(_APPLE in segment.content for segment in segments(BytesIO(data)))


def with_claim(packet: bytes | None, num_bytes: int) -> bytes:
    """Return the photo's XMP with the word that a gain map of that many bytes follows.

    It is the first description, so that it stays where a long packet is split.
    """
    if packet is None or not _RDF_START.search(packet):
        packet = _EMPTY
    place = _RDF_START.search(packet)
    at = place.end() if place else 0
    return packet[:at] + _CLAIM % num_bytes + packet[at:]
