"""Decodes JPEG XL: pictures with OpenImageIO, the first frame of animations with pylibjxl.

OpenImageIO gives an animation's last frame. pylibjxl (extra "jxl") gives the first, in 8 bits.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from liifgan_core.errors import ImageReadError
from liifgan_core.geometry import Size
from liifgan_core.images.canvas import Canvas
from liifgan_core.images.codecs import oiio_reader
from liifgan_core.images.codecs.jxl import boxes as jxl_boxes
from liifgan_core.images.codecs.oiio_reader import Known
from liifgan_core.images.colour.profile import is_linear_profile, rgb_profile
from liifgan_core.images.image import Image
from liifgan_core.images.metadata.metadata import Metadata
from liifgan_core.losses import tell

_DECODING_BYTES = 16
"""Memory per pixel and channel: libjxl computes in float, and copies are made."""
_FRAME_BITS = 8
"""What pylibjxl gives; it would round deeper samples without a word."""


def decode(file: BinaryIO, path: Path, *, check: Callable[[Size, int], None]) -> Image:
    """Return the picture in `file`, or an animation's first frame, which is told.

    `check` gets the size and the bytes that a pixel takes while decoding. Raises ImageReadError for
    animations of more than 8 bits and where pylibjxl is missing; what is raised for damage is in
    `pillow_reader.DECODER_ERRORS`, or OiioError.
    """
    header = jxl_boxes.read_header(file)
    check(header.size, 4 * _DECODING_BYTES)
    if header.is_animated:
        file.seek(0)
        return _first_frame(file.read(), path, header.metadata)
    # The decoder turns the picture itself; alpha behind gray it takes for a colour (3.2.2).
    known = Known(header.metadata, has_alpha=header.starts_with_alpha)
    return oiio_reader.decode(path, format_name="jxl", check=check, known=known)


def _first_frame(data: bytes, path: Path, metadata: Metadata) -> Image:
    pylibjxl = _pylibjxl(path)
    told = pylibjxl.probe(data)
    if told["bits_per_sample"] > _FRAME_BITS:
        raise ImageReadError(
            f"{path} is an animation of {told['bits_per_sample']} bits; of JPEG XL animations only "
            f"those of {_FRAME_BITS} are read, so save the frame that you want as a picture first."
        )
    # Asked for both at once, it gives the last frame (0.5.0).
    pixels, (_, found) = pylibjxl.decode(data), pylibjxl.decode(data, metadata=True)
    tell("pictures", file=path, amount="several", used="first")
    pixels = np.asarray(pixels).reshape(*pixels.shape[:2], -1)
    channels = pixels.shape[2]
    has_alpha, is_gray = channels in (2, 4), channels < 3
    size = Size(*pixels.shape[:2])
    canvas = Canvas(size, dtype=np.dtype(np.uint8), has_alpha=has_alpha, orientation=1)
    colour = pixels[..., : 1 if is_gray else 3]
    canvas.put(0, colour, pixels[..., -1] if has_alpha else None)
    profile = rgb_profile(found.get("icc_profile"), name=str(path), is_gray=is_gray)
    return canvas.image(
        icc_profile=profile,
        source_format="jxl",
        is_gray=is_gray,
        is_linear=is_linear_profile(profile),
        metadata=metadata,
    )


def _pylibjxl(path: Path) -> Any:
    try:
        import pylibjxl  # type: ignore[import-not-found]
    except ImportError as error:
        raise ImageReadError(
            f"{path} is an animation, whose first frame the package pylibjxl reads; install it "
            "(pip install 'liifgan[jxl]') or save the frame that you want as a picture first."
        ) from error
    return pylibjxl
