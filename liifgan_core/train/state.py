"""Everything that changes during training, and one step of it.

Gradients are blocked as in the paper (eq. 4-6): the L1 of the structure layer, to the original and
to a teacher's, reaches D1 and the encoder; all other terms see D1's output detached and reach D2
and the encoder. A network of one decoder (LIIF-GAN-S) takes all terms.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from liifgan_core.errors import LiifganError
from liifgan_core.models.discriminator import build_discriminator
from liifgan_core.models.liif import LIIF
from liifgan_core.train.checkpoint import (
    grouped,
    optimiser_tensors,
    restore_optimiser,
    ungrouped,
)
from liifgan_core.train.config import Arithmetic, DistillationConfig, GanConfig, TrainConfig
from liifgan_core.train.generator import Generator, Layers, as_channels_last, freeze_parts
from liifgan_core.train.grid_phase import grid_phase
from liifgan_core.train.losses import (
    PerceptualLoss,
    artefact_loss,
    critic_loss,
    generator_gan_loss,
    local_powers,
    low_pass_loss,
    spectrum_balance_loss,
    spectrum_loss,
)
from liifgan_core.train.processes import Processes
from liifgan_core.train.sampling import Batch
from liifgan_core.train.schedule import update_average


class NotFiniteError(LiifganError):
    """A loss or a gradient is not a finite number; the step was not taken."""


Features = Mapping[str, Tensor]


@dataclass(frozen=True, slots=True)
class Views:
    """Patches as the losses see them."""

    image_BCPP: Tensor
    features: dict[str, Tensor]
    """Maps of the perceptual network by layer; empty without a perceptual loss."""

    def detach(self) -> "Views":
        """Return the same without gradients."""
        features = {name: map_.detach() for name, map_ in self.features.items()}
        return Views(self.image_BCPP.detach(), features)


class CriticPair(nn.Module):
    """The discriminator on real and fake patches in one call, as wrappers for devices need it."""

    def __init__(self, critic: nn.Module) -> None:
        super().__init__()
        self.critic = critic

    def forward(self, real: Tensor | Features, fake: Tensor | Features) -> tuple[Tensor, Tensor]:
        """Return the logits of both, patches or feature maps as the critic takes them."""
        return self.critic(real), self.critic(fake)


class TrainState:
    """Networks, averages and optimisers of a run."""

    def __init__(
        self,
        config: TrainConfig,
        network: LIIF,
        perceptual: PerceptualLoss | None,
        *,
        processes: Processes,
        arithmetic: Arithmetic,
        teacher: LIIF | None = None,
    ) -> None:
        self.config = config
        self.network = network
        self._teacher: Generator | None = None
        if teacher is not None:
            frozen = as_channels_last(teacher).requires_grad_(False).eval().to(processes.device)
            self._teacher = Generator(frozen)
        self._perceptual = None if perceptual is None else perceptual.to(processes.device)
        self._device = processes.device
        self._half = arithmetic.half
        freeze_parts(network, config.trained_parts)
        self._generator = processes.share(Generator(network))
        self._trained = [p for p in network.parameters() if p.requires_grad]
        self._optimiser = torch.optim.Adam(self._trained, config.learning_rate, betas=config.betas)
        self._average: dict[str, Tensor] | None = None
        if config.ema_decay is not None:
            self._average = {k: v.detach().clone() for k, v in network.state_dict().items()}

        self._critic: nn.Module | None = None
        self._critic_pair: nn.Module | None = None
        self._critic_optimiser: torch.optim.Optimizer | None = None
        gan = config.loss.gan
        if gan is not None:
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(config.seed + 1)
                critic = build_discriminator(gan.discriminator, self._feature_units())
            self._critic = as_channels_last(critic)
            self._critic_pair = processes.share(CriticPair(critic))
            self._critic_optimiser = torch.optim.Adam(
                critic.parameters(), gan.learning_rate, betas=config.betas
            )

    @property
    def output(self) -> Mapping[str, Tensor]:
        """The network's tensors that the run is for: the averages, or the last."""
        return self.network.state_dict() if self._average is None else self._average

    def step(self, batch: Batch, *, step: int, rate: float) -> dict[str, Tensor]:
        """Take one step at the given factor of the base learning rates; return the loss terms.

        Terms are unweighted scalars on the device. Raises NotFiniteError before the network that it
        concerns changes.
        """
        gan = self.config.loss.gan
        is_gan_on = gan is not None and step >= gan.start_step
        has_detail = step >= self.config.loss.detail_start_step
        with self._autocast():
            layers = Layers(
                *self._generator(batch.lr_BCHW, batch.rows, batch.cols, with_detail=has_detail)
            )
        fake, real = self.views(layers, batch)
        terms, total = self.generator_loss(layers, batch, fake, real, step=step)
        self._optimiser.zero_grad()
        torch.autograd.backward(total)
        terms["gradient_norm"] = self._update(
            self._optimiser, self._trained, total, self.config.learning_rate * rate, step=step
        )
        if self._average is not None and self.config.ema_decay is not None:
            current = self.network.state_dict()
            update_average(self._average, current, decay=self.config.ema_decay, step=step)
        if gan is not None and is_gan_on:
            terms |= self._critic_step(gan, fake.detach(), real, step=step, rate=rate)
        return {name: value.detach() for name, value in terms.items()}

    def views(self, layers: Layers, batch: Batch) -> tuple[Views, Views]:
        """Return what the losses see of the result, with gradients, and of the original."""
        result, target = layers.result, batch.hr_BCPP
        if self._perceptual is None:
            return Views(result, {}), Views(target, {})
        with self._autocast():
            with torch.no_grad():
                wanted = self._perceptual.features(target)
            return Views(result, self._perceptual.features(result)), Views(target, wanted)

    def generator_loss(
        self, layers: Layers, batch: Batch, fake: Views, real: Views, *, step: int
    ) -> tuple[dict[str, Tensor], Tensor]:
        """Return the terms, unweighted, and their weighted sum."""
        loss, target = self.config.loss, batch.hr_BCPP
        result = layers.result
        terms = {"structure_l1": F.l1_loss(layers.structure, target)}
        weights = {"structure_l1": loss.structure_l1}
        if loss.distillation is not None:
            terms["distillation"] = self._distillation_term(loss.distillation, layers, batch, step)
            weights["distillation"] = loss.distillation.weight
        if step < loss.detail_start_step:
            return terms, _weighted(terms, weights)
        if loss.result_l1 > 0:
            terms["result_l1"], weights["result_l1"] = F.l1_loss(result, target), loss.result_l1
        if self._perceptual is not None and loss.perceptual is not None:
            terms["perceptual"] = self._perceptual(fake.features, real.features)
            weights["perceptual"] = loss.perceptual.weight
        gan = loss.gan
        if gan is not None and step >= gan.start_step + gan.lead_steps:
            terms["gan"] = self._gan_term(gan, fake, real)
            weights["gan"] = gan.weight
        if loss.artefact > 0:
            structure = layers.structure.detach()
            terms["artefact"] = artefact_loss(result, structure, target)
            weights["artefact"] = loss.artefact
        if loss.spectrum > 0 or loss.spectrum_balance > 0:
            powers = local_powers(result), local_powers(target)
            if loss.spectrum > 0:
                terms["spectrum"], weights["spectrum"] = spectrum_loss(*powers), loss.spectrum
            if loss.spectrum_balance > 0:
                terms["spectrum_balance"] = spectrum_balance_loss(*powers)
                weights["spectrum_balance"] = loss.spectrum_balance
        if layers.detail is not None and loss.low_pass > 0:
            terms["low_pass"] = low_pass_loss(layers.detail, batch.scale)
            weights["low_pass"] = loss.low_pass
        if layers.detail is not None and loss.grid_phase is not None:
            chosen = {"detail": layers.detail, "result": result}
            for name in loss.grid_phase.layers:
                phase = grid_phase(
                    chosen[name], batch.rows, batch.cols, num_bins=loss.grid_phase.num_bins
                )
                terms |= {f"grid_mean_{name}": phase.mean, f"grid_energy_{name}": phase.energy}
                weights[f"grid_mean_{name}"] = loss.grid_phase.mean_weight
                weights[f"grid_energy_{name}"] = loss.grid_phase.energy_weight
        return terms, _weighted(terms, weights)

    def _distillation_term(
        self, distillation: DistillationConfig, layers: Layers, batch: Batch, step: int
    ) -> Tensor:
        """Return the L1 of the structure to the teacher's at every n-th pixel of the patches."""
        assert self._teacher is not None, "open_run loads one for a recipe that has a teacher"
        stride = distillation.stride(layers.structure.shape[-1])
        # Another pixel of each stride x stride with every step.
        row, col = step % stride, step // stride % stride
        with torch.no_grad(), self._autocast():
            wanted, _ = self._teacher(
                batch.lr_BCHW,
                batch.rows.every(stride, row),
                batch.cols.every(stride, col),
                with_detail=False,
            )
        return F.l1_loss(layers.structure[..., row::stride, col::stride], wanted)

    def _gan_term(self, gan: GanConfig, fake: Views, real: Views) -> Tensor:
        """Return the generator's GAN loss; the critic gets no gradient from it."""
        assert self._critic is not None
        self._critic.requires_grad_(False)
        with self._autocast():
            real_logits = None
            if gan.kind == "relativistic":
                with torch.no_grad():
                    real_logits = self._critic(_for_critic(gan, real)).float()
            fake_logits = self._critic(_for_critic(gan, fake)).float()
            term = generator_gan_loss(real_logits, fake_logits, gan.kind)
        self._critic.requires_grad_(True)
        return term

    def _critic_step(
        self, gan: GanConfig, fake: Views, real: Views, *, step: int, rate: float
    ) -> dict[str, Tensor]:
        assert self._critic is not None
        assert self._critic_pair is not None
        assert self._critic_optimiser is not None
        with self._autocast():
            real_logits, fake_logits = self._critic_pair(
                _for_critic(gan, real), _for_critic(gan, fake)
            )
        real_logits, fake_logits = real_logits.float(), fake_logits.float()
        loss = critic_loss(real_logits, fake_logits, gan.kind, label_smoothing=gan.label_smoothing)
        self._critic_optimiser.zero_grad()
        torch.autograd.backward(loss)
        parameters = list(self._critic.parameters())
        self._update(self._critic_optimiser, parameters, loss, gan.learning_rate * rate, step=step)
        if gan.kind == "vanilla":
            is_right = torch.cat([(real_logits > 0).flatten(), (fake_logits < 0).flatten()])
        else:
            is_right = (real_logits > fake_logits.mean()).flatten()
        return {
            "critic": loss,
            "critic_accuracy": is_right.float().mean(),
            "critic_margin": real_logits.mean() - fake_logits.mean(),
        }

    def _update(
        self,
        optimiser: torch.optim.Optimizer,
        parameters: list[nn.Parameter],
        loss: Tensor,
        rate: float,
        *,
        step: int,
    ) -> Tensor:
        """Apply the gradients at a learning rate and return their norm, if all is finite."""
        limit = self.config.max_gradient_norm
        is_generator = optimiser is self._optimiser
        norm = torch.nn.utils.clip_grad_norm_(
            parameters, limit if limit is not None and is_generator else float("inf")
        )
        if not bool(torch.isfinite(norm) & torch.isfinite(loss)):
            who = "generator" if is_generator else "discriminator"
            raise NotFiniteError(
                f"step {step}: the {who}'s loss is {float(loss.detach()):g} and its gradient's "
                f"norm {float(norm):g}; that update was not made. Lower the learning rate, or set "
                "max_gradient_norm"
            )
        for group in optimiser.param_groups:
            group["lr"] = rate
        optimiser.step()
        return norm

    def tensors(self) -> dict[str, Tensor]:
        """Return everything that a checkpoint must hold."""
        found = grouped("network", self.network.state_dict())
        found |= grouped("optimiser", optimiser_tensors(self._optimiser))
        if self._average is not None:
            found |= grouped("average", self._average)
        if self._critic is not None and self._critic_optimiser is not None:
            found |= grouped("critic", self._critic.state_dict())
            found |= grouped("critic_optimiser", optimiser_tensors(self._critic_optimiser))
        return found

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Take the state of `tensors`; raises RuntimeError or KeyError when it is another run's."""
        self.network.load_state_dict(ungrouped("network", tensors))
        restore_optimiser(self._optimiser, ungrouped("optimiser", tensors))
        if self._average is not None:
            saved = ungrouped("average", tensors)
            for name, tensor in self._average.items():
                tensor.copy_(saved[name])
        if self._critic is not None and self._critic_optimiser is not None:
            self._critic.load_state_dict(ungrouped("critic", tensors))
            restore_optimiser(self._critic_optimiser, ungrouped("critic_optimiser", tensors))

    def _feature_units(self) -> dict[str, tuple[int, float]] | None:
        """Return channels and usual root mean square of the perceptual network's maps."""
        return None if self._perceptual is None else self._perceptual.feature_units()

    def _autocast(self) -> torch.autocast:
        return torch.autocast(self._device.type, torch.bfloat16, enabled=self._half)


def _weighted(terms: Mapping[str, Tensor], weights: Mapping[str, float]) -> Tensor:
    return torch.stack([weights[name] * term for name, term in terms.items()]).sum()


def _for_critic(gan: GanConfig, views: Views) -> Tensor | Features:
    """Return what the discriminator of a configuration takes."""
    return views.features if gan.discriminator.kind == "features" else views.image_BCPP
