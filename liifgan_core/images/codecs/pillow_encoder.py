"""Writes WebP and GIF with Pillow."""

from typing import Any, BinaryIO

from PIL import Image as PilImage

from liifgan_core.images.codecs.collector import Collector
from liifgan_core.images.codecs.encoder import Layout
from liifgan_core.images.formats import format_by_name

_GIF_COLOURS = 256
_WEBP_EFFORT = 25
"""0 to 100: 9 megapixels of a noisy photo take 38 s, at 75 169 s and are no smaller (November 2026,
one busy core)."""
_MAX_GIF_COMMENT = 1 << 20


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
            # Quality means effort then.
            options |= {"lossless": True, "exact": True, "quality": _WEBP_EFFORT}
        if layout.metadata.exif:
            options["exif"] = b"Exif\0\0" + layout.metadata.exif
        if layout.metadata.xmp:
            options["xmp"] = layout.metadata.xmp
        picture.save(self._file, self._format_name, **options)
