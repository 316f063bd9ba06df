"""Encoders for formats whose libraries want the picture as a whole: WebP, GIF and JPEG XL."""

import contextlib
import errno
import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, BinaryIO

import numpy as np
import OpenImageIO as oiio
from PIL import Image as PilImage

from liifgan_core.images.codecs.encoder import Layout
from liifgan_core.images.codecs.jxl import boxes as jxl_boxes
from liifgan_core.images.colour.code_points import SRGB_POINTS, code_points_of
from liifgan_core.images.colour.icc_writer import SRGB_CURVE, gray_profile
from liifgan_core.images.formats import format_by_name

_JXL_EFFORT = 4
"""1 to 9: beyond 4 lossless files get 3 % smaller at several times the time and memory."""
_GRAY_SRGB = gray_profile(SRGB_CURVE, description="sRGB gray")
"""For gray pictures OpenImageIO has no code points."""
_JXL_PRIMARIES, _JXL_TRANSFERS = frozenset((1, 9, 11, 12)), frozenset((1, 8, 13, 16, 17, 18))
"""Code points that JPEG XL has words for; OpenImageIO takes all others for sRGB's (3.2.2)."""
_GIF_COLOURS = 256
_WEBP_EFFORT = 75
_MAX_GIF_COMMENT = 1 << 20


class Collector:
    """Holds the picture until the last row has come."""

    def __init__(self, file: BinaryIO, layout: Layout) -> None:
        self._file = file
        self._layout = layout
        size = layout.size
        self._pixels = np.empty((size.height, size.width, layout.num_channels), layout.dtype)
        self._num_rows = 0

    def put(self, rows: np.ndarray) -> None:
        """Take the next rows: (n, W, channels)."""
        self._pixels[self._num_rows : self._num_rows + len(rows)] = rows
        self._num_rows += len(rows)


class PillowEncoder(Collector):
    """Writes WebP or GIF of 8 bits with Pillow."""

    def __init__(self, file: BinaryIO, layout: Layout, *, format_name: str) -> None:
        if layout.bit_depth != 8 or layout.is_gray:
            raise ValueError(f"{format_name} holds 8-bit RGB only, not {layout}")
        super().__init__(file, layout)
        self._format_name = format_name

    def finish(self) -> None:
        """Encode and write everything."""
        picture = PilImage.fromarray(self._pixels)
        if self._format_name == "GIF":
            method = PilImage.Quantize.MEDIANCUT
            picture = picture.quantize(_GIF_COLOURS, method, dither=PilImage.Dither.FLOYDSTEINBERG)
            comment = "\n".join(text for _keyword, text in self._layout.metadata.texts)
            picture.save(self._file, "GIF", comment=comment.encode()[:_MAX_GIF_COMMENT])
            return
        layout = self._layout
        options: dict[str, Any] = {"quality": layout.quality, "icc_profile": layout.icc_profile}
        if layout.quality == format_by_name(self._format_name).lossless_quality:
            # Quality means effort then, of which 75 is libwebp's usual one.
            options |= {"lossless": True, "exact": True, "quality": _WEBP_EFFORT}
        if layout.metadata.exif:
            options["exif"] = b"Exif\0\0" + layout.metadata.exif
        if layout.metadata.xmp:
            options["xmp"] = layout.metadata.xmp
        picture.save(self._file, self._format_name, **options)


class JxlEncoder(Collector):
    """Writes JPEG XL of 8, 16 or 32 bits with OpenImageIO; quality 100 is lossless."""

    def finish(self) -> None:
        """Encode and write everything."""
        with _scratch_file() as path:
            self._encode(path)
            with open(path, "rb") as encoded:
                content = encoded.read()
        for piece in jxl_boxes.with_metadata(content, self._layout.metadata):
            self._file.write(piece)

    def _encode(self, path: str) -> None:
        layout, size = self._layout, self._layout.size
        kind = {8: oiio.UINT8, 16: oiio.UINT16, 32: oiio.FLOAT}[layout.bit_depth]
        spec = oiio.ImageSpec(size.width, size.height, layout.num_channels, kind)
        names = ("Y",) if layout.is_gray else ("R", "G", "B")
        spec.channelnames = (*names, "A") if layout.has_alpha else names
        spec.alpha_channel = layout.num_channels - 1 if layout.has_alpha else -1
        spec.attribute("oiio:UnassociatedAlpha", 1)
        spec.attribute("compression", f"jpegxl:{layout.quality}")
        spec.attribute("jpegxl:effort", _JXL_EFFORT)
        # Without a word OpenImageIO takes floats for light.
        profile = layout.icc_profile or (_GRAY_SRGB if layout.is_gray else None)
        points = code_points_of(profile) if profile else SRGB_POINTS
        if points and points.primaries in _JXL_PRIMARIES and points.transfer in _JXL_TRANSFERS:
            numbers = (points.primaries, points.transfer, 0, 1)
            spec.attribute("CICP", oiio.TypeDesc("int[4]"), numbers)
        elif profile:
            kind = oiio.TypeDesc(f"uint8[{len(profile)}]")
            spec.attribute("ICCProfile", kind, np.frombuffer(profile, np.uint8))
        out = oiio.ImageOutput.create("jpegxl")
        if out is None:
            raise OSError(errno.ENOSYS, oiio.geterror())
        # Only closing encodes and writes; its answer is the one that tells of a full disk.
        is_written = out.open(path, spec) and out.write_image(self._pixels) and out.close()
        message = out.geterror()
        if not is_written or message:
            raise OSError(errno.EIO, message or "the JPEG XL encoder failed")


@contextmanager
def _scratch_file() -> Generator[str]:
    """Give the path of a file for the encoded picture: in memory where the system can."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("jxl")
        try:
            yield f"/proc/self/fd/{descriptor}"
        finally:
            os.close(descriptor)
        return
    descriptor, path = tempfile.mkstemp(suffix=".jxl")
    os.close(descriptor)
    try:
        yield path
    finally:
        with contextlib.suppress(OSError):
            os.unlink(path)
