"""Takes out of an XMP packet what says something about other parts of the file it came from.

A result has no gain map, no video and no second block beside it, unless its writer says so anew.
"""

import re

_CLAIMS: dict[bytes, tuple[bytes, ...]] = {
    b"http://ns.adobe.com/hdr-gain-map/1.0/": (),
    b"http://ns.apple.com/HDRGainMap/1.0/": (),
    b"http://ns.google.com/photos/1.0/container/": (),
    b"http://ns.google.com/photos/1.0/container/item/": (),
    b"http://ns.google.com/photos/1.0/camera/": (
        b"MotionPhoto",
        b"MotionPhotoVersion",
        b"MotionPhotoPresentationTimestampUs",
        b"MicroVideo",
        b"MicroVideoVersion",
        b"MicroVideoOffset",
        b"MicroVideoPresentationTimestampUs",
    ),
    b"http://ns.adobe.com/xmp/note/": (b"HasExtendedXMP",),
}
"""Namespace -> the names in it that go; none means all."""
_VIDEO = re.compile(rb"""(?:MotionPhoto|MicroVideo)(?:\s*=\s*["']|>)\s*1""")
_DECLARATION = re.compile(rb"""xmlns:([A-Za-z_][\w.-]*)\s*=\s*["']([^"']{1,200})["']""")


def without_claims(packet: bytes) -> bytes:
    """Return the packet without properties that are true of its old file only."""
    for prefix, uri in set(_DECLARATION.findall(packet)):
        if uri in _CLAIMS:
            names = b"|".join(map(re.escape, _CLAIMS[uri])) or rb"[\w.-]+"
            packet = without_properties(packet, re.escape(prefix + b":") + b"(?:" + names + b")")
    return packet


def claims_video(packet: bytes) -> bool:
    """Whether the packet says that a video stands behind the photo."""
    return _VIDEO.search(packet) is not None


def without_properties(packet: bytes, name: bytes) -> bytes:
    """Return the packet without attributes and elements whose name matches `name`."""
    attribute = rb"""\s""" + name + rb"""\s*=\s*(?:"[^"]*"|'[^']*')"""
    packet = re.sub(attribute, b"", packet)
    opening = re.compile(rb"<(" + name + rb""")(?:\s(?:[^<>"']|"[^"]*"|'[^']*')*)?/?>""")
    kept, at = [], 0
    unclosed: set[bytes] = set()
    for found in opening.finditer(packet):
        if found.start() < at or found[1] in unclosed:
            continue
        end = found.end()
        if not found[0].endswith(b"/>"):
            closing = b"</" + found[1] + b">"
            start = packet.find(closing, end)
            if start < 0:
                unclosed.add(found[1])
                continue
            end = start + len(closing)
        kept.append(packet[at : found.start()])
        at = end
    return b"".join(kept) + packet[at:]
