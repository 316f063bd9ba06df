"""Decodes PNG: 8 bits with Pillow, 16 with OpenImageIO; our own reading of its chunks for both."""

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from liifgan_core.geometry import Size
from liifgan_core.images.codecs import oiio_reader, pillow_reader
from liifgan_core.images.codecs.oiio_reader import Known
from liifgan_core.images.codecs.png.check import check_png
from liifgan_core.images.codecs.png.chunks import CREDENTIALS, LIGHT_LEVELS, read_chunks
from liifgan_core.images.codecs.png.colour import png_profile, with_full_range
from liifgan_core.images.codecs.png.metadata import png_metadata
from liifgan_core.images.image import Image
from liifgan_core.losses import tell

_PIXEL_BYTES = 8
"""Memory per pixel that is asked for before the file is read through."""


def decode(file: BinaryIO, path: Path, *, check: Callable[[Size, int], None]) -> Image:
    """Return the picture in `file`, which is positioned at its start; as `pillow_reader.decode`."""
    name = str(path)
    chunks = read_chunks(file, lambda size: check(size, _PIXEL_BYTES))
    metadata = png_metadata(chunks, name=name)
    if LIGHT_LEVELS & chunks.found.keys():
        tell("not-carried", file=path, what="light levels of the mastering display")
    if CREDENTIALS in chunks.found:
        tell("not-carried", file=path, what="content credentials (C2PA)")
    if chunks.bit_depth == 16:
        check_png(file)
        turn = pillow_reader.orientation(metadata, path)
        profile = png_profile(chunks, name=name)
        known = Known(metadata, turn, icc_profile=profile, has_profile=True)
        image = oiio_reader.decode(path, format_name="png", check=check, known=known)
    else:
        file.seek(0)
        image = pillow_reader.decode(
            file,
            path,
            format_name="png",
            check=check,
            meaning=lambda _icc_profile, _is_gray: png_profile(chunks, name=name),
            metadata=metadata,
        )
    return with_full_range(image, chunks, name=name)
