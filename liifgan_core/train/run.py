"""A run that is under way: what it was asked for, how far it is, and what it leaves on disk.

Long because a run's opening, its checkpoints and its reports are one story, for every kind of run.
"""

import logging
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec
import torch

from liifgan_core.errors import LiifganError, WeightsError
from liifgan_core.evaluation.st_lpips import STLPIPS, load_st_lpips
from liifgan_core.models.liif import LIIF
from liifgan_core.progress import CancelToken, Progress
from liifgan_core.render.devices import resolve_precision
from liifgan_core.resources import user_data_path
from liifgan_core.train.batches import training_batches
from liifgan_core.train.card import InitRecord, data_record, init_record, write_model
from liifgan_core.train.checkpoint import (
    CheckpointError,
    CheckpointHeader,
    load_checkpoint,
    new_header,
    save_checkpoint,
)
from liifgan_core.train.config import Arithmetic, TrainConfig
from liifgan_core.train.generator import build_generator, freeze_parts
from liifgan_core.train.lesson_batches import LessonBatch
from liifgan_core.train.lesson_source import LessonSource
from liifgan_core.train.losses import PerceptualLoss
from liifgan_core.train.photos import Photos, load_photos
from liifgan_core.train.processes import Processes, open_processes
from liifgan_core.train.resuming import check_same_lessons, check_same_recipe
from liifgan_core.train.run_log import RunLog, read_metrics
from liifgan_core.train.sampling import Batch
from liifgan_core.train.schedule import rate_factor
from liifgan_core.train.state import TrainState
from liifgan_core.train.taught_state import TaughtState
from liifgan_core.train.validation import validate
from liifgan_core.weights.feature_files import (
    FEATURE_FILES,
    installed_feature_file,
    load_feature_network,
)
from liifgan_core.weights.registry import find_model
from liifgan_core.weights.store import load_weights

CHECKPOINT_NAME = "checkpoint.safetensors"
LESSONS_NAME = "lessons"
PICTURES_NAME = "pictures"

_logger = logging.getLogger(__name__)


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


class Run:
    """The objects of a run from its start or a checkpoint on; made by `open_run`."""

    def __init__(
        self,
        request: TrainRequest,
        state: TrainState | TaughtState,
        lessons: LessonSource | None,
        photos: Photos,
        processes: Processes,
        init: InitRecord | None,
        structure_init: InitRecord | None,
        teacher: InitRecord | None,
        start: CheckpointHeader,
    ) -> None:
        self.request = request
        self.photos = photos
        self.processes = processes
        self.step = start.step
        """Steps that are done."""
        self.num_steps = start.num_steps
        self.stop_step = min(start.num_steps, request.max_steps or start.num_steps)
        self._state = state
        self._lessons = lessons
        self._start = start
        self._init = init
        self._structure_init = structure_init
        self._teacher = teacher
        self._started_s = time.monotonic()
        self._window = _Window()
        self._rate = 1.0
        self._distance = _validation_distance() if processes.is_first else None

    @property
    def has_lessons(self) -> bool:
        """Whether there is something to make before the first step."""
        return self._lessons is not None

    def make_lessons(
        self, progress: Progress, cancel: CancelToken, report: Callable[[StepReport], None]
    ) -> None:
        """Make what a taught run learns from, as far as it is not there; else do nothing."""
        if self._lessons is not None:
            self._lessons.open(
                progress=progress,
                cancel=cancel,
                report=lambda done, total, seconds: report(
                    StepReport(done, total, seconds, {}, unit="lesson")
                ),
            )
        self._started_s = time.monotonic()
        self._window.restart_clock()

    def batches(self) -> Generator[Batch] | Generator[LessonBatch]:
        """Yield what the steps from `step` on see; lessons must have been made."""
        if self._lessons is not None:
            return self._lessons.batches(start_step=self.step, stop_step=self.stop_step)
        return training_batches(
            self.request.config,
            self.photos.training,
            self.photos.cache,
            start_step=self.step,
            stop_step=self.stop_step,
            rank=self.processes.rank,
            world_size=self.processes.world_size,
        )

    def take_step(self, batch: Batch | LessonBatch) -> None:
        """Train on the next batch, which must be that of `step`."""
        config = self.request.config
        rate = rate_factor(
            config.schedule,
            step=self.step,
            num_steps=self.num_steps,
            epoch_steps=max(1, self.num_steps // config.epochs),
        )
        batch = batch.to(self.processes.device)
        match self._state, batch:
            case TrainState() as state, Batch():
                terms = state.step(batch, step=self.step, rate=rate)
            case TaughtState() as state, LessonBatch():
                terms = state.step(batch, step=self.step, rate=rate)
            case _:
                raise AssertionError("batches() yields what the run's state takes")
        self.step += 1
        self._window.add({name: float(value) for name, value in terms.items()})
        self._rate = rate

    def report_step(self, log: RunLog, report: Callable[[StepReport], None]) -> None:
        """Log the means since the last report, every `log_every_steps` steps and at the end."""
        is_due = self.step % self.request.config.log_every_steps == 0
        if not self.processes.is_first or not (is_due or self.step == self.stop_step):
            return
        values, seconds_per_step = self._window.take()
        rate = self.request.config.learning_rate * self._rate
        timing = {"learning_rate": rate, "seconds_per_step": seconds_per_step}
        log.report(self.step, values | timing)
        report(StepReport(self.step, self.stop_step, seconds_per_step, values))

    def validate_if_due(self, log: RunLog, cancel: CancelToken) -> None:
        """Measure and write pictures, every `every_steps` steps and at the end."""
        settings = self.request.config.validation
        is_due = self.step % settings.every_steps == 0 or self.step == self.num_steps
        if not is_due or not self.photos.validation.crops:
            return
        if self.processes.is_first:
            metrics = validate(
                self._output_network(),
                self.photos.validation,
                settings,
                distance=self._distance,
                pictures_folder=self.request.out / PICTURES_NAME / f"{self.step:07d}",
                # One of several processes must not leave while the others wait for it here.
                check=cancel.check if self.processes.world_size == 1 else _go_on,
            )
            if self._lessons is not None and isinstance(self._state, TaughtState):
                metrics |= self._lessons.measure(self._state)
            log.report(self.step, metrics)
        self._window.restart_clock()
        self.processes.wait()

    def save_if_due(self) -> None:
        """Write a checkpoint every `checkpoint_every_steps` steps."""
        if self.step % self.request.config.checkpoint_every_steps == 0:
            self.save()

    def save(self) -> None:
        """Write a checkpoint in place of the last one."""
        if self.processes.is_first:
            header = msgspec.structs.replace(self._start, step=self.step, seconds=self._seconds)
            save_checkpoint(self.request.out / CHECKPOINT_NAME, header, self._state.tensors())
        self.processes.wait()

    def export(self) -> Path:
        """Write the model so far and its card; return the weights' path."""
        path = self.request.out / "model.safetensors"
        if self.processes.is_first:
            num_validation = len(self.photos.validation.crops)
            path = write_model(
                self.request.out,
                self.request.config,
                self._state.output,
                steps=self.step,
                seconds=self._seconds,
                data=data_record(self.photos.training, num_validation=num_validation),
                init=self._init,
                structure_init=self._structure_init,
                teacher=self._teacher,
                lessons=self._start.lessons,
                metrics=_last_validation(self.request.out),
                now=datetime.now(UTC),
            )
        self.processes.wait()
        return path

    @property
    def _seconds(self) -> float:
        return self._start.seconds + time.monotonic() - self._started_s

    def _output_network(self) -> LIIF:
        """Return a copy of the network with the weights that the run would leave now."""
        network = LIIF(self.request.config.network)
        tensors = {name: tensor.clone() for name, tensor in self._state.output.items()}
        # Assigned, since an external trunk has no memory of its own before.
        network.load_state_dict(tensors, assign=True)
        return network.requires_grad_(False).eval().to(self.processes.device)


def open_run(request: TrainRequest, progress: Progress, cancel: CancelToken) -> Run:
    """Return a run at its start, or at its checkpoint; nothing is written yet.

    Raises what `train` raises for images, weights, devices and checkpoints.
    """
    config = request.config
    if request.out.exists() and not request.out.is_dir():
        raise LiifganError(f"{request.out} is a file; choose a folder for --out")
    checkpoint = request.out / CHECKPOINT_NAME
    if not request.resume and checkpoint.exists():
        raise CheckpointError(
            f"{checkpoint}: a run is there already; go on with --resume, or choose another --out"
        )
    saved = load_checkpoint(checkpoint) if request.resume else None
    processes = open_processes(
        request.device, has_resting_parameters=config.loss.detail_start_step > 0
    )
    if config.batch_size % processes.world_size:
        raise LiifganError(
            f"a batch of {config.batch_size} cannot be shared by {processes.world_size} processes; "
            "use a number of processes that divides it"
        )
    init_path = None if config.init is None else find_model(config.init)
    structure_path = None if config.structure_init is None else find_model(config.structure_init)
    distillation = config.loss.distillation
    teacher_path = None if distillation is None else find_model(distillation.teacher)
    network = build_generator(
        config.network,
        init_path,
        structure_init=structure_path,
        trunk_start=config.trunk_start,
        trains_structure="structure" in config.trained_parts,
        seed=config.seed,
    )
    freeze_parts(network, config.trained_parts)
    init, structure_init, teacher = map(init_record, (init_path, structure_path, teacher_path))
    photos = load_photos(config, request.data, request.validation, progress=progress, cancel=cancel)
    perceptual = _perceptual_loss(config)
    fingerprint = photos.training.fingerprint
    # The first process decides: machines of a run may have unlike processors.
    arithmetic = (
        (config.arithmetic or processes.from_first(_arithmetic_for(processes.device)))
        if saved is None
        else saved[0].arithmetic
    )
    lessons = None
    if config.taught is not None:
        if processes.world_size != 1:
            raise LiifganError("a taught run is one process; start it without torchrun")
        lessons = LessonSource(
            config,
            network,
            photos,
            request.lessons_folder,
            device=processes.device,
            arithmetic=arithmetic,
        )
    if saved is None:
        start = new_header(
            step=0,
            num_steps=config.num_steps(len(photos.training.paths)),
            config=config,
            arithmetic=arithmetic,
            data_fingerprint=fingerprint,
            world_size=processes.world_size,
            seconds=0.0,
            teacher_sha256="" if teacher is None else teacher.sha256,
            lessons=None if lessons is None else lessons.key,
        )
    else:
        start = saved[0]
        check_same_recipe(checkpoint, start, config, fingerprint, processes)
        if lessons is not None:
            check_same_lessons(checkpoint, start, lessons.key)
        if teacher is not None and teacher.sha256 != start.teacher_sha256:
            raise CheckpointError(
                f"{checkpoint}: its teacher was another file than {teacher.file} is now; put that "
                "one back, or start a new run with --init and another --out"
            )
    if lessons is not None:
        state = TaughtState(
            config, network, device=processes.device, arithmetic=arithmetic, scale=lessons.scale
        )
    else:
        state = TrainState(
            config,
            network,
            perceptual,
            processes=processes,
            arithmetic=arithmetic,
            teacher=None if teacher_path is None else load_weights(teacher_path).network,
        )
    if saved is not None:
        try:
            state.restore(saved[1])
        except (RuntimeError, KeyError, ValueError) as error:
            reason = str(error).splitlines()[0]
            raise CheckpointError(
                f"{checkpoint}: its tensors do not fit the recipe ({reason}); start again without "
                "--resume, in another --out"
            ) from error
    try:
        request.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LiifganError(
            f"{request.out}: the folder cannot be made ({error.strerror}); choose another --out"
        ) from error
    return Run(request, state, lessons, photos, processes, init, structure_init, teacher, start)


def _arithmetic_for(device: torch.device) -> Arithmetic:
    # fp16, which older GPUs render in, would need its losses scaled: they train in fp32.
    return Arithmetic(half=resolve_precision("auto", device) is torch.bfloat16)


def _go_on() -> None:
    """Stop nothing."""


class _Window:
    """Means of the loss terms since the last report."""

    def __init__(self) -> None:
        self._sums: dict[str, float] = {}
        self._counts: dict[str, int] = {}
        self._steps = 0
        self._start_s = time.monotonic()

    def add(self, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            self._sums[name] = self._sums.get(name, 0.0) + value
            self._counts[name] = self._counts.get(name, 0) + 1
        self._steps += 1

    def take(self) -> tuple[dict[str, float], float]:
        """Return the means and the seconds per step, and begin anew."""
        means = {name: total / self._counts[name] for name, total in self._sums.items()}
        seconds = (time.monotonic() - self._start_s) / max(1, self._steps)
        self._sums, self._counts, self._steps = {}, {}, 0
        self._start_s = time.monotonic()
        return means, seconds

    def restart_clock(self) -> None:
        """Leave the time since the last report out of the next one."""
        self._start_s = time.monotonic()


def _perceptual_loss(config: TrainConfig) -> PerceptualLoss | None:
    perceptual = config.loss.perceptual
    if perceptual is None:
        return None
    network, _ = load_feature_network(perceptual.network)
    unknown = set(perceptual.layers) - set(network.names)
    if unknown:
        known = ", ".join(name for name in network.names if name)
        raise LiifganError(
            f"{perceptual.network} has no layers {sorted(unknown)}; choose from {known}"
        )
    return PerceptualLoss(network, perceptual.layers, is_relative=perceptual.is_relative)


def _validation_distance() -> STLPIPS | None:
    """Return ST-LPIPS(alex) if its weights are here; validation does not download."""
    if installed_feature_file("alex-shift-tolerant") is None:
        _logger.warning(
            "ST-LPIPS is not measured: put %s of stlpips-pytorch 0.0.2 into %s",
            FEATURE_FILES["alex-shift-tolerant"].name,
            user_data_path("features"),
        )
        return None
    try:
        return load_st_lpips("alex")
    except WeightsError as error:
        _logger.warning("ST-LPIPS is not measured: %s", error)
        return None


def _last_validation(out: Path) -> dict[str, float]:
    """Return the newest measures in the run's log."""
    for line in reversed(read_metrics(out)):
        found = {name: value for name, value in line.items() if name.startswith("val/")}
        if found:
            return {name: value for name, value in found.items() if value is not None}
    return {}
