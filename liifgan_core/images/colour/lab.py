"""CIE L*a*b* as TIFF stores it, to sRGB (CIE 15; TIFF 6.0, section 23; ICC.1:2022, annex A)."""

import numpy as np

from liifgan_core.images.colour import icc_matrix

_EPSILON, _KAPPA = 216 / 24389, 24389 / 27
"""Where the cube root begins, and the slope below it, as fractions (CIE 15)."""
_ICC_FULL_LIGHTNESS = {8: 255.0, 16: 65280.0}
"""ICC's 16-bit L* of 100: 255 followed by a zero byte."""


def decode_lab(stored: np.ndarray, *, is_icc: bool) -> np.ndarray:
    """Return L* (0 to 100), a* and b* (about -128 to 127) of stored samples (..., 3), float64.

    `stored` is uint8, uint16 or float; floats hold the values themselves. `is_icc` says that a*
    and b* are stored with an offset, as in ICC profiles, otherwise they are in two's complement.
    """
    values = stored.astype(np.float64)
    if stored.dtype.kind == "f":
        return values
    bits = stored.dtype.itemsize * 8
    full = _ICC_FULL_LIGHTNESS[bits] if is_icc else 2.0**bits - 1
    one = 2.0 ** (bits - 8)
    signed = stored[..., 1:].view(np.dtype(f"int{bits}")) / one
    return np.concatenate(
        (values[..., :1] * (100 / full), values[..., 1:] / one - 128 if is_icc else signed), -1
    )


def linear_srgb_of_lab(lab: np.ndarray) -> np.ndarray:
    """Return sRGB's light of L*, a*, b* (..., 3), white being white; beyond [0, 1] outside sRGB."""
    middle = (lab[..., 0] + 16) / 116
    roots = np.stack((middle + lab[..., 1] / 500, middle, middle - lab[..., 2] / 200), -1)
    cubes = roots**3
    relative = np.where(cubes > _EPSILON, cubes, (116 * roots - 16) / _KAPPA)
    return icc_matrix.linear_srgb_of_relative_xyz(relative)
