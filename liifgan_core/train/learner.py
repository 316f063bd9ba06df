"""What the training loop asks of what is trained, whichever kind of run it is."""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol, Self, TypeVar

import torch
from torch import Tensor

from liifgan_core.progress import CancelToken, Progress
from liifgan_core.train.lesson_key import LessonKey
from liifgan_core.train.request import StepReport


class StepBatch(Protocol):
    """What one step sees."""

    def to(self, device: torch.device) -> Self:
        """Return the batch on a device, maybe before it is copied."""
        ...


AnyBatch = TypeVar("AnyBatch", bound=StepBatch, contravariant=True)
OneBatch = TypeVar("OneBatch", bound=StepBatch)


class Learner(Protocol[AnyBatch]):
    """Networks, averages and optimisers: all that changes during a run."""

    def step(self, batch: AnyBatch, *, step: int, rate: float) -> dict[str, Tensor]:
        """Take a step at a factor of the base learning rates; return the unweighted loss terms.

        Does not wait for the device. From the first step on whose losses or gradients are not
        finite nothing changes any more.
        """
        ...

    def check(self) -> None:
        """Raise NotFiniteError if a step so far was not taken; waits for the device."""
        ...

    def tensors(self) -> dict[str, Tensor]:
        """Return what a checkpoint must hold; raises NotFiniteError as `check` does."""
        ...

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Take the state of `tensors`; raises RuntimeError or KeyError when it is another run's."""
        ...

    @property
    def output(self) -> Mapping[str, Tensor]:
        """The tensors that the run is for: averages where it has them, else the last."""
        ...


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What a model's file and card say of the run so far."""

    steps: int
    seconds: float
    metrics: Mapping[str, float]
    """Of the last validation."""
    now: datetime


class Course(Protocol[OneBatch]):
    """A learner with what depends on its kind: its batches, its measures, its file."""

    @property
    def learner(self) -> Learner[OneBatch]:
        """What is trained."""
        ...

    @property
    def teacher_sha256(self) -> str:
        """Of the weights that it learns from, by `distillation`; empty without."""
        ...

    @property
    def lessons(self) -> LessonKey | None:
        """What the lessons are made of that it learns from; None: it learns from photos."""
        ...

    def prepare(
        self, progress: Progress, cancel: CancelToken, report: Callable[[StepReport], None]
    ) -> None:
        """Make what is missing of the lessons, before the first batch is asked for."""
        ...

    def batches(self, start_step: int, stop_step: int) -> Generator[OneBatch]:
        """Yield what the steps [start_step, stop_step) see; to be closed."""
        ...

    def measure(self, pictures: Path, check: Callable[[], None]) -> dict[str, float]:
        """Return validation's measures of the learner's output, by names as "val/x4/psnr".

        Pictures are written to a folder. `check` is called now and then and may raise to stop.
        """
        ...

    def write(self, out: Path, facts: RunFacts) -> Path:
        """Write the learner's output as a model to a folder; return the weights' path."""
        ...
