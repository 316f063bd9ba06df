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

from liifgan_core.models.discriminator import build_discriminator
from liifgan_core.models.liif import LIIF
from liifgan_core.train.checkpoint import grouped, ungrouped
from liifgan_core.train.config import Arithmetic, TrainConfig
from liifgan_core.train.generator import Generator, Layers, as_channels_last, freeze_parts
from liifgan_core.train.grid_phase import grid_phase
from liifgan_core.train.loss_config import DistillationConfig, GanConfig
from liifgan_core.train.losses import (
    PerceptualLoss,
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
from liifgan_core.train.updates import ClippedAdam, FiniteGuard

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
    """Networks, averages and optimisers of a run on patches of photos: a `Learner`."""

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
        trained = {n: p for n, p in network.named_parameters() if p.requires_grad}
        self._optimiser = ClippedAdam(
            trained.values(),
            config.learning_rate,
            betas=config.betas,
            max_norm=config.max_gradient_norm,
        )
        self._average: dict[str, Tensor] | None = None
        changed: list[Tensor] = list(trained.values())
        if config.ema_decay is not None:
            self._average = {k: v.detach().clone() for k, v in network.state_dict().items()}
            changed += [self._average[name] for name in trained]

        self._critic: nn.Module | None = None
        self._critic_pair: nn.Module | None = None
        self._critic_optimiser: ClippedAdam | None = None
        gan = config.loss.gan
        if gan is not None:
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(config.seed + 1)
                critic = build_discriminator(gan.discriminator, self._feature_units())
            self._critic = as_channels_last(critic)
            self._critic_pair = processes.share(CriticPair(critic))
            self._critic_optimiser = ClippedAdam(
                critic.parameters(), gan.learning_rate, betas=config.betas
            )
            changed += [*critic.parameters(), *critic.buffers()]
        self._guard = FiniteGuard(changed, ("generator", "discriminator"), device=processes.device)

    @property
    def output(self) -> Mapping[str, Tensor]:
        """The network's tensors that the run is for: the averages, or the last."""
        return self.network.state_dict() if self._average is None else self._average

    def step(self, batch: Batch, *, step: int, rate: float) -> dict[str, Tensor]:
        """Take one step at the given factor of the base learning rates; return the loss terms.

        Terms are unweighted scalars on the device. Neither network changes, now or later, if a loss
        or a gradient of either is not finite; `check` tells.
        """
        before = self._guard.snapshot()
        with self._autocast():
            layers = Layers(*self._generator(batch.lr_BCHW, batch.rows, batch.cols))
        fake, real = self.views(layers, batch)
        terms, total = self.generator_loss(layers, batch, fake, real, step=step)
        terms["gradient_norm"] = self._optimiser.gradients(total)
        told = {"generator": (total.detach(), terms["gradient_norm"])}
        gan = self.config.loss.gan
        is_gan_on = gan is not None and step >= gan.start_step
        if gan is not None and is_gan_on:
            critic_terms, norm = self._critic_gradients(gan, fake.detach(), real)
            told["discriminator"] = (critic_terms["critic"], norm)
            terms |= critic_terms
        self._optimiser.apply(rate)
        if self._average is not None and self.config.ema_decay is not None:
            current = self.network.state_dict()
            update_average(self._average, current, decay=self.config.ema_decay, step=step)
        if is_gan_on and self._critic_optimiser is not None:
            self._critic_optimiser.apply(rate)
        self._guard.settle(before, told, step=step)
        return {name: value.detach() for name, value in terms.items()}

    def check(self) -> None:
        """Raise NotFiniteError if a step so far was not taken; waits for the device."""
        self._guard.check()

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
        if loss.result_l1 > 0:
            terms["result_l1"], weights["result_l1"] = F.l1_loss(result, target), loss.result_l1
        if self._perceptual is not None and loss.perceptual is not None:
            terms["perceptual"] = self._perceptual(fake.features, real.features)
            weights["perceptual"] = loss.perceptual.weight
        gan = loss.gan
        if gan is not None and step >= gan.start_step + gan.lead_steps:
            terms["gan"] = self._gan_term(gan, fake)
            weights["gan"] = gan.weight
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
        if loss.grid_phase is not None:
            for name in loss.grid_phase.layers:
                layer = result if name == "result" else layers.detail
                assert layer is not None, "the configuration demands a detail layer"
                num_bins = loss.grid_phase.num_bins
                phase = grid_phase(layer, batch.rows, batch.cols, num_bins=num_bins)
                terms |= {f"grid_mean_{name}": phase.mean, f"grid_energy_{name}": phase.energy}
                weights[f"grid_mean_{name}"] = loss.grid_phase.mean_weight
                weights[f"grid_energy_{name}"] = loss.grid_phase.energy_weight
        return terms, _weighted(terms, weights)

    def _distillation_term(
        self, distillation: DistillationConfig, layers: Layers, batch: Batch, step: int
    ) -> Tensor:
        """Return the L1 of a layer to the teacher's at every n-th pixel of the patches."""
        assert self._teacher is not None, "a recipe with distillation has a teacher"
        is_structure = distillation.layer == "structure"
        stride = distillation.stride(layers.structure.shape[-1])
        # Another pixel of each stride x stride with every step.
        row, col = step % stride, step // stride % stride
        with torch.no_grad(), self._autocast():
            drawn = Layers(
                *self._teacher(
                    batch.lr_BCHW,
                    batch.rows.every(stride, row),
                    batch.cols.every(stride, col),
                    with_detail=not is_structure,
                )
            )
        # Without its detail the teacher's result is its structure.
        found = layers.structure if is_structure else layers.result
        return F.l1_loss(found[..., row::stride, col::stride], drawn.result)

    def _gan_term(self, gan: GanConfig, fake: Views) -> Tensor:
        """Return the generator's GAN loss; the critic gets no gradient from it."""
        assert self._critic is not None
        self._critic.requires_grad_(False)
        with self._autocast():
            term = generator_gan_loss(self._critic(_for_critic(gan, fake)).float())
        self._critic.requires_grad_(True)
        return term

    def _critic_gradients(
        self, gan: GanConfig, fake: Views, real: Views
    ) -> tuple[dict[str, Tensor], Tensor]:
        """Return the critic's terms and its gradient's norm, which is computed here."""
        assert self._critic_pair is not None
        assert self._critic_optimiser is not None
        with self._autocast():
            real_logits, fake_logits = self._critic_pair(
                _for_critic(gan, real), _for_critic(gan, fake)
            )
        real_logits, fake_logits = real_logits.float(), fake_logits.float()
        loss = critic_loss(real_logits, fake_logits)
        norm = self._critic_optimiser.gradients(loss)
        is_right = torch.cat([(real_logits > 0).flatten(), (fake_logits < 0).flatten()])
        terms = {
            "critic": loss.detach(),
            "critic_accuracy": is_right.float().mean(),
            "critic_margin": real_logits.mean() - fake_logits.mean(),
        }
        return terms, norm

    def tensors(self) -> dict[str, Tensor]:
        """Return everything that a checkpoint must hold; raises NotFiniteError as `check` does."""
        self.check()
        found = grouped("network", self.network.state_dict())
        found |= grouped("optimiser", self._optimiser.tensors())
        if self._average is not None:
            found |= grouped("average", self._average)
        if self._critic is not None and self._critic_optimiser is not None:
            found |= grouped("critic", self._critic.state_dict())
            found |= grouped("critic_optimiser", self._critic_optimiser.tensors())
        return found

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Take the state of `tensors`; raises RuntimeError or KeyError when it is another run's."""
        self.network.load_state_dict(ungrouped("network", tensors))
        self._optimiser.restore(ungrouped("optimiser", tensors))
        if self._average is not None:
            saved = ungrouped("average", tensors)
            for name, tensor in self._average.items():
                tensor.copy_(saved[name])
        if self._critic is not None and self._critic_optimiser is not None:
            self._critic.load_state_dict(ungrouped("critic", tensors))
            self._critic_optimiser.restore(ungrouped("critic_optimiser", tensors))

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
