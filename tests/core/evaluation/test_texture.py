import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liifgan_core.evaluation.texture import LEAST_SIDE, texture


def _gray(values: np.ndarray) -> np.ndarray:
    return np.repeat(values[..., None], 3, axis=2)


def _noise(side: int = 96, amplitude: float = 0.05, seed: int = 0) -> np.ndarray:
    return _gray(0.5 + np.random.default_rng(seed).normal(0.0, amplitude, (side, side)))


def _grating(angle: float, period: float, amplitude: float = 0.1, side: int = 96) -> np.ndarray:
    y, x = np.mgrid[:side, :side]
    along = x * math.cos(angle) + y * math.sin(angle)
    return _gray(0.5 + amplitude * np.sin(2.0 * np.pi * along / period))


def _mirrored(index: int, length: int) -> int:
    """The place that stands for one outside, without repeating the edge: ... 2 1 0 1 2 ..."""
    index = abs(index)
    return index if index < length else 2 * (length - 1) - index


def _blurred_by_hand(values: list[list[float]], sigma: float) -> list[list[float]]:
    """The Gaussian blur as a sum over the square within four sigma, pixel by pixel."""
    height, width, reach = len(values), len(values[0]), round(4 * sigma)
    weights = {
        (i, j): math.exp(-(i * i + j * j) / (2.0 * sigma * sigma))
        for i in range(-reach, reach + 1)
        for j in range(-reach, reach + 1)
    }
    total = sum(weights.values())
    return [
        [
            sum(
                weight * values[_mirrored(y + i, height)][_mirrored(x + j, width)]
                for (i, j), weight in weights.items()
            )
            / total
            for x in range(width)
        ]
        for y in range(height)
    ]


def _by_hand(rgb: np.ndarray) -> tuple[float, float]:
    """Both figures as they are defined, in plain loops, eigenvalues by numpy's own solver."""
    height, width = rgb.shape[:2]
    luma = [[float(255.0 * (0.299 * r + 0.587 * g + 0.114 * b)) for r, g, b in row] for row in rgb]
    soft = _blurred_by_hand(luma, 1.5)
    high = [[luma[y][x] - soft[y][x] for x in range(width)] for y in range(height)]

    def slope(y: int, x: int, dy: int, dx: int) -> float:
        # Sobel: half the difference of both neighbours, (1, 2, 1) / 4 of it across.
        total = 0.0
        for across, weight in ((-1, 0.25), (0, 0.5), (1, 0.25)):
            sideways = across * dx, across * dy
            after = _mirrored(y + dy + sideways[0], height), _mirrored(x + dx + sideways[1], width)
            before = _mirrored(y - dy + sideways[0], height), _mirrored(x - dx + sideways[1], width)
            total += weight * (high[after[0]][after[1]] - high[before[0]][before[1]]) / 2.0
        return total

    rows = [[slope(y, x, 1, 0) for x in range(width)] for y in range(height)]
    cols = [[slope(y, x, 0, 1) for x in range(width)] for y in range(height)]

    def product(a: list[list[float]], b: list[list[float]]) -> list[list[float]]:
        return _blurred_by_hand(
            [[p * q for p, q in zip(u, v, strict=True)] for u, v in zip(a, b, strict=True)], 2.0
        )

    yy, yx, xx = product(rows, rows), product(rows, cols), product(cols, cols)
    roots: list[float] = []
    weighted = weights = 0.0
    for y in range(8, height - 8):
        for x in range(8, width - 8):
            tensor = np.array([[yy[y][x], yx[y][x]], [yx[y][x], xx[y][x]]])
            low, most = np.linalg.eigvalsh(tensor)
            root = math.sqrt(low + most)
            roots.append(root)
            if low + most > 1.0:
                weight = min(root, 20.0)
                weighted += weight * (most - low) / (most + low)
                weights += weight
    return sum(roots) / len(roots), weighted / weights


@pytest.mark.parametrize(
    "rgb",
    [
        np.random.default_rng(0).uniform(0.0, 1.0, (22, 25, 3)),
        # Its roots of the trace go from below the limit of 1 to some levels.
        np.random.default_rng(1).uniform(0.0, 0.1, (21, 26, 3))
        * np.linspace(0.0, 1.0, 26)[None, :, None],
        # And these from nothing to beyond the limit of the weights.
        np.random.default_rng(3).uniform(0.0, 1.0, (20, 40, 3))
        * np.linspace(0.0, 1.0, 40)[None, :, None],
        _grating(0.4, 4.0, side=24) + np.random.default_rng(2).normal(0.0, 0.02, (24, 24, 3)),
    ],
    ids=[
        "strong noise",
        "noise from nothing to weak",
        "noise from nothing to strong",
        "a noisy grating",
    ],
)
def test_both_figures_are_those_of_the_definition(rgb: np.ndarray):
    strength, coherence = _by_hand(rgb)
    found = texture(rgb)
    assert found.strength == pytest.approx(strength, rel=1e-5)
    assert found.coherence == pytest.approx(coherence, rel=1e-5)


def test_noise_has_no_direction():
    found = texture(_noise(192))
    assert found.coherence < 0.3
    assert found.strength > 3.0


@pytest.mark.parametrize("angle", [0.0, 0.3, math.pi / 4, math.pi / 2, 2.5])
def test_a_grating_has_one_direction_whichever_it_is(angle: float):
    assert texture(_grating(angle, 7.0)).coherence > 0.98


def test_crossed_gratings_have_none():
    both = (_grating(0.0, 7.0) + _grating(math.pi / 2, 7.0)) / 2.0
    assert texture(both).coherence < 0.1


def test_a_grating_has_the_strength_of_its_slope():
    # The slope of a * sin(w x) by its neighbours is a * sin(w) * cos(w x); the high-pass keeps
    # 1 - exp(-w^2 sigma^2 / 2) of it, and the root of the mean square of a cosine is 1 / sqrt(2).
    # The tensor's blur leaves a ripple at 2 w of exp(-8 w^2): nothing at a period of 4.
    omega, amplitude = 2.0 * np.pi / 4.0, 0.05 * 255.0
    kept = 1.0 - math.exp(-((omega * 1.5) ** 2) / 2.0)
    expected = amplitude * math.sin(omega) * kept / math.sqrt(2.0)
    found = texture(_grating(0.0, 4.0, amplitude=0.05, side=128))
    assert found.strength == pytest.approx(expected, rel=0.01)


def test_noise_over_a_grating_lowers_its_coherence():
    lines = _grating(0.5, 6.0)
    sprinkled = lines + _noise(amplitude=0.1) - 0.5
    assert texture(sprinkled).coherence < texture(lines).coherence - 0.2
    assert texture(sprinkled).strength > texture(lines).strength


@given(st.floats(0.0, 1.0), st.integers(LEAST_SIDE, 40), st.integers(LEAST_SIDE, 40))
def test_a_flat_picture_has_no_strength_and_no_coherence_at_all(
    value: float, height: int, width: int
):
    found = texture(np.full((height, width, 3), value, np.float32))
    assert found.strength == pytest.approx(0.0, abs=1e-9)
    assert math.isnan(found.coherence)


def test_a_slow_gradient_is_no_texture():
    ramp = _gray(np.tile(np.linspace(0.0, 1.0, 128), (128, 1)))
    assert texture(ramp).strength < 0.1
    assert math.isnan(texture(ramp).coherence)


@given(st.floats(0.25, 4.0))
def test_texture_that_is_twice_as_strong_has_twice_the_strength(factor: float):
    noise = _noise(48)
    scaled = texture(0.5 + (noise - 0.5) * factor)
    assert scaled.strength == pytest.approx(factor * texture(noise).strength, rel=1e-9)


def test_brightness_does_not_matter_and_colour_counts_by_luma():
    noise = _noise()
    assert texture(noise + 0.2).strength == pytest.approx(texture(noise).strength)
    for channel, weight in enumerate((0.299, 0.587, 0.114)):
        single = np.full_like(noise, 0.5)
        single[..., channel] = noise[..., channel]
        expected = weight * texture(noise).strength
        assert texture(single).strength == pytest.approx(expected, rel=1e-5)


def test_turning_the_picture_changes_nothing():
    picture = _grating(0.4, 5.0, side=64) + _noise(64) - 0.5
    first = texture(picture)
    for other in (picture.swapaxes(0, 1), picture[::-1], np.rot90(picture)):
        found = texture(np.ascontiguousarray(other))
        assert found.strength == pytest.approx(first.strength)
        assert found.coherence == pytest.approx(first.coherence)


def test_strong_edges_weigh_like_roots_of_twenty():
    # Half the picture is a strong grating, half is noise of medium strength.
    lines, noise = _grating(0.0, 6.0, amplitude=0.5), _noise(amplitude=0.04)
    both = np.concatenate([lines, noise])
    root, coherence = texture(noise).strength, texture(noise).coherence
    assert root < 20.0 < texture(lines).strength
    capped = (20.0 + root * coherence) / (20.0 + root)
    assert texture(both).coherence == pytest.approx(capped, abs=0.03)
    uncapped = texture(lines).strength
    assert (uncapped + root * coherence) / (uncapped + root) > capped + 0.03


def test_the_border_is_left_out():
    # A line's own pixels and the seven beside it are not counted at the edge, but are inside.
    line = np.full((64, 64, 3), 0.5)
    line[0] = 1.0
    inside = np.pad(line, ((20, 0), (0, 0), (0, 0)), constant_values=0.5)
    assert texture(line).strength > 0.0
    assert texture(inside).strength > 5.0 * texture(line).strength


@pytest.mark.parametrize("shape", [(16, 40), (40, 16), (1, 1)])
def test_pictures_of_which_nothing_is_left_are_refused(shape: tuple[int, int]):
    with pytest.raises(ValueError, match="too few for texture within a border of 8"):
        texture(np.zeros((*shape, 3)))


def test_one_pixel_within_the_border_is_enough():
    assert texture(_noise(LEAST_SIDE)).strength > 0.0
    assert LEAST_SIDE == 17
