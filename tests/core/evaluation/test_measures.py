import numpy as np
import pytest
import torch

from liifgan_core.errors import LiifganError, WeightsError
from liifgan_core.evaluation import measures
from liifgan_core.evaluation.grid_pattern import grid_pattern
from liifgan_core.evaluation.measures import METRICS, least_side, make_measure, parse_metrics
from liifgan_core.evaluation.methods import Bicubic
from liifgan_core.evaluation.protocol import Pair, find_protocol, make_pair
from liifgan_core.evaluation.texture import texture

CPU = torch.device("cpu")


def _pair(side: int = 40, scale: float = 4.0) -> Pair:
    rng = np.random.default_rng(0)
    return make_pair(rng.integers(0, 256, (side, side, 3), dtype=np.uint8), scale)


@pytest.mark.parametrize(
    ("names", "protocol", "expected"),
    [
        (["psnr", "ssim"], "rgb", ["psnr-rgb", "ssim-rgb"]),
        (["psnr", "ssim"], "y", ["psnr-y", "ssim-y"]),
        (["psnr", "psnr-y", "psnr-rgb"], "div2k", ["psnr-rgb", "psnr-y"]),
        (["texture", "texture-strength"], "rgb", ["texture-strength", "texture-coherence"]),
        (["grid-mean", "grid"], "rgb", ["grid-mean", "grid-energy"]),
        (["st-lpips", "lpips", "time"], "rgb", ["st-lpips-alex", "lpips-alex", "seconds-per-mp"]),
    ],
)
def test_short_names_mean_one_metric(names, protocol, expected):
    found = parse_metrics(names, find_protocol(protocol))
    assert [info.name for info in found] == expected


def test_unknown_and_missing_metrics_are_errors():
    with pytest.raises(LiifganError, match=r"no metric 'pnsr'; use one of: .*psnr-y"):
        parse_metrics(["psnr", "pnsr"], find_protocol("rgb"))
    with pytest.raises(LiifganError, match="no metric is asked for"):
        parse_metrics([], find_protocol("rgb"))


@pytest.mark.parametrize(
    "metric",
    [
        *("psnr-rgb", "psnr-y", "ssim-rgb", "ssim-y"),
        *("texture-strength", "texture-coherence", "grid-energy", "grid-mean"),
    ],
)
@pytest.mark.parametrize("protocol", ["rgb", "div2k"])
def test_the_least_side_is_the_smallest_that_can_be_measured(metric: str, protocol: str):
    measure = make_measure(metric, find_protocol(protocol), CPU)
    side = least_side(metric, find_protocol(protocol), 4.0)
    for number, is_enough in ((side, True), (side - 1, False)):
        hr = np.random.default_rng(0).uniform(0, 1, (number, number, 3)).astype(np.float32)
        pair = Pair(4.0, np.zeros((3, 3, 3), np.uint8), hr)
        if is_enough:
            assert np.isfinite(measure(hr * 0.9, pair))
        else:
            with pytest.raises(ValueError, match=r"fewer than|too few"):
                measure(hr * 0.9, pair)


def test_the_border_is_the_protocols():
    pair = _pair()
    sr = pair.hr.copy()
    sr[9] += 0.1
    assert make_measure("psnr-rgb", find_protocol("rgb"), CPU)(sr, pair) < 40.0
    assert make_measure("psnr-rgb", find_protocol("div2k"), CPU)(sr, pair) == float("inf")


def test_lr_psnr_compares_with_the_input_and_not_with_the_original():
    pair = _pair()
    measure = make_measure("lr-psnr", find_protocol("rgb"), CPU)
    # The original itself, reduced, differs from the input only by rounding to 8 bits, which Pillow
    # does after each axis: 58.9 dB for the variance 1/12 of one rounding, less for two.
    assert 57.0 < measure(pair.hr, pair) < 58.9
    bicubic = Bicubic().upscale(pair.lr, pair.size)
    assert measure(bicubic, pair) < 40.0


def test_texture_figures_are_of_the_result_alone():
    pair = _pair()
    expected = texture(pair.hr * 0.5)
    other = Pair(pair.scale, pair.lr, np.zeros_like(pair.hr))
    for compared_with in (pair, other):
        strength, coherence = (
            make_measure(f"texture-{name}", find_protocol("rgb"), CPU)(pair.hr * 0.5, compared_with)
            for name in ("strength", "coherence")
        )
        assert (strength, coherence) == (expected.strength, expected.coherence)
    of_picture = {name for name, info in METRICS.items() if info.is_of_picture}
    assert of_picture == {"texture-strength", "texture-coherence", "grid-energy", "grid-mean"}


def test_grid_figures_are_those_of_the_scale_and_only_of_whole_ones():
    pair = _pair()
    expected = grid_pattern(pair.hr * 0.5, 4)
    energy, mean = (
        make_measure(f"grid-{name}", find_protocol("rgb"), CPU)(pair.hr * 0.5, pair)
        for name in ("energy", "mean")
    )
    assert (energy, mean) == (expected.energy, expected.mean)
    assert METRICS["grid-mean"].is_defined_at(3.0)
    assert not METRICS["grid-mean"].is_defined_at(4.5)
    assert METRICS["texture-strength"].is_defined_at(4.5)


def test_perceptual_distances_see_result_and_original(monkeypatch: pytest.MonkeyPatch):
    def load(name, device):
        assert (name, device) == ("st-lpips-vgg", CPU)
        return lambda sr, hr: float(np.abs(sr - hr).mean())

    monkeypatch.setattr(measures, "load_distance", load)
    pair = _pair()
    measure = make_measure("st-lpips-vgg", find_protocol("rgb"), CPU)
    assert measure(pair.hr - 0.25, pair) == pytest.approx(0.25, abs=1e-6)


def test_missing_weights_are_an_error_before_anything_is_measured(
    monkeypatch: pytest.MonkeyPatch,
):
    def load(_name, _device):
        raise WeightsError("cannot be had")

    monkeypatch.setattr(measures, "load_distance", load)
    with pytest.raises(WeightsError, match="cannot be had"):
        make_measure("dists", find_protocol("rgb"), CPU)


def test_titles_tell_which_distance_it_is():
    titles = [info.title for info in METRICS.values()]
    assert len(set(titles)) == len(titles)
    assert METRICS["st-lpips-alex"].title == "ST-LPIPS (alex, ST0.0)"
    assert "LPIPS" not in titles
