"""A run's start: all that it begins with, or goes on with from its checkpoint."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from liifgan_core.errors import LiifganError
from liifgan_core.progress import CancelToken, Progress
from liifgan_core.render.devices import resolve_precision
from liifgan_core.train.checkpoint import (
    CheckpointError,
    CheckpointHeader,
    load_checkpoint,
    new_header,
)
from liifgan_core.train.config import Arithmetic
from liifgan_core.train.courses import open_course
from liifgan_core.train.learner import Course
from liifgan_core.train.photos import Photos, load_photos
from liifgan_core.train.processes import Processes
from liifgan_core.train.request import TrainRequest
from liifgan_core.train.resuming import check_same_lessons, check_same_recipe, check_same_teacher

Saved = tuple[CheckpointHeader, dict[str, Tensor]]


@dataclass(frozen=True, slots=True)
class RunStart:
    """What a run has before its first step."""

    request: TrainRequest
    processes: Processes
    photos: Photos
    course: Course[Any]
    header: CheckpointHeader
    """Of the checkpoint to go on from, or of one that would be made now."""


def open_start(
    request: TrainRequest, processes: Processes, progress: Progress, cancel: CancelToken
) -> RunStart:
    """Return a run's start; nothing is written but its folder.

    Raises what `train` raises for images, weights, devices and checkpoints, in all processes.
    """
    config = request.config
    with processes.together():
        saved = _saved(request, processes)
        photos = load_photos(
            config, request.data, request.validation, progress=progress, cancel=cancel
        )
    arithmetic = _arithmetic(request, processes, saved)
    course = open_course(request, photos, processes, arithmetic)
    with processes.together():
        if saved is None:
            header = new_header(
                step=0,
                num_steps=config.num_steps(len(photos.training.paths)),
                config=config,
                arithmetic=arithmetic,
                data_fingerprint=photos.training.fingerprint,
                world_size=processes.world_size,
                seconds=0.0,
                teacher_sha256=course.teacher_sha256,
                lessons=course.lessons,
            )
        else:
            header = saved[0]
            _restore(request, photos, course, processes, saved)
        try:
            request.out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LiifganError(
                f"{request.out}: the folder cannot be made ({error.strerror}); choose another --out"
            ) from error
    return RunStart(request, processes, photos, course, header)


def _saved(request: TrainRequest, processes: Processes) -> Saved | None:
    """Return the checkpoint to go on from; raises for a folder or a batch that cannot be."""
    if request.out.exists() and not request.out.is_dir():
        raise LiifganError(f"{request.out} is a file; choose a folder for --out")
    if not request.resume and request.checkpoint.exists():
        raise CheckpointError(
            f"{request.checkpoint}: a run is there already; go on with --resume, or choose another "
            "--out"
        )
    if request.config.batch_size % processes.world_size:
        raise LiifganError(
            f"a batch of {request.config.batch_size} cannot be shared by {processes.world_size} "
            "processes; use a number of processes that divides it"
        )
    return load_checkpoint(request.checkpoint) if request.resume else None


def _arithmetic(request: TrainRequest, processes: Processes, saved: Saved | None) -> Arithmetic:
    """Return how the run computes; the first process decides, as processors may be unlike."""
    if saved is not None:
        return saved[0].arithmetic
    if request.config.arithmetic is not None:
        return request.config.arithmetic
    # fp16, which older GPUs render in, would need its losses scaled: they train in fp32.
    half = resolve_precision("auto", processes.device) is torch.bfloat16
    return processes.from_first(Arithmetic(half=half))


def _restore(
    request: TrainRequest,
    photos: Photos,
    course: Course[Any],
    processes: Processes,
    saved: Saved,
) -> None:
    path, (header, tensors) = request.checkpoint, saved
    check_same_recipe(path, header, request.config, photos.training.fingerprint, processes)
    check_same_lessons(path, header, course.lessons)
    check_same_teacher(path, header, course.teacher_sha256, request.config)
    try:
        course.learner.restore(tensors)
    except (RuntimeError, KeyError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise CheckpointError(
            f"{path}: its tensors do not fit the recipe ({reason}); start again without --resume, "
            "in another --out"
        ) from error
