import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PilImage

from liifgan_core.errors import LiifganError
from liifgan_core.evaluation.degradation import degrade, parse_degradation
from liifgan_core.evaluation.protocol import find_protocol, make_pair
from liifgan_core.geometry import Size


def _original(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    ("name", "scale", "border", "channels"),
    [
        ("y", 4.0, 4, "y"),
        ("rgb", 4.0, 4, "rgb"),
        ("rgb", 4.5, 5, "rgb"),
        ("div2k", 4.0, 10, "rgb"),
        ("div2k", 6.5, 13, "rgb"),
    ],
)
def test_borders_are_those_of_published_tables(name, scale, border, channels):
    protocol = find_protocol(name)
    assert (protocol.border(scale), protocol.channels) == (border, channels)


def test_an_unknown_protocol_is_an_error():
    with pytest.raises(LiifganError, match=r"no protocol 'div'; use one of: y, rgb, div2k"):
        find_protocol("div")


@pytest.mark.parametrize(
    ("side", "scale", "lr", "hr"),
    [(256, 4.0, 64, 256), (255, 4.0, 63, 252), (510, 4.5, 113, 508), (41, 4.1, 10, 41)],
)
def test_originals_are_cut_to_the_scale(side: int, scale: float, lr: int, hr: int):
    pair = make_pair(_original(side, side), scale)
    assert pair.lr.shape == (lr, lr, 3)
    assert pair.size == Size(hr, hr)


@given(st.integers(1, 60), st.integers(1, 60), st.floats(1.01, 9.0, allow_nan=False))
def test_a_pair_has_the_scale_to_less_than_a_pixel(height: int, width: int, scale: float):
    original = _original(height, width)
    if min(height, width) < scale:
        with pytest.raises(ValueError, match="too few"):
            make_pair(original, scale)
        return
    pair = make_pair(original, scale)
    assert pair.size.height <= height
    assert pair.size.width <= width
    for side, lr_side in zip(pair.hr.shape[:2], pair.lr.shape[:2], strict=True):
        assert abs(side - lr_side * scale) <= 0.5 + 1e-6
    np.testing.assert_array_equal(
        np.round(pair.hr * 255.0), original[: pair.size.height, : pair.size.width]
    )


def test_the_lr_picture_is_pillows_bicubic():
    original = _original(32, 24)
    expected = PilImage.fromarray(original).resize((6, 8), PilImage.Resampling.BICUBIC)
    np.testing.assert_array_equal(make_pair(original, 4.0).lr, np.asarray(expected))


def test_only_the_lr_picture_is_degraded():
    original, chain = _original(48, 40), parse_degradation("blur0.8+noise10+jpeg60")
    clean = make_pair(original, 4.0)
    pair = make_pair(original, 4.0, degradation=chain, number=5)
    np.testing.assert_array_equal(pair.lr, degrade(clean.lr, chain, number=5))
    np.testing.assert_array_equal(pair.hr, clean.hr)
    assert (pair.lr != clean.lr).mean() > 0.5
