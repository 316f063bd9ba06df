import pytest
import torch

from liifgan_core.train import kernels
from liifgan_core.train.config import Arithmetic, TrainConfig
from liifgan_core.train.generator import Generator, build_generator
from liifgan_core.train.kernels import fastest_arithmetic

LINEAR, CONV = Arithmetic(), Arithmetic(kernel="conv")
HALF, HALF_CONV = Arithmetic(half=True), Arithmetic(kernel="conv", half=True)


@pytest.mark.parametrize(
    ("linear", "conv", "half", "expected"),
    [
        (1.0, 1.0, 1.0, LINEAR),
        (1.0, 0.95, 0.9, LINEAR),
        (1.0, 0.5, 2.0, CONV),
        (1.0, 1.0, 0.5, HALF),
        (1.0, 0.5, 0.3, HALF_CONV),
        (1.0, 2.0, 0.95, LINEAR),
    ],
)
def test_only_what_is_clearly_faster_is_chosen(
    linear: float,
    conv: float,
    half: float,
    expected: Arithmetic,
    monkeypatch: pytest.MonkeyPatch,
):
    def seconds(_step, candidates: list[Arithmetic]) -> tuple[float, float]:
        known = {LINEAR: linear, CONV: conv, HALF: half, HALF_CONV: half}
        return known[candidates[0]], known[candidates[1]]

    monkeypatch.setattr(kernels, "_seconds", seconds)
    monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: True)
    assert kernels._measured(lambda _arithmetic: None) == expected


def test_measuring_leaves_the_network_as_it_was(config: TrainConfig):
    network = build_generator(config.network, None, seed=0)
    before = {name: t.clone() for name, t in network.state_dict().items()}
    found = fastest_arithmetic(Generator(network), config.data, device=torch.device("cpu"))
    assert isinstance(found, Arithmetic)
    assert all(t.equal(before[name]) for name, t in network.state_dict().items())
    assert all(p.grad is None for p in network.parameters())
