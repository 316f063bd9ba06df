import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PilImage

from liifgan_core.errors import LiifganError
from liifgan_core.evaluation.degradation import (
    CLEAN,
    Degradation,
    DegradationStep,
    degrade,
    parse_degradation,
)


def _picture(height: int = 20, width: int = 30) -> np.ndarray:
    return np.random.default_rng(7).integers(0, 256, (height, width, 3), dtype=np.uint8)


def _degraded(picture: np.ndarray, text: str, number: int = 0) -> np.ndarray:
    return degrade(picture, parse_degradation(text), number=number)


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("jpeg70", [("jpeg", 70.0)]),
        ("noise5", [("noise", 5.0)]),
        ("noise0.5", [("noise", 0.5)]),
        ("blur0.8+noise10+jpeg60", [("blur", 0.8), ("noise", 10.0), ("jpeg", 60.0)]),
        (" jpeg100 + jpeg1 ", [("jpeg", 100.0), ("jpeg", 1.0)]),
    ],
)
def test_a_chain_is_read_in_its_order(text: str, steps: list[tuple[str, float]]):
    found = parse_degradation(text)
    assert [(step.kind, step.amount) for step in found.steps] == steps


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", ""),
        ("jpeg70+", ""),
        ("jpeg", "jpeg"),
        ("jpeg70+nois5", "nois5"),
        ("jpeg0", "jpeg0"),
        ("jpeg101", "jpeg101"),
        ("jpeg70.5", "jpeg70.5"),
        ("noise0", "noise0"),
        ("noise-5", "noise-5"),
        ("noise256", "noise256"),
        ("blur0.05", "blur0.05"),
        ("blur11", "blur11"),
        ("blur.8", "blur.8"),
        ("blur1e0", "blur1e0"),
        ("blur٣", "blur٣"),
        ("JPEG70", "JPEG70"),
        ("blur0.8,noise10", "blur0.8,noise10"),
    ],
)
def test_the_error_names_the_bad_word_and_the_grammar(text: str, word: str):
    with pytest.raises(LiifganError) as caught:
        parse_degradation(text)
    message = str(caught.value)
    assert message.startswith(f"--degrade {text!r}: {word!r} is no degradation; write noiseN")
    assert "joined by '+'" in message


_steps = st.one_of(
    st.builds(DegradationStep, st.just("noise"), st.floats(0.1, 255.0)),
    st.builds(DegradationStep, st.just("jpeg"), st.integers(1, 100).map(float)),
    st.builds(DegradationStep, st.just("blur"), st.floats(0.1, 10.0)),
)


@given(st.lists(_steps, min_size=1, max_size=4))
def test_what_a_chain_is_called_means_that_chain(steps: list[DegradationStep]):
    chain = Degradation(tuple(steps))
    assert parse_degradation(str(chain)) == chain


def test_equal_chains_have_one_name():
    assert str(parse_degradation("blur0.80+noise10.0+jpeg060")) == "blur0.8+noise10+jpeg60"
    assert str(CLEAN) == ""


def test_an_empty_chain_changes_nothing():
    picture = _picture()
    np.testing.assert_array_equal(degrade(picture, CLEAN, number=3), picture)


@given(st.lists(_steps, max_size=3), st.integers(1, 12), st.integers(1, 12))
def test_results_are_8_bit_pictures_of_the_same_size_and_the_input_stays(
    steps: list[DegradationStep], height: int, width: int
):
    picture = _picture(height, width)
    before = picture.copy()
    found = degrade(picture, Degradation(tuple(steps)), number=1)
    assert (found.shape, found.dtype) == ((height, width, 3), np.uint8)
    np.testing.assert_array_equal(picture, before)


def test_noise_has_its_sigma_in_levels_on_each_channel_by_itself():
    gray = np.full((200, 200, 3), 128, np.uint8)
    noise = _degraded(gray, "noise7.5").astype(np.float64) - 128.0
    assert noise.mean(axis=(0, 1)) == pytest.approx([0.0] * 3, abs=0.15)
    # Rounding adds 1/12 to the variance.
    assert noise.std(axis=(0, 1)) == pytest.approx([(7.5**2 + 1 / 12) ** 0.5] * 3, rel=0.02)
    correlation = np.corrcoef(noise.reshape(-1, 3).T)
    assert np.abs(correlation - np.eye(3)).max() < 0.03


def test_noise_is_that_of_the_seeded_generator_rounded_and_clipped():
    picture = _picture()
    noise = np.random.default_rng(4).normal(0.0, 90.0, picture.shape)
    expected = np.clip(np.rint(picture + noise), 0, 255)
    found = _degraded(picture, "noise90", number=4)
    assert {0, 255} <= set(np.unique(found))
    np.testing.assert_array_equal(found, expected)


def test_noise_depends_on_the_pictures_number_and_nothing_else_does():
    picture = _picture()
    first = _degraded(picture, "noise5", 0)
    np.testing.assert_array_equal(_degraded(picture, "noise5", 0), first)
    assert (_degraded(picture, "noise5", 1) != first).any()
    for text in ("jpeg40", "blur0.8"):
        np.testing.assert_array_equal(_degraded(picture, text, 0), _degraded(picture, text, 1))
        assert not parse_degradation(text).is_random
    assert parse_degradation("blur0.8+noise10+jpeg60").is_random


def test_two_noises_of_a_chain_are_not_the_same():
    gray = np.full((100, 100, 3), 128, np.uint8)
    both = _degraded(gray, "noise8+noise8").astype(np.float64)
    assert both.std() == pytest.approx(8.0 * 2.0**0.5, rel=0.03)  # the same twice would have 16


def test_jpeg_is_pillows_with_halved_colour():
    picture = _picture(32, 48)
    content = io.BytesIO()
    PilImage.fromarray(picture).save(content, "JPEG", quality=40, subsampling=2)
    np.testing.assert_array_equal(_degraded(picture, "jpeg40"), PilImage.open(content))
    whole = io.BytesIO()
    PilImage.fromarray(picture).save(whole, "JPEG", quality=40, subsampling=0)
    assert (_degraded(picture, "jpeg40") != np.asarray(PilImage.open(whole))).any()


@pytest.mark.parametrize("sigma", [0.4, 0.8, 2.0])
def test_blur_spreads_a_dot_by_the_gaussian(sigma: float):
    dot = np.zeros((41, 41, 3), np.uint8)
    dot[20, 20] = 255, 200, 100
    y, x = np.mgrid[-20:21, -20:21]
    weights = np.exp(-(y * y + x * x) / (2.0 * sigma * sigma))
    expected = np.rint(weights[..., None] / weights.sum() * dot[20, 20].astype(np.float64))
    found = _degraded(dot, f"blur{sigma}")
    # The kernel's end and sums near one half may differ by the last level.
    assert np.abs(found.astype(np.float64) - expected).max() <= 1.0
    assert (found == expected).mean() > 0.99


def test_blur_keeps_a_flat_picture_up_to_its_edges():
    flat = np.full((9, 7, 3), 77, np.uint8)
    np.testing.assert_array_equal(_degraded(flat, "blur3"), flat)


@pytest.mark.parametrize("chain", ["blur0.8+jpeg60", "jpeg60+blur0.8", "noise10+jpeg60+blur1.2"])
def test_a_chain_is_its_steps_one_after_another(chain: str):
    picture = expected = _picture()
    for word in chain.split("+"):
        expected = _degraded(expected, word)
    np.testing.assert_array_equal(_degraded(picture, chain), expected)


def test_the_order_matters():
    picture = _picture()
    first, second = _degraded(picture, "blur1+jpeg50"), _degraded(picture, "jpeg50+blur1")
    assert (first != second).any()
