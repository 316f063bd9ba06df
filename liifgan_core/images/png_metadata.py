"""EXIF, XMP, resolution and texts of a PNG (PNG specification, third edition, 11.3)."""

import struct

from liifgan_core.images.metadata import Metadata
from liifgan_core.images.pillow_reader import common_dpi
from liifgan_core.images.png_chunks import PngChunks

XMP_KEYWORD = "XML:com.adobe.xmp"
METRES_PER_INCH = 0.0254


def png_metadata(chunks: PngChunks, *, name: str) -> Metadata:
    """Return what the chunks say beside pixels and colour; `name` is the file's for warnings."""
    exif = chunks.found.get(b"eXIf", b"").removeprefix(b"Exif\0\0") or None
    packet = next((text for key, text in chunks.texts if key == XMP_KEYWORD), None)
    dpi = None
    physical = chunks.found.get(b"pHYs", b"")
    if len(physical) == 9 and physical[8] == 1:
        across, down = (n * METRES_PER_INCH for n in struct.unpack(">II", physical[:8]))
        dpi = common_dpi((across, down))
    return Metadata(
        exif=exif, xmp=packet.encode("utf-8", "surrogateescape") if packet else None, dpi=dpi
    )
