"""`liifgan upscale`: one photo after the other through one model."""

import contextlib
import logging
import signal
from collections.abc import Sequence
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
from liifgan_core.cli.manifest import Manifest, settings_fingerprint
from liifgan_core.cli.upscale_job import UpscaleJob
from liifgan_core.cli.upscale_photo import Guard, Prepared, Upscaled, prepare, write_result
from liifgan_core.errors import LiifganError, SizeError, TargetExistsError
from liifgan_core.images.read import read_size
from liifgan_core.render.placed_model import PlacedModel, load_model

_SOME_FAILED = 1

_logger = logging.getLogger(__name__)


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What `--json` tells of a file that was done."""

    input: str
    output: str
    width: int
    height: int
    seconds: float
    device: str
    model: str


@dataclass(slots=True)
class _Tally:
    """How many photos went which way."""

    done: int = 0
    skipped: int = 0
    failed: int = 0


def run(named: Sequence[Path], job: UpscaleJob) -> int:
    """Upscale photos and return the exit status: 0, 1 (some failed) or 130 (interrupted).

    Raises WeightsError or DeviceError before any file is touched.
    """
    for name in ("SIGTERM", "SIGHUP", "SIGBREAK"):  # not every system has all
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _interrupt)
    tally = _Tally()
    try:
        model = load_model(job.model, device=job.device, precision=job.precision)
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
    if tally.skipped and not job.as_json:
        print_result(
            f"{tally.done} done, {tally.skipped} skipped because their results are there, "
            f"{tally.failed} failed"
        )
    return _SOME_FAILED if tally.failed else 0


def _upscale_all(
    inputs: Sequence[BatchInput],
    model: PlacedModel,
    job: UpscaleJob,
    manifest: Manifest | None,
    tally: _Tally,
) -> None:
    guard = Guard([each.source for each in inputs])
    finished = [_finished(each, job, manifest, guard) for each in inputs]
    works = [
        0.0 if is_finished else _work(each.source, job)
        for each, is_finished in zip(inputs, finished, strict=True)
    ]
    with BatchProgress(works) as progress:
        for number, each in enumerate(inputs):
            is_skipped = finished[number]
            if not is_skipped:
                try:
                    is_skipped = not _upscale_one(
                        number, each, model, job, guard, manifest, progress
                    )
                except LiifganError as error:
                    tally.failed += 1
                    _fail(each, _naming(each.source, str(error)), manifest)
                except (
                    Exception
                ) as error:  # the edge: a defect in one file must not cost the others
                    tally.failed += 1
                    _logger.debug("traceback", exc_info=True)
                    told = f"unexpected {type(error).__name__}: {error}; please report"
                    _fail(each, f"{each.source}: {told}", manifest)
                else:
                    tally.done += not is_skipped
            tally.skipped += is_skipped
            progress.finish(number, is_skipped=is_skipped)


def _finished(each: BatchInput, job: UpscaleJob, manifest: Manifest | None, guard: Guard) -> bool:
    """Return whether an earlier run has done a photo, and keep its result from this one."""
    if manifest is None or not job.resume:
        return False
    output = manifest.finished(each.source, may_overwrite=job.overwrite)
    if output is not None:
        guard.take(output)
    return output is not None


def _upscale_one(
    number: int,
    each: BatchInput,
    model: PlacedModel,
    job: UpscaleJob,
    guard: Guard,
    manifest: Manifest | None,
    progress: BatchProgress,
) -> bool:
    """Write one result and report it; False when there was one and it was to be left."""
    try:
        prepared = prepare(each, job, guard)
        if manifest is not None:
            manifest.write(each.source, "started", output=str(prepared.target.absolute()))
        with progress.photo(number, each.source.name) as report:
            made = write_result(prepared, model, job, report)
    except TargetExistsError as error:
        if not (job.skip_existing or job.resume):
            raise
        if manifest is not None:
            manifest.write(each.source, "skipped", error=str(error))
        return False
    guard.take(prepared.target)
    record = _record(prepared, made, model)
    if manifest is not None:
        facts = msgspec.to_builtins(record)
        del facts["input"], facts["device"]
        facts |= {
            "output": str(prepared.target.absolute()),
            "output_bytes": prepared.target.stat().st_size,
        }
        manifest.write(each.source, "done", **facts)
    _report(record, job)
    return True


def _fail(each: BatchInput, message: str, manifest: Manifest | None) -> None:
    print_error(message)
    if manifest is not None:
        manifest.write(each.source, "failed", error=one_line(message))


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


def _record(prepared: Prepared, made: Upscaled, model: PlacedModel) -> Record:
    return Record(
        input=_valid_text(prepared.source),
        output=_valid_text(prepared.target),
        width=prepared.size.width,
        height=prepared.size.height,
        seconds=round(made.seconds, 3),
        device=str(model.device),
        model=model.info.name,
    )


def _report(record: Record, job: UpscaleJob) -> None:
    if job.as_json:
        text = msgspec.json.encode(record).decode()
    else:
        text = (
            f"{record.input} -> {record.output}: {record.width}x{record.height} in "
            f"{record.seconds:.1f} s on {record.device} with {record.model}"
        )
        text = one_line(text)
    print_result(text)


def _valid_text(path: Path) -> str:
    """Return the path as text that can be encoded; bytes that are no UTF-8 are escaped."""
    return str(path).encode("utf-8", "backslashreplace").decode()


def _naming(source: Path, message: str) -> str:
    """Return the message, which begins with the file's name if it does not already."""
    return message if message.startswith(str(source)) else f"{source}: {message}"


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
