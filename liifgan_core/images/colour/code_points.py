"""Colour by code points (ITU-T H.273): PNG's cICP, AVIF's and HEIC's nclx, the cicp tag of ICC.

Inside the program they live in the profile that stands for them, in its `cicp` tag.
"""

from dataclasses import dataclass

import numpy as np

from liifgan_core.images.colour import hdr
from liifgan_core.images.colour.icc_matrix import profile_tag
from liifgan_core.images.colour.icc_writer import (
    LINEAR,
    SRGB_CURVE,
    gamma_curve,
    gray_profile,
    parametric_curve,
    primaries_profile,
    table_curve,
    table_samples,
)
from liifgan_core.images.colour.primaries import BT2020, DISPLAY_P3, SRGB, Primaries
from liifgan_core.images.colour.profile import rgb_profile
from liifgan_core.losses import tell

UNSPECIFIED = 2
PQ, HLG = 16, 18

_C, _D65 = (0.310, 0.316), SRGB.white
_PRIMARIES: dict[int, tuple[str, Primaries]] = {
    1: ("BT.709", SRGB),
    4: ("BT.470 M", Primaries((0.67, 0.33), (0.21, 0.71), (0.14, 0.08), _C)),
    5: ("BT.470 BG", Primaries((0.64, 0.33), (0.29, 0.60), (0.15, 0.06), _D65)),
    6: ("BT.601", Primaries((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), _D65)),
    7: ("SMPTE 240M", Primaries((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), _D65)),
    8: ("film", Primaries((0.681, 0.319), (0.243, 0.692), (0.145, 0.049), _C)),
    9: ("BT.2020", BT2020),
    10: ("CIE XYZ", Primaries((1.0, 0.0), (0.0, 1.0), (0.0, 0.0), (1 / 3, 1 / 3))),
    11: ("DCI-P3", Primaries(DISPLAY_P3.red, DISPLAY_P3.green, DISPLAY_P3.blue, (0.314, 0.351))),
    12: ("Display P3", DISPLAY_P3),
    22: ("EBU 3213", Primaries((0.630, 0.340), (0.295, 0.605), (0.155, 0.077), _D65)),
}
"""H.273, table 2."""

_BT709_CURVE = parametric_curve(
    1 / 0.45, 1 / 1.09929682680944, 0.09929682680944 / 1.09929682680944, 1 / 4.5, 0.0812428582986
)
_CURVES: dict[int, tuple[str, bytes]] = {
    **dict.fromkeys((1, 6, 11, 12, 14, 15), ("BT.709 curve", _BT709_CURVE)),
    4: ("gamma 2.2", gamma_curve(2.2)),
    5: ("gamma 2.8", gamma_curve(2.8)),
    7: ("SMPTE 240M", parametric_curve(1 / 0.45, 1 / 1.1115, 0.1115 / 1.1115, 0.25, 0.0912)),
    8: ("linear", LINEAR),
    9: ("log 100:1", table_curve(10 ** (2 * (table_samples() - 1)))),
    10: ("log 316:1", table_curve(10 ** (2.5 * (table_samples() - 1)))),
    13: ("sRGB curve", SRGB_CURVE),
    17: ("ST 428", parametric_curve(2.6, (52.37 / 48) ** (1 / 2.6), 0.0, 0.0, 0.0)),
}
"""H.273, table 3, turned around: from samples to light. PQ and HLG are in `hdr`."""


@dataclass(frozen=True, slots=True)
class CodePoints:
    """Primaries and transfer characteristics; matrix and range are those of RGB."""

    primaries: int
    transfer: int

    @property
    def is_srgb(self) -> bool:
        """Whether they say sRGB."""
        return (self.primaries, self.transfer) == (1, 13)

    @property
    def is_hdr(self) -> bool:
        """Whether samples are PQ or HLG."""
        return self.transfer in (PQ, HLG)

    @property
    def chromaticities(self) -> Primaries:
        """The primaries; sRGB's where they are unspecified or unknown."""
        return _PRIMARIES.get(self.primaries, _PRIMARIES[1])[1]

    def __str__(self) -> str:
        primaries = _PRIMARIES.get(self.primaries, (f"primaries {self.primaries}", SRGB))[0]
        if self.is_hdr:
            return f"{primaries} {'PQ' if self.transfer == PQ else 'HLG'}"
        curve = _CURVES.get(self.transfer, (f"transfer {self.transfer}", b""))[0]
        short = {(1, 13): "sRGB", (12, 13): primaries}
        return short.get((self.primaries, self.transfer), f"{primaries}, {curve}")


SRGB_POINTS = CodePoints(1, 13)


def code_points_of(profile: bytes | None) -> CodePoints | None:
    """Return what the profile's `cicp` tag says, None without one (ICC.1:2022, 9.2.17)."""
    data = profile_tag(profile, b"cicp") if profile else None
    if data is None or len(data) < 12 or data[:4] != b"cicp":
        return None
    return CodePoints(data[8], data[9])


def profile_of(points: CodePoints, *, name: str, is_gray: bool = False) -> bytes | None:
    """Return an equal profile; None where nothing is specified, which means sRGB.

    Gray samples get a gray one, but PQ and HLG an RGB one, which alone can tell them. Code points
    that H.273 does not define are kept in the profile and shown as sRGB's, with a logged warning;
    `name` is the file's for it.
    """
    if points.primaries == points.transfer == UNSPECIFIED:
        return None
    primaries = 1 if points.primaries == UNSPECIFIED else points.primaries
    transfer = 13 if points.transfer == UNSPECIFIED else points.transfer
    points = CodePoints(primaries, transfer)
    if primaries not in _PRIMARIES or not (points.is_hdr or transfer in _CURVES):
        tell("code-points", file=name, primaries=primaries, transfer=transfer)
    if points.is_hdr:
        curve = table_curve(_sdr_curve(points, table_samples()))
    else:
        curve = _CURVES.get(transfer, _CURVES[13])[1]
        if is_gray:
            return gray_profile(curve, description=_CURVES.get(transfer, _CURVES[13])[0])
    return primaries_profile(
        points.chromaticities, curve, description=str(points), code_points=(primaries, transfer)
    )


def told_profile(
    icc_profile: bytes | None, points: CodePoints | None, *, name: str, is_gray: bool
) -> bytes | None:
    """Return the profile of a picture that may tell it both ways; the embedded one counts first."""
    if icc_profile:
        return rgb_profile(icc_profile, name=name, is_gray=is_gray)
    return profile_of(points, name=name, is_gray=is_gray) if points else None


def light_of(points: CodePoints, samples: np.ndarray) -> np.ndarray:
    """Return light of PQ or HLG samples (..., 3), 1 for white of 203 cd/m2 (BT.2408), float32."""
    if points.transfer == PQ:
        return hdr.pq_light(samples)
    return hdr.hlg_light(samples, points.chromaticities.to_xyz()[1])


def _sdr_curve(points: CodePoints, samples: np.ndarray) -> np.ndarray:
    """Return what programs without HDR make of gray samples: tone-mapped from 1000 cd/m2."""
    gray = np.repeat(samples[:, None], 3, axis=1)
    return hdr.tone_mapped(light_of(points, gray), hdr.USUAL_PEAK)[:, 0]
