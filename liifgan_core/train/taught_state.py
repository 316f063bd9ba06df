"""The detail layer, and maybe its trunk, while they are taught a network's pictures.

The structure layer is frozen and its pictures are part of the lessons, so that a step costs no more
than what it trains. The result is structure plus detail; what it lacks of the teacher's picture is
what the detail layer learns. Where the detail decoder draws a picture of its own
(`LIIFConfig.detail_is_picture`), it learns the teacher's.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from liifgan_core.models.field_decoder import FieldDecoder, draw_patch, draw_whole
from liifgan_core.models.liif import LIIF
from liifgan_core.train.checkpoint import grouped, ungrouped
from liifgan_core.train.config import Arithmetic, TrainConfig
from liifgan_core.train.generator import freeze_parts
from liifgan_core.train.lesson_batches import LessonBatch
from liifgan_core.train.lesson_config import FEATURE_BORDER, TaughtConfig
from liifgan_core.train.lessons import resized
from liifgan_core.train.schedule import update_average
from liifgan_core.train.updates import ClippedAdam, FiniteGuard


class TaughtState:
    """Network, averages and optimiser of a taught run: a `Learner`."""

    def __init__(
        self,
        config: TrainConfig,
        network: LIIF,
        *,
        device: torch.device,
        arithmetic: Arithmetic,
        scale: int,
    ) -> None:
        """`scale` is the teacher's factor."""
        assert config.taught is not None
        assert isinstance(network.detail, FieldDecoder)
        self.config = config
        self.network = network.to(device)
        self._taught: TaughtConfig = config.taught
        self._detail: FieldDecoder = network.detail
        self._scale = scale
        self._device = device
        self._half = arithmetic.half
        freeze_parts(network, config.trained_parts)
        self._trained = {n: p for n, p in network.named_parameters() if p.requires_grad}
        self._optimiser = ClippedAdam(
            self._trained.values(),
            config.learning_rate,
            betas=config.betas,
            max_norm=config.max_gradient_norm,
        )
        self._average: dict[str, Tensor] | None = None
        if config.ema_decay is not None:
            self._average = {name: p.detach().clone() for name, p in self._trained.items()}
        changed = [*self._trained.values(), *(self._average or {}).values()]
        self._guard = FiniteGuard(changed, ("detail layer",), device=device)

    @property
    def output(self) -> Mapping[str, Tensor]:
        """The network's tensors that the run is for: with averages of what is trained."""
        return self.network.state_dict() | (self._average or {})

    def step(self, batch: LessonBatch, *, step: int, rate: float) -> dict[str, Tensor]:
        """Take one step at the given factor of the base learning rate; return the loss terms.

        Terms are unweighted scalars on the device. Nothing changes, now or later, if the loss or
        its gradient is not finite; `check` tells.
        """
        before = self._guard.snapshot()
        terms, total = self.loss(batch)
        norm = self._optimiser.gradients(total)
        self._optimiser.apply(rate)
        if self._average is not None and self.config.ema_decay is not None:
            update_average(self._average, self._trained, decay=self.config.ema_decay, step=step)
        self._guard.settle(before, {"detail layer": (total.detach(), norm)}, step=step)
        terms["gradient_norm"] = norm
        return {name: value.detach() for name, value in terms.items()}

    def check(self) -> None:
        """Raise NotFiniteError if a step so far was not taken; waits for the device."""
        self._guard.check()

    def loss(self, batch: LessonBatch) -> tuple[dict[str, Tensor], Tensor]:
        """Return the terms, unweighted, and their weighted sum."""
        taught = self._taught
        features_BDHW, coefficients = self._coefficients(batch)
        wanted_BChw = batch.target_BChw - self._base(batch)
        border = taught.border * self._scale
        missed_BChw = _inner(draw_whole(coefficients, self._scale) - wanted_BChw, border)
        terms = {"taught_l1": missed_BChw.abs().mean(), "slopes": _slopes(missed_BChw)}
        weights = {"taught_l1": 1.0, "slopes": taught.slopes}
        if taught.resampled > 0.0:
            terms["resampled"] = _resampled_term(coefficients, wanted_BChw, batch)
            weights["resampled"] = taught.resampled
        if taught.features > 0.0:
            assert batch.features_BDHW is not None
            assert self.network.config.detail_trunk is not None
            unit = self.network.config.detail_trunk.unit
            missed = _inner(features_BDHW - batch.features_BDHW / unit, FEATURE_BORDER)
            terms["features"], weights["features"] = missed.abs().mean(), taught.features
        return terms, torch.stack([weights[name] * term for name, term in terms.items()]).sum()

    def _base(self, batch: LessonBatch) -> Tensor | float:
        """Return what the detail decoder's picture is added to."""
        return 0.0 if self.network.config.detail_is_picture else batch.structure_BChw

    def _coefficients(self, batch: LessonBatch) -> tuple[Tensor, Tensor]:
        """Return the trunk's features in its unit, and the detail field's coefficients."""
        trunk = self.network.config.detail_trunk
        assert trunk is not None
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._half):
            if trunk.sha256:
                assert batch.features_BDHW is not None
                feat_BDHW = batch.features_BDHW / trunk.unit
            else:
                lr_BCHW = batch.lr_BCHW.contiguous(memory_format=torch.channels_last)
                feat_BDHW = self.network.encode_detail(lr_BCHW)
            feat_BDHW = feat_BDHW.contiguous(memory_format=torch.channels_last)
            return feat_BDHW, self._detail.coefficients(feat_BDHW)

    def teacher_psnr(self, batch: LessonBatch) -> list[float]:
        """Return each lesson's PSNR in dB to the teacher's picture, with the output's weights."""
        current = {name: p.detach().clone() for name, p in self._trained.items()}
        self._take(self._average or current)
        with torch.no_grad():
            _, coefficients = self._coefficients(batch)
            result = self._base(batch) + draw_whole(coefficients, self._scale)
            border = self._taught.border * self._scale
            error = _inner(result.clamp(-1.0, 1.0) - batch.target_BChw, border) / 2.0
            decibels = -10.0 * error.square().mean(dim=(1, 2, 3)).log10()
        self._take(current)
        return decibels.tolist()

    def _take(self, tensors: Mapping[str, Tensor]) -> None:
        with torch.no_grad():
            for name, parameter in self._trained.items():
                parameter.copy_(tensors[name])

    def tensors(self) -> dict[str, Tensor]:
        """Return everything that a checkpoint must hold: nothing that is frozen.

        Raises NotFiniteError as `check` does.
        """
        self.check()
        found = grouped("network", {n: p.detach() for n, p in self._trained.items()})
        found |= grouped("optimiser", self._optimiser.tensors())
        if self._average is not None:
            found |= grouped("average", self._average)
        return found

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Take the state of `tensors`; raises RuntimeError or KeyError when it is another run's."""
        self._take(ungrouped("network", tensors))
        self._optimiser.restore(ungrouped("optimiser", tensors))
        if self._average is not None:
            saved = ungrouped("average", tensors)
            for name, tensor in self._average.items():
                tensor.copy_(saved[name])


def _inner(x: Tensor, border: int) -> Tensor:
    """Return what is left within a border."""
    return x[..., border : x.shape[-2] - border, border : x.shape[-1] - border]


def _slopes(x_BChw: Tensor) -> Tensor:
    """Return the mean absolute differences between neighbours, across plus down."""
    return x_BChw.diff(dim=-1).abs().mean() + x_BChw.diff(dim=-2).abs().mean()


def _resampled_term(coefficients: Tensor, wanted_BChw: Tensor, batch: LessonBatch) -> Tensor:
    patch = batch.patch
    found_BCPP = draw_patch(coefficients, patch.rows, patch.cols)
    square = wanted_BChw[
        ..., patch.top : patch.top + patch.side, patch.left : patch.left + patch.side
    ]
    resampled = resized(square, (patch.num_pixels, patch.num_pixels))
    return (found_BCPP - patch.without_margin(resampled)).abs().mean()
