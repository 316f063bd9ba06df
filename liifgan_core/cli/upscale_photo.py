"""One photo of `liifgan upscale`: from its file to its result's, here or on a cluster."""

import logging
import os
import socket
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

import liifgan_core
from liifgan_core.cli.batch_inputs import BatchInput
from liifgan_core.cli.manifest import Manifest
from liifgan_core.cli.upscale_job import UpscaleJob
from liifgan_core.errors import ImageWriteError, LiifganError, TargetExistsError
from liifgan_core.geometry import Size
from liifgan_core.images.formats import format_by_name, result_depth
from liifgan_core.images.image import Image
from liifgan_core.images.read import read_image
from liifgan_core.images.target import check_target
from liifgan_core.progress import Progress
from liifgan_core.render.export import ExportOptions, ExportReport, export_image
from liifgan_core.render.placed_model import PlacedModel

_logger = logging.getLogger(__name__)

ShowProgress = Callable[[str], AbstractContextManager[Progress]]
"""Gives the progress for a photo of a name."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What `--json` tells of a file that was done."""

    input: str
    output: str
    width: int
    height: int
    seconds: float
    """Reading, encoding, rendering and writing."""
    reading_s: float
    encoding_s: float
    rendering_s: float
    writing_s: float
    device: str
    precision: str
    engine: str
    model: str


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a photo; plain data, so that it can come from another machine."""

    status: Literal["done", "skipped", "failed"]
    record: Record | None = None
    """Of what was done."""
    output: str | None = None
    """Absolute path of what was done."""
    output_bytes: int | None = None
    worker: str | None = None
    message: str = ""
    """Why it failed or was skipped: one sentence that names the photo."""


class Guard:
    """Keeps results of one run from replacing its photos or each other, whatever is allowed."""

    def __init__(self, sources: Iterable[Path]) -> None:
        self._taken = {os.path.realpath(path) for path in sources}

    def check(self, target: Path) -> None:
        """Raise ImageWriteError when the name belongs to this run already."""
        if os.path.realpath(target) in self._taken:
            raise ImageWriteError(
                f"{target} is an input or another result of this run; choose another folder"
            )

    def take(self, target: Path) -> None:
        """Note a result that was written."""
        self._taken.add(os.path.realpath(target))


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A photo that is read, and where its result goes."""

    source: Path
    image: Image
    size: Size
    target: Path
    format: str
    reading_s: float


def attempt(
    each: BatchInput,
    model: PlacedModel,
    job: UpscaleJob,
    guard: Guard,
    manifest: Manifest | None,
    show: ShowProgress,
) -> Outcome:
    """Write the result of a photo, whatever may be wrong with it; nothing is printed.

    The manifest gets to know that it was begun; of the end, whoever gets the outcome tells it.
    """
    source = each.source
    try:
        return _written(each, model, job, guard, manifest, show)
    except TargetExistsError as error:
        if job.skip_existing or job.resume:
            return Outcome(status="skipped", message=_naming(source, str(error)))
        return Outcome(status="failed", message=_naming(source, str(error)))
    except LiifganError as error:
        return Outcome(status="failed", message=_naming(source, str(error)))
    except Exception as error:  # the edge: a defect in one file must not cost the others
        _logger.debug("traceback", exc_info=True)
        told = f"unexpected {type(error).__name__}: {error}; please report"
        return Outcome(status="failed", message=f"{source}: {told}")


def _written(
    each: BatchInput,
    model: PlacedModel,
    job: UpscaleJob,
    guard: Guard,
    manifest: Manifest | None,
    show: ShowProgress,
) -> Outcome:
    prepared = _prepared(each, job)
    source, target = prepared.source, prepared.target
    worker = f"{socket.gethostname()}:{os.getpid()}"
    try:
        check_target(
            target,
            size=prepared.size,
            format=prepared.format,
            overwrite=job.overwrite,
            source=source,
        )
        guard.check(target)
        if manifest is not None:
            manifest.write(source, "started", output=str(target.absolute()), worker=worker)
        with show(source.name) as progress:
            report = _export(prepared, model, job, progress)
    except TargetExistsError:
        # On a cluster this may be a second attempt, after the first was killed at its very end.
        begun = None if manifest is None or job.cluster is None else manifest.reread()
        if (
            begun is None
            or begun.finished(source, may_overwrite=job.overwrite) != target.absolute()
        ):
            raise
        report = ExportReport(0.0, 0.0, 0.0, model.precision, model.engine, 0.0)
    guard.take(target)
    return Outcome(
        status="done",
        record=Record(
            input=_valid_text(source),
            output=_valid_text(target),
            width=prepared.size.width,
            height=prepared.size.height,
            seconds=round(prepared.reading_s + report.seconds, 3),
            reading_s=round(prepared.reading_s, 3),
            encoding_s=round(report.encoding_s, 3),
            rendering_s=round(report.rendering_s, 3),
            writing_s=round(report.writing_s, 3),
            device=str(model.device),
            precision=report.precision,
            engine=report.engine,
            model=model.info.name,
        ),
        output=str(target.absolute()),
        output_bytes=target.stat().st_size,
        worker=worker,
    )


def _prepared(each: BatchInput, job: UpscaleJob) -> _Prepared:
    start_s = time.perf_counter()
    image = read_image(each.source, max_pixels=job.max_pixels, memory_bytes=job.memory_bytes)
    reading_s = time.perf_counter() - start_s
    size = job.rule.output_size(image.size)
    target, format_name = job.output.target(each.source, size, image.source_format, each.below)
    return _Prepared(each.source, image, size, target, format_name, reading_s)


def _export(
    prepared: _Prepared, model: PlacedModel, job: UpscaleJob, progress: Progress
) -> ExportReport:
    options = ExportOptions(
        format=prepared.format,
        bit_depth=_bit_depth(prepared, job.bit_depth),
        quality=job.quality,
        overwrite=job.overwrite,
        detail=1.0 if job.detail is None else job.detail,
        software=f"LIIF-GAN {liifgan_core.__version__}",
        strip_metadata=job.strip_metadata,
        dpi=job.rule.dpi,
        has_pyramid=job.has_pyramid,
        memory_bytes=job.memory_bytes,
    )
    image, target, size = prepared.image, prepared.target, prepared.size
    return export_image(image, target, size, model, options, progress=progress)


def _bit_depth(prepared: _Prepared, asked: int | None) -> int:
    """Return the asked depth, or the input's where the format has it."""
    if asked is not None:
        return asked
    image = prepared.image
    chosen = result_depth(format_by_name(prepared.format), image.num_bits)
    if chosen < image.num_bits:
        _logger.warning(
            "%s has %d bits, its result as %s %d",
            prepared.source,
            image.num_bits,
            prepared.format,
            chosen,
        )
    return chosen


def _valid_text(path: Path) -> str:
    """Return the path as text that can be encoded; bytes that are no UTF-8 are escaped."""
    return str(path).encode("utf-8", "backslashreplace").decode()


def _naming(source: Path, message: str) -> str:
    """Return the message, which begins with the file's name if it does not already."""
    return message if message.startswith(str(source)) else f"{source}: {message}"
