"""RGB profiles that are three curves and a matrix (ICC.1:2022, 8.4.3), in floating point.

They cover what cameras, monitors and editing programs write: sRGB, Display P3, Adobe RGB, ProPhoto,
Rec. 2020, and the linear profiles of float pictures. Pillow's colour engine knows 8 bits only.
"""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

Curve = Callable[[np.ndarray], np.ndarray]

# CIE XYZ (D50) of the sRGB primaries, as in the IEC's own profile.
_SRGB_TO_XYZ = np.array(
    [[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]]
)
_HEADER_BYTES, _MAX_TAGS = 128, 200
_LINEAR_TOLERANCE = 0.002
_LINEAR_CURVE = b"curv" + bytes(8)


@dataclass(frozen=True, slots=True)
class MatrixProfile:
    """How samples become CIE XYZ (D50): a curve for each colour, then a matrix."""

    to_xyz: np.ndarray
    curves: tuple[Curve, Curve, Curve]

    @property
    def is_linear(self) -> bool:
        """Whether samples are proportional to light."""
        return all(map(_is_straight, self.curves))

    def linear_srgb(self, rgb: np.ndarray) -> np.ndarray:
        """Return the light of samples (..., 3) for sRGB's primaries; beyond [0, 1] outside them."""
        light = np.stack([curve(rgb[..., i]) for i, curve in enumerate(self.curves)], axis=-1)
        return (light @ (np.linalg.inv(_SRGB_TO_XYZ) @ self.to_xyz).T).astype(np.float32)


def parse(profile: bytes) -> MatrixProfile | None:
    """Return the curves and the matrix of an RGB profile, None when it is of another kind."""
    if len(profile) < _HEADER_BYTES + 4 or profile[16:24] != b"RGB XYZ ":
        return None
    tags = _tags(profile)
    try:
        columns = [_xyz(tags[name]) for name in (b"rXYZ", b"gXYZ", b"bXYZ")]
        red, green, blue = (_curve(tags[name]) for name in (b"rTRC", b"gTRC", b"bTRC"))
    except (KeyError, struct.error, ValueError):
        return None
    return MatrixProfile(np.array(columns).T, (red, green, blue))


def linear_srgb_of_relative_xyz(relative: np.ndarray) -> np.ndarray:
    """Return the light for sRGB's primaries of CIE XYZ (..., 3), each divided by white's."""
    white = _SRGB_TO_XYZ.sum(axis=1)
    return (relative * white) @ np.linalg.inv(_SRGB_TO_XYZ).T


def linear_srgb_profile() -> bytes:
    """Return a profile (ICC version 2) for linear light with sRGB's primaries."""
    tags = {
        name: _xyz_tag(row)
        for name, row in zip((b"rXYZ", b"gXYZ", b"bXYZ"), _SRGB_TO_XYZ.T, strict=True)
    }
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), _LINEAR_CURVE)
    return _assembled(b"RGB ", "linear sRGB", tags)


def linear_gray_profile() -> bytes:
    """Return a profile (ICC version 2) for linear light without colour."""
    return _assembled(b"GRAY", "linear gray", {b"kTRC": _LINEAR_CURVE})


def is_linear_gray(profile: bytes) -> bool:
    """Whether samples in this profile for gray are proportional to light."""
    if len(profile) < _HEADER_BYTES + 4 or profile[16:20] != b"GRAY":
        return False
    try:
        curve = _curve(_tags(profile)[b"kTRC"])
    except (KeyError, struct.error, ValueError):
        return False
    return _is_straight(curve)


def _assembled(space: bytes, text: str, more: Mapping[bytes, bytes]) -> bytes:
    """Return the profile for a colour space, named `text`, with the tags that it needs."""
    name_bytes = text.encode() + b"\0"
    description = b"desc" + bytes(4) + struct.pack(">I", len(name_bytes)) + name_bytes + bytes(78)
    tags = {b"desc": description, b"cprt": b"text" + bytes(4) + b"CC0\0"}
    tags[b"wtpt"] = _xyz_tag(np.array([0.9642, 1.0, 0.8249]))
    tags |= more
    at = _HEADER_BYTES + 4 + 12 * len(tags)
    index, body = struct.pack(">I", len(tags)), b""
    for name, data in tags.items():
        index += name + struct.pack(">II", at + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    header = bytearray(_HEADER_BYTES)
    header[0:4] = struct.pack(">I", at + len(body))
    header[8:12] = b"\x02\x20\0\0"
    header[12:24] = b"mntr" + space + b"XYZ "
    header[24:36] = struct.pack(">6H", 2026, 1, 1, 0, 0, 0)
    header[36:40] = b"acsp"
    header[68:80] = struct.pack(">3i", 63190, 65536, 54061)
    return bytes(header) + index + body


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


def _xyz_tag(values: np.ndarray) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(v * 65536) for v in values.tolist()))


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


def _is_straight(curve: Curve) -> bool:
    ramp = np.linspace(0.0, 1.0, 17)
    return bool(np.abs(curve(ramp) - ramp).max() < _LINEAR_TOLERANCE)


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
