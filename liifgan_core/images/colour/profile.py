"""ICC profiles: what colour space they are for, and CMYK to sRGB."""

import logging
from collections.abc import Callable
from io import BytesIO

import numpy as np
from PIL import Image as PilImage
from PIL import ImageCms

from liifgan_core.images.colour import icc_matrix
from liifgan_core.images.colour.icc_writer import LINEAR, primaries_profile
from liifgan_core.images.colour.primaries import SRGB
from liifgan_core.losses import tell

_log = logging.getLogger(__name__)

_HEADER_LENGTH = 128
"""Bytes of the header that every profile starts with (ICC.1:2022, 7.2)."""


def colour_space(profile: bytes) -> str | None:
    """Return the space that `profile` is for ("RGB", "GRAY", "CMYK", ...), None if it is none."""
    if len(profile) < _HEADER_LENGTH or profile[36:40] != b"acsp":
        return None
    return profile[16:20].decode("ascii", "replace").strip()


def rgb_profile(profile: bytes | None, *, name: str, is_gray: bool = False) -> bytes | None:
    """Return `profile` when it is for RGB (for a gray picture: or gray); otherwise None.

    That is logged as a warning. A profile for gray or CMYK that is attached to RGB samples makes
    viewers fail or show wrong colours. `name` is the file's name for the warning.
    """
    if not profile:
        return None
    space = colour_space(profile)
    if space == "RGB" or (is_gray and space == "GRAY"):
        return profile
    if space:
        tell("profile-space", file=name, space=space)
    else:
        tell("damaged", file=name, part="colour profile")
    return None


def coloured(profile: bytes | None) -> bytes | None:
    """Return an equal profile for gray samples that are stored as colours; others as they are."""
    if not profile or colour_space(profile) != "GRAY" or icc_matrix.parse_gray(profile) is None:
        return profile
    curve = icc_matrix.profile_tag(profile, b"kTRC") or LINEAR
    return primaries_profile(SRGB, curve, description="gray")


def is_linear_profile(profile: bytes | None) -> bool:
    """Whether samples in this profile for RGB or gray are proportional to light."""
    parsed = (icc_matrix.parse(profile) or icc_matrix.parse_gray(profile)) if profile else None
    return parsed is not None and parsed.is_linear


def cmyk_to_rgb(profile: bytes | None, *, name: str) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function that turns (h, w, 4) uint8 CMYK (255 is full ink) into (h, w, 3) sRGB.

    Colours go through `profile` if it is a working CMYK profile, otherwise (with a logged
    warning) through the plain formula.
    """
    transform = _cmyk_transform(profile, name)

    def convert(cmyk: np.ndarray) -> np.ndarray:
        height, width = cmyk.shape[:2]
        picture = PilImage.frombytes("CMYK", (width, height), cmyk.tobytes())
        turned = transform.apply(picture) if transform else picture.convert("RGB")
        return np.asarray(turned)

    return convert


def _cmyk_transform(profile: bytes | None, name: str) -> ImageCms.ImageCmsTransform | None:
    if profile and colour_space(profile) == "CMYK":
        try:
            return ImageCms.buildTransform(
                ImageCms.getOpenProfile(BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                "CMYK",
                "RGB",
                ImageCms.Intent.RELATIVE_COLORIMETRIC,
                ImageCms.Flags.BLACKPOINTCOMPENSATION,
            )
        except (ImageCms.PyCMSError, OSError) as error:
            _log.debug("%s: %s", name, error)
    tell("cmyk-approximate", file=name)
    return None
