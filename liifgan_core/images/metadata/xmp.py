"""XMP packets of a result: the source's, without what described the old pixels.

Only a few properties change, so the packet is edited as text instead of being parsed and written
anew: everything that programs have put there stays as it is, byte by byte.
"""

import re
from collections.abc import Callable

from liifgan_core.images.metadata.xmp_claims import without_claims

_NAMESPACES = {
    b"http://ns.adobe.com/tiff/1.0/": b"tiff",
    b"http://ns.adobe.com/exif/1.0/": b"exif",
    b"http://ns.adobe.com/xap/1.0/": b"xmp",
}
_PANORAMA = b"http://ns.google.com/photos/1.0/panorama/"
_PANORAMA_SIZES = {
    b"FullPanoHeightPixels": 0,
    b"CroppedAreaImageHeightPixels": 0,
    b"CroppedAreaTopPixels": 0,
    b"LargestValidInteriorRectTop": 0,
    b"LargestValidInteriorRectHeight": 0,
    b"FullPanoWidthPixels": 1,
    b"CroppedAreaImageWidthPixels": 1,
    b"CroppedAreaLeftPixels": 1,
    b"LargestValidInteriorRectLeft": 1,
    b"LargestValidInteriorRectWidth": 1,
}
"""Sizes in pixels of a photo sphere, and whether they count down (0) or across (1)."""
_DECLARATION = re.compile(rb"""xmlns:([A-Za-z_][\w.-]*)\s*=\s*["']([^"']{1,200})["']""")
_MAX_BYTES = 32 << 20
"""Longer packets are refused: cameras write some kilobytes, editing programs up to a megabyte, and
phones put depth maps of some megabytes into extensions."""


def for_result(
    packet: bytes,
    *,
    width: int,
    height: int,
    dpi: float | None,
    scale: tuple[float, float] | None = None,
) -> bytes | None:
    """Return the packet for a result of that size, or None when it cannot be trusted.

    Orientation becomes 1, sizes and (with `dpi`) resolutions become the result's, thumbnails go,
    and so does what is true of the source's file only. `scale` (down, across) is the factor for
    the sizes of a panorama, None leaves them.
    """
    if len(packet) > _MAX_BYTES or b"<!DOCTYPE" in packet or b"rdf:RDF" not in packet:
        return None
    packet = without_claims(packet)
    values = {
        (b"tiff", b"Orientation"): 1,
        (b"tiff", b"ImageWidth"): width,
        (b"tiff", b"ImageLength"): height,
        (b"exif", b"PixelXDimension"): width,
        (b"exif", b"PixelYDimension"): height,
    }
    texts = {name: str(value).encode() for name, value in values.items()}
    if dpi is not None:
        ratio = f"{round(dpi * 1000)}/1000".encode()
        texts[b"tiff", b"XResolution"] = texts[b"tiff", b"YResolution"] = ratio
        texts[b"tiff", b"ResolutionUnit"] = b"2"
    for prefix, uri in set(_DECLARATION.findall(packet)):
        known = _NAMESPACES.get(uri)
        for (namespace, name), text in texts.items():
            if namespace == known:
                packet = _with_value(packet, prefix + b":" + name, text)
        if known == b"xmp":
            packet = _without(packet, prefix + b":Thumbnails")
        if uri == _PANORAMA and scale is not None:
            for name, axis in _PANORAMA_SIZES.items():
                packet = _scaled(packet, prefix + b":" + name, scale[axis])
    return packet


def _scaled(packet: bytes, name: bytes, factor: float) -> bytes:
    def replaced(found: re.Match[bytes]) -> bytes:
        return found[1] + str(int(int(found[2]) * factor + 0.5)).encode() + found[3]

    escaped = re.escape(name)
    packet = re.sub(rb"(\s" + escaped + rb"""\s*=\s*["'])(\d{1,9})(["'])""", replaced, packet)
    return re.sub(rb"(<" + escaped + rb">)(\d{1,9})(</)", replaced, packet)


def _with_value(packet: bytes, name: bytes, value: bytes) -> bytes:
    escaped = re.escape(name)
    replace: Callable[[re.Match[bytes]], bytes] = lambda m: m[1] + value + m[2]  # noqa: E731
    packet = re.sub(rb"(\s" + escaped + rb"""\s*=\s*["'])[^"'<>]*(["'])""", replace, packet)
    return re.sub(rb"(<" + escaped + rb">)[^<>]*(</" + escaped + rb">)", replace, packet)


def _without(packet: bytes, name: bytes) -> bytes:
    start, end = packet.find(b"<" + name + b">"), packet.find(b"</" + name + b">")
    if start < 0 or end < start:
        return packet
    return packet[:start] + packet[end + len(name) + 3 :]
