"""`liifgan evaluate`: how good models are, in the field's own terms."""

import math
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from liifgan_core.cli import INTERRUPTED
from liifgan_core.cli.console import clock, one_line, print_error
from liifgan_core.cli.stopping import cancel_on_signals
from liifgan_core.errors import LiifganError
from liifgan_core.evaluation.benchmark import Outcome, Request, Step, evaluate
from liifgan_core.evaluation.curves import check_matplotlib, write_curves
from liifgan_core.evaluation.dataset import find_datasets
from liifgan_core.evaluation.degradation import CLEAN, parse_degradation
from liifgan_core.evaluation.measures import parse_metrics
from liifgan_core.evaluation.protocol import MAX_SCALE, find_protocol
from liifgan_core.evaluation.records import FILE_NAME as RECORDS
from liifgan_core.evaluation.rows import open_methods, parse_rows
from liifgan_core.evaluation.sheet import FILE_NAME as SHEET
from liifgan_core.evaluation.sheet import sheet_scale, write_sheet
from liifgan_core.evaluation.table import FILE_NAME as TABLE
from liifgan_core.evaluation.table import table_text
from liifgan_core.files.whole import write_whole
from liifgan_core.progress import Cancelled, CancelToken
from liifgan_core.render.devices import resolve_device

_SOME_FAILED = 1
_WRONG_USE = 2
_INTERVAL_S = 10.0
"""Seconds between two lines of progress where there is no terminal."""


@dataclass(frozen=True, slots=True)
class EvaluateJob:
    """The options, as typed."""

    data: list[Path]
    models: str
    scales: str
    metrics: str
    protocol: str
    detail: float
    out: Path
    degrade: str | None = None
    device: str = "auto"
    precision: str = "fp32"


def run(job: EvaluateJob) -> int:
    """Measure, write the four files and return the exit status.

    0: all was measured; 1: some images or methods failed (each with a warning), or a file could not
    be written; 2: wrong use, or models, metrics or packages that cannot be had: nothing was
    measured; 130: interrupted, with what was measured kept.
    """
    try:
        protocol = find_protocol(job.protocol)
        metrics = parse_metrics(_words(job.metrics), protocol)
        scales = parse_scales(job.scales)
        degradation = CLEAN if job.degrade is None else parse_degradation(job.degrade)
        rows = parse_rows(_words(job.models))
        check_matplotlib()
        datasets = find_datasets(job.data)
        request = Request(
            datasets=datasets,
            methods=open_methods(
                rows, detail=job.detail, device=job.device, precision=job.precision
            ),
            scales=scales,
            metrics=metrics,
            protocol=protocol,
            out=job.out,
            degradation=degradation,
            device=resolve_device(job.device),
        )
    except LiifganError as error:
        print_error(str(error))
        return _WRONG_USE
    try:
        with cancel_on_signals("stopping after this picture") as cancel:
            outcome = evaluate(request, step=_Progress(), cancel=cancel)
            _write_reports(outcome, request, cancel)
    except LiifganError as error:
        print_error(str(error))
        return _SOME_FAILED
    except Cancelled:
        print_error(f"stopped; what was measured is in {job.out / RECORDS}: run it again to go on")
        return INTERRUPTED
    print(job.out / TABLE)
    return _SOME_FAILED if outcome.failures else 0


def parse_scales(text: str) -> tuple[float, ...]:
    """Return the scales, each once; raises LiifganError for what is no number above 1."""
    scales: dict[float, None] = {}
    for word in _words(text):
        try:
            scale = float(word)
        except ValueError:
            scale = math.nan
        if not 1.0 < scale <= MAX_SCALE:
            raise LiifganError(
                f"--scales needs numbers above 1 and up to {MAX_SCALE:g}, not {word!r}"
            )
        scales[scale] = None
    if not scales:
        raise LiifganError("no scale is asked for; give --scales")
    return tuple(scales)


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _write_reports(outcome: Outcome, request: Request, cancel: CancelToken) -> None:
    folder = request.out
    if not outcome.report.summary:
        raise LiifganError(f"nothing could be measured; {folder / RECORDS} says why")
    try:
        write_whole(folder / TABLE, table_text(outcome.report).encode())
        write_curves(outcome.report, folder)
        if outcome.num_measured or not (folder / SHEET).is_file():
            scale = sheet_scale(request.scales)
            write_sheet(
                folder,
                request.datasets,
                request.methods,
                scale,
                degradation=request.degradation,
                cancel=cancel,
            )
    except OSError as error:
        raise LiifganError(f"{folder}: cannot be written ({error.strerror})") from error


class _Progress:
    """A line per picture on a terminal, else every ten seconds."""

    def __init__(self) -> None:
        self._last_s = -math.inf

    def __call__(self, step: Step) -> None:
        now_s = time.monotonic()
        is_terminal = sys.stderr.isatty()
        if not is_terminal and now_s - self._last_s < _INTERVAL_S and step.number < step.total:
            return
        self._last_s = now_s
        left = round(step.seconds_left)
        text = f"{step.number}/{step.total} {step.what}; {clock(left)} left"
        print(one_line(text), file=sys.stderr, flush=True)
