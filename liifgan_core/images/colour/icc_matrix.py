"""Reads RGB profiles that are three curves and a matrix (ICC.1:2022, 8.4.3), in floating point.

They cover what cameras, monitors and editing programs write: sRGB, Display P3, Adobe RGB, ProPhoto,
Rec. 2020, and the linear profiles of float pictures. Pillow's colour engine knows 8 bits only.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from liifgan_core.images.colour.primaries import D50, SRGB, Primaries

Curve = Callable[[np.ndarray], np.ndarray]

_SRGB_TO_XYZ = SRGB.to_d50()
_HEADER_BYTES, _MAX_TAGS = 128, 200
_LINEAR_TOLERANCE = 0.002
_SAME_PRIMARIES = 5e-4
"""Profiles of sRGB differ by 2e-4 among each other."""


@dataclass(frozen=True, slots=True)
class MatrixProfile:
    """How samples become CIE XYZ (D50): a curve for each colour, then a matrix."""

    to_xyz: np.ndarray
    adaptation: np.ndarray
    """The matrix (3, 3) that took the colours' own white to D50."""
    curves: tuple[Curve, Curve, Curve]

    @property
    def is_linear(self) -> bool:
        """Whether samples are proportional to light."""
        ramp = np.linspace(0.0, 1.0, 17)
        return all(np.abs(c(ramp) - ramp).max() < _LINEAR_TOLERANCE for c in self.curves)

    def light(self, rgb: np.ndarray) -> np.ndarray:
        """Return the light (..., 3) of samples for the profile's own primaries, float32."""
        curved = [curve(rgb[..., i]) for i, curve in enumerate(self.curves)]
        return np.stack(curved, axis=-1).astype(np.float32)

    def linear_srgb(self, rgb: np.ndarray) -> np.ndarray:
        """Return the light of samples (..., 3) for sRGB's primaries; beyond [0, 1] outside them."""
        to_srgb = np.linalg.inv(_SRGB_TO_XYZ) @ self.to_xyz
        return (self.light(rgb) @ to_srgb.T).astype(np.float32)

    def has_primaries_of(self, primaries: Primaries) -> bool:
        """Whether its matrix is that of `primaries` as far as profiles tell them."""
        return bool(np.abs(self.to_xyz - primaries.to_d50()).max() < _SAME_PRIMARIES)


def parse(profile: bytes) -> MatrixProfile | None:
    """Return the curves and the matrix of an RGB profile, None when it is of another kind."""
    if len(profile) < _HEADER_BYTES + 4 or profile[16:24] != b"RGB XYZ ":
        return None
    tags = _tags(profile)
    try:
        columns = [_xyz(tags[name]) for name in (b"rXYZ", b"gXYZ", b"bXYZ")]
        red, green, blue = (_curve(tags[name]) for name in (b"rTRC", b"gTRC", b"bTRC"))
        adaptation = _adaptation(tags)
    except (KeyError, struct.error, ValueError):
        return None
    return MatrixProfile(np.array(columns).T, adaptation, (red, green, blue))


def parse_gray(profile: bytes) -> MatrixProfile | None:
    """Return a gray profile's curve for all three colours, with sRGB's primaries, or None."""
    if len(profile) < _HEADER_BYTES + 4 or profile[16:20] != b"GRAY":
        return None
    try:
        curve = _curve(_tags(profile)[b"kTRC"])
    except (KeyError, struct.error, ValueError):
        return None
    return MatrixProfile(_SRGB_TO_XYZ, SRGB.adaptation(), (curve, curve, curve))


def profile_tag(profile: bytes, name: bytes) -> bytes | None:
    """Return the data of a tag, None where the profile has none of that name."""
    return _tags(profile).get(name) if len(profile) >= _HEADER_BYTES + 4 else None


def linear_srgb_of_relative_xyz(relative: np.ndarray) -> np.ndarray:
    """Return the light for sRGB's primaries of CIE XYZ (..., 3), each divided by white's."""
    white = _SRGB_TO_XYZ.sum(axis=1)
    return (relative * white) @ np.linalg.inv(_SRGB_TO_XYZ).T


def _tags(profile: bytes) -> dict[bytes, bytes]:
    [count] = struct.unpack(">I", profile[_HEADER_BYTES : _HEADER_BYTES + 4])
    found: dict[bytes, bytes] = {}
    for number in range(min(count, _MAX_TAGS)):
        entry = profile[_HEADER_BYTES + 4 + 12 * number :][:12]
        if len(entry) == 12:
            name, offset, length = struct.unpack(">4sII", entry)
            found[name] = profile[offset : offset + length]
    return found


def _xyz(data: bytes) -> list[float]:
    return [value / 65536 for value in struct.unpack(">3i", data[8:20])]


def _adaptation(tags: dict[bytes, bytes]) -> np.ndarray:
    """Return the matrix that took the white to D50, from `chad` or else the white point."""
    data = tags.get(b"chad", b"")
    if data[:4] == b"sf32" and len(data) >= 44:
        numbers = np.array(struct.unpack(">9i", data[8:44])) / 65536
        return numbers.reshape(3, 3)
    x, y, z = _xyz(tags[b"wtpt"]) if b"wtpt" in tags else D50.tolist()
    total = x + y + z
    if not total > 0 or not y > 0:
        raise ValueError("the white point is no colour")
    white = Primaries(SRGB.red, SRGB.green, SRGB.blue, (x / total, y / total))
    return white.adaptation()


def _curve(data: bytes) -> Curve:
    if data[:4] == b"curv":
        [count] = struct.unpack(">I", data[8:12])
        if count == 0:
            return lambda x: x
        values = struct.unpack(f">{count}H", data[12 : 12 + 2 * count])
        if count == 1:
            return _power(values[0] / 256)
        table = np.array(values) / 65535
        grid = np.linspace(0.0, 1.0, count)
        return lambda x: np.interp(x, grid, table)
    if data[:4] == b"para":
        return _parametric(data)
    raise ValueError("unknown kind of curve")


def _power(gamma: float) -> Curve:
    return (lambda x: x) if gamma == 1.0 else (lambda x: np.maximum(x, 0.0) ** gamma)


def _parametric(data: bytes) -> Curve:
    """Return the curve of a `para` tag (ICC.1:2022, table 68)."""
    [kind] = struct.unpack(">H", data[8:10])
    count = {0: 1, 1: 3, 2: 4, 3: 5, 4: 7}.get(kind)
    if count is None:
        raise ValueError(f"unknown parametric curve {kind}")
    numbers = struct.unpack(f">{count}i", data[12 : 12 + 4 * count])
    g, a, b, c, d, e, f = ([v / 65536 for v in numbers] + [0.0] * 7)[:7]
    if kind == 0:
        return _power(g)
    if kind in (1, 2):
        d, e, f, c = (-b / a if a else 0.0), c, c, 0.0
    # 3 and 4: (ax + b)^g + e from d on, cx + f below; kind 3 has neither e nor f.
    return lambda x: np.where(x >= d, np.maximum(a * x + b, 0.0) ** g + e, c * x + f)
