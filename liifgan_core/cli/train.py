"""`liifgan train`: from a folder of photos to a model."""

import logging
import sys
from pathlib import Path

import msgspec

from liifgan_core.cli import INTERRUPTED
from liifgan_core.cli.console import clock, print_error, print_result
from liifgan_core.cli.stopping import cancel_on_signals
from liifgan_core.errors import LiifganError
from liifgan_core.progress import Cancelled
from liifgan_core.train.allocator import keep_freed_memory
from liifgan_core.train.processes import is_first_process
from liifgan_core.train.recipes import find_recipe
from liifgan_core.train.request import CHECKPOINT_NAME, LESSONS_NAME, StepReport, TrainRequest
from liifgan_core.train.trainer import train

_STOPPING = "stopping after this step; press Ctrl-C again to stop without saving"
_SHOWN = (
    "l1",
    "taught_l1",
    "slopes",
    "features",
    "structure_l1",
    "perceptual",
    "gan",
    "critic_accuracy",
)
"""Loss terms in a line of progress; metrics.jsonl has all."""


def run(
    *,
    recipe: str,
    data: Path,
    out: Path,
    validation: Path | None = None,
    init: str | None = None,
    resume: bool = False,
    max_steps: int | None = None,
    device: str = "auto",
    lessons: Path | None = None,
) -> int:
    """Train and return the exit status: 0, 1 (failed) or 130 (interrupted, after saving).

    `recipe` is a name or a .toml/.json file; `init` replaces the weights that it starts from.
    """
    if not is_first_process():
        # What the core warns of is the same in all processes.
        logging.getLogger("liifgan_core").setLevel(logging.ERROR)
    try:
        if max_steps is not None and max_steps < 1:
            raise LiifganError(f"--max-steps needs a number of at least 1, not {max_steps}")
        config = find_recipe(recipe)
        if init is not None:
            config = msgspec.structs.replace(config, init=init)
        request = TrainRequest(
            config,
            data,
            out,
            validation=validation,
            resume=resume,
            max_steps=max_steps,
            device=device,
            lessons=lessons,
        )
        keep_freed_memory()
        with cancel_on_signals(_STOPPING) as cancel:
            weights = train(request, cancel=cancel, report=_print_report)
        if is_first_process():
            print_result(str(weights))
    except LiifganError as error:
        print_error(str(error))
        return 1
    except Cancelled:
        if not is_first_process():
            return INTERRUPTED
        if (out / CHECKPOINT_NAME).exists():
            print_error(f"stopped and saved; go on with --resume (model so far in {out})")
        elif (lessons or out / LESSONS_NAME).exists():
            print_error(
                "stopped before the first step; the lessons made so far are kept, and the same "
                "command goes on with them"
            )
        else:
            print_error("stopped before the first step; nothing was written")
        return INTERRUPTED
    return 0


def _print_report(report: StepReport) -> None:
    values = ", ".join(f"{k} {report.values[k]:.4f}" for k in _SHOWN if k in report.values)
    left, unit = int(report.seconds_left), report.unit
    print(
        f"{unit} {report.step}/{report.stop_step}: {values + '; ' if values else ''}"
        f"{report.seconds_per_step:.2f} s/{unit}, {clock(left)} left",
        file=sys.stderr,
        flush=True,
    )
