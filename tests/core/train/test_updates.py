"""A step that is not finite leaves everything as it was, and nobody asks the device meanwhile."""

import pytest
import torch

from liifgan_core.train.updates import ClippedAdam, FiniteGuard, NotFiniteError
from tests.core.train.device_reads import reads_of_the_device

CPU = torch.device("cpu")


def _step(guard: FiniteGuard, weight: torch.Tensor, loss: float, *, step: int) -> None:
    before = guard.snapshot()
    with torch.no_grad():
        weight += 1.0
    told = {"network": (torch.tensor(loss), torch.tensor(2.0))}
    guard.settle(before, told, step=step)


def test_weights_stay_from_the_first_step_on_that_is_not_finite():
    weight, counter = torch.zeros(3), torch.tensor(5)
    guard = FiniteGuard([weight, counter], ["network", "critic"], device=CPU)
    with reads_of_the_device() as reads:
        for step, loss in enumerate((0.5, float("inf"), 0.5)):
            _step(guard, weight, loss, step=step + 40)
    assert reads == []
    assert weight.tolist() == [1.0, 1.0, 1.0]
    assert (int(counter), counter.dtype) == (5, torch.int64)
    with pytest.raises(
        NotFiniteError, match="step 41: the network's loss is inf and its gradient'"
    ):
        guard.check()


def test_a_gradient_that_is_not_finite_counts_too_and_a_finite_step_does_not():
    weight = torch.zeros(1)
    guard = FiniteGuard([weight], ["network"], device=CPU)
    _step(guard, weight, 1.0, step=0)
    guard.check()
    before = guard.snapshot()
    weight.fill_(7.0)
    guard.settle(before, {"network": (torch.ones(()), torch.tensor(float("nan")))}, step=1)
    assert weight.tolist() == [1.0]
    with pytest.raises(NotFiniteError) as caught:
        guard.check()
    assert caught.value.step == 1


def test_gradients_are_clipped_to_the_norm_and_told_unclipped():
    weight = torch.nn.Parameter(torch.tensor([0.0, 0.0]))
    adam = ClippedAdam([weight], 0.1, betas=(0.9, 0.999), max_norm=1.0)
    norm = adam.gradients((weight * torch.tensor([3.0, 4.0])).sum())
    assert float(norm) == pytest.approx(5.0)
    assert weight.grad is not None
    assert weight.grad.tolist() == pytest.approx([0.6, 0.8], abs=1e-5)
    adam.apply(0.5)
    # Adam's first step has the length of the rate whatever the gradient's.
    assert weight.tolist() == pytest.approx([-0.05, -0.05], abs=1e-6)
