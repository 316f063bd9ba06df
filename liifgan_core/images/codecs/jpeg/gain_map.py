"""How a gain map stands in a JPEG file: as a file behind the photo's, with claims of both.

Gain Map Specification 1.0 by Adobe, ISO 21496-1.
"""

import re
from io import BytesIO

from liifgan_core.images.codecs.jpeg.multi_picture import segments

NAMESPACE = b"http://ns.adobe.com/hdr-gain-map/1.0/"
ISO_MARK = b"urn:iso:std:iso:ts:21496:-1\0"
ISO_VERSION = ISO_MARK + bytes(4)
"""What the photo itself says for ISO 21496-1: least and written version, both 0."""
_XMP_MARK = b"http://ns.adobe.com/xap/1.0/\0"
_APPLE = b"http://ns.apple.com/HDRGainMap/1.0/"
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
