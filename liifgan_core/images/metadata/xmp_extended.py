"""XMP of more than a JPEG segment holds: a packet and its extension (XMP part 3, 1.1.3.1).

Inside the program a packet is whole; only JPEG files split it.
"""

import hashlib
import re
import struct
import xml.parsers.expat
from collections.abc import Iterable

MARK = b"http://ns.adobe.com/xmp/extension/\0"
_RDF_END = b"</rdf:RDF>"
_DESCRIPTION = b"<rdf:Description"
_GUID_BYTES = 32
_HEAD_BYTES = len(MARK) + _GUID_BYTES + 8
_SEGMENT_BYTES = 65_533
_MAX_BYTES = 32 << 20
_TOLD = re.compile(rb"""HasExtendedXMP(?:\s*=\s*["']|>)\s*([0-9A-Fa-f]{32})""")
_NOTE = (
    b'<rdf:Description rdf:about="" xmlns:xmpNote="http://ns.adobe.com/xmp/note/" '
    b'xmpNote:HasExtendedXMP="%s"/>'
)
_START = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
)
_END = _RDF_END + b"</x:xmpmeta>"


def merged(packet: bytes, segments: Iterable[bytes]) -> bytes:
    """Return the packet with what its extension says; as it is where that is missing or damaged.

    `segments` are the contents of a JPEG's APP1 segments.
    """
    told = _TOLD.search(packet)
    extension = _collected(segments, told[1].upper()) if told else None
    place = packet.rfind(_RDF_END)
    if extension is None or place < 0:
        return packet
    more = [text for _start, _end, text in _descriptions(extension)]
    return packet[:place] + b"".join(more) + packet[place:] if more else packet


def split(packet: bytes, room: int) -> tuple[bytes, bytes] | None:
    """Return a packet of at most `room` bytes and its extension; None where it cannot be split."""
    place = packet.rfind(_RDF_END)
    note = _NOTE % bytes(_GUID_BYTES)
    moved: list[bytes] = []
    rest, length = packet[:place], len(packet) + len(note)
    for start, end, text in reversed(_descriptions(packet)):
        if length <= room:
            break
        moved.insert(0, text)
        rest = rest[:start] + rest[end:]
        length -= end - start
    if place < 0 or length > room or not moved:
        return None
    extension = _START + b"".join(moved) + _END
    return rest + _NOTE % _guid(extension) + packet[place:], extension


def extension_segments(extension: bytes) -> list[bytes]:
    """Return the contents of the APP1 segments that hold the extension."""
    step = _SEGMENT_BYTES - _HEAD_BYTES
    return [
        MARK + _guid(extension) + struct.pack(">II", len(extension), at) + extension[at : at + step]
        for at in range(0, len(extension), step)
    ]


def _guid(extension: bytes) -> bytes:
    return hashlib.md5(extension, usedforsecurity=False).hexdigest().upper().encode()


def _collected(segments: Iterable[bytes], guid: bytes) -> bytes | None:
    """Return the extension of that name, None unless all of it is there."""
    parts: dict[int, bytes] = {}
    whole = 0
    for segment in segments:
        if segment.startswith(MARK + guid) and len(segment) > _HEAD_BYTES:
            whole, at = struct.unpack_from(">II", segment, len(MARK) + _GUID_BYTES)
            parts[at] = segment[_HEAD_BYTES:]
    joined = b"".join(parts[at] for at in sorted(parts))
    is_whole = bool(parts) and len(joined) == whole <= _MAX_BYTES and _guid(joined) == guid
    return joined if is_whole else None


def _descriptions(packet: bytes) -> list[tuple[int, int, bytes]]:
    """Return (start, end, text) of the descriptions right below rdf:RDF.

    Each text declares the namespaces that were declared around it. None where the packet is no
    XML, or declares entities.
    """
    parser = xml.parsers.expat.ParserCreate()
    spaces: dict[str, str] = {}
    starts: list[int] = []
    ends: list[int] = []
    path: list[str] = []

    def note_end() -> None:
        """End a description that is closed, at whatever comes behind it."""
        if len(ends) < len(starts) and path[-1:] == ["rdf:RDF"]:
            ends.append(parser.CurrentByteIndex)

    def start(name: str, attributes: dict[str, str]) -> None:
        note_end()
        if path[-1:] == ["rdf:RDF"] and name == "rdf:Description":
            starts.append(parser.CurrentByteIndex)
        elif not starts:
            spaces.update({k: v for k, v in attributes.items() if k.startswith("xmlns:")})
        path.append(name)

    def end(_name: str) -> None:
        note_end()
        path.pop()

    def other(_data: str) -> None:
        note_end()

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.DefaultHandler = other
    if b"<!DOCTYPE" in packet:
        return []
    try:
        parser.Parse(packet, True)
    except xml.parsers.expat.ExpatError:
        return []
    return [
        (at, stop, _declared(packet[at:stop], spaces))
        for at, stop in zip(starts, ends, strict=False)
    ]


def _declared(description: bytes, spaces: dict[str, str]) -> bytes:
    """Return the description with declarations of namespaces that it has not itself."""
    opening = description[: description.find(b">")]
    missing = b"".join(
        b' %s="%s"' % (name.encode(), uri.encode())
        for name, uri in spaces.items()
        if name not in ("xmlns:x", "xmlns:rdf") and name.encode() + b"=" not in opening
    )
    return description[: len(_DESCRIPTION)] + missing + description[len(_DESCRIPTION) :]
