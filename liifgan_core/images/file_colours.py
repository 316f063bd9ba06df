"""From what a network renders to what a file of some format holds."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from liifgan_core.images.canvas import band_height
from liifgan_core.images.colour import hdr, icc_matrix, icc_writer
from liifgan_core.images.colour.code_points import CodePoints, code_points_of, light_of
from liifgan_core.images.colour.primaries import SRGB
from liifgan_core.images.colour.tone import srgb_decode, srgb_encode
from liifgan_core.images.formats import Format
from liifgan_core.images.image import Image
from liifgan_core.losses import tell

Convert = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, slots=True)
class FileColours:
    """How the rows of one result are converted, and the profile that they are in then."""

    convert: Convert
    """From rendered rows (n, W, 3) in [0, 1] to the file's samples, (n, W, 3)."""

    icc_profile: bytes | None
    """None means sRGB, in a format of light its primaries."""

    white_nits: float | None = None
    """Luminance of light 1 in cd/m2, where it is known."""


def file_colours(image: Image, format: Format, bit_depth: int, *, name: str) -> FileColours:
    """Return how a render of `image` becomes a file.

    The network sees and gives values in the picture's own profile, made sRGB-like where they are
    light. A format that can hold the profile gets it with the very same values; others get sRGB,
    EXR gets light of the same primaries. PQ and HLG stay where the format can tell them in their
    depth, and are tone-mapped elsewhere, with a logged warning. So is a profile left out that
    cannot be converted (no matrix); `name` is the file's for it.
    """
    tone, profile = image.tone, image.icc_profile
    points = code_points_of(profile)
    if points is not None and points.is_hdr:
        return _hdr_colours(image, points, format, bit_depth, name)
    light: Convert = tone.decode if tone else _same
    if "icc" in format.carries:
        if tone is not None and image.bit_depth == 32:
            return _of_float_light(light, profile, bit_depth, is_gray=image.is_gray)
        return FileColours(light, profile)
    to_light, primaries = _to_light(image, name)
    if format.is_linear:
        return FileColours(lambda rows: to_light(light(rows)), primaries)
    if profile is None and tone is None:
        return FileColours(_same, None)
    to_srgb = _to_srgb(primaries)
    return FileColours(lambda rows: srgb_encode(to_srgb(to_light(light(rows)))), None)


def _hdr_colours(
    image: Image, points: CodePoints, format: Format, bit_depth: int, name: str
) -> FileColours:
    primaries = _linear_profile(points)
    if format.is_linear:
        return FileColours(lambda rows: light_of(points, rows), primaries, hdr.WHITE_NITS)
    # Programs that read 8 bits by a profile know nothing of its `cicp` tag.
    by_code_points = "code points" in format.carries and bit_depth >= min(image.num_bits, 10)
    if by_code_points or ("icc" in format.carries and bit_depth > 8):
        return FileColours(_same, image.icc_profile)
    tell("tone-mapped", file=name, colours=points, format=format.name.upper(), bits=bit_depth)
    peak = _peak_light(image, points)
    to_srgb = _to_srgb(primaries)

    def convert(rows: np.ndarray) -> np.ndarray:
        return srgb_encode(to_srgb(hdr.tone_mapped(light_of(points, rows), peak)))

    return FileColours(convert, None)


def _of_float_light(
    light: Convert, profile: bytes | None, bit_depth: int, *, is_gray: bool
) -> FileColours:
    """Return light for a format with profiles: as it is in floats, through a curve in integers."""
    if bit_depth == 32:
        # The writer makes it one for colours where the file has those.
        of_light = icc_writer.linear_gray_profile if is_gray else icc_writer.linear_srgb_profile
        return FileColours(light, profile or of_light())
    parsed = icc_matrix.parse(profile) if profile else None
    if profile is not None and (parsed is None or not parsed.is_linear):
        return FileColours(light, profile)
    curved = None
    if parsed is not None:
        curved = icc_writer.matrix_profile(
            parsed.to_xyz,
            parsed.adaptation,
            icc_writer.SRGB_CURVE,
            description="the photo's primaries, sRGB curve",
        )
    return FileColours(lambda rows: srgb_encode(light(rows)), curved)


def _to_light(image: Image, name: str) -> tuple[Convert, bytes | None]:
    """Return the way from samples (light where the picture has a tone) to light, and the linear
    profile of its primaries (None: sRGB's)."""
    profile = image.icc_profile
    if profile is None:
        return (srgb_decode if image.tone is None else _same), None
    parsed = icc_matrix.parse(profile) or icc_matrix.parse_gray(profile)
    if parsed is None:
        tell("profile-not-converted", file=name)
        return srgb_decode, None
    primaries = icc_writer.matrix_profile(
        parsed.to_xyz, parsed.adaptation, icc_writer.LINEAR, description="the photo's primaries"
    )
    is_srgb = parsed.has_primaries_of(SRGB)
    return parsed.light, None if is_srgb else primaries


def _to_srgb(linear_profile: bytes | None) -> Convert:
    """Return the way from light of a linear profile's primaries to light of sRGB's."""
    parsed = icc_matrix.parse(linear_profile) if linear_profile else None
    return parsed.linear_srgb if parsed else _same


def _linear_profile(points: CodePoints) -> bytes:
    return icc_writer.primaries_profile(
        points.chromaticities, icc_writer.LINEAR, description=f"light of {points}"
    )


def _peak_light(image: Image, points: CodePoints) -> float:
    """Return the brightest light of the picture's pixels."""
    samples, peak = image.samples, 0.0
    step = band_height(samples.shape[1], 24)
    full = 1.0 if samples.dtype == np.float32 else float(np.iinfo(samples.dtype).max)
    for top in range(0, len(samples), step):
        band = np.nan_to_num(samples[top : top + step] / np.float32(full), nan=0.0)
        peak = max(peak, float(light_of(points, band).max()))
    return peak


def _same(rows: np.ndarray) -> np.ndarray:
    return rows
