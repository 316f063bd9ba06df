"""From an image to a file of an exact size, in bounded memory."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from liifgan_core.geometry import Size, Viewport
from liifgan_core.images.file_colours import FileColours, file_colours
from liifgan_core.images.formats import Format, format_by_name
from liifgan_core.images.gain_map import GainMap
from liifgan_core.images.image import Image
from liifgan_core.images.metadata import NO_METADATA, Metadata, result_metadata
from liifgan_core.images.resample import resample
from liifgan_core.images.windows import Windows
from liifgan_core.images.write import ImageWriter, open_writer
from liifgan_core.progress import CancelToken, Progress, no_progress
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
    Where half precision fails on the way, the file is begun anew: one precision draws all of it.
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
    drawing = model.for_depth(bit_depth)
    if image.is_premultiplied and not target_format.is_linear:
        _log.warning(
            "%s: light where the picture is transparent has no place in %s and is left out.",
            target,
            target_format.name.upper(),
        )
        image = image.divided()
    export = _Export(
        image,
        target,
        size,
        drawing,
        options,
        bit_depth,
        gain_map=_kept_gain_map(image, target, options),
        windows=_windows(image, target, size, target_format),
        colours=file_colours(image, target_format, bit_depth, name=str(target)),
        bar=_Bar(progress),
        cancel=cancel,
        before_naming=before_naming,
    )
    encoding_s = rendering_s = 0.0
    is_written = False
    while not is_written:  # twice at most: float32 has nothing to fall back to
        spent = _write(export)
        encoding_s += spent.encoding_s
        rendering_s += spent.rendering_s
        is_written = spent.is_written
    seconds = time.perf_counter() - start_s
    report = ExportReport(
        encoding_s=encoding_s,
        rendering_s=rendering_s,
        writing_s=seconds - encoding_s - rendering_s,
        precision=drawing.precision,
        engine=drawing.engine,
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


class _Bar:
    """A progress bar that encoding and rendering fill side by side; it never goes back."""

    def __init__(self, progress: Progress) -> None:
        self._progress, self._told = progress, -1.0
        self._encode_share = self._encoded = self._drawn = 0.0

    def begin(self, encode_share: float) -> None:
        """Begin with nothing done; encoding fills so much of the whole."""
        self._encode_share, self._encoded, self._drawn = encode_share, 0.0, 0.0

    def encode(self, fraction: float) -> None:
        """Take how much of the photo is encoded."""
        self._encoded = fraction
        self._tell()

    def draw(self, fraction: float) -> None:
        """Take how much of the result is drawn."""
        self._drawn = fraction
        self._tell()

    def _tell(self) -> None:
        share = self._encode_share
        told = share * self._encoded + (1.0 - share) * self._drawn
        if told > self._told:
            self._told = told
            self._progress(told)


@dataclass(frozen=True, slots=True)
class _Export:
    """What stays the same where a file is begun anew."""

    image: Image
    target: Path
    size: Size
    model: PlacedModel
    options: ExportOptions
    bit_depth: int
    gain_map: GainMap | None
    windows: Windows | None
    colours: FileColours
    bar: _Bar
    cancel: CancelToken | None
    before_naming: Callable[[int, str], None] | None


@dataclass(frozen=True, slots=True)
class _Spent:
    """Seconds, and whether there is a file for them."""

    encoding_s: float
    rendering_s: float
    is_written: bool


class _FellBack(Exception):
    """Half precision has failed while a file was written, which says that it drew it."""


def _write(export: _Export) -> _Spent:
    """Write the file, or nothing where half precision fails on the way."""
    image, model, size, options = export.image, export.model, export.size, export.options
    target_format = format_by_name(options.format)
    precision = model.precision
    kept_bytes = feature_bytes(
        image,
        size,
        target_format,
        bit_depth=export.bit_depth,
        latent_bytes=model.feature_bytes,
        resident_bytes=model.resident_bytes,
        trunk_bytes=largest_trunk_bytes(model, image.size) if model.device.type == "cpu" else 0,
        has_pyramid=options.has_pyramid,
        memory_bytes=options.memory_bytes,
    )
    export.bar.begin(_FIELD_ENCODE_SHARE if model.can_blend else _MLP_ENCODE_SHARE)
    encoded_s = encoding_s = drawing_s = 0.0
    try:
        with _opened(export) as writer:
            picture = ContinuousImage.encode(
                image,
                model,
                memory_bytes=kept_bytes,
                progress=export.bar.encode,
                cancel=export.cancel,
            )
            encoded_s = encoding_s = picture.encoding_s
            viewport = Viewport.whole(image.size, size)
            bands = picture.render_bands(viewport, drawing=options.drawing, cancel=export.cancel)
            began_s = time.perf_counter()
            for band in bands:
                drawing_s += time.perf_counter() - began_s
                encoding_s = picture.encoding_s
                if model.precision != precision:
                    raise _FellBack
                strengths = options.strengths(image.size, viewport, band.tile)
                rows = export.colours.convert(band.blend(strengths))
                writer.write_rows(rows, _alpha(image, viewport, band))
                export.bar.draw(band.tile.bottom / size.height)
                began_s = time.perf_counter()
    except _FellBack:
        _log.info("%s: begun anew in %s", export.target, model.precision)
    # What was encoded before the first band is not in `drawing_s`, what was on the way is.
    rendering_s = drawing_s - (encoding_s - encoded_s)
    return _Spent(encoding_s, rendering_s, is_written=model.precision == precision)


def _opened(export: _Export) -> ImageWriter:
    image, options, colours = export.image, export.options, export.colours
    has_alpha = format_by_name(options.format).has_alpha
    return open_writer(
        export.target,
        export.size,
        format=options.format,
        bit_depth=export.bit_depth,
        alpha=image.alpha is not None or (image.has_opaque_alpha and has_alpha),
        is_gray=image.is_gray,
        icc_profile=colours.icc_profile,
        metadata=_metadata(image, export.target, export.size, export.model, options),
        quality=options.quality,
        has_pyramid=options.has_pyramid,
        windows=export.windows,
        is_premultiplied=image.is_premultiplied,
        white_nits=colours.white_nits,
        gain_map=export.gain_map,
        gain_map_size=export.gain_map.size_for(image.size, export.size)
        if export.gain_map
        else None,
        overwrite=options.overwrite,
        before_naming=export.before_naming,
    )


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
        drawn = f"{model.info.name}; {model.precision} by {model.engine}"
        note = f"{options.software}; model {drawn}; factor {factor}"
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
