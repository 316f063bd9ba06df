import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torchmetrics.functional.image import (
    peak_signal_noise_ratio,
    structural_similarity_index_measure,
)

from liifgan_core.evaluation.metrics import luma, psnr, ssim

Picture = np.ndarray


def _pair(seed: int, height: int = 40, width: int = 53) -> tuple[Picture, Picture]:
    rng = np.random.default_rng(seed)
    hr = rng.uniform(0.0, 1.0, (height, width, 3))
    hr = (hr + np.roll(hr, 1, axis=0) + np.roll(hr, 1, axis=1)) / 3.0
    sr = np.clip(hr + rng.normal(0.0, 0.08, hr.shape), 0.0, 1.0)
    return sr.astype(np.float32), hr.astype(np.float32)


def _batch(picture: Picture, border: int, *, on_luma: bool) -> torch.Tensor:
    height, width = picture.shape[:2]
    inside = np.asarray(picture, np.float64)[border : height - border, border : width - border]
    planes = luma(inside)[..., None] if on_luma else inside
    return torch.from_numpy(planes.transpose(2, 0, 1).copy())[None]


@pytest.mark.parametrize("on_luma", [False, True])
@pytest.mark.parametrize("border", [0, 4, 10])
@pytest.mark.parametrize("seed", [0, 1])
def test_psnr_equals_torchmetrics(on_luma: bool, border: int, seed: int):
    sr, hr = _pair(seed)
    first, second = (_batch(p, border, on_luma=on_luma) for p in (sr, hr))
    expected = float(peak_signal_noise_ratio(first, second, data_range=1.0))
    assert psnr(sr, hr, border=border, on_luma=on_luma) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("on_luma", [False, True])
@pytest.mark.parametrize("border", [0, 4, 10])
@pytest.mark.parametrize("seed", [0, 1])
def test_ssim_equals_torchmetrics(on_luma: bool, border: int, seed: int):
    sr, hr = _pair(seed)
    first, second = (_batch(p, border, on_luma=on_luma) for p in (sr, hr))
    if on_luma:
        first, second = first + 16.0 / 255.0, second + 16.0 / 255.0
    _, full = structural_similarity_index_measure(
        first, second, data_range=1.0, return_full_image=True
    )
    # torchmetrics also averages windows that reach beyond the edge, over mirrored pixels. Published
    # tables (Wang's ssim.m, BasicSR) and this code count whole windows only.
    expected = float(full[..., 5:-5, 5:-5].mean())
    assert ssim(sr, hr, border=border, on_luma=on_luma) == pytest.approx(expected, abs=1e-5)


def test_luma_is_that_of_bt_601():
    rgb = np.random.default_rng(0).uniform(0.0, 1.0, (5, 7, 3))
    expected = (rgb @ np.array([65.481, 128.553, 24.966])) / 255.0
    np.testing.assert_allclose(luma(rgb), expected, atol=1e-5)


@given(st.integers(0, 1000), st.integers(0, 5), st.booleans())
def test_equal_pictures_are_perfect(seed: int, border: int, on_luma: bool):
    _, hr = _pair(seed, 24, 24)
    assert psnr(hr, hr, border=border, on_luma=on_luma) == float("inf")
    assert ssim(hr, hr, border=border, on_luma=on_luma) == pytest.approx(1.0, abs=1e-9)


@given(st.integers(0, 1000))
def test_what_lies_in_the_border_does_not_count(seed: int):
    sr, hr = _pair(seed, 24, 24)
    damaged = sr.copy()
    damaged[:3] = damaged[-3:] = 0.0
    damaged[:, :3] = damaged[:, -3:] = 1.0
    for metric in (psnr, ssim):
        assert metric(damaged, hr, border=3, on_luma=False) == metric(
            sr, hr, border=3, on_luma=False
        )
        assert metric(damaged, hr, border=2, on_luma=False) < metric(
            sr, hr, border=2, on_luma=False
        )


@pytest.mark.parametrize(("metric", "fits"), [(psnr, 1), (ssim, 11)])
def test_too_small_pictures_are_refused(metric, fits: int):
    side = 2 * 4 + fits
    metric(*_pair(0, side, side), border=4, on_luma=True)
    with pytest.raises(ValueError, match=f"fewer than {fits} pixels are left"):
        metric(*_pair(0, side, side - 1), border=4, on_luma=True)


@pytest.mark.parametrize("metric", [psnr, ssim])
def test_pictures_of_different_size_are_refused(metric):
    sr, hr = _pair(0)
    with pytest.raises(ValueError, match="cannot compare"):
        metric(sr[1:], hr, border=0, on_luma=False)
