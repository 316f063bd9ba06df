"""`liifgan upscale`: photos through one model, here or on a cluster."""

import contextlib
import logging
import signal
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

import msgspec

from liifgan_core.cli import INTERRUPTED
from liifgan_core.cli.batch_inputs import BatchInput, collect_inputs
from liifgan_core.cli.batch_progress import BatchProgress, work_of
from liifgan_core.cli.console import one_line, print_error, print_result
from liifgan_core.cli.manifest import Manifest, last_model, settings_fingerprint
from liifgan_core.cli.upscale_job import UpscaleJob
from liifgan_core.cli.upscale_photo import Guard, Outcome, Record, attempt
from liifgan_core.errors import LiifganError, SizeError
from liifgan_core.images.read import read_size
from liifgan_core.render.placed_model import PlacedModel, load_model
from liifgan_core.weights.family import present_name
from liifgan_core.weights.registry import installed_files

_SOME_FAILED = 1

_logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Tally:
    """How many photos went which way."""

    done: int = 0
    skipped: int = 0
    failed: int = 0


def run(named: Sequence[Path], job: UpscaleJob) -> int:
    """Upscale photos and return the exit status: 0, 1 (some failed) or 130 (interrupted).

    Raises WeightsError or DeviceError before any file is touched, and LiifganError when the
    manifest cannot be written or the cluster cannot be used.
    """
    signal.signal(signal.SIGTERM, _interrupt)
    tally = _Tally()
    try:
        model = load_model(_model_name(job), device=job.device, precision=job.precision)
        if job.detail is not None and not model.has_detail:
            _logger.warning(
                "the model %s has no detail layer: --detail changes nothing", model.info.name
            )
        collected = collect_inputs(named, is_recursive=job.recursive, output=job.output.path)
        for problem in collected.problems:
            tally.failed += 1
            print_error(problem)
        with _manifest(job, model) as manifest:
            inputs = collected.inputs
            if manifest is not None and job.recursive:
                inputs = [each for each in inputs if not manifest.is_output(each.source)]
            _upscale_all(inputs, model, job, manifest, tally)
    except KeyboardInterrupt:
        print_error("cancelled")
        return INTERRUPTED
    except LiifganError as error:
        if not tally.done + tally.skipped + tally.failed:
            raise
        print_error(str(error))
        return _SOME_FAILED
    if tally.skipped and not job.as_json:
        print_result(
            f"{tally.done} done, {tally.skipped} skipped because their results are there, "
            f"{tally.failed} failed"
        )
    return _SOME_FAILED if tally.failed else 0


def _model_name(job: UpscaleJob) -> str | None:
    """Return the model that is asked for: by the user, else by the batch that goes on.

    So a batch keeps its model where another machine would take another default.
    """
    if job.model is not None or not job.resume or job.manifest is None:
        return job.model
    name = last_model(job.manifest)
    is_installed = name is not None and not {name, present_name(name)}.isdisjoint(installed_files())
    return name if is_installed else None


def _upscale_all(
    inputs: Sequence[BatchInput],
    model: PlacedModel,
    job: UpscaleJob,
    manifest: Manifest | None,
    tally: _Tally,
) -> None:
    guard = Guard([each.source for each in inputs])
    finished = [_finished(each, job, manifest, guard) for each in inputs]
    todo = [each for each, is_finished in zip(inputs, finished, strict=True) if not is_finished]
    tally.skipped += sum(finished)
    with BatchProgress([_work(each.source, job) for each in todo]) as progress:
        for number, outcome in _outcomes(todo, model, job, guard, manifest, progress):
            _settle(todo[number].source, outcome, job, manifest, tally)
            progress.finish(number, is_skipped=outcome.status == "skipped")


def _outcomes(
    todo: Sequence[BatchInput],
    model: PlacedModel,
    job: UpscaleJob,
    guard: Guard,
    manifest: Manifest | None,
    progress: BatchProgress,
) -> Iterator[tuple[int, Outcome]]:
    """Yield (number of the photo, what became of it), in any order."""
    if job.cluster is not None and manifest is not None:
        from liifgan_core.cli.cluster import outcomes_from_cluster

        for number, outcome in outcomes_from_cluster(todo, model, job, manifest):
            yield number, outcome
            progress.tell(todo[number].source.name)
        return
    for number, each in enumerate(todo):
        show = lambda name, number=number: progress.photo(number, name)  # noqa: E731
        yield number, attempt(each, model, job, guard, manifest, show)


def _finished(each: BatchInput, job: UpscaleJob, manifest: Manifest | None, guard: Guard) -> bool:
    """Return whether an earlier run has done a photo, and keep its result from this one."""
    if manifest is None or not job.resume:
        return False
    output = manifest.finished(each.source, may_overwrite=job.overwrite)
    if output is not None:
        guard.take(output)
    return output is not None


def _settle(
    source: Path, outcome: Outcome, job: UpscaleJob, manifest: Manifest | None, tally: _Tally
) -> None:
    """Record and report what became of a photo."""
    if outcome.status == "failed":
        tally.failed += 1
        print_error(outcome.message)
    if outcome.status == "skipped":
        tally.skipped += 1
    if outcome.record is None:
        if manifest is not None:
            manifest.write(source, outcome.status, error=one_line(outcome.message))
        return
    tally.done += 1
    record = outcome.record
    if manifest is not None:
        manifest.write(
            source,
            "done",
            output=outcome.output,
            output_bytes=outcome.output_bytes,
            width=record.width,
            height=record.height,
            seconds=record.seconds,
            model=record.model,
            worker=outcome.worker,
        )
    try:
        _report(record, job)
    except LiifganError as error:
        tally.failed += 1
        print_error(f"{source}: {error}")


def _manifest(job: UpscaleJob, model: PlacedModel) -> AbstractContextManager[Manifest | None]:
    if job.manifest is None:
        return contextlib.nullcontext()
    settings = {**job.result_settings(), "model": model.info.sha256, "dtype": str(model.dtype)}
    return Manifest(job.manifest, settings_fingerprint(settings))


def _work(source: Path, job: UpscaleJob) -> float:
    size = read_size(source)
    if size is None:
        return 0.0
    try:
        return work_of(size, job.rule.output_size(size))
    except SizeError:
        return 0.0


def _report(record: Record, job: UpscaleJob) -> None:
    if job.as_json:
        text = msgspec.json.encode(record).decode()
    else:
        text = (
            f"{record.input} -> {record.output}: {record.width}x{record.height} in "
            f"{record.seconds:.1f} s on {record.device} ({record.precision}) with {record.model}"
        )
        text = one_line(text)
    print_result(text)


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
