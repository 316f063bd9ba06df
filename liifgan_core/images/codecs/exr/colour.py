"""What an EXR's colours mean: the chromaticities in its header (OpenEXR, standard attributes)."""

import numpy as np

from liifgan_core.images.colour import icc_matrix
from liifgan_core.images.colour.icc_writer import LINEAR, primaries_profile
from liifgan_core.images.colour.primaries import SRGB, Primaries, primaries_of
from liifgan_core.losses import tell


def exr_profile(chromaticities: object, *, name: str) -> bytes | None:
    """Return the profile of linear light with these primaries, None for sRGB's and for none.

    `chromaticities` are the attribute's eight numbers: x and y of red, green, blue and white. Such
    that span no colours are left out with a logged warning; `name` is the file's for it.
    """
    if chromaticities is None:
        return None
    numbers = [float(value) for value in np.ravel(np.asarray(chromaticities, np.float64))]
    try:
        red, green, blue, white = zip(numbers[::2], numbers[1::2], strict=True)
        primaries = Primaries(red, green, blue, white)
        if primaries.is_like(SRGB):
            return None
        return primaries_profile(primaries, LINEAR, description="light, primaries of the file")
    except ValueError as error:
        tell("calibration", file=name, part="chromaticities", reason=error)
        return None


def exr_chromaticities(profile: bytes | None) -> list[float] | None:
    """Return the eight numbers for a profile of a matrix, None for sRGB and where it has none."""
    parsed = icc_matrix.parse(profile) if profile else None
    if parsed is None:
        return None
    try:
        own = primaries_of(parsed.to_xyz, parsed.adaptation)
    except ValueError:
        return None
    return [value for point in (own.red, own.green, own.blue, own.white) for value in point]
