"""Decodes HEIC with libheif, in 8 bits or more."""

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pi_heif

from liifgan_core.geometry import Size
from liifgan_core.images.canvas import Canvas, band_height, full_range
from liifgan_core.images.codecs.heif import boxes
from liifgan_core.images.colour.code_points import CodePoints, told_profile
from liifgan_core.images.colour.profile import is_linear_profile
from liifgan_core.images.image import Image
from liifgan_core.images.metadata.metadata import Metadata
from liifgan_core.losses import tell


def decode(file: BinaryIO, path: Path, *, check: Callable[[Size, int], None]) -> Image:
    """Return the primary picture in `file`; damaged files raise what Pillow's readers raise.

    `check` gets the size and the bytes a pixel takes while decoding. libheif turns the picture
    upright, so the EXIF orientation is not looked at.
    """
    if boxes.has_light_levels(file.read(boxes.META_BYTES)):
        tell("not-carried", file=path, what="light levels of the mastering display")
    file.seek(0)
    container = pi_heif.open_heif(file, convert_hdr_to_8bit=False)
    if len(container) > 1:
        tell("pictures", file=path, amount=len(container), used="primary one")
    picture = container[container.primary_index]
    if any("gainmap" in kind.lower() for kind in picture.info.get("aux", {})):
        tell("gain-map-apple", file=path)
    width, height = picture.size
    bits = int(picture.info.get("bit_depth", 8))
    size, is_deep = Size(height, width), bits > 8
    check(size, 16 if is_deep else 8)
    dtype = np.dtype(np.uint16 if is_deep else np.uint8)
    samples = np.asarray(picture)
    samples = samples.reshape(height, width, -1)
    num_channels = samples.shape[2]
    has_alpha, is_gray = num_channels in (2, 4), num_channels < 3
    canvas = Canvas(size, dtype=dtype, has_alpha=has_alpha, orientation=1)
    rows = band_height(width, num_channels * dtype.itemsize)
    for top in range(0, height, rows):
        band = samples[top : top + rows]
        if is_deep:
            band = full_range(band >> (16 - bits), bits)
        colour = band[..., : 1 if is_gray else 3]
        canvas.put(top, colour, band[..., -1] if has_alpha else None)
    info = picture.info
    told = info.get("nclx_profile")
    points = told and CodePoints(told["color_primaries"], told["transfer_characteristics"])
    profile = told_profile(info.get("icc_profile"), points, name=str(path), is_gray=is_gray)
    return canvas.image(
        icc_profile=profile,
        source_format="heic",
        is_gray=is_gray,
        is_linear=is_linear_profile(profile),
        significant_bits=bits if is_deep else None,
        metadata=Metadata(
            exif=(info.get("exif") or b"").removeprefix(b"Exif\0\0") or None,
            xmp=info.get("xmp") or None,
        ),
    )


def size_of(file: BinaryIO) -> Size:
    """Return the size of the primary picture as `decode` gives it; raises as it does."""
    container = pi_heif.open_heif(file, convert_hdr_to_8bit=False)
    width, height = container[container.primary_index].size
    return Size(height, width)
