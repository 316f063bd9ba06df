"""From an image to a file of an exact size, in bounded memory."""

import logging
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from liifgan_core.geometry import Size, Viewport
from liifgan_core.images.file_colours import file_colours
from liifgan_core.images.formats import Format, format_by_name
from liifgan_core.images.gain_map import GainMap
from liifgan_core.images.image import Image
from liifgan_core.images.metadata import NO_METADATA, Metadata, result_metadata
from liifgan_core.images.resample import resample
from liifgan_core.images.windows import Windows
from liifgan_core.images.write import open_writer
from liifgan_core.progress import CancelToken, Progress, no_progress, part
from liifgan_core.render.continuous_image import ContinuousImage, RenderedTile
from liifgan_core.render.encoded_tiles import largest_trunk_bytes
from liifgan_core.render.export_memory import feature_bytes
from liifgan_core.render.export_options import ExportOptions, ExportReport
from liifgan_core.render.placed_model import PlacedModel

_log = logging.getLogger(__name__)

_MLP_ENCODE_SHARE, _FIELD_ENCODE_SHARE = 0.1, 0.95
"""Part of the progress bar that encoding fills: by LIIF's MLP 1.2 of 12.7 million multiply-adds at
x4; fields cost next to nothing beside their encoder."""


def export_image(
    image: Image,
    target: Path,
    size: Size,
    model: PlacedModel,
    options: ExportOptions,
    *,
    progress: Progress = no_progress,
    cancel: CancelToken | None = None,
    before_naming: Callable[[int, str], None] | None = None,
) -> ExportReport:
    """Render all of `image` at exactly `size`, write it to `target`, and return what it took.

    Rows are streamed where the format allows it, and the file appears whole or not at all. Alpha is
    resampled bicubically with the same geometry. The colour profile, EXIF and XMP are carried over.
    More than 8 bits are drawn in float32, unless the model was loaded with a precision by name.
    `before_naming` gets bytes and SHA-256 of the complete file before it has its name; what it
    raises leaves no file.
    A detail mask is sampled at the output pixels' centres; MaskError for another photo's.
    Raises Cancelled, LiifganError when `memory_bytes` cannot do, and the errors of encoding,
    rendering and writing.
    """
    start_s = time.perf_counter()
    if options.detail_mask is not None:
        options.detail_mask.check_fits(image.size)
    target_format = format_by_name(options.format)
    bit_depth = options.bit_depth or target_format.depths[0]
    model = model.for_depth(bit_depth)
    if image.is_premultiplied and not target_format.is_linear:
        _log.warning(
            "%s: light where the picture is transparent has no place in %s and is left out.",
            target,
            target_format.name.upper(),
        )
        image = image.divided()
    kept_bytes = feature_bytes(
        image,
        size,
        target_format,
        bit_depth=bit_depth,
        latent_bytes=model.feature_bytes,
        trunk_bytes=largest_trunk_bytes(model, image.size) if model.device.type == "cpu" else 0,
        has_pyramid=options.has_pyramid,
        memory_bytes=options.memory_bytes,
    )
    kept_map = _kept_gain_map(image, target, options)
    colours = file_colours(image, target_format, bit_depth, name=str(target))
    with open_writer(
        target,
        size,
        format=options.format,
        bit_depth=bit_depth,
        alpha=image.alpha is not None or (image.has_opaque_alpha and target_format.has_alpha),
        is_gray=image.is_gray,
        icc_profile=colours.icc_profile,
        metadata=_metadata(image, target, size, model, options),
        quality=options.quality,
        has_pyramid=options.has_pyramid,
        windows=_windows(image, target, size, target_format),
        is_premultiplied=image.is_premultiplied,
        white_nits=colours.white_nits,
        gain_map=kept_map,
        gain_map_size=kept_map.size_for(image.size, size) if kept_map else None,
        overwrite=options.overwrite,
        before_naming=before_naming,
    ) as writer:
        encode_share = _FIELD_ENCODE_SHARE if model.can_blend else _MLP_ENCODE_SHARE
        if image.size.num_pixels * model.feature_bytes > kept_bytes:
            encode_share = 0.0  # it is encoded on the way
        encode_progress = part(progress, 0.0, encode_share)
        picture = ContinuousImage.encode(
            image, model, memory_bytes=kept_bytes, progress=encode_progress, cancel=cancel
        )
        encode_progress(1.0)
        encoded_s = picture.encoding_s
        viewport = Viewport.whole(image.size, size)
        render_progress = part(progress, encode_share, 1.0)
        drawing_s, began_s = 0.0, time.perf_counter()
        for band in picture.render_bands(viewport, drawing=options.drawing, cancel=cancel):
            drawing_s += time.perf_counter() - began_s
            strengths = options.strengths(image.size, viewport, band.tile)
            rows = colours.convert(band.blend(strengths))
            writer.write_rows(rows, _alpha(image, viewport, band))
            render_progress(band.tile.bottom / size.height)
            began_s = time.perf_counter()
    seconds = time.perf_counter() - start_s
    report = ExportReport(
        encoding_s=picture.encoding_s,
        # What was encoded before the first band is not in it, what was on the way is.
        rendering_s=drawing_s - (picture.encoding_s - encoded_s),
        writing_s=seconds - encoded_s - drawing_s,
        precision=model.precision,
        engine=model.engine,
        seconds=seconds,
    )
    _log.info(
        "%s: encoding %.2f s, rendering %.2f s, writing %.2f s, in %s by %s",
        target,
        report.encoding_s,
        report.rendering_s,
        report.writing_s,
        report.precision,
        report.engine,
    )
    return report


def _kept_gain_map(image: Image, target: Path, options: ExportOptions) -> GainMap | None:
    """Return the photo's gain map where the result keeps it; what becomes of it else is told."""
    if image.gain_map is None:
        return None
    if "gain map" not in format_by_name(options.format).carries:
        _log.warning("%s: the gain map is left out; JPEG keeps it.", target)
    elif options.strip_metadata:
        _log.warning("%s: the gain map is left out with the metadata.", target)
    else:
        return image.gain_map
    return None


def _metadata(
    image: Image, target: Path, size: Size, model: PlacedModel, options: ExportOptions
) -> Metadata:
    if options.strip_metadata:
        return Metadata(dpi=options.dpi) if options.dpi else NO_METADATA
    note = None
    if options.software:
        down, across = size.height / image.size.height, size.width / image.size.width
        factor = f"{across:.4g}" if abs(across - down) < 0.01 else f"{across:.4g}x{down:.4g}"
        note = f"{options.software}; model {model.info.name}; {model.precision}; factor {factor}"
        if model.has_detail:
            note += f"; detail {options.detail:g}"
            if options.detail_mask is not None:
                note += f" times the mask {options.detail_mask.digest}"
    return result_metadata(
        image.metadata,
        size,
        note=note,
        dpi=options.dpi,
        name=str(target),
        carries=format_by_name(options.format).carries,
        source_size=image.size,
    )


def _windows(image: Image, target: Path, size: Size, target_format: Format) -> Windows | None:
    if image.windows is None:
        return None
    if "windows" not in target_format.carries:
        _log.warning(
            "%s: %s has no display window; the result is all of the data window.",
            target,
            target_format.name.upper(),
        )
    return image.windows.scaled(image.size, size)


def _alpha(image: Image, viewport: Viewport, band: RenderedTile) -> NDArray[np.float32] | None:
    if image.alpha is None:
        return None
    return resample(image.opacity, image.size, viewport, band.tile)
