"""What a PNG's colours mean (PNG specification, third edition, 4.3 and 11.3.2)."""

import dataclasses
import struct

import numpy as np

from liifgan_core.images.codecs.png.chunks import PngChunks
from liifgan_core.images.codecs.png.metadata import raw_colour_profile
from liifgan_core.images.colour.code_points import SRGB_POINTS, CodePoints, profile_of
from liifgan_core.images.colour.icc_writer import (
    SRGB_CURVE,
    gamma_curve,
    gray_profile,
    primaries_profile,
)
from liifgan_core.images.colour.primaries import SRGB, Primaries
from liifgan_core.images.colour.profile import rgb_profile
from liifgan_core.images.image import Image
from liifgan_core.losses import tell


def png_profile(chunks: PngChunks, *, name: str) -> bytes | None:
    """Return the profile that the picture is in, None where nothing says it.

    The first of cICP, iCCP, sRGB, gAMA with cHRM, and a raw profile counts, in that order. What is
    damaged is left out with a logged warning; `name` is the file's for it.
    """
    found = chunks.found
    code_points = found.get(b"cICP", b"")
    if len(code_points) == 4 and code_points[2] == 0:  # other matrices are not for RGB
        points = CodePoints(code_points[0], code_points[1])
        return profile_of(points, name=name, is_gray=chunks.is_gray)
    if code_points:
        tell("damaged", file=name, part="cICP chunk")
    if b"iCCP" in found:
        profile = chunks.icc_profile
        if profile is None:
            tell("damaged", file=name, part="colour profile")
        return rgb_profile(profile, name=name, is_gray=chunks.is_gray)
    if b"sRGB" in found:
        return profile_of(SRGB_POINTS, name=name, is_gray=chunks.is_gray)
    if not {b"gAMA", b"cHRM"} & found.keys():
        return rgb_profile(raw_colour_profile(chunks), name=name, is_gray=chunks.is_gray)
    try:
        return _calibrated(chunks)
    except (struct.error, ValueError) as error:
        tell("calibration", file=name, part="gAMA or cHRM chunk", reason=error)
        return None


def with_full_range(image: Image, chunks: PngChunks, *, name: str) -> Image:
    """Return the image with samples of video range (cICP's last byte is 0) spread out."""
    code_points = chunks.found.get(b"cICP", b"")
    if len(code_points) != 4 or code_points[2] != 0 or code_points[3] != 0:
        return image
    tell("video-range", file=name)
    bits = image.bit_depth
    black, span = 16 << (bits - 8), 219 << (bits - 8)
    table = (np.arange(2**bits) - black) * ((2**bits - 1) / span)
    spread = np.round(np.clip(table, 0, 2**bits - 1)).astype(image.samples.dtype)
    return dataclasses.replace(image, samples=spread[image.samples])


def _calibrated(chunks: PngChunks) -> bytes:
    """Return the profile of gAMA and cHRM; where one is missing sRGB's takes its place."""
    curve, told = SRGB_CURVE, "sRGB curve"
    if b"gAMA" in chunks.found:
        [gamma] = struct.unpack(">I", chunks.found[b"gAMA"])
        if gamma == 0:
            raise ValueError("a gamma of 0")
        curve, told = gamma_curve(100_000 / gamma), f"gamma {100_000 / gamma:.3g}"
    if chunks.is_gray:
        return gray_profile(curve, description=told)
    primaries = SRGB
    if b"cHRM" in chunks.found:
        numbers = [value / 100_000 for value in struct.unpack(">8i", chunks.found[b"cHRM"])]
        white, red, green, blue = zip(numbers[::2], numbers[1::2], strict=True)
        primaries = Primaries(red, green, blue, white)
        told += "" if primaries.is_like(SRGB) else ", primaries of the file"
    return primaries_profile(primaries, curve, description=told)
