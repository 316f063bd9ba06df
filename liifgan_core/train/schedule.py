"""Learning rates and weight averages as functions of the step."""

import math
from collections.abc import Mapping

from torch import Tensor

from liifgan_core.train.config import ScheduleConfig


def rate_factor(schedule: ScheduleConfig, *, step: int, num_steps: int, epoch_steps: int) -> float:
    """Return what the base learning rate is multiplied with at a step, counted from 0."""
    match schedule.kind:
        case "halving":
            factor = 0.5 ** (step // (schedule.halve_epochs * epoch_steps))
        case "cosine":
            done = step / max(1, num_steps)
            low = schedule.final_factor
            factor = low + (1.0 - low) * (1.0 + math.cos(math.pi * done)) / 2.0
    if step < schedule.warm_up_steps:
        factor *= (step + 1) / schedule.warm_up_steps
    return factor


def update_average(
    average: Mapping[str, Tensor], current: Mapping[str, Tensor], *, decay: float, step: int
) -> None:
    """Move the averaged weights towards the current ones, in place.

    Early on the decay is smaller, (1 + step) / (10 + step), so the average is not stuck at the
    initial weights.
    """
    now = min(decay, (1.0 + step) / (10.0 + step))
    for name, tensor in average.items():
        tensor.lerp_(current[name].detach(), 1.0 - now)
