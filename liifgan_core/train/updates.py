"""Updates of weights that are made only if all that they follow from is finite.

Whether it is, the device knows and the program does not ask at once: waiting for the answer would
leave a GPU idle in every step. The device itself puts weights back, and the program asks when it
reports or saves.
"""

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor, nn

from liifgan_core.errors import LiifganError
from liifgan_core.train.checkpoint import optimiser_tensors, restore_optimiser


class NotFiniteError(LiifganError):
    """A loss or a gradient is not a finite number; that step and later ones were not taken."""

    def __init__(self, message: str, *, step: int) -> None:
        super().__init__(message)
        self.step = step
        """Steps that were taken before."""


class ClippedAdam:
    """Adam over some parameters, with gradients clipped to a norm."""

    def __init__(
        self,
        parameters: Iterable[nn.Parameter],
        rate: float,
        *,
        betas: tuple[float, float],
        max_norm: float | None = None,
    ) -> None:
        self.parameters = list(parameters)
        self._rate = rate
        self._max_norm = float("inf") if max_norm is None else max_norm
        self._adam = torch.optim.Adam(self.parameters, rate, betas=betas)

    def gradients(self, loss: Tensor) -> Tensor:
        """Compute the gradients of a loss, clip them, and return their norm before."""
        self._adam.zero_grad()
        torch.autograd.backward(loss)
        return nn.utils.clip_grad_norm_(self.parameters, self._max_norm)

    def apply(self, rate: float) -> None:
        """Take a step along the gradients at a factor of the base learning rate."""
        for group in self._adam.param_groups:
            group["lr"] = self._rate * rate
        self._adam.step()

    def tensors(self) -> dict[str, Tensor]:
        """Return the state for a checkpoint."""
        return optimiser_tensors(self._adam)

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Take the state of `tensors`."""
        restore_optimiser(self._adam, tensors)


class FiniteGuard:
    """Keeps tensors as they were from the first step on whose losses or gradients are not finite.

    Ask `snapshot` before a step's forward passes, which may change buffers too, and `settle` after
    all of its updates. An optimiser's own moments are not kept: a run ends where `check` raises.
    """

    def __init__(
        self, kept: Iterable[Tensor], names: Iterable[str], *, device: torch.device
    ) -> None:
        """`kept` are the tensors that a step changes, `names` who takes one: "generator"."""
        self._kept = list(kept)
        self._names = tuple(names)
        self._is_good = torch.ones((), dtype=torch.bool, device=device)
        self._told = torch.zeros(1 + 2 * len(self._names), device=device)
        """The first step that was not good; loss and gradient's norm by name."""

    @torch.no_grad()
    def snapshot(self) -> list[Tensor]:
        """Return copies of all that is kept."""
        return [tensor.clone() for tensor in self._kept]

    @torch.no_grad()
    def settle(
        self, before: list[Tensor], told: Mapping[str, tuple[Tensor, Tensor]], *, step: int
    ) -> None:
        """Put everything back to `before` if this step, or one before, was not finite.

        `told` has loss and gradient's norm by name; names may be missing. Nothing waits for the
        device.
        """
        nothing = self._told.new_zeros(())
        values = [v.float() for n in self._names for v in told.get(n, (nothing, nothing))]
        news = torch.stack([torch.full_like(nothing, float(step)), *values])
        is_finite = torch.isfinite(news).all()
        self._told = torch.where(self._is_good & ~is_finite, news, self._told)
        self._is_good = self._is_good & is_finite
        for tensor, old in zip(self._kept, before, strict=True):
            tensor.copy_(torch.where(self._is_good, tensor, old))

    def check(self) -> None:
        """Raise NotFiniteError if a step was not finite; waits for the device."""
        if bool(self._is_good):
            return
        step, *values = self._told.tolist()
        pairs = zip(values[::2], values[1::2], strict=True)
        found = ", ".join(
            f"the {name}'s loss is {loss:g} and its gradient's norm {norm:g}"
            for name, (loss, norm) in zip(self._names, pairs, strict=True)
        )
        raise NotFiniteError(
            f"step {step:.0f}: {found}; that update was not made. Lower the learning rate, or set "
            "max_gradient_norm",
            step=int(step),
        )
