"""Batches of lessons in the order of the steps.

What a step sees is derived from (seed, step), so a resumed run goes on exactly.

Shapes: B batch, C colour, D feature channels, H W LR size of the crops, h w their size at the
teacher's factor, P patch side.
"""

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from liifgan_core.coords import axis_corners
from liifgan_core.models.patch_axis import PatchAxis, stack_axes
from liifgan_core.train.lesson_config import TaughtConfig
from liifgan_core.train.lesson_store import Lessons
from liifgan_core.train.sampling import image_index

_STEP_STREAM = 12
"""Beside the streams of `sampling` and `lessons`."""
_MARGIN = 3
"""Resampled pixels that are dropped around a patch: bicubic's kernel reaches two pixels of the
coarser grid, which at x6 are three of the patch's."""


@dataclass(frozen=True, slots=True)
class ResampledPatch:
    """A square of the crops, drawn at another factor than the teacher's."""

    top: int
    left: int
    side: int
    """In pixels of the teacher's factor."""
    num_pixels: int
    """Of the square at the new factor, margins included."""
    rows: PatchAxis
    cols: PatchAxis
    """Queries of the square without its margins."""

    def without_margin(self, drawn: Tensor) -> Tensor:
        """Return the pixels that `rows` and `cols` ask for, of all."""
        return drawn[..., _MARGIN:-_MARGIN, _MARGIN:-_MARGIN]


@dataclass(frozen=True, slots=True)
class LessonBatch:
    """Crops of lessons; colours in the network's range [-1, 1], float32."""

    lr_BCHW: Tensor
    """RGB in [0, 1]."""
    target_BChw: Tensor
    structure_BChw: Tensor
    features_BDHW: Tensor | None
    patch: ResampledPatch

    def to(self, device: torch.device) -> "LessonBatch":
        """Return the batch on a device, maybe before it is copied."""
        features = self.features_BDHW
        return LessonBatch(
            self.lr_BCHW.to(device, non_blocking=True),
            self.target_BChw.to(device, non_blocking=True),
            self.structure_BChw.to(device, non_blocking=True),
            None if features is None else features.to(device, non_blocking=True),
            replace(self.patch, rows=self.patch.rows.to(device), cols=self.patch.cols.to(device)),
        )


def lesson_batches(
    lessons: Lessons,
    config: TaughtConfig,
    *,
    scale: int,
    batch_size: int,
    seed: int,
    start_step: int,
    stop_step: int,
) -> Generator[LessonBatch]:
    """Yield the batches of steps [start_step, stop_step); `scale` is the teacher's factor."""
    for step in range(start_step, stop_step):
        rng = np.random.default_rng((seed, _STEP_STREAM, step))
        positions = range(step * batch_size, (step + 1) * batch_size)
        order = (image_index(config.lessons.count, seed=seed, position=p) for p in positions)
        numbers = [config.lessons.held_out + index for index in order]
        room = config.lessons.lr_size - config.crop
        top, left = (int(rng.integers(0, room, endpoint=True)) for _ in range(2))
        patch = draw_patch_place(config, rng, scale=scale, batch_size=batch_size)
        yield lesson_batch(lessons, numbers, config, scale=scale, top=top, left=left, patch=patch)


def lesson_batch(
    lessons: Lessons,
    numbers: Sequence[int],
    config: TaughtConfig,
    *,
    scale: int,
    top: int,
    left: int,
    patch: ResampledPatch,
) -> LessonBatch:
    """Return lessons of the given numbers, cropped at (top, left), in LR pixels."""
    found = [lessons.get(number) for number in numbers]
    lr_rows, lr_cols = (slice(start, start + config.crop) for start in (top, left))
    rows, cols = (slice(start * scale, (start + config.crop) * scale) for start in (top, left))

    def colours(name: str) -> Tensor:
        return torch.stack([one[name][rows, cols] for one in found]).permute(0, 3, 1, 2).float()

    target = colours("target") / 127.5 - 1.0
    if config.original_share > 0.0:
        target = target.lerp(colours("original") / 127.5 - 1.0, config.original_share)
    lr_BHWC = torch.stack([one["lr"][lr_rows, lr_cols] for one in found])
    features = None
    if "features" in found[0]:
        kept = torch.stack([one["features"][lr_rows, lr_cols] for one in found])
        features = kept.permute(0, 3, 1, 2).float()
    return LessonBatch(
        lr_BHWC.permute(0, 3, 1, 2).float() / 255.0,
        target,
        torch.stack([one["structure"][:, rows, cols] for one in found]).float(),
        features,
        patch,
    )


def draw_patch_place(
    config: TaughtConfig, rng: np.random.Generator, *, scale: int, batch_size: int
) -> ResampledPatch:
    """Return a square at a random factor and place, the same for all lessons of a batch."""
    factor = float(rng.uniform(*config.factors))
    border = config.border * scale
    room = config.crop * scale - 2 * border
    num_pixels = min(config.patch_size + 2 * _MARGIN, math.floor(room * factor / scale))
    side = min(room, round(num_pixels * scale / factor))
    top, left = (border + int(rng.integers(0, room - side, endpoint=True)) for _ in range(2))
    pixel = side / scale / num_pixels
    inner = num_pixels - 2 * _MARGIN

    def queries(start: int) -> PatchAxis:
        corners = axis_corners(start / scale + _MARGIN * pixel, inner * pixel, inner, config.crop)
        return stack_axes([corners] * batch_size)

    return ResampledPatch(top, left, side, num_pixels, queries(top), queries(left))
