"""What a training run does: strict values, checked when they are made.

Steps count optimiser updates; an epoch is a number of steps (`TrainConfig.num_steps`).
"""

from typing import Literal

import msgspec

from liifgan_core.models.config import LIIFConfig
from liifgan_core.train.data_config import DataConfig
from liifgan_core.train.lesson_config import TaughtConfig, TrunkStartConfig
from liifgan_core.train.loss_config import LossConfig

Part = Literal["encoder", "deep_blocks", "structure", "trunk", "detail"]
"""What can be trained apart: "encoder" is EDSR up to its trunk's end, "trunk" the network of others
that the detail decoder may read."""


class _Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Arithmetic(_Config, frozen=True):
    """How a run computes; kept in its checkpoints, because the last bits depend on it."""

    half: bool = False
    """bf16 autocast; coordinates, losses and optimiser stay float32."""


class ScheduleConfig(_Config, frozen=True):
    """Learning rate over the run, as a factor of the base rate."""

    kind: Literal["halving", "cosine"] = "halving"
    halve_epochs: int = 200
    """For "halving" (paper, section 4.2)."""
    final_factor: float = 0.01
    """For "cosine": what is left at the end; 1 keeps the rate."""
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
    trained_parts: tuple[Part, ...] = ("encoder", "deep_blocks", "structure", "detail")
    """Parts that are not named keep their initial weights."""
    trunk_start: TrunkStartConfig | None = None
    """What a detail trunk that is stored with the model starts from, if `init` has none."""
    taught: TaughtConfig | None = None
    """Teaches the detail layer a network's pictures, in place of `data`'s samples and `loss`."""
    fixed_scale: int | None = None
    """Trains EDSR's head for this one factor on the encoder of `init`, in place of the decoders, by
    L1: a row of `evaluate`, not a model for `upscale`."""
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
        self._check_fixed_scale()
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

    def _check_fixed_scale(self) -> None:
        """Raise ValueError for samples and losses that a head for one factor cannot take."""
        scale, data = self.fixed_scale, self.data
        if scale is None:
            return
        if self.init is None:
            raise ValueError("fixed_scale starts from a LIIF model: name one as `init` (--init)")
        if self.taught is not None or self.loss != LossConfig() or self.ema_decay is not None:
            raise ValueError(
                "fixed_scale trains by L1 alone and keeps the last weights: leave taught, loss and "
                "ema_decay as they are"
            )
        sampled = {(scales.low, scales.high) for scales in data.scales}
        if sampled != {(scale, scale)} or data.patch != data.lr_size * scale:
            raise ValueError(
                f"fixed_scale {scale} needs samples of whole pictures at x{scale}: the one range "
                f"of scales {scale} to {scale}, and a patch_size of {data.lr_size * scale}"
            )
        if data.sub_pixel_shift:
            raise ValueError("fixed_scale needs whole pixels: sub_pixel_shift off")

    def _check_losses(self) -> None:
        """Raise ValueError for terms that do not fit each other or the network."""
        loss, distillation = self.loss, self.loss.distillation
        if (
            loss.gan is not None
            and loss.gan.discriminator.kind == "features"
            and loss.perceptual is None
        ):
            raise ValueError("a discriminator of the kind 'features' needs a perceptual loss")
        if (
            distillation is not None
            and distillation.layer == "structure"
            and not {"encoder", "structure"} & set(self.trained_parts)
        ):
            raise ValueError(
                f"distillation has nothing to teach: trained_parts {self.trained_parts} leave the "
                "structure layer as it is"
            )
        on_detail = loss.grid_phase is not None and "detail" in loss.grid_phase.layers
        if not self.network.has_detail and (loss.low_pass > 0 or on_detail):
            raise ValueError(
                "low_pass, and grid_phase on the layer 'detail', need a network with a detail layer"
            )

    def _check_patches(self) -> None:
        """Raise ValueError when a loss term would be given a patch that is too small for it."""
        for scale in (end for scales in self.data.scales for end in (scales.low, scales.high)):
            smallest = self.loss.smallest_patches(scale)
            name, needed = max(smallest.items(), key=lambda item: item[1])
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

    @property
    def smallest_folder(self) -> int:
        """Usable photos that a folder needs, if some of them are held out for validation."""
        return max(1, self.data.min_images) + int(self.validation.num_images > 0)

    def epoch_steps(self, num_images: int) -> int:
        """Return the steps of an epoch, at least 1."""
        if self.steps_per_epoch is not None:
            return self.steps_per_epoch
        return max(1, num_images * self.repeat // self.batch_size)

    def num_steps(self, num_images: int) -> int:
        """Return the steps of the whole run."""
        return self.epochs * self.epoch_steps(num_images)
