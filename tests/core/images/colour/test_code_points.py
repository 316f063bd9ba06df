"""Profiles of code points, against H.273's numbers and another colour engine."""

import io
import logging

import numpy as np
import pytest
from PIL import Image as PilImage
from PIL import ImageCms

from liifgan_core.images.colour import icc_matrix
from liifgan_core.images.colour.code_points import CodePoints, code_points_of, profile_of
from liifgan_core.images.colour.icc_writer import gamma_curve, gray_profile, primaries_profile
from liifgan_core.images.colour.primaries import SRGB, Primaries, primaries_of
from liifgan_core.images.colour.profile import coloured

D50_P3 = [[0.51512, 0.29198, 0.15710], [0.24120, 0.69225, 0.06657], [-0.00105, 0.04189, 0.78407]]
"""Colorants of Apple's Display P3 profile."""


def made(primaries: int, transfer: int) -> bytes:
    profile = profile_of(CodePoints(primaries, transfer), name="a")
    assert profile is not None
    return profile


def parsed(profile: bytes) -> icc_matrix.MatrixProfile:
    found = icc_matrix.parse(profile)
    assert found is not None
    return found


def test_display_p3_has_the_matrix_of_the_well_known_profile() -> None:
    assert np.abs(parsed(made(12, 13)).to_xyz - D50_P3).max() < 1e-4


def test_bt2020_has_the_luminance_that_bt2100_states() -> None:
    found = primaries_of(parsed(made(9, 16)).to_xyz, parsed(made(9, 16)).adaptation)
    assert found.to_xyz()[1].tolist() == pytest.approx([0.2627, 0.6780, 0.0593], abs=1e-4)


CURVES = {
    1: lambda v: v / 4.5 if v < 0.081243 else ((v + 0.099297) / 1.099297) ** (1 / 0.45),
    4: lambda v: v**2.2,
    5: lambda v: v**2.8,
    7: lambda v: v / 4 if v < 0.0912 else ((v + 0.1115) / 1.1115) ** (1 / 0.45),
    8: lambda v: v,
    9: lambda v: 10 ** (2 * (v - 1)),
    13: lambda v: v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4,
    17: lambda v: v**2.6 * 52.37 / 48,
}


@pytest.mark.parametrize("transfer", CURVES)
def test_curves_are_those_of_h273(transfer: int) -> None:
    curve = parsed(made(9, transfer)).curves[1]
    for value in (0.0, 0.03, 0.2, 0.5, 0.9, 1.0):
        assert curve(np.array(value)) == pytest.approx(CURVES[transfer](value), abs=2e-4)


@pytest.mark.parametrize("primaries", [1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 22])
def test_white_is_the_profile_s_white_and_the_chromaticities_come_back(primaries: int) -> None:
    points = CodePoints(primaries, 13)
    profile = made(primaries, 13)
    found = parsed(profile)
    assert found.to_xyz.sum(axis=1).tolist() == pytest.approx([0.9642, 1.0, 0.8249], abs=1e-4)
    back = primaries_of(found.to_xyz, found.adaptation)
    assert back.is_like(points.chromaticities)
    assert code_points_of(profile) == points


@pytest.mark.parametrize(("primaries", "transfer"), [(12, 13), (9, 1), (1, 4), (9, 8)])
def test_littlecms_understands_it_as_we_do(primaries: int, transfer: int) -> None:
    muted = (128, 110, 100)
    profile = made(primaries, transfer)
    theirs = ImageCms.profileToProfile(
        PilImage.new("RGB", (1, 1), muted),
        ImageCms.getOpenProfile(io.BytesIO(profile)),
        ImageCms.createProfile("sRGB"),
    )
    light = parsed(profile).linear_srgb(np.array([muted]) / 255)[0]
    ours = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    assert np.abs(ours * 255 - np.asarray(theirs)[0, 0]).max() < 1.5


def test_what_says_nothing_gives_no_profile_and_half_is_filled_up() -> None:
    assert profile_of(CodePoints(2, 2), name="a") is None
    assert code_points_of(made(9, 2)) == CodePoints(9, 13)
    assert code_points_of(made(2, 13)) == CodePoints(1, 13)


def test_unknown_numbers_are_kept_and_told(caplog: pytest.LogCaptureFixture) -> None:
    assert code_points_of(made(99, 13)) == CodePoints(99, 13)
    assert "99/13" in caplog.text
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def test_pq_and_hlg_show_a_bright_picture_to_programs_without_hdr() -> None:
    """At 58 % of PQ and 75 % of HLG is white; such programs show it at 80 to 95 % of sRGB."""
    for transfer, white in ((16, 148), (18, 191)):
        seen = ImageCms.profileToProfile(
            PilImage.new("RGB", (1, 1), (white,) * 3),
            ImageCms.getOpenProfile(io.BytesIO(made(9, transfer))),
            ImageCms.createProfile("sRGB"),
        )
        assert 204 < np.asarray(seen)[0, 0].min() < 243


def test_a_gray_profile_has_an_equal_one_for_colours() -> None:
    gray = gray_profile(gamma_curve(1.8), description="gray")
    both = coloured(gray)
    assert both is not None
    assert parsed(both).curves[2](np.array(0.5)) == pytest.approx(0.5**1.8, abs=1e-4)
    assert parsed(both).has_primaries_of(SRGB)
    assert coloured(both) == both
    assert coloured(None) is None


@pytest.mark.parametrize(
    "primaries",
    [
        Primaries((0.3, 0.3), (0.3, 0.3), (0.15, 0.06), (0.3127, 0.329)),
        Primaries((0.64, 0.33), (0.3, 0.6), (0.15, 0.06), (0.3, 0.0)),
        Primaries((0.64, 0.33), (0.3, 0.6), (0.47, 0.465), (0.3127, 0.329)),
    ],
)
def test_primaries_that_span_no_colours_are_refused(primaries: Primaries) -> None:
    with pytest.raises(ValueError, match="no colour"):
        primaries_profile(primaries, gamma_curve(2.2), description="a")
