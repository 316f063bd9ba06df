"""PQ, HLG and tone mapping against the published formulas, written out here in other words."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liifgan_core.images.colour import hdr

BT2020_LUMINANCE = np.array([0.2627, 0.6780, 0.0593])
"""BT.2100, table 4."""


def pq_nits(sample: float) -> float:
    """ST 2084's EOTF with its constants as decimal fractions."""
    root = sample ** (1 / 78.84375)
    return 10_000 * (max(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)) ** (
        1 / 0.1593017578125
    )


def pq_sample(nits: float) -> float:
    power = (nits / 10_000) ** 0.1593017578125
    return ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375


def hlg_nits(rgb: tuple[float, float, float]) -> list[float]:
    """BT.2100, table 5, for a display of 1000 cd/m2 and black of 0."""
    scene = [
        s * s / 3 if s <= 0.5 else (math.exp((s - 0.55991073) / 0.17883277) + 0.28466892) / 12
        for s in rgb
    ]
    luminance = 0.2627 * scene[0] + 0.6780 * scene[1] + 0.0593 * scene[2]
    return [1000 * luminance**0.2 * s for s in scene]


@given(sample=st.floats(0.0, 1.0))
def test_pq_is_that_of_st_2084(sample: float) -> None:
    light = hdr.pq_light(np.array([sample]))[0]
    assert light * 203 == pytest.approx(pq_nits(sample), rel=1e-5, abs=1e-6)


@given(rgb=st.tuples(*[st.floats(0.0, 1.0)] * 3))
def test_hlg_is_that_of_bt_2100(rgb: tuple[float, float, float]) -> None:
    light = hdr.hlg_light(np.array([rgb]), BT2020_LUMINANCE)[0]
    assert (light * 203).tolist() == pytest.approx(hlg_nits(rgb), rel=1e-4, abs=1e-4)


def test_white_is_where_bt_2408_has_it() -> None:
    """58 % of PQ and 75 % of HLG (table 1)."""
    assert hdr.pq_light(np.array([0.58]))[0] == pytest.approx(1.0, rel=0.01)
    gray = hdr.hlg_light(np.full((1, 3), 0.75), BT2020_LUMINANCE)[0]
    assert gray.tolist() == pytest.approx([1.0] * 3, rel=0.002)


def test_tone_mapping_is_the_eetf_of_bt_2390() -> None:
    peak_nits, white_nits = 1000.0, 203.0
    whole = pq_sample(peak_nits)
    top = pq_sample(white_nits) / whole
    knee = 1.5 * top - 0.5
    for nits in (1.0, 50.0, 100.0, 203.0, 400.0, 800.0, 1000.0):
        e1 = pq_sample(nits) / whole
        e2 = e1
        if e1 >= knee:
            t = (e1 - knee) / (1 - knee)
            e2 = (
                (2 * t**3 - 3 * t**2 + 1) * knee
                + (t**3 - 2 * t**2 + t) * (1 - knee)
                + (-2 * t**3 + 3 * t**2) * top
            )
        expected = pq_nits(e2 * whole) / white_nits
        found = hdr.tone_mapped(np.full((1, 3), nits / white_nits), peak_nits / white_nits)
        assert found[0].tolist() == pytest.approx([expected] * 3, rel=1e-4)


@given(
    light=st.lists(st.floats(0.0, 40.0), min_size=3, max_size=3),
    peak=st.floats(0.1, 50.0),
)
def test_tone_mapping_stays_in_range_and_keeps_hues(light: list[float], peak: float) -> None:
    before = np.array([light], np.float32)
    after = hdr.tone_mapped(before, peak)[0]
    assert 0 <= after.min() <= after.max() <= 1
    if 1e-6 < max(light) <= peak and peak > 1:
        ratio = after.max() / before.max()
        assert after.tolist() == pytest.approx((before[0] * ratio).tolist(), rel=1e-3, abs=1e-6)


def test_a_picture_of_ordinary_brightness_stays_as_it_is() -> None:
    light = np.array([[0.2, 0.5, 0.9]], np.float32)
    assert np.array_equal(hdr.tone_mapped(light, 0.9), light)
