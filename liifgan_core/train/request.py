"""What a run is asked for, and how it tells where it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from liifgan_core.train.config import TrainConfig

CHECKPOINT_NAME = "checkpoint.safetensors"
LESSONS_NAME = "lessons"
PICTURES_NAME = "pictures"


@dataclass(frozen=True, slots=True)
class TrainRequest:
    """Everything that a run is asked for."""

    config: TrainConfig
    data: Path
    """Folder of HR images, or one that holds DIV2K's folders."""
    out: Path
    validation: Path | None = None
    """Folder of validation images; None: DIV2K's own, or some held out of `data`."""
    resume: bool = False
    """Go on from the checkpoint in `out`."""
    max_steps: int | None = None
    """Stop when this many steps are done; the schedule stays that of the whole run."""
    device: str = "auto"
    lessons: Path | None = None
    """Folder of a taught run's lessons, which runs may share; None: one in `out`."""

    @property
    def checkpoint(self) -> Path:
        """Where the run's checkpoint lies."""
        return self.out / CHECKPOINT_NAME

    @property
    def lessons_folder(self) -> Path:
        """Where the lessons of a taught run lie."""
        return self.out / LESSONS_NAME if self.lessons is None else self.lessons


@dataclass(frozen=True, slots=True)
class StepReport:
    """How a run is going."""

    step: int
    """Steps that are done."""
    stop_step: int
    seconds_per_step: float
    values: Mapping[str, float]
    unit: Literal["step", "lesson"] = "step"
    """What is counted: lessons are made before the first step."""

    @property
    def seconds_left(self) -> float:
        """Estimate until `stop_step`."""
        return (self.stop_step - self.step) * self.seconds_per_step
