"""Lessons: LR pictures cut from photos, and what a network of others draws of them.

Everything random is derived from (seed, number of the lesson), so each can be made again alone.

Shapes: B batch, C colour, D feature channels, H W LR size, h w size of the teacher's picture.
"""

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image as PillowImage
from torch import Tensor

from liifgan_core.coords import axis_corners
from liifgan_core.models.liif import LIIF
from liifgan_core.models.patch_axis import stack_axes
from liifgan_core.train.degradations import degrade
from liifgan_core.train.generator import as_channels_last
from liifgan_core.train.lesson_config import LessonsConfig
from liifgan_core.train.sampling import image_index
from liifgan_core.weights.trunk_store import ExternalNet

_PLAN_STREAM, _DEGRADATION_STREAM = 10, 11
"""Beside the streams of `sampling`."""
_PROJECTION_ROUNDS, _LOW_ROUNDS = 4, 2
"""After four rounds a picture's reduction is the LR picture within 63 dB; two restore colours and
shading (measured at x4 on 20 photos, 2026-11)."""
_LOW_REDUCTION = 3
"""What is left of LR reduced by it counts as low frequencies."""


@dataclass(frozen=True, slots=True)
class LessonPlan:
    """Where a lesson is cut, in the photo's pixels, and how it is treated."""

    photo: int
    left: int
    top: int
    side: float
    is_degraded: bool

    @property
    def box(self) -> tuple[float, float, float, float]:
        """The square, as Pillow takes it."""
        return self.left, self.top, self.left + self.side, self.top + self.side


def plan_photo(num_photos: int, *, seed: int, number: int) -> int:
    """Return which photo a lesson is cut from: one permutation per round."""
    return image_index(num_photos, seed=seed, position=number)


def plan_lesson(
    config: LessonsConfig, photo: int, size: tuple[int, int], *, seed: int, number: int
) -> LessonPlan:
    """Return the plan of a lesson; `size` is the photo's (height, width).

    Half of the lessons are reduced by `largest_reduction`, the others by less; each by what fits
    into the photo.
    """
    rng = np.random.default_rng((seed, _PLAN_STREAM, number))
    is_largest, is_degraded = rng.random() < 0.5, rng.random() >= config.clean_share
    reduction = config.largest_reduction
    if not is_largest:
        reduction = float(rng.uniform(1.0, reduction))
    side = min(config.lr_size * reduction, float(min(size)))
    top, left = (int(rng.integers(0, room - math.ceil(side), endpoint=True)) for room in size)
    return LessonPlan(photo, left, top, side, config.degradation is not None and is_degraded)


@dataclass(frozen=True, slots=True)
class LessonPixels:
    """What a lesson takes from its photo, 8-bit RGB."""

    lr_HWC: NDArray[np.uint8]
    original_hwC: NDArray[np.uint8] | None
    """The photo's own pixels; None where it was not reduced by the teacher's factor."""


def cut_lesson(
    rgb_hwC: NDArray[np.uint8], plan: LessonPlan, config: LessonsConfig, *, seed: int, number: int
) -> LessonPixels:
    """Return a photo's pixels at a plan; with degradation only the LR picture is degraded."""
    side = config.lr_size
    photo = PillowImage.fromarray(rgb_hwC)
    reduced = photo.resize((side, side), PillowImage.Resampling.BICUBIC, box=plan.box)
    lr_HWC = np.array(reduced)
    if plan.is_degraded and config.degradation is not None:
        rng = np.random.default_rng((seed, _DEGRADATION_STREAM, number))
        lr_HWC = degrade(lr_HWC, config.degradation, rng)
    whole = round(plan.side)
    original = None
    if plan.side == whole and whole % side == 0:
        original = rgb_hwC[plan.top : plan.top + whole, plan.left : plan.left + whole]
    return LessonPixels(lr_HWC, original)


class LessonMaker:
    """The teacher, and the frozen parts of the network that is taught."""

    def __init__(
        self,
        config: LessonsConfig,
        network: LIIF,
        teacher: ExternalNet,
        *,
        is_teachers_trunk: bool,
        keeps_features: bool,
        device: torch.device,
        is_half: bool,
    ) -> None:
        """`is_teachers_trunk`: the features to keep are the teacher's, not the network's own."""
        self._config = config
        self._is_teachers_trunk = is_teachers_trunk
        self._keeps_features = keeps_features
        self._device = device
        self._is_half = is_half
        self._teacher = as_channels_last(teacher).to(device)
        # Of its own, since half precision weights would not do for training.
        self._network = as_channels_last(copy.deepcopy(network)).requires_grad_(False).eval()
        self._network.to(device)
        if is_half:
            self._network.lower(torch.bfloat16)
            self._teacher.trunk.lower(torch.bfloat16)

    def make(self, pixels: LessonPixels) -> dict[str, Tensor]:
        """Return a lesson's tensors, on the CPU.

        "lr" (H, W, C), "target" and "original" (h, w, C), 8 bits, the last being the target again
        where the photo was not reduced by the teacher's factor; "structure" (C, h, w) of the frozen
        structure layer in the network's range, float16; "features" (H, W, D), float16, if they are
        kept.
        0.25 TFLOP for an RRDB and 80x80 LR pixels: 1.3 s on one core in bf16 (AMD, AVX-512,
        2026-11).
        """
        lr_HWC = torch.from_numpy(pixels.lr_HWC)
        lr_BCHW = lr_HWC.to(self._device).permute(2, 0, 1)[None].float() / 255.0
        lr_BCHW = lr_BCHW.contiguous(memory_format=torch.channels_last)
        with torch.inference_mode():
            picture_BChw, feat_BDHW = self._draw(lr_BCHW)
            structure = self._structure(lr_BCHW, self._teacher.scale)
        target = (picture_BChw[0].clamp(0.0, 1.0) * 255.0).round().byte().permute(1, 2, 0).cpu()
        made = {
            "lr": lr_HWC,
            "target": target,
            "original": target.clone(),
            "structure": structure[0].half().cpu(),
        }
        if self._keeps_features:
            made["features"] = feat_BDHW[0].permute(1, 2, 0).half().cpu()
        original = pixels.original_hwC
        if original is not None and original.shape == tuple(target.shape):
            made["original"] = torch.from_numpy(original.copy())
        return {name: tensor.contiguous() for name, tensor in made.items()}

    def _draw(self, lr_BCHW: Tensor) -> tuple[Tensor, Tensor]:
        """Return the target, RGB in [0, 1], unclipped, and the features to keep."""
        teacher_BDHW = self._teacher.trunk(lr_BCHW)
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._is_half):
            picture_BChw = self._teacher.draw(teacher_BDHW, lr_BCHW).float()
        if self._config.target == "back-projected":
            picture_BChw = back_project(picture_BChw, lr_BCHW)
        else:
            picture_BChw = restore_low(picture_BChw, lr_BCHW)
        if self._is_teachers_trunk or not self._keeps_features:
            return picture_BChw, teacher_BDHW
        assert self._network.detail_encoder is not None
        return picture_BChw, self._network.detail_encoder(lr_BCHW)

    def _structure(self, lr_BCHW: Tensor, factor: int) -> Tensor:
        """Return the structure layer (B, C, h, w) at the teacher's factor."""
        network = self._network
        tap = network.config.structure_tap
        feat_BDHW = network.encoder((lr_BCHW - 0.5) / 0.5, (tap,))[tap]
        height, width = lr_BCHW.shape[-2:]
        rows, cols = (
            stack_axes([axis_corners(0.0, float(side), side * factor, side)]).to(self._device)
            for side in (height, width)
        )
        return network.structure.patch(feat_BDHW.float(), rows, cols)


def back_project(
    picture_BChw: Tensor, lr_BCHW: Tensor, *, rounds: int = _PROJECTION_ROUNDS
) -> Tensor:
    """Return the picture changed so that its bicubic reduction is the LR picture (Irani and Peleg
    1991). It takes a network's colour shift away and costs no texture."""
    for _ in range(rounds):
        missing_BCHW = lr_BCHW - resized(picture_BChw, lr_BCHW.shape[-2:])
        picture_BChw = picture_BChw + resized(missing_BCHW, picture_BChw.shape[-2:])
    return picture_BChw


def restore_low(picture_BChw: Tensor, lr_BCHW: Tensor, *, rounds: int = _LOW_ROUNDS) -> Tensor:
    """Return the picture with the low frequencies of the LR picture: colours and shading, but not
    the noise and blocks that a cleaning network has removed."""
    height, width = lr_BCHW.shape[-2:]
    low = (max(1, round(height / _LOW_REDUCTION)), max(1, round(width / _LOW_REDUCTION)))
    for _ in range(rounds):
        missing_BCHW = lr_BCHW - resized(picture_BChw, (height, width))
        picture_BChw = picture_BChw + resized(resized(missing_BCHW, low), picture_BChw.shape[-2:])
    return picture_BChw


def resized(x_BCHW: Tensor, size: tuple[int, int] | torch.Size) -> Tensor:
    """Return the antialiased bicubic resize, as Pillow does it (a = -0.5), unclipped."""
    return F.interpolate(
        x_BCHW, (size[0], size[1]), mode="bicubic", antialias=True, align_corners=False
    )


def lesson_source(
    config: LessonsConfig,
    paths: tuple[Path, ...],
    read: Callable[[Path], NDArray[np.uint8]],
    *,
    seed: int,
) -> Callable[[int], LessonPixels]:
    """Return a function from a lesson's number to its pixels; `read` gives a photo's."""

    def pixels(number: int) -> LessonPixels:
        photo = plan_photo(len(paths), seed=seed, number=number)
        rgb_hwC = read(paths[photo])
        plan = plan_lesson(config, photo, rgb_hwC.shape[:2], seed=seed, number=number)
        return cut_lesson(rgb_hwC, plan, config, seed=seed, number=number)

    return pixels
