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


def test_what_is_hopeless_is_measured_once(monkeypatch: pytest.MonkeyPatch):
    clock = Clock({LINEAR: 1.0, CONV: 1.25, HALF: 32.0})
    monkeypatch.setattr(kernels.time, "perf_counter", lambda: clock.now_s)
    assert kernels._seconds(clock.step, [LINEAR, CONV]) == (1.0, 1.25)
    assert clock.steps.count(CONV) == 4
    assert kernels._seconds(clock.step, [LINEAR, HALF]) == (1.0, 32.0)
    assert clock.steps.count(HALF) == 1


class Clock:
    """Time that passes only in steps; the numbers are exact in binary."""

    def __init__(self, seconds: dict[Arithmetic, float]) -> None:
        self.now_s, self.steps = 0.0, list[Arithmetic]()
        self._seconds = seconds

    def step(self, arithmetic: Arithmetic) -> None:
        self.now_s += self._seconds[arithmetic]
        self.steps.append(arithmetic)


def test_measuring_leaves_the_network_as_it_was(config: TrainConfig):
    network = build_generator(config.network, None, seed=0)
    before = {name: t.clone() for name, t in network.state_dict().items()}
    found = fastest_arithmetic(Generator(network), config.data, device=torch.device("cpu"))
    assert isinstance(found, Arithmetic)
    assert all(t.equal(before[name]) for name, t in network.state_dict().items())
    assert all(p.grad is None for p in network.parameters())
