import cv2
import numpy as np
import pytest

from liifgan_core.evaluation.grid_pattern import grid_pattern


def _noise(side: int = 192, amplitude: float = 0.02) -> np.ndarray:
    gray = np.random.default_rng(0).normal(0.0, amplitude, (side, side, 1))
    return np.repeat(0.5 + gray, 3, axis=2).astype(np.float32)


@pytest.mark.parametrize("factor", [2, 3, 4, 6])
def test_texture_without_a_grid_has_hardly_any_pattern(factor: int):
    found = grid_pattern(_noise(), factor)
    assert found.energy < 0.06
    assert found.mean < 0.06


@pytest.mark.parametrize("factor", [2, 3, 4])
def test_one_dot_per_lr_pixel_is_all_mean(factor: int):
    dots = np.full((96, 96, 3), 0.5, np.float32)
    dots[::factor, ::factor] += 0.01
    found = grid_pattern(dots, factor)
    assert found.mean == pytest.approx(1.0, abs=0.03)
    assert found.energy > 0.5


def test_noise_in_one_of_four_phases_has_the_energy_of_root_three():
    # Energies (1, 0, 0, 0) have the mean 1/4 and the deviation sqrt(3)/4. The blur spreads them a
    # little, so white noise is put where the high-pass is measured, at a wide spacing.
    image = np.full((400, 400), 0.5)
    image[::8, ::8] += np.random.default_rng(0).normal(0.0, 0.02, (50, 50))
    found = grid_pattern(np.repeat(image[..., None], 3, axis=2), 8)
    high = np.zeros((17, 17))
    high[8, 8] = 1.0
    response = high - cv2.GaussianBlur(high, (0, 0), 1.0)
    energies = np.array(
        [[np.square(response[i::8, j::8]).sum() for j in range(8)] for i in range(8)]
    )
    assert found.energy == pytest.approx(energies.std() / energies.mean(), rel=0.02)
    assert found.mean < 0.05


def test_the_pattern_of_another_factor_is_not_seen():
    dots = _noise()
    dots[::5, ::5] += 0.05
    assert grid_pattern(dots, 4).mean < 0.07
    assert grid_pattern(dots, 5).mean > 0.4


def test_strong_dots_count_as_if_they_were_weaker():
    images = [np.full((96, 96, 3), 0.3, np.float32) for _ in range(2)]
    images[0][::12, ::12] += 0.3
    images[1][::12, ::12] += 0.6
    weak, strong = (grid_pattern(image, 12) for image in images)
    # Without the limit both figures would be the same: they do not depend on contrast.
    assert strong.energy < 0.9 * weak.energy


def test_brightness_and_the_crop_by_whole_lr_pixels_do_not_matter():
    dots = _noise()
    dots[::4, 1::4] += 0.02
    first, second = grid_pattern(dots, 4), grid_pattern(dots[4:, 4:] + 0.1, 4)
    assert first.mean == pytest.approx(second.mean, rel=0.05)


def test_a_flat_picture_has_no_pattern():
    found = grid_pattern(np.full((64, 64, 3), 0.5, np.float32), 4)
    assert (found.energy, found.mean) == (0.0, 0.0)


def test_too_small_pictures_are_refused():
    with pytest.raises(ValueError, match="too few for x4"):
        grid_pattern(np.zeros((18, 40, 3)), 4)
