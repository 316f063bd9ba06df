"""From what a network renders to what a file of some format holds."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from liifgan_core.images import icc_matrix
from liifgan_core.images.formats import Format
from liifgan_core.images.image import Image
from liifgan_core.images.profile import colour_space
from liifgan_core.images.tone import srgb_decode, srgb_encode

_log = logging.getLogger(__name__)

Convert = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, slots=True)
class FileColours:
    """How the rows of one result are converted, and the profile that they are in then."""

    convert: Convert
    """From rendered rows (n, W, 3) in [0, 1] to the file's samples, (n, W, 3)."""

    icc_profile: bytes | None


def file_colours(image: Image, format: Format, bit_depth: int, *, name: str) -> FileColours:
    """Return how a render of `image` becomes a file.

    The network sees and gives values in the picture's own profile, made sRGB-like where they are
    light. A format that can hold the profile gets it with the very same values; others get sRGB,
    EXR gets light. A profile that cannot be converted (no matrix) is left out with a logged
    warning; `name` is the file's for it.
    """
    tone, profile = image.tone, image.icc_profile
    light: Convert = tone.decode if tone else _same
    if "icc" in format.carries:
        if profile is not None or tone is None:
            return FileColours(light, profile)
        if bit_depth == 32:
            return FileColours(light, _profile_of_light(image, format))
        return FileColours(lambda rows: srgb_encode(light(rows)), None)
    to_light = _to_linear_srgb(image, name)
    if format.is_linear:
        return FileColours(lambda rows: to_light(light(rows)), None)
    if profile is None and tone is None:
        return FileColours(_same, None)
    return FileColours(lambda rows: srgb_encode(to_light(light(rows))), None)


def _profile_of_light(image: Image, format: Format) -> bytes:
    """Return the profile of light, for gray where the file will be gray."""
    has_alpha = image.alpha is not None or (image.has_opaque_alpha and format.has_alpha)
    is_gray = image.is_gray and format.has_gray and (format.has_gray_alpha or not has_alpha)
    return icc_matrix.linear_gray_profile() if is_gray else icc_matrix.linear_srgb_profile()


def _to_linear_srgb(image: Image, name: str) -> Convert:
    """Return the way from samples (light where the picture has a tone) to sRGB's light."""
    profile = image.icc_profile
    is_gray_profile = profile is not None and colour_space(profile) == "GRAY"
    if profile is None or (is_gray_profile and image.tone is not None):
        return srgb_decode if image.tone is None else _same
    parsed = icc_matrix.parse(profile)
    if parsed is not None:
        return parsed.linear_srgb
    if not is_gray_profile:
        _log.warning(
            "%s: its colour profile cannot be converted for this format; colours are approximate.",
            name,
        )
    return srgb_decode


def _same(rows: np.ndarray) -> np.ndarray:
    return rows
