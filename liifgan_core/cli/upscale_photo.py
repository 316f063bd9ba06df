"""One photo of `liifgan upscale`: from its file to its result's."""

import logging
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import liifgan_core
from liifgan_core.cli.batch_inputs import BatchInput
from liifgan_core.cli.upscale_job import UpscaleJob
from liifgan_core.errors import ImageWriteError
from liifgan_core.geometry import Size
from liifgan_core.images.formats import format_by_name
from liifgan_core.images.image import Image
from liifgan_core.images.read import read_image
from liifgan_core.images.target import check_target
from liifgan_core.progress import Progress
from liifgan_core.render.export import ExportOptions, export_image
from liifgan_core.render.placed_model import PlacedModel

_logger = logging.getLogger(__name__)


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
class Prepared:
    """A photo that is read, and where its result goes."""

    source: Path
    image: Image
    size: Size
    target: Path
    format: str


@dataclass(frozen=True, slots=True)
class Upscaled:
    """What a result took."""

    seconds: float


def prepare(each: BatchInput, job: UpscaleJob, guard: Guard) -> Prepared:
    """Read a photo and check that its result can be written; raises LiifganErrors."""
    source = each.source
    image = read_image(source, max_pixels=job.max_pixels, memory_bytes=job.memory_bytes)
    size = job.rule.output_size(image.size)
    target, format_name = job.output.target(source, size, image.source_format, each.below)
    check_target(target, size=size, format=format_name, overwrite=job.overwrite, source=source)
    guard.check(target)
    return Prepared(source, image, size, target, format_name)


def write_result(
    prepared: Prepared, model: PlacedModel, job: UpscaleJob, progress: Progress
) -> Upscaled:
    """Write the result of a prepared photo; raises LiifganErrors."""
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
    return Upscaled(export_image(image, target, size, model, options, progress=progress))


def _bit_depth(prepared: Prepared, asked: int | None) -> int:
    """Return the asked depth, or the input's where the format has it."""
    if asked is not None:
        return asked
    image, depths = prepared.image, format_by_name(prepared.format).depths
    chosen = max((d for d in depths if d <= image.bit_depth), default=min(depths))
    if chosen < image.bit_depth:
        _logger.warning(
            "%s has %d bits, its result as %s %d",
            prepared.source,
            image.bit_depth,
            prepared.format,
            chosen,
        )
    return chosen
