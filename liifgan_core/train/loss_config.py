"""The loss terms of a run and their weights: strict values, checked when they are made.

Colours are in the network's range [-1, 1].
"""

import math
from typing import Literal

import msgspec

from liifgan_core.models.discriminator import DiscriminatorConfig
from liifgan_core.train.losses import SPECTRUM_SIDE, low_pass_radius

PerceptualNetworkName = Literal["vgg19", "vgg16-shift-tolerant"]

_GRID_PHASE_SIDE = 7
"""Smallest patch for its high-pass, which has no borders."""


class _Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class PerceptualConfig(_Config, frozen=True):
    """L1 between the feature maps of a pretrained network."""

    network: PerceptualNetworkName = "vgg19"
    weight: float = 1.0
    layers: dict[str, float] = msgspec.field(
        default_factory=lambda: {
            "conv1_2": 0.1,
            "conv2_2": 0.1,
            "conv3_4": 1.0,
            "conv4_4": 1.0,
            "conv5_4": 1.0,
        }
    )
    """Weight per layer; the defaults are those of Real-ESRGAN (Wang et al. 2021, section 4.1)."""
    is_relative: bool = False
    """Divide each layer's difference by the root mean square of the original's features there, so
    that weights compare: those of the shift-tolerant VGG16 are 0.07 in its first three blocks, 0.5
    in the fourth and 15 in the fifth, which else would be all that counts."""

    @property
    def min_side(self) -> int:
        """Side of the smallest patch that reaches the deepest layer, in pixels."""
        # A layer of block N, "relu3_1" of the third, lies behind N - 1 poolings.
        blocks = [int(name[4]) for name in self.layers if name[4:5].isdigit()]
        side = 2 ** (max(blocks, default=1) - 1)
        # Where the blur reflects two pixels, each pooling needs an input of four.
        return side + 2 if self.network == "vgg16-shift-tolerant" and side > 1 else side


class GanConfig(_Config, frozen=True):
    """The discriminator and how it takes part, in a non-saturating GAN (paper, eq. 2)."""

    weight: float = 0.01
    discriminator: DiscriminatorConfig = DiscriminatorConfig()
    start_step: int = 0
    """Until then neither side of the GAN runs."""
    lead_steps: int = 0
    """Steps from `start_step` in which the discriminator learns alone."""
    learning_rate: float = 1e-4


class GridPhaseConfig(_Config, frozen=True):
    """Penalty on what a layer repeats with the LR grid's period."""

    layers: tuple[Literal["detail", "result"], ...] = ("detail", "result")
    """Both where there is a detail layer, as a pattern in flat areas is strong in the detail and
    drowns in the result."""
    mean_weight: float = 1.0
    """Of the signed mean high-pass per phase bin."""
    energy_weight: float = 1.0
    """Of the spread of the high-pass energy over the phase bins."""
    num_bins: int = 4
    """Phase bins per axis."""


class DistillationConfig(_Config, frozen=True):
    """L1 between a layer and what another network, the teacher, draws.

    A teacher's pictures have nothing in them that the LR image does not tell, so they are steadier
    examples for a cheap decoder than originals are (after Hinton et al. 2015).
    """

    teacher: str
    """Name or path of its weights."""
    layer: Literal["structure", "result"] = "structure"
    """"structure": of both, which trains D1. "result": structure plus detail of both, which trains
    D2, and D1 in a network of one decoder."""
    weight: float = 1.0
    queries: int = 48
    """Queries a side that the teacher answers at most: every n-th pixel of a patch, over all of
    it."""

    def __post_init__(self) -> None:
        if self.queries < 1 or self.weight <= 0.0:
            raise ValueError("distillation needs at least one query a side and a weight above 0")

    def stride(self, patch: int) -> int:
        """Return n: the teacher answers every n-th pixel along each side of a patch."""
        return math.ceil(patch / self.queries)


class LossConfig(_Config, frozen=True):
    """Weights of the loss terms; "result" is D1's output, detached, plus D2's.

    In a network of one decoder every term reaches it.
    """

    structure_l1: float = 1.0
    """L1 of D1's output (paper, eq. 4)."""
    result_l1: float = 0.0
    """L1 of the result; it reaches D2 only."""
    perceptual: PerceptualConfig | None = None
    gan: GanConfig | None = None
    spectrum: float = 0.0
    """Difference of local amplitude spectra: the right amount of each frequency, no patterns."""
    spectrum_balance: float = 0.0
    """Difference of the batch's mean spectra: texture that leans to no side."""
    low_pass: float = 0.0
    """L1 of D2's output below the LR Nyquist rate: D2 shall add only what LR cannot hold."""
    grid_phase: GridPhaseConfig | None = None
    distillation: DistillationConfig | None = None

    def smallest_patches(self, scale: float) -> dict[str, int]:
        """Return the side of the smallest patch that each term takes at a scale; 0: any."""
        return {
            "gan": 0 if self.gan is None else self.gan.discriminator.min_side,
            "perceptual": 0 if self.perceptual is None else self.perceptual.min_side,
            "spectrum": SPECTRUM_SIDE if self.spectrum + self.spectrum_balance > 0 else 0,
            "grid_phase": _GRID_PHASE_SIDE if self.grid_phase is not None else 0,
            "low_pass": 2 * low_pass_radius(scale) + 1 if self.low_pass > 0 else 0,
        }
