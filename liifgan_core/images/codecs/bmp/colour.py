"""What a BMP's colours mean: its header of version 4 or 5 may say (BITMAPV5HEADER)."""

import struct
from typing import BinaryIO

import numpy as np

from liifgan_core.images.colour.code_points import SRGB_POINTS, profile_of
from liifgan_core.images.colour.icc_writer import gamma_curve, gray_profile, primaries_profile
from liifgan_core.images.colour.primaries import SRGB, Primaries, primaries_of
from liifgan_core.images.colour.profile import rgb_profile
from liifgan_core.losses import tell

_FILE_HEADER_BYTES, _V4_BYTES, _V5_BYTES = 14, 108, 124
_CALIBRATED = 0
_SRGB, _EMBEDDED, _LINKED = (int.from_bytes(name, "big") for name in (b"sRGB", b"MBED", b"LINK"))
_MAX_PROFILE_BYTES = 16 << 20
_SAME_GAMMA = 0.01
_SUM_TOLERANCE = 0.01
"""How far the coordinates of a chromaticity may be from 1 in sum."""


def bmp_profile(
    file: BinaryIO, _icc_profile: bytes | None, is_gray: bool, *, name: str
) -> bytes | None:
    """Return the profile that the picture is in, None for sRGB.

    What is damaged, and a profile in another file, is left out with a logged warning; `name` is the
    file's for it.
    """
    file.seek(0)
    head = file.read(_FILE_HEADER_BYTES + _V5_BYTES)
    if len(head) < _FILE_HEADER_BYTES + _V4_BYTES:
        return None
    header = head[_FILE_HEADER_BYTES:]
    length, kind = struct.unpack_from("<I", header)[0], struct.unpack_from("<I", header, 56)[0]
    if length < _V4_BYTES:
        return None
    if kind == _CALIBRATED:
        return _calibrated(header, is_gray, name)
    if kind == _SRGB:
        return profile_of(SRGB_POINTS, name=name, is_gray=is_gray)
    if length < _V5_BYTES or len(header) < _V5_BYTES or kind not in (_EMBEDDED, _LINKED):
        return None
    if kind == _LINKED:
        tell("profile-linked", file=name)
        return None
    offset, num_bytes = struct.unpack_from("<II", header, 112)
    file.seek(_FILE_HEADER_BYTES + offset)
    profile = file.read(num_bytes) if num_bytes <= _MAX_PROFILE_BYTES else b""
    if len(profile) < num_bytes or not profile:
        tell("damaged", file=name, part="colour profile")
        return None
    return rgb_profile(profile, name=name, is_gray=is_gray)


def _calibrated(header: bytes, is_gray: bool, name: str) -> bytes | None:
    """Return the profile of end points and gammas; None where they are not filled in, as often."""
    points = np.array(struct.unpack_from("<9i", header, 60)).reshape(3, 3).T / 2**30
    gammas = [value / 65536 for value in struct.unpack_from("<3I", header, 96)]
    if not points.any() or not any(gammas):
        return None
    try:
        # Some programs write the exponent for encoding, which is below 1.
        exponents = [1 / gamma if gamma < 1 else gamma for gamma in gammas]
        if max(exponents) - min(exponents) > _SAME_GAMMA:
            raise ValueError("a gamma for each colour")
        curve, told = gamma_curve(exponents[0]), f"gamma {exponents[0]:.3g}"
        if is_gray:
            return gray_profile(curve, description=told)
        return primaries_profile(_primaries(points), curve, description=told)
    except (ValueError, ZeroDivisionError) as error:
        tell("calibration", file=name, part="calibration", reason=error)
        return None


def _primaries(points: np.ndarray) -> Primaries:
    """Return the primaries of the end points: chromaticities, as most programs write, or XYZ."""
    if np.abs(points.sum(axis=0) - 1).max() < _SUM_TOLERANCE:
        red, green, blue = ((float(x), float(y)) for x, y in points[:2].T)
        return Primaries(red, green, blue, SRGB.white)
    return primaries_of(points, np.eye(3))
