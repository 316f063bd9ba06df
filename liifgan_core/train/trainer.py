"""The training loop: from a folder of photos to weights, in stretches that fit together exactly."""

from collections.abc import Callable
from pathlib import Path

from liifgan_core.progress import Cancelled, CancelToken, Progress, no_progress, part
from liifgan_core.train.run import StepReport, TrainRequest, open_run
from liifgan_core.train.run_log import RunLog
from liifgan_core.train.state import NotFiniteError

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
    """Train and return the path of the weights file.

    A taught run makes its lessons first, as far as they are not there; cancelled then, it goes on
    with them when it is started again. Stops at `max_steps`, at the end of the recipe, or when
    cancelled; all three leave a checkpoint to resume from and the model so far. Resumed on a CPU
    with as many threads, a run ends with exactly the weights of one that was never stopped. Raises
    Cancelled, DataError, CheckpointError, WeightsError, DeviceError, and NotFiniteError, which
    leaves the last good checkpoint and the model before that step.
    """
    token = cancel or CancelToken()
    run = open_run(request, part(progress, 0.0, _SCAN_SHARE), token)
    steps_start = _LESSONS_SHARE if run.has_lessons else _SCAN_SHARE
    run.make_lessons(part(progress, _SCAN_SHARE, steps_start), token, report)
    training_progress = part(progress, steps_start, 1.0)
    with RunLog(request.out, start_step=run.step, is_silent=not run.processes.is_first) as log:
        batches = run.batches()
        try:
            for batch in batches:
                if run.processes.any(token.is_cancelled):
                    raise Cancelled
                run.take_step(batch)
                run.report_step(log, report)
                run.validate_if_due(log, token)
                run.save_if_due()
                training_progress(run.step / run.stop_step)
        except Cancelled:
            run.save()
            run.export()
            raise
        except NotFiniteError as error:
            # The checkpoint stays the last good one. A changed recipe cannot go on from it, only
            # start from the weights.
            path = run.export()
            raise NotFiniteError(
                f"{error}: start a new run with such a recipe, --init {path} and another --out"
            ) from error
        finally:
            batches.close()
        run.save()
        return run.export()
