"""Random group sampling: an LR image and one contiguous patch of HR pixels (paper, section 3.2).

The LR grid lies at a real-valued place on the HR image, so the patch's centre is a random real
point of the LR frame while its colours are HR pixels, not interpolated. Everything random is
derived from (seed, step, position in the batch): a sample needs no history, so a resumed run goes
on exactly, and several processes draw what one would.

Shapes: B batch, C colour, H W LR size, P patch side.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image as PillowImage
from torch import Tensor

from liifgan_core.coords import AxisCorners, axis_corners
from liifgan_core.models.patch_axis import PatchAxis, stack_axes
from liifgan_core.train.data_config import DataConfig
from liifgan_core.train.degradations import degrade

_SCALE_STREAM, _ORDER_STREAM, _SAMPLE_STREAM = 0, 1, 2
"""Keep the three kinds of random numbers apart."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One LR image and one patch."""

    lr_HWC: NDArray[np.uint8]
    hr_PPC: NDArray[np.uint8]
    rows: AxisCorners
    cols: AxisCorners


@dataclass(frozen=True, slots=True)
class Batch:
    """Samples of one scale."""

    lr_BCHW: Tensor
    """RGB in [0, 1], float32."""
    hr_BCPP: Tensor
    """RGB in the network's range [-1, 1], float32."""
    rows: PatchAxis
    cols: PatchAxis
    scale: float

    def to(self, device: torch.device) -> "Batch":
        """Return the batch on a device, images channels-last, maybe before it is copied."""
        as_pixels = torch.channels_last
        return Batch(
            self.lr_BCHW.to(device, non_blocking=True, memory_format=as_pixels),
            self.hr_BCPP.to(device, non_blocking=True, memory_format=as_pixels),
            self.rows.to(device),
            self.cols.to(device),
            self.scale,
        )


def batch_scale(config: DataConfig, *, seed: int, step: int) -> float:
    """Return the scale of all samples of a step."""
    rng = np.random.default_rng((seed, _SCALE_STREAM, step))
    shares = np.array([scales.share for scales in config.scales])
    chosen = config.scales[int(rng.choice(len(shares), p=shares / shares.sum()))]
    return float(rng.uniform(chosen.low, chosen.high))


def image_index(num_images: int, *, seed: int, position: int) -> int:
    """Return which image the sample at `position` of the run shows: one permutation per round."""
    turn, place = divmod(position, num_images)
    rng = np.random.default_rng((seed, _ORDER_STREAM, turn))
    return int(rng.permutation(num_images)[place])


def draw_sample(
    hr_HWC: NDArray[np.uint8], config: DataConfig, scale: float, *, seed: int, position: int
) -> Sample:
    """Return the sample at `position` of the run from its HR image, 8-bit RGB.

    Both sides of the image must be at least the LR side times `scale`.
    """
    rng = np.random.default_rng((seed, _SAMPLE_STREAM, position))
    lr_size = config.lr_size
    side = lr_size * scale
    if not config.sub_pixel_shift:
        side = float(round(side))
    patch = config.patch_at(scale)
    factor = side / lr_size
    height, width = hr_HWC.shape[:2]
    top, left = _place(height - side, config, rng), _place(width - side, config, rng)

    first_row, first_col = math.floor(top), math.floor(left)
    crop = hr_HWC[first_row : math.ceil(top + side), first_col : math.ceil(left + side)]
    box_top, box_left = top - first_row, left - first_col
    if config.augment:
        crop, box_top, box_left = _augment(crop, box_top, box_left, side, rng)
    crop = np.ascontiguousarray(crop)

    lr_source = crop if config.degradation is None else degrade(crop, config.degradation, rng)
    box = (
        box_left,
        box_top,
        min(box_left + side, float(crop.shape[1])),
        min(box_top + side, float(crop.shape[0])),
    )
    lr = PillowImage.fromarray(lr_source).resize(
        (lr_size, lr_size), PillowImage.Resampling.BICUBIC, box=box
    )

    row, col = _patch_start(box_top, side, patch, rng), _patch_start(box_left, side, patch, rng)
    return Sample(
        np.array(lr),
        crop[row : row + patch, col : col + patch],
        axis_corners((row - box_top) / factor, patch / factor, patch, lr_size),
        axis_corners((col - box_left) / factor, patch / factor, patch, lr_size),
    )


def stack_samples(samples: Sequence[Sample], scale: float) -> Batch:
    """Return samples of one scale as a batch on the CPU."""
    lr_BHWC = torch.from_numpy(np.stack([sample.lr_HWC for sample in samples]))
    hr_BPPC = torch.from_numpy(np.stack([sample.hr_PPC for sample in samples]))
    return Batch(
        lr_BHWC.permute(0, 3, 1, 2).float().div_(255.0),
        hr_BPPC.permute(0, 3, 1, 2).float().div_(127.5).sub_(1.0),
        stack_axes([sample.rows for sample in samples]),
        stack_axes([sample.cols for sample in samples]),
        scale,
    )


def _place(room: float, config: DataConfig, rng: np.random.Generator) -> float:
    """Return where the LR grid begins on the HR image, in HR pixels."""
    if room < 0:
        raise ValueError(f"the image is {-room:g} pixels too small for the LR grid")
    if config.sub_pixel_shift:
        return float(rng.uniform(0.0, room))
    return float(rng.integers(0, int(room), endpoint=True))


def _augment(
    crop: NDArray[np.uint8], top: float, left: float, side: float, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], float, float]:
    """Return the crop, flipped and transposed at random, and where the LR grid begins on it."""
    is_flipped_y, is_flipped_x, is_transposed = rng.random(3) < 0.5
    if is_flipped_y:
        crop, top = crop[::-1], max(0.0, crop.shape[0] - (top + side))
    if is_flipped_x:
        crop, left = crop[:, ::-1], max(0.0, crop.shape[1] - (left + side))
    if is_transposed:
        crop, top, left = crop.swapaxes(0, 1), left, top
    return crop, top, left


def _patch_start(box_start: float, side: float, patch: int, rng: np.random.Generator) -> int:
    """Return the first pixel of a patch whose pixels' centres all lie on the LR grid."""
    slack = 1e-9
    first = math.ceil(box_start - 0.5 - slack)
    last = math.floor(box_start + side - 0.5 + slack)
    return int(rng.integers(first, last + 1 - patch, endpoint=True))
