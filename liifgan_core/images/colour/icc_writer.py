"""Writes ICC profiles of a matrix and a curve (ICC.1:2022), for colours that are told otherwise.

Version 4 with a `cicp` tag where the colours have code points, as JPEG XL's library writes them:
one profile then says the same thing to programs that know profiles and to those that know HDR.
"""

import struct

import numpy as np

from liifgan_core.images.colour.primaries import D50, SRGB, Primaries

_HEADER_BYTES = 128
LINEAR = b"para" + bytes(4) + struct.pack(">HHi", 0, 0, 65536)
"""Curve of samples that are proportional to light."""
_TABLE_LENGTH = 4096


def gamma_curve(exponent: float) -> bytes:
    """Return the curve light = sample ** exponent; ValueError beyond 0.01 to 100."""
    if not 0.01 <= exponent <= 100:
        raise ValueError(f"{exponent:g} is no exponent of a curve")
    return b"para" + bytes(4) + struct.pack(">HHi", 0, 0, round(exponent * 65536))


def parametric_curve(g: float, a: float, b: float, c: float, d: float) -> bytes:
    """Return the curve light = (a s + b) ** g from sample d on, c s below."""
    numbers = (round(value * 65536) for value in (g, a, b, c, d))
    return b"para" + bytes(4) + struct.pack(">HH5i", 3, 0, *numbers)


def table_curve(light: np.ndarray) -> bytes:
    """Return the curve through values in [0, 1] (n,) for n samples that are evenly spaced."""
    values = np.round(np.clip(light, 0.0, 1.0) * 65535).astype(">u2")
    return b"curv" + bytes(4) + struct.pack(">I", len(values)) + values.tobytes()


def table_samples() -> np.ndarray:
    """Return the samples at which a table is best given."""
    return np.linspace(0.0, 1.0, _TABLE_LENGTH)


SRGB_CURVE = parametric_curve(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
"""IEC 61966-2-1."""


def matrix_profile(
    to_d50: np.ndarray,
    adaptation: np.ndarray,
    curve: bytes,
    *,
    description: str,
    code_points: tuple[int, int] | None = None,
) -> bytes:
    """Return an RGB profile: `curve` for each colour, then the matrix to CIE XYZ under D50.

    `adaptation` is the matrix that took the white to D50. `code_points` are those of primaries and
    transfer (ITU-T H.273).
    """
    tags = _common_tags(description) | {b"chad": _matrix_tag(adaptation)}
    if code_points is not None:
        tags[b"cicp"] = b"cicp" + bytes(4) + bytes((*code_points, 0, 1))
    for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), to_d50.T, strict=True):
        tags[name] = _xyz_tag(column)
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    return _assembled(b"RGB ", tags)


def primaries_profile(
    primaries: Primaries,
    curve: bytes,
    *,
    description: str,
    code_points: tuple[int, int] | None = None,
) -> bytes:
    """Return an RGB profile for chromaticities; ValueError where they span no colours."""
    return matrix_profile(
        primaries.to_d50(),
        primaries.adaptation(),
        curve,
        description=description,
        code_points=code_points,
    )


def gray_profile(curve: bytes, *, description: str) -> bytes:
    """Return a profile for gray samples."""
    return _assembled(b"GRAY", _common_tags(description) | {b"kTRC": curve})


def linear_srgb_profile() -> bytes:
    """Return the profile for linear light with sRGB's primaries."""
    return primaries_profile(SRGB, LINEAR, description="linear sRGB")


def linear_gray_profile() -> bytes:
    """Return the profile for linear light without colour."""
    return gray_profile(LINEAR, description="linear gray")


def _common_tags(description: str) -> dict[bytes, bytes]:
    return {
        b"desc": _text_tag(description),
        b"cprt": _text_tag("CC0"),
        b"wtpt": _xyz_tag(D50),
    }


def _assembled(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    at = _HEADER_BYTES + 4 + 12 * len(tags)
    index, body = struct.pack(">I", len(tags)), b""
    places: dict[bytes, int] = {}
    for name, data in tags.items():
        if data not in places:  # equal curves are stored once
            places[data] = at + len(body)
            body += data + bytes(-len(data) % 4)
        index += name + struct.pack(">II", places[data], len(data))
    header = bytearray(_HEADER_BYTES)
    header[0:4] = struct.pack(">I", at + len(body))
    header[8:12] = b"\x04\x40\0\0"
    header[12:24] = b"mntr" + space + b"XYZ "
    header[24:36] = struct.pack(">6H", 2026, 1, 1, 0, 0, 0)
    header[36:40] = b"acsp"
    header[64:68] = struct.pack(">I", 1)  # relative colorimetric
    header[68:80] = struct.pack(">3i", 63190, 65536, 54061)
    return bytes(header) + index + body


def _text_tag(text: str) -> bytes:
    encoded = text.encode("utf-16-be")
    return b"mluc" + bytes(4) + struct.pack(">II4sII", 1, 12, b"enUS", len(encoded), 28) + encoded


def _xyz_tag(values: np.ndarray) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(v * 65536) for v in values.tolist()))


def _matrix_tag(matrix: np.ndarray) -> bytes:
    numbers = (round(value * 65536) for value in matrix.ravel().tolist())
    return b"sf32" + bytes(4) + struct.pack(">9i", *numbers)
