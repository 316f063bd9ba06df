"""What a training run does: strict values, checked when they are made.

Steps count optimiser updates; an epoch is a number of steps (`TrainConfig.num_steps`). Ranges are
(low, high). Colours in losses are in the network's range [-1, 1].
"""

import math
from typing import Literal

import msgspec

from liifgan_core.models.config import LIIFConfig
from liifgan_core.models.discriminator import DiscriminatorConfig
from liifgan_core.train.degradations import DegradationConfig
from liifgan_core.train.lesson_config import TaughtConfig, TrunkStartConfig
from liifgan_core.train.losses import SPECTRUM_SIDE, low_pass_radius

Part = Literal["encoder", "deep_blocks", "structure", "trunk", "detail"]
"""What can be trained apart: "encoder" is EDSR up to its trunk's end, "trunk" the network of others
that the detail decoder may read."""
PerceptualNetworkName = Literal["vgg19", "vgg16-shift-tolerant"]

_ARTEFACT_SIDE, _GRID_PHASE_SIDE = 4, 7
"""Smallest patches for a window of 7 with reflected borders, and for a high-pass without them."""


class _Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Arithmetic(_Config, frozen=True):
    """How a run computes; kept in its checkpoints, because the last bits depend on it."""

    half: bool = False
    """bf16 autocast; coordinates, losses and optimiser stay float32."""


class ScaleRange(_Config, frozen=True):
    """Scales drawn uniformly from [low, high]."""

    low: float = 1.0
    high: float = 4.0
    share: float = 1.0
    """How often batches come from this range, relative to the other ranges."""

    def __post_init__(self) -> None:
        if not 1.0 <= self.low <= self.high or self.share <= 0:
            raise ValueError(f"a scale range needs 1 <= low <= high and a share above 0: {self}")


class DataConfig(_Config, frozen=True):
    """How samples are drawn from HR images."""

    lr_size: int = 48
    """Side of the encoder's input (paper, section 4.2: 48, or 64 for faces)."""
    patch_size: int | None = None
    """Largest side of the patch of queries; None: as `lr_size` (paper, section 4.2). Where the LR
    image is smaller at a scale, so is the patch."""
    scales: tuple[ScaleRange, ...] = (ScaleRange(),)
    """One range is drawn per batch, then one scale for the whole batch."""
    sub_pixel_shift: bool = True
    """The LR grid lies at a real-valued place on the HR image, and the scale is any real number.
    False: whole HR pixels and a whole side, as in LIIF's code."""
    augment: bool = True
    """Flips and transposes."""
    resize_hr: int | None = None
    """Resize HR images to squares of this side first (CelebA-HQ: 256)."""
    degradation: DegradationConfig | None = None
    """None: bicubic only."""
    min_images: int = 1
    """Fewer usable images than this are an error before anything starts."""
    check: Literal["decode", "header"] = "decode"
    """How files are checked at the start: "header" is enough where decoding all takes too long."""
    cache_bytes: int = 2 << 30
    """Bound for decoded images that are kept in memory."""
    num_threads: int = 2
    """Threads that prepare samples beside the training."""

    def __post_init__(self) -> None:
        if not self.scales:
            raise ValueError("give at least one range of scales")
        high = max(scales.high for scales in self.scales)
        if not 1 <= self.patch <= self.lr_size * high:
            raise ValueError(
                f"a patch of {self.patch} does not fit into {self.lr_size} LR pixels at x{high:g}"
            )
        if self.resize_hr is not None and self.resize_hr < self.largest_crop:
            raise ValueError(
                f"resize_hr {self.resize_hr} is smaller than the crops of {self.largest_crop}"
            )

    @property
    def patch(self) -> int:
        """Largest side of the patch of queries."""
        return self.lr_size if self.patch_size is None else self.patch_size

    def patch_at(self, scale: float) -> int:
        """Return the side of the patch at a scale: `patch`, or what fits into the LR grid there."""
        side = self.lr_size * scale
        return min(self.patch, math.floor(side if self.sub_pixel_shift else round(side)))

    @property
    def largest_crop(self) -> int:
        """Side of the largest HR crop that is needed, in HR pixels."""
        return round(self.lr_size * max(scales.high for scales in self.scales) + 0.499)


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
    """The discriminator and how it takes part."""

    kind: Literal["vanilla", "relativistic"] = "vanilla"
    """Paper, eq. 2 (non-saturating), or the relativistic average of ESRGAN (Wang et al. 2018)."""
    weight: float = 0.01
    discriminator: DiscriminatorConfig = DiscriminatorConfig()
    start_step: int = 0
    """Until then neither side of the GAN runs."""
    lead_steps: int = 0
    """Steps from `start_step` in which the discriminator learns alone."""
    learning_rate: float = 1e-4
    label_smoothing: float = 0.0
    """Real patches' target is 1 minus this."""


class GridPhaseConfig(_Config, frozen=True):
    """Penalty on what a layer repeats with the LR grid's period."""

    layers: tuple[Literal["detail", "result"], ...] = ("detail", "result")
    """Both, as a pattern in flat areas is strong in the detail and drowns in the result."""
    mean_weight: float = 1.0
    """Of the signed mean high-pass per phase bin."""
    energy_weight: float = 1.0
    """Of the spread of the high-pass energy over the phase bins."""
    num_bins: int = 4
    """Phase bins per axis."""


class DistillationConfig(_Config, frozen=True):
    """L1 between the structure layer and that of another network, the teacher.

    A teacher's pictures have nothing in them that the LR image does not tell, so they are steadier
    examples for a cheap decoder than originals are (after Hinton et al. 2015).
    """

    teacher: str
    """Name or path of its weights."""
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
    detail_start_step: int = 0
    """Until then `structure_l1` and `distillation` are the only terms, and the detail layer rests:
    time for a D1 that was moved to other features to recover."""
    perceptual: PerceptualConfig | None = None
    gan: GanConfig | None = None
    artefact: float = 0.0
    """L1 where the result's residual is locally noisier than D1's (LDL, Liang et al. 2022)."""
    spectrum: float = 0.0
    """Difference of local amplitude spectra: the right amount of each frequency, no patterns."""
    spectrum_balance: float = 0.0
    """Difference of the batch's mean spectra: texture that leans to no side."""
    low_pass: float = 0.0
    """L1 of D2's output below the LR Nyquist rate: D2 shall add only what LR cannot hold."""
    grid_phase: GridPhaseConfig | None = None
    distillation: DistillationConfig | None = None


class ScheduleConfig(_Config, frozen=True):
    """Learning rate over the run, as a factor of the base rate."""

    kind: Literal["halving", "cosine", "constant"] = "halving"
    halve_epochs: int = 200
    """For "halving" (paper, section 4.2)."""
    final_factor: float = 0.01
    """For "cosine": what is left at the end."""
    warm_up_steps: int = 0
    """Linear rise from zero."""


class ValidationConfig(_Config, frozen=True):
    """What is measured, and how often."""

    every_steps: int = 1000
    scales: tuple[int, ...] = (2, 4)
    num_images: int = 8
    """How many validation images are used, or held out of the training images."""
    crop_size: int = 192
    """Side of the HR crops, from the images' centres; rounded down to a multiple of each scale."""
    num_pictures: int = 4
    """How many crops are written as PNG."""


class TrainConfig(_Config, frozen=True):
    """One training run."""

    name: str
    """The recipe's name; goes into the model card."""
    network: LIIFConfig = LIIFConfig()
    init: str | None = None
    """Name or path of weights to start from; D2 starts as D1 with its last layer zeroed when they
    have no D2. None: random."""
    structure_init: str | None = None
    """Name or path of weights whose structure decoder, and encoder up to the trunk's end, are taken
    in place of those of `init`."""
    trained_parts: tuple[Part, ...] = ("encoder", "deep_blocks", "structure", "detail")
    """Parts that are not named keep their initial weights."""
    trunk_start: TrunkStartConfig | None = None
    """What a detail trunk that is stored with the model starts from, if `init` has none."""
    taught: TaughtConfig | None = None
    """Teaches the detail layer a network's pictures, in place of `data`'s samples and `loss`."""
    data: DataConfig = DataConfig()
    batch_size: int = 128
    """Samples per step, all processes together."""
    epochs: int = 1000
    steps_per_epoch: int | None = None
    """None: images x `repeat` / `batch_size`."""
    repeat: int = 20
    """How often an epoch shows each image (paper, section 4.3)."""
    learning_rate: float = 1e-4
    betas: tuple[float, float] = (0.9, 0.999)
    """Of Adam, for the generator; the discriminator's are the same."""
    schedule: ScheduleConfig = ScheduleConfig()
    max_gradient_norm: float | None = None
    """Clip the generator's gradient to this norm."""
    loss: LossConfig = LossConfig()
    ema_decay: float | None = None
    """Of the averaged weights that are the run's output; None: the last weights are."""
    validation: ValidationConfig = ValidationConfig()
    checkpoint_every_steps: int = 500
    log_every_steps: int = 20
    arithmetic: Arithmetic | None = None
    """None: what the device runs fastest, by rule (`render.devices`)."""
    seed: int = 0

    def __post_init__(self) -> None:
        if self.batch_size < 1 or self.epochs < 1:
            raise ValueError("batch_size and epochs must be at least 1")
        self._check_parts()
        self._check_trunk()
        self._check_losses()
        self._check_patches()

    def _check_parts(self) -> None:
        """Raise ValueError when nothing would be trained, or a part never."""
        network, trained = self.network, set(self.trained_parts)
        if network.encoder.num_deep_blocks == 0:
            trained.discard("deep_blocks")
        elif "last" not in (network.structure_tap, network.detail_tap):
            raise ValueError("no decoder reads the deep blocks: give one of them the tap 'last'")
        if not network.has_detail:
            trained.discard("detail")
        if network.detail_trunk is None:
            trained.discard("trunk")
        if not trained:
            raise ValueError(f"trained_parts {self.trained_parts} leave nothing to train")
        if network.structure_tap != "last":
            trained.discard("deep_blocks")
        if self.loss.detail_start_step > 0 and not trained - {"detail"}:
            raise ValueError(
                f"trained_parts {self.trained_parts} leave nothing to train before "
                f"detail_start_step {self.loss.detail_start_step}"
            )

    def _check_trunk(self) -> None:
        """Raise ValueError for a trunk that cannot be trained, or not be taught so."""
        trunk, taught = self.network.detail_trunk, self.taught
        if trunk is None:
            if taught is not None or self.trunk_start is not None:
                raise ValueError("taught and trunk_start need a network with a detail_trunk")
            return
        is_trained = "trunk" in self.trained_parts
        if trunk.sha256 and (is_trained or self.trunk_start is not None):
            raise ValueError(
                "a detail_trunk that is named by its SHA-256 stays as it is: leave out the SHA-256 "
                "to train it, or 'trunk' from trained_parts"
            )
        if taught is None:
            raise ValueError("a network with a detail_trunk is taught: it needs `taught`")
        if self.network.detail_field is None:
            raise ValueError("taught needs a detail_field: lessons are drawn as fields")
        if {"encoder", "deep_blocks", "structure"} & set(self.trained_parts):
            raise ValueError(
                f"taught trains trunk and detail only, not all of {self.trained_parts}"
            )
        if not trunk.sha256 and not is_trained:
            raise ValueError("a detail_trunk without a SHA-256 is trained: add 'trunk'")
        if self.loss != LossConfig():
            raise ValueError("taught has losses of its own: leave `loss` as it is")

    def _check_losses(self) -> None:
        """Raise ValueError for terms that do not fit each other or the network."""
        has_detail = self.network.has_detail
        only_detail = (self.loss.low_pass, self.loss.artefact, self.loss.grid_phase)
        gan = self.loss.gan
        if gan is not None and gan.start_step < self.loss.detail_start_step:
            raise ValueError(
                f"the GAN's start_step {gan.start_step} is before detail_start_step "
                f"{self.loss.detail_start_step}"
            )
        if (
            gan is not None
            and gan.discriminator.kind == "features"
            and self.loss.perceptual is None
        ):
            raise ValueError("a discriminator of the kind 'features' needs a perceptual loss")
        is_taught = self.loss.distillation is not None
        if is_taught and not {"encoder", "structure"} & set(self.trained_parts):
            raise ValueError(
                f"distillation has nothing to teach: trained_parts {self.trained_parts} leave the "
                "structure layer as it is"
            )
        if not has_detail and any(only_detail):
            raise ValueError("low_pass, artefact and grid_phase need a network with a detail layer")

    def _check_patches(self) -> None:
        """Raise ValueError when a loss term would be given a patch that is too small for it."""
        loss = self.loss
        sides = {
            "gan": 0 if loss.gan is None else loss.gan.discriminator.min_side,
            "perceptual": 0 if loss.perceptual is None else loss.perceptual.min_side,
            "spectrum": SPECTRUM_SIDE if loss.spectrum + loss.spectrum_balance > 0 else 0,
            "artefact": _ARTEFACT_SIDE if loss.artefact > 0 else 0,
            "grid_phase": _GRID_PHASE_SIDE if loss.grid_phase is not None else 0,
        }
        for scale in (end for scales in self.data.scales for end in (scales.low, scales.high)):
            low_pass = 2 * low_pass_radius(scale) + 1 if loss.low_pass > 0 else 0
            name, needed = max((sides | {"low_pass": low_pass}).items(), key=lambda item: item[1])
            if self.data.patch_at(scale) < needed:
                raise ValueError(
                    f"at x{scale:g} patches have {self.data.patch_at(scale)} pixels a side, but "
                    f"the loss term {name} needs {needed}; raise lr_size or patch_size"
                )

    @property
    def smallest_photo(self) -> int:
        """Pixels that each side of a training image needs."""
        if self.taught is not None:
            return self.taught.lessons.lr_size
        return self.data.resize_hr or self.data.largest_crop

    @property
    def trained_scales(self) -> tuple[float, float]:
        """The lowest and the highest factor that is seen."""
        if self.taught is not None:
            return self.taught.factors
        scales = self.data.scales
        return min(s.low for s in scales), max(s.high for s in scales)

    def epoch_steps(self, num_images: int) -> int:
        """Return the steps of an epoch, at least 1."""
        if self.steps_per_epoch is not None:
            return self.steps_per_epoch
        return max(1, num_images * self.repeat // self.batch_size)

    def num_steps(self, num_images: int) -> int:
        """Return the steps of the whole run."""
        return self.epochs * self.epoch_steps(num_images)
