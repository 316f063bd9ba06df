"""What an export shall do, and what it will cost."""

from dataclasses import dataclass
from pathlib import Path

from app.settings import AppSettings
from app.state.target_rule import TargetRule
from liifgan_core.batch.names import Output
from liifgan_core.batch.options import BatchOptions
from liifgan_core.batch.wanted import NamedRule
from liifgan_core.batch.work import work_of
from liifgan_core.geometry import Size
from liifgan_core.images.detail_mask import DetailMask
from liifgan_core.render.export_options import ExportOptions
from liifgan_core.sizing import SizeRule

_BYTES_PER_VALUE = {
    "png": 0.55,
    "tiff": 0.75,
    "webp": 0.07,
    "jpeg": 0.13,
    "avif": 0.09,
    "jxl": 0.35,
    "exr": 0.5,
    "bmp": 1.0,
    "gif": 0.15,
    "ppm": 1.0,
}
"""Bytes of an 8-bit sample, for photos upscaled by 2 to 4 at the default quality: measured on the
sample photos, November 2026. A busy photo takes twice that, a smooth one half."""
_PLAIN_BYTES = 1.0
"""Of formats that were not measured."""


@dataclass(frozen=True, slots=True)
class ExportChoice:
    """What an export obeys beside the options that last."""

    rule: TargetRule
    model: str
    """Name of an installed model."""
    detail: float
    """Strength of the detail layer."""
    detail_mask: DetailMask | None = None
    """Strength at each place, times `detail`."""


def export_order(
    target: Path, size: Size, model: str, options: ExportOptions, settings: AppSettings
) -> BatchOptions:
    """Return the order for one file of an exact size; device and limits are those of the settings.

    What has the name already stays, unless the options allow to replace it.
    """
    return BatchOptions(
        rules=(NamedRule(SizeRule("exact", size=size, dpi=options.dpi)),),
        output=Output(target, is_folder=False, format=options.format),
        model=model,
        device=settings.device,
        precision=settings.precision,
        detail=options.detail,
        detail_mask=options.detail_mask,
        bit_depth=options.bit_depth,
        quality=options.quality,
        strip_metadata=options.strip_metadata,
        names_program=options.software is not None,
        existing="replace" if options.overwrite else "keep",
        resume=not options.overwrite,
        max_pixels=settings.max_pixels,
        memory_bytes=settings.export_memory_bytes,
    )


def file_bytes(size: Size, format: str, *, bit_depth: int, quality: int | None) -> int:
    """Return about how many bytes the file will have; right within a factor of two."""
    per_value = _BYTES_PER_VALUE.get(format, _PLAIN_BYTES)
    if quality == 100 and format == "jxl":  # lossless
        quality = None
    if quality is not None:
        # From 95 to 75 both lossy formats shrink to about a third.
        per_value *= 3.0 ** ((quality - 92) / 20)
    if bit_depth > 8 and quality is None:
        per_value = bit_depth / 8 * max(per_value, 0.85)  # the lower bytes hardly compress
    return int(size.num_pixels * 3 * per_value)


def seconds(photo: Size, size: Size, pixels_per_second: float | None) -> float | None:
    """Return about how long an export takes; None as long as nothing has been rendered."""
    if pixels_per_second is None:
        return None
    return work_of(photo, size) / pixels_per_second
