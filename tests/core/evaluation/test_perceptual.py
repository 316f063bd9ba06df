import sys
from types import ModuleType

import numpy as np
import pytest
import torch

from liifgan_core.errors import WeightsError
from liifgan_core.evaluation import perceptual
from liifgan_core.evaluation.perceptual import load_distance

CPU = torch.device("cpu")


class _Range(torch.nn.Module):
    """Tells the lowest value of the first batch minus the highest of the second."""

    def forward(self, sr: torch.Tensor, hr: torch.Tensor) -> torch.Tensor:
        assert sr.shape == hr.shape == (1, 3, 4, 5)
        return sr.min() - hr.max()


def _package(monkeypatch: pytest.MonkeyPatch, name: str, **names: object) -> None:
    module = ModuleType(name)
    for key, value in names.items():
        setattr(module, key, value)
    monkeypatch.setitem(sys.modules, name, module)


@pytest.mark.parametrize(
    ("name", "package", "maker", "low"),
    [("lpips-alex", "lpips", "LPIPS", -1.0), ("dists", "piq", "DISTS", 0.0)],
)
def test_a_package_gets_its_own_range(name, package, maker, low, monkeypatch: pytest.MonkeyPatch):
    _package(monkeypatch, package, **{maker: lambda **_options: _Range()})
    distance = load_distance(name, CPU)
    black, white = np.zeros((4, 5, 3), np.float32), np.ones((4, 5, 3), np.float32)
    assert distance(black, white) == low - 1.0


@pytest.mark.parametrize(("name", "package"), [("lpips-alex", "lpips"), ("dists", "piq")])
def test_a_missing_package_is_a_clear_error(name, package, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(WeightsError, match=f"'{package}' cannot be used .*leave this metric out"):
        load_distance(name, CPU)


def test_a_torchvision_of_another_torch_is_a_clear_error(monkeypatch: pytest.MonkeyPatch):
    def broken(_name: str) -> ModuleType:
        raise RuntimeError("operator torchvision::nms does not exist")

    monkeypatch.setattr(perceptual.importlib, "import_module", broken)
    with pytest.raises(WeightsError, match=r"nms does not exist.*a torchvision that fits torch"):
        load_distance("dists", CPU)


def test_weights_that_cannot_be_downloaded_are_a_clear_error(monkeypatch: pytest.MonkeyPatch):
    def offline(**_options: object) -> torch.nn.Module:
        print("Downloading")
        raise OSError("no network")

    _package(monkeypatch, "piq", DISTS=offline)
    with pytest.raises(
        WeightsError, match=r"weights of piq cannot be had \(no network\); put them"
    ):
        load_distance("dists", CPU)


@pytest.mark.parametrize(("name", "trunk"), [("st-lpips-alex", "alex"), ("st-lpips-vgg", "vgg")])
def test_st_lpips_is_loaded_with_the_trunk_of_its_name(
    name, trunk, monkeypatch: pytest.MonkeyPatch
):
    class Loaded:
        def __init__(self, trunk: str) -> None:
            self.trunk = trunk

        def distance(self, _sr: np.ndarray, _hr: np.ndarray) -> float:
            return float(len(self.trunk))

    monkeypatch.setattr(perceptual, "load_st_lpips", lambda trunk, device: Loaded(trunk))
    one = np.ones((1, 1, 3), np.float32)
    assert load_distance(name, CPU)(one, one) == len(trunk)
