"""`liifgan upscale`: one file after the other through one model."""

import logging
import math
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

import msgspec

import liifgan_core
from liifgan_core.cli import INTERRUPTED
from liifgan_core.cli.console import file_progress, one_line, print_error
from liifgan_core.cli.targets import Output
from liifgan_core.errors import LiifganError, SizeError
from liifgan_core.images.formats import format_by_name
from liifgan_core.images.image import Image
from liifgan_core.images.read import read_image
from liifgan_core.images.write import check_target
from liifgan_core.render.export import ExportOptions, export_image
from liifgan_core.render.placed_model import PlacedModel, load_model
from liifgan_core.sizing import RuleKind, SizeRule, exact_rule, relative_rule

_KINDS: dict[str, RuleKind] = {
    "scale": "scale",
    "width": "width",
    "height": "height",
    "long-edge": "long-edge",
    "megapixels": "megapixels",
}
MAX_DETAIL = 2.0
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


def parse_rule(given: Mapping[str, float | str | None]) -> SizeRule:
    """Return the one size rule that is not None; raises SizeError unless there is exactly one."""
    chosen = {name: value for name, value in given.items() if value is not None}
    if len(chosen) != 1:
        options = ", ".join(f"--{name}" for name in given)
        what = " and ".join(f"--{name}" for name in chosen) or "none"
        raise SizeError(f"give exactly one size rule of {options}; there is {what}")
    [(name, value)] = chosen.items()
    return exact_rule(value) if isinstance(value, str) else relative_rule(_KINDS[name], value)


def parse_detail(detail: float | None) -> float | None:
    """Return the detail strength; raises SizeError outside of 0 to MAX_DETAIL."""
    if detail is not None and not (math.isfinite(detail) and 0 <= detail <= MAX_DETAIL):
        raise LiifganError(f"--detail needs a number from 0 to {MAX_DETAIL:g}, not {detail:g}")
    return detail


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
        for source in inputs:
            try:
                _report(_upscale_file(source, model, job), job)
            except LiifganError as error:
                status = _SOME_FAILED
                print_error(_naming(source, str(error)))
    except KeyboardInterrupt:
        print_error("cancelled")
        return INTERRUPTED
    return status


def _upscale_file(source: Path, model: PlacedModel, job: UpscaleJob) -> Record:
    image = read_image(source)
    size = job.rule.output_size(image.size)
    target, format_name = job.output.target(source, size, image.source_format)
    check_target(target, size=size, format=format_name, overwrite=job.overwrite, source=source)
    options = ExportOptions(
        format=format_name,
        bit_depth=_bit_depth(image, format_name, job.bit_depth),
        quality=job.quality,
        overwrite=job.overwrite,
        detail=1.0 if job.detail is None else job.detail,
        software=f"LIIF-GAN {liifgan_core.__version__}",
    )
    with file_progress(source.name) as progress:
        seconds = export_image(image, target, size, model, options, progress=progress)
    return Record(
        input=_valid_text(source),
        output=_valid_text(target),
        width=size.width,
        height=size.height,
        seconds=round(seconds, 3),
        device=str(model.device),
        model=model.info.name,
    )


def _bit_depth(image: Image, format_name: str, asked: int | None) -> int:
    """Return the asked depth, or the input's where the format has it."""
    if asked is not None:
        return asked
    depths = format_by_name(format_name).depths
    chosen = max((d for d in depths if d <= image.bit_depth), default=min(depths))
    if chosen < image.bit_depth:
        _logger.warning(
            "%s is written with %d bits, the input has %d", format_name, chosen, image.bit_depth
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
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _valid_text(path: Path) -> str:
    """Return the path as text that can be encoded; bytes that are no UTF-8 are escaped."""
    return str(path).encode("utf-8", "backslashreplace").decode()


def _naming(source: Path, message: str) -> str:
    """Return the message, which begins with the file's name if it does not mention it."""
    return message if str(source) in message else f"{source}: {message}"


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
