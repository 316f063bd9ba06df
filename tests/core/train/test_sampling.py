import math

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PilImage

from liifgan_core.train.data_config import DataConfig, ScaleRange
from liifgan_core.train.degradations import DegradationConfig
from liifgan_core.train.sampling import (
    Sample,
    batch_scale,
    draw_sample,
    image_index,
    stack_samples,
)

CONFIG = DataConfig(lr_size=12, patch_size=12)


def _ramp(height: int = 60, width: int = 70) -> np.ndarray:
    """Red is the row, green the column: a sample's colours tell where it was taken."""
    y, x = np.mgrid[:height, :width]
    return np.stack([y * 3, x * 3, np.full_like(y, 7)], axis=-1).astype(np.uint8)


@given(st.floats(1.0, 4.0), st.integers(0, 10**6), st.booleans())
def test_patches_lie_where_their_coordinates_say(scale: float, position: int, is_shifted: bool):
    config = msgspec.structs.replace(CONFIG, sub_pixel_shift=is_shifted, augment=False)
    _check_places(draw_sample(_ramp(), config, scale, seed=1, position=position), patch=12)


@given(st.floats(1.0, 4.0), st.integers(0, 10**6), st.booleans())
def test_larger_patches_end_where_the_lr_grid_does(scale: float, position: int, is_shifted: bool):
    config = msgspec.structs.replace(
        CONFIG, patch_size=30, sub_pixel_shift=is_shifted, augment=False
    )
    side = 12 * scale if is_shifted else round(12 * scale)
    sample = draw_sample(_ramp(), config, scale, seed=1, position=position)
    _check_places(sample, patch=min(30, math.floor(side)))


def _check_places(sample: Sample, *, patch: int) -> None:
    """Compare a sample of the ramp with what the LR image shows at its coordinates."""
    assert sample.lr_HWC.shape == (12, 12, 3)
    assert sample.hr_PPC.shape == (patch, patch, 3)
    for axis, corners in ((0, sample.rows), (1, sample.cols)):
        # Of corner 0: the latent code's place plus half the relative coordinate.
        place = corners.latent[:, 0] + corners.rel_coord[:, 0] / 2.0
        assert ((place >= -0.5 - 1e-6) & (place <= 11.5 + 1e-6)).all()
        lr_line = sample.lr_HWC[..., axis].mean(axis=1 - axis) / 3.0
        hr_line = sample.hr_PPC[..., axis].mean(axis=1 - axis) / 3.0
        inside = (place >= 2) & (place <= 9)  # bicubic at the crop's rim sees no ramp
        expected = np.interp(place, np.arange(12), lr_line)
        np.testing.assert_allclose(expected[inside], hr_line[inside], atol=0.35)


@given(st.integers(0, 10**6))
def test_a_sample_is_made_again_from_its_position(position: int):
    config = msgspec.structs.replace(CONFIG, degradation=DegradationConfig())
    first, again = (draw_sample(_ramp(), config, 2.3, seed=1, position=position) for _ in range(2))
    np.testing.assert_array_equal(first.lr_HWC, again.lr_HWC)
    np.testing.assert_array_equal(first.hr_PPC, again.hr_PPC)
    np.testing.assert_array_equal(first.rows.rel_coord, again.rows.rel_coord)


def test_without_shift_samples_are_those_of_liif():
    config = DataConfig(lr_size=12, augment=False, sub_pixel_shift=False)
    hr = np.random.default_rng(0).integers(0, 255, (24, 24, 3), dtype=np.uint8)
    sample = draw_sample(hr, config, 2.0, seed=1, position=3)
    lr = PilImage.fromarray(hr).resize((12, 12), PilImage.Resampling.BICUBIC)
    np.testing.assert_array_equal(sample.lr_HWC, np.asarray(lr))
    assert sample.rows.cell == 1.0
    assert set(np.abs(sample.rows.rel_coord).ravel()) <= {0.5, 1.5}


def test_flips_and_transposes_keep_the_frame():
    hr = _ramp()
    seen = set()
    for position in range(60):
        sample = draw_sample(hr, CONFIG, 3.0, seed=1, position=position)
        # The mean colour of the LR pixels under the patch is the patch's, whatever the turn.
        rows, cols = (slice(a.latent.min(), a.latent.max() + 1) for a in (sample.rows, sample.cols))
        lr, patch = sample.lr_HWC[rows, cols], sample.hr_PPC
        np.testing.assert_allclose(lr.mean((0, 1)), patch.mean((0, 1)), atol=6.0)
        down, right = (
            np.sign(np.diff(lr.astype(int).mean(axis=a), axis=0).mean(0)) for a in (1, 0)
        )
        seen.add((*down[:2], *right[:2]))
    assert len(seen) == 8


def test_shifts_cover_all_phases():
    phases = []
    for position in range(200):
        sample = draw_sample(_ramp(), CONFIG, 2.0, seed=1, position=position)
        phases.append(float(sample.rows.rel_coord[0, 0]) / 2.0 % 1.0)
    counts, _ = np.histogram(phases, bins=4, range=(0.0, 1.0))
    assert counts.min() > 25


def test_each_round_shows_each_image_once():
    order = [image_index(7, seed=3, position=position) for position in range(21)]
    assert all(sorted(order[n : n + 7]) == list(range(7)) for n in (0, 7, 14))
    assert order[:7] != order[7:14]


def test_scales_come_from_their_ranges_by_share():
    ranges = (ScaleRange(low=1.0, high=2.0, share=3.0), ScaleRange(low=4.0, high=5.0))
    config = DataConfig(scales=ranges)
    scales = [batch_scale(config, seed=0, step=step) for step in range(400)]
    low = [scale for scale in scales if scale <= 2.0]
    assert all(1.0 <= s <= 2.0 or 4.0 <= s <= 5.0 for s in scales)
    assert 250 < len(low) < 350


def test_stacked_samples_are_in_the_networks_ranges():
    samples = [draw_sample(_ramp(), CONFIG, 2.0, seed=0, position=n) for n in range(3)]
    batch = stack_samples(samples, 2.0)
    assert batch.lr_BCHW.shape == (3, 3, 12, 12)
    assert 0.0 <= float(batch.lr_BCHW.min()) <= float(batch.lr_BCHW.max()) <= 1.0
    assert -1.0 <= float(batch.hr_BCPP.min()) < 0.0
    assert batch.rows.latent_BN.shape == (3, 24)


def test_impossible_settings_are_refused():
    with pytest.raises(ValueError, match="patch of 196 does not fit"):
        DataConfig(lr_size=48, patch_size=196)
    with pytest.raises(ValueError, match="scale range"):
        ScaleRange(low=0.5)
    with pytest.raises(ValueError, match="smaller than the crops"):
        DataConfig(lr_size=64, resize_hr=200)
    with pytest.raises(ValueError, match="too small for the LR grid"):
        draw_sample(_ramp(20, 20), CONFIG, 4.0, seed=0, position=0)


@pytest.mark.parametrize("seed", range(8))
def test_degradations_keep_size_and_place(seed: int):
    from liifgan_core.train.degradations import degrade

    image = _ramp(40, 50)
    damaged = degrade(image, DegradationConfig(), np.random.default_rng(seed))
    assert damaged.shape == image.shape
    assert damaged.dtype == np.uint8
    error = damaged.astype(float) - image
    assert np.abs(error.mean(axis=(0, 1))).max() < 4.0
    assert np.abs(error).mean() > 0.1
