"""Which course a recipe asks for: the only place that knows all kinds of runs."""

from typing import Any

from liifgan_core.train.config import Arithmetic
from liifgan_core.train.fixed_scale import FixedScaleCourse
from liifgan_core.train.learner import Course
from liifgan_core.train.patch_course import PatchCourse
from liifgan_core.train.photos import Photos
from liifgan_core.train.processes import Processes
from liifgan_core.train.request import TrainRequest
from liifgan_core.train.taught_course import TaughtCourse


def open_course(
    request: TrainRequest, photos: Photos, processes: Processes, arithmetic: Arithmetic
) -> Course[Any]:
    """Return what the recipe trains, at its start.

    Raises WeightsError and LiifganError, in all processes.
    """
    if request.config.taught is not None:
        return TaughtCourse(request, photos, processes, arithmetic)
    if request.config.fixed_scale is not None:
        return FixedScaleCourse(request.config, photos, processes, arithmetic)
    return PatchCourse(request.config, photos, processes, arithmetic)
