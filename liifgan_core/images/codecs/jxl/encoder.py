"""Writes JPEG XL of 8, 16 or 32 bits with OpenImageIO."""

import contextlib
import errno
import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager

import numpy as np
import OpenImageIO as oiio

from liifgan_core.images.codecs.collector import Collector
from liifgan_core.images.codecs.jxl import boxes as jxl_boxes
from liifgan_core.images.colour.code_points import SRGB_POINTS, code_points_of
from liifgan_core.images.colour.icc_writer import SRGB_CURVE, gray_profile

_JXL_EFFORT = 4
"""1 to 9: beyond 4 lossless files get 3 % smaller at several times the time and memory."""
_GRAY_SRGB = gray_profile(SRGB_CURVE, description="sRGB gray")
"""For gray pictures OpenImageIO has no code points."""
_JXL_PRIMARIES, _JXL_TRANSFERS = frozenset((1, 9, 11, 12)), frozenset((1, 8, 13, 16, 17, 18))
"""Code points that JPEG XL has words for; OpenImageIO takes all others for sRGB's (3.2.2)."""


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
