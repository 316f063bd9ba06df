"""Runs that are taught the pictures of a network of others, in lessons."""

from collections.abc import Callable, Generator
from pathlib import Path

from liifgan_core.errors import LiifganError
from liifgan_core.progress import CancelToken, Progress
from liifgan_core.train.config import Arithmetic
from liifgan_core.train.generator import build_generator, freeze_parts
from liifgan_core.train.learner import RunFacts
from liifgan_core.train.lesson_batches import LessonBatch
from liifgan_core.train.lesson_source import LessonSource
from liifgan_core.train.model_result import model_result
from liifgan_core.train.photos import Photos
from liifgan_core.train.processes import Processes
from liifgan_core.train.request import StepReport, TrainRequest
from liifgan_core.train.taught_state import TaughtState
from liifgan_core.weights.registry import find_model


class TaughtCourse:
    """A `Course` whose learner sees lessons."""

    teacher_sha256 = ""

    def __init__(
        self,
        request: TrainRequest,
        photos: Photos,
        processes: Processes,
        arithmetic: Arithmetic,
    ) -> None:
        """No lesson is made yet. Raises WeightsError and LiifganError."""
        config = request.config
        if processes.world_size != 1:
            raise LiifganError("a taught run is one process; start it without torchrun")
        init = None if config.init is None else find_model(config.init)
        network = build_generator(
            config.network, init, trunk_start=config.trunk_start, seed=config.seed
        )
        freeze_parts(network, config.trained_parts)
        device = processes.device
        self._result = model_result(config, photos, device, init=init)
        self._source = LessonSource(
            config, network, photos, request.lessons_folder, device=device, arithmetic=arithmetic
        )
        self.lessons = self._source.key
        self.learner = TaughtState(
            config, network, device=device, arithmetic=arithmetic, scale=self._source.scale
        )

    def prepare(
        self, progress: Progress, cancel: CancelToken, report: Callable[[StepReport], None]
    ) -> None:
        """Make the lessons, as far as they are not there."""
        self._source.open(
            progress=progress,
            cancel=cancel,
            report=lambda done, total, seconds: report(
                StepReport(done, total, seconds, {}, unit="lesson")
            ),
        )

    def batches(self, start_step: int, stop_step: int) -> Generator[LessonBatch]:
        """Yield the steps' crops of lessons."""
        return self._source.batches(start_step=start_step, stop_step=stop_step)

    def measure(self, pictures: Path, check: Callable[[], None]) -> dict[str, float]:
        """Return validation's measures, and how near held-out lessons come to the teacher."""
        measured = self._result.measure(self.learner.output, pictures, check)
        return measured | self._source.measure(self.learner)

    def write(self, out: Path, facts: RunFacts) -> Path:
        """Write the model and its card; return the weights' path."""
        return self._result.write(out, self.learner.output, facts, lessons=self.lessons)
