"""From an image to a file of an exact size, in bounded memory."""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from liifgan_core.geometry import Size, Viewport
from liifgan_core.images.formats import format_by_name
from liifgan_core.images.image import Image
from liifgan_core.images.resample import resample
from liifgan_core.images.write import open_writer
from liifgan_core.progress import CancelToken, Progress, no_progress, part
from liifgan_core.render.continuous_image import ContinuousImage, RenderedTile
from liifgan_core.render.placed_model import PlacedModel

_ENCODE_SHARE = 0.1
"""Part of the progress bar that encoding fills: 1.2 of 12.7 million multiply-adds at x4."""


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """How a result is written."""

    format: str
    """Name of an output format, e.g. "png"."""
    bit_depth: int = 8
    quality: int | None = None
    """1 to 100 for lossy formats; None is the format's default."""
    overwrite: bool = False
    detail: float = 1.0
    """Strength of the detail layer."""
    software: str | None = None
    """Name and version to note in the file."""


def export_image(
    image: Image,
    target: Path,
    size: Size,
    model: PlacedModel,
    options: ExportOptions,
    *,
    progress: Progress = no_progress,
    cancel: CancelToken | None = None,
) -> float:
    """Render all of `image` at exactly `size`, write it to `target`, return the seconds it took.

    Rows are streamed, and the file appears whole or not at all. Alpha is resampled bicubically with
    the same geometry. Raises Cancelled and the errors of encoding, rendering and writing.
    """
    start_s = time.perf_counter()
    has_alpha = format_by_name(options.format).has_alpha
    with open_writer(
        target,
        size,
        format=options.format,
        bit_depth=options.bit_depth,
        alpha=image.alpha is not None or (image.has_opaque_alpha and has_alpha),
        icc_profile=image.icc_profile,
        quality=options.quality,
        software=options.software,
        overwrite=options.overwrite,
    ) as writer:
        encode_progress = part(progress, 0.0, _ENCODE_SHARE)
        picture = ContinuousImage.encode(image, model, progress=encode_progress, cancel=cancel)
        encode_progress(1.0)
        viewport = Viewport.whole(image.size, size)
        render_progress = part(progress, _ENCODE_SHARE, 1.0)
        for band in picture.render_bands(viewport, cancel=cancel):
            writer.write_rows(band.blend(options.detail), _alpha(image, viewport, band))
            render_progress(band.tile.bottom / size.height)
    return time.perf_counter() - start_s


def _alpha(image: Image, viewport: Viewport, band: RenderedTile) -> NDArray[np.float32] | None:
    if image.alpha is None:
        return None
    return resample(image.opacity, image.size, viewport, band.tile)
