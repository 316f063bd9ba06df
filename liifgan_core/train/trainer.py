"""The training loop: from a folder of photos to weights, in stretches that fit together exactly."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from liifgan_core.progress import Cancelled, CancelToken, Progress, no_progress, part
from liifgan_core.train.processes import open_processes
from liifgan_core.train.request import StepReport, TrainRequest
from liifgan_core.train.run import Run
from liifgan_core.train.run_log import RunLog
from liifgan_core.train.run_start import open_start
from liifgan_core.train.updates import NotFiniteError

_SCAN_SHARE = 0.02
"""Part of the progress bar that reading the images fills."""
_LESSONS_SHARE = 0.3
"""Up to where making lessons fills it, in a taught run."""


def train(
    request: TrainRequest,
    *,
    progress: Progress = no_progress,
    cancel: CancelToken | None = None,
    report: Callable[[StepReport], None] = lambda _report: None,
) -> Path:
    """Train whatever the recipe says and return the path of the weights file.

    A taught run makes its lessons first, as far as they are not there; cancelled then, it goes on
    with them when it is started again. Stops at `max_steps`, at the end of the recipe, or when
    cancelled; all three leave a checkpoint to resume from and the model so far. Resumed on a CPU
    with as many threads, a run ends with exactly the weights of one that was never stopped. Raises
    Cancelled, DataError, CheckpointError, WeightsError, DeviceError, and NotFiniteError, which
    leaves the last good checkpoint and the model before that step. In a group of processes what
    ends one ends all.
    """
    token = cancel or CancelToken()
    with open_processes(request.device) as processes:
        start = open_start(request, processes, part(progress, 0.0, _SCAN_SHARE), token)
        steps_start = _SCAN_SHARE if start.course.lessons is None else _LESSONS_SHARE
        start.course.prepare(part(progress, _SCAN_SHARE, steps_start), token, report)
        with RunLog(
            request.out, start_step=start.header.step, is_silent=not processes.is_first
        ) as log:
            run = Run(start, log, report)
            try:
                return _train(run, part(progress, steps_start, 1.0), token)
            except NotFiniteError as error:
                # The checkpoint stays the last good one. A changed recipe cannot go on from it,
                # only start from the weights.
                path = run.export_before(error)
                raise NotFiniteError(
                    f"{error}: start a new run with such a recipe, --init {path} and another --out",
                    step=error.step,
                ) from error


def _train(run: Run, progress: Progress, cancel: CancelToken) -> Path:
    with closing(run.batches()) as batches:
        try:
            while run.step < run.stop_step:
                with run.processes.together():
                    cancel.check()
                    batch = next(batches)
                run.take_step(batch)
                run.report_if_due()
                run.validate_if_due(cancel)
                run.save_if_due()
                progress(run.step / run.stop_step)
        except Cancelled:
            run.save()
            run.export()
            raise
    run.save()
    return run.export()
