"""How samples are drawn from photos: strict values, checked when they are made."""

import math
from typing import Literal

import msgspec

from liifgan_core.train.degradations import DegradationConfig


class _Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


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
