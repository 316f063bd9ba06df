"""`liifgan upscale`: one file after the other through one model."""

import logging
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

import msgspec

import liifgan_core
from liifgan_core.cli import INTERRUPTED
from liifgan_core.cli.console import file_progress, one_line, print_error, print_result
from liifgan_core.cli.targets import Output
from liifgan_core.errors import ImageWriteError, LiifganError
from liifgan_core.images.formats import format_by_name
from liifgan_core.images.image import Image
from liifgan_core.images.read import read_image
from liifgan_core.images.write import check_target
from liifgan_core.render.export import ExportOptions, export_image
from liifgan_core.render.placed_model import PlacedModel, load_model
from liifgan_core.sizing import SizeRule

_SOME_FAILED = 1

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class UpscaleJob:
    """What to do with every input."""

    rule: SizeRule
    output: Output
    model: str | None
    detail: float | None
    device: str
    precision: str
    bit_depth: int | None
    quality: int | None
    overwrite: bool
    as_json: bool


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What `--json` tells of a file that was done."""

    input: str
    output: str
    width: int
    height: int
    seconds: float
    device: str
    model: str


def run(inputs: Sequence[Path], job: UpscaleJob) -> int:
    """Upscale the inputs and return the exit status: 0, 1 (some failed) or 130 (interrupted).

    Raises WeightsError or DeviceError before any file is touched.
    """
    signal.signal(signal.SIGTERM, _interrupt)
    status = 0
    try:
        model = load_model(job.model, device=job.device, precision=job.precision)
        if job.detail is not None and not model.has_detail:
            _logger.warning(
                "the model %s has no detail layer: --detail changes nothing", model.info.name
            )
        guard = _Guard(inputs)
        for source in inputs:
            try:
                _report(_upscale_file(source, model, job, guard), job)
            except LiifganError as error:
                status = _SOME_FAILED
                print_error(_naming(source, str(error)))
            except Exception as error:  # the edge: a defect in one file must not cost the others
                status = _SOME_FAILED
                _logger.debug("traceback", exc_info=True)
                print_error(f"{source}: unexpected {type(error).__name__}: {error}; please report")
    except KeyboardInterrupt:
        print_error("cancelled")
        return INTERRUPTED
    return status


class _Guard:
    """Keeps results of one run from replacing its inputs or each other, whatever is allowed."""

    def __init__(self, inputs: Sequence[Path]) -> None:
        self._taken = {os.path.realpath(path) for path in inputs}

    def check(self, target: Path) -> None:
        """Raise ImageWriteError when the name belongs to this run already."""
        if os.path.realpath(target) in self._taken:
            raise ImageWriteError(
                f"{target} is an input or another result of this run; choose another folder"
            )

    def take(self, target: Path) -> None:
        """Note a result that was written."""
        self._taken.add(os.path.realpath(target))


def _upscale_file(source: Path, model: PlacedModel, job: UpscaleJob, guard: _Guard) -> Record:
    image = read_image(source)
    size = job.rule.output_size(image.size)
    target, format_name = job.output.target(source, size, image.source_format)
    check_target(target, size=size, format=format_name, overwrite=job.overwrite, source=source)
    guard.check(target)
    options = ExportOptions(
        format=format_name,
        bit_depth=_bit_depth(source, image, format_name, job.bit_depth),
        quality=job.quality,
        overwrite=job.overwrite,
        detail=1.0 if job.detail is None else job.detail,
        software=f"LIIF-GAN {liifgan_core.__version__}",
    )
    with file_progress(source.name) as progress:
        seconds = export_image(image, target, size, model, options, progress=progress)
    guard.take(target)
    return Record(
        input=_valid_text(source),
        output=_valid_text(target),
        width=size.width,
        height=size.height,
        seconds=round(seconds, 3),
        device=str(model.device),
        model=model.info.name,
    )


def _bit_depth(source: Path, image: Image, format_name: str, asked: int | None) -> int:
    """Return the asked depth, or the input's where the format has it."""
    if asked is not None:
        return asked
    depths = format_by_name(format_name).depths
    chosen = max((d for d in depths if d <= image.bit_depth), default=min(depths))
    if chosen < image.bit_depth:
        _logger.warning(
            "%s has %d bits, its result as %s %d", source, image.bit_depth, format_name, chosen
        )
    return chosen


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
