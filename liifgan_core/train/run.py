"""A run that is under way: how far it is, and what it leaves on disk."""

import time
from collections.abc import Callable, Generator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import torch
from torch import Tensor

from liifgan_core.progress import CancelToken
from liifgan_core.train.card import WEIGHTS_NAME
from liifgan_core.train.checkpoint import save_checkpoint
from liifgan_core.train.learner import RunFacts, StepBatch
from liifgan_core.train.request import PICTURES_NAME, StepReport
from liifgan_core.train.run_log import RunLog, read_metrics
from liifgan_core.train.run_start import RunStart
from liifgan_core.train.schedule import rate_factor
from liifgan_core.train.updates import NotFiniteError


class Run:
    """Counts steps from a start on, and does what is due after each."""

    def __init__(self, start: RunStart, log: RunLog, report: Callable[[StepReport], None]) -> None:
        self._start = start
        self._log = log
        self._report = report
        self._config = start.request.config
        self._learner = start.course.learner
        self.processes = start.processes
        self.step = start.header.step
        """Steps that are done."""
        self._num_steps = start.header.num_steps
        self.stop_step = min(self._num_steps, start.request.max_steps or self._num_steps)
        self._started_s = time.monotonic()
        self._window = _Window()
        self._rate = 1.0

    def batches(self) -> Generator[StepBatch]:
        """Yield what the steps from `step` on see; the course must be prepared."""
        return self._start.course.batches(self.step, self.stop_step)

    def take_step(self, batch: StepBatch) -> None:
        """Train on the next batch, which must be that of `step`."""
        self._rate = rate_factor(
            self._config.schedule,
            step=self.step,
            num_steps=self._num_steps,
            epoch_steps=max(1, self._num_steps // self._config.epochs),
        )
        batch = batch.to(self.processes.device)
        self._window.add(self._learner.step(batch, step=self.step, rate=self._rate))
        self.step += 1

    def report_if_due(self) -> None:
        """Log the means since the last report, every `log_every_steps` steps and at the end.

        Raises NotFiniteError where the steps were not all taken.
        """
        is_due = self.step % self._config.log_every_steps == 0
        if not (is_due or self.step == self.stop_step):
            return
        self._check()
        values, seconds_per_step = self._window.take()
        if not self.processes.is_first:
            return
        rate = self._config.learning_rate * self._rate
        timing = {"learning_rate": rate, "seconds_per_step": seconds_per_step}
        self._log.report(self.step, values | timing)
        self._report(StepReport(self.step, self.stop_step, seconds_per_step, values))

    def validate_if_due(self, cancel: CancelToken) -> None:
        """Measure and write pictures, every `every_steps` steps and at the end."""
        is_due = self.step % self._config.validation.every_steps == 0
        if not (is_due or self.step == self._num_steps):
            return
        if not self._start.photos.validation.crops:
            return
        self._check()
        with self.processes.together():
            if self.processes.is_first:
                pictures = self._start.request.out / PICTURES_NAME / f"{self.step:07d}"
                self._log.report(self.step, self._start.course.measure(pictures, cancel.check))
        self._window.restart_clock()

    def save_if_due(self) -> None:
        """Write a checkpoint every `checkpoint_every_steps` steps."""
        if self.step % self._config.checkpoint_every_steps == 0:
            self.save()

    def save(self) -> None:
        """Write a checkpoint in place of the last one; raises NotFiniteError and keeps that."""
        self._check()
        with self.processes.together():
            if self.processes.is_first:
                header = msgspec.structs.replace(
                    self._start.header, step=self.step, seconds=self._seconds
                )
                save_checkpoint(self._start.request.checkpoint, header, self._learner.tensors())

    def export(self) -> Path:
        """Write the model so far and its card; return the weights' path."""
        with self.processes.together():
            if self.processes.is_first:
                return self._write()
        return self._start.request.out / WEIGHTS_NAME

    def export_before(self, error: NotFiniteError) -> Path:
        """Write the model before a step that was not taken; the run is over then."""
        self.step = error.step
        out = self._start.request.out
        # Without waiting for the others, which may have ended otherwise.
        return self._write() if self.processes.is_first else out / WEIGHTS_NAME

    @property
    def _seconds(self) -> float:
        return self._start.header.seconds + time.monotonic() - self._started_s

    def _write(self) -> Path:
        out = self._start.request.out
        facts = RunFacts(self.step, self._seconds, _last_validation(out), datetime.now(UTC))
        return self._start.course.write(out, facts)

    def _check(self) -> None:
        with self.processes.together():
            self._learner.check()


class _Window:
    """Means of the loss terms since the last report."""

    def __init__(self) -> None:
        self._terms: list[tuple[str, Tensor]] = []
        self._steps = 0
        self._start_s = time.monotonic()

    def add(self, terms: Mapping[str, Tensor]) -> None:
        """Keep a step's terms where they are: reading them would wait for the device."""
        self._terms += terms.items()
        self._steps += 1

    def take(self) -> tuple[dict[str, float], float]:
        """Return the means and the seconds per step, and begin anew."""
        values = torch.stack([value.float() for _, value in self._terms]).tolist()
        collected: dict[str, list[float]] = {}
        for (name, _), value in zip(self._terms, values, strict=True):
            collected.setdefault(name, []).append(value)
        means = {name: sum(found) / len(found) for name, found in collected.items()}
        seconds = (time.monotonic() - self._start_s) / max(1, self._steps)
        self._terms, self._steps = [], 0
        self._start_s = time.monotonic()
        return means, seconds

    def restart_clock(self) -> None:
        """Leave the time since the last report out of the next one."""
        self._start_s = time.monotonic()


def _last_validation(out: Path) -> dict[str, float]:
    """Return the newest measures in the run's log."""
    for line in reversed(read_metrics(out)):
        found = {name: value for name, value in line.items() if name.startswith("val/")}
        if found:
            return {name: value for name, value in found.items() if value is not None}
    return {}
