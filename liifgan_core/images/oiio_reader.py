"""Decodes TIFF, 16-bit PNG, EXR, JPEG XL and PPM with OpenImageIO, in their own depth.

Pillow would open a 16-bit RGB PNG as 8 bits without a word, and knows only a part of TIFF.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import OpenImageIO as oiio

from liifgan_core.geometry import Size
from liifgan_core.images.canvas import Canvas, band_height
from liifgan_core.images.image import Image
from liifgan_core.images.metadata import NO_METADATA, Metadata
from liifgan_core.images.profile import cmyk_to_rgb, is_linear_profile, rgb_profile
from liifgan_core.images.text_name import text_name

_log = logging.getLogger(__name__)

_NATIVE = {"uint8": np.uint8, "uint16": np.uint16}
"""OpenImageIO's sample types that are kept; all others become float32."""

_FORMAT_NAMES = {"exr": "openexr", "jxl": "jpegxl", "ppm": "pnm"}
"""OpenImageIO's names where they differ from ours."""

_CMYK_CHANNELS = 4
_BEYOND_WHITE = 1.001
"""Float samples above this are taken for light; below lie rounding errors of values up to 1."""


class OiioError(Exception):
    """The file cannot be decoded; the message is OpenImageIO's own."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the caller knows of the file already, and better than OpenImageIO."""

    metadata: Metadata = NO_METADATA
    orientation: int = 1
    icc_profile: bytes | None = None
    has_profile: bool = False
    """Whether `icc_profile` replaces what OpenImageIO finds."""


def decode(
    path: Path, *, format_name: str, check: Callable[[Size, int], None], known: Known
) -> Image:
    """Return the first picture in the file, or raise OiioError.

    `check` gets the size from the header and the bytes that a pixel takes while decoding; it may
    raise before anything is decoded (JPEG XL is decoded as it is opened: check it before).
    """
    source = _open(path, format_name, is_raw=False)
    try:
        if source.spec().get_string_attribute("tiff:ColorSpace") == "CMYK":
            source.close()
            source = _open(path, format_name, is_raw=True)
        spec = source.spec()
        if spec.deep or spec.depth > 1:
            raise OiioError("it holds deep or volume data instead of a picture")
        if min(spec.width, spec.height) < 1:
            raise OiioError("it has no pixels")
        check(Size(spec.height, spec.width), 4 * (_dtype(spec).itemsize + spec.format.size()))
        if source.seek_subimage(1, 0):
            _log.warning("%s has several pages; only the first is used.", path)
        source.geterror()  # seeking beyond the last page leaves a message
        if not source.seek_subimage(0, 0):
            raise OiioError(source.geterror())
        return _filled(source, path, format_name, known)
    finally:
        source.close()


def _open(path: Path, format_name: str, *, is_raw: bool) -> oiio.ImageInput:
    config = oiio.ImageSpec()
    config.attribute("oiio:UnassociatedAlpha", 1)  # otherwise colours are multiplied by alpha
    if is_raw:
        config.attribute("oiio:RawColor", 1)  # CMYK as it is stored
    with text_name(path) as name:
        source = oiio.ImageInput.open(name, config)
    if source is None:
        raise OiioError(oiio.geterror())
    # By itself it goes on to try every other format that it knows.
    if source.format_name() != _FORMAT_NAMES.get(format_name, format_name):
        source.close()
        raise OiioError(f"it is not the {format_name.upper()} file that it begins like")
    return source


def _profile(spec: oiio.ImageSpec) -> bytes | None:
    profile = spec.getattribute("ICCProfile")
    return None if profile is None else np.asarray(profile, np.uint8).tobytes()


def _dtype(spec: oiio.ImageSpec) -> np.dtype:
    return np.dtype(_NATIVE.get(str(spec.format), np.float32))


def _filled(source: oiio.ImageInput, path: Path, format_name: str, known: Known) -> Image:
    spec = source.spec()
    is_cmyk = spec.get_string_attribute("oiio:ColorSpace") == "CMYK"
    dtype = np.dtype(np.uint8) if is_cmyk else _dtype(spec)
    alpha_channel = -1 if is_cmyk else spec.alpha_channel
    num_colours = 3 if alpha_channel >= 3 or spec.nchannels >= 3 else 1
    has_alpha = alpha_channel >= num_colours
    if spec.nchannels > num_colours + has_alpha and not is_cmyk:
        _log.warning("%s has %d channels; only the colours are used.", path, spec.nchannels)
    is_premultiplied = format_name == "exr" or (
        format_name == "tiff" and not spec.get_int_attribute("oiio:UnassociatedAlpha", 0)
    )
    icc_profile = known.icc_profile if known.has_profile else _profile(spec)
    to_rgb = cmyk_to_rgb(icc_profile, name=str(path)) if is_cmyk else None
    if is_cmyk and _dtype(spec) != np.uint8:
        _log.warning("%s: CMYK of more than 8 bits is read as 8 bits.", path)
    canvas = Canvas(
        Size(spec.height, spec.width),
        dtype=dtype,
        has_alpha=has_alpha,
        orientation=known.orientation,
    )
    for top, band in _bands(source, dtype):
        if to_rgb:
            canvas.put(top, to_rgb(band[..., :_CMYK_CHANNELS]), None)
            continue
        alpha = band[..., alpha_channel] if has_alpha else None
        colour = band[..., :num_colours]
        if is_premultiplied and alpha is not None:
            colour = _unpremultiplied(colour, alpha)
        canvas.put(top, colour, alpha)
    is_gray = num_colours == 1
    kept = None if is_cmyk else rgb_profile(icc_profile, name=str(path), is_gray=is_gray)
    is_linear = (
        format_name == "exr"
        or is_linear_profile(kept)
        # Without a profile, only light can be brighter than white.
        or (kept is None and canvas.peak > _BEYOND_WHITE)
    )
    return canvas.image(
        icc_profile=kept,
        source_format=format_name,
        is_gray=is_gray,
        is_linear=is_linear,
        metadata=known.metadata,
    )


def _bands(source: oiio.ImageInput, dtype: np.dtype) -> Iterator[tuple[int, np.ndarray]]:
    """Yield (top, (n, w, channels) of `dtype`) for all rows of the file, top to bottom."""
    spec = source.spec()
    kind = oiio.TypeDesc("float" if dtype == np.float32 else dtype.name)
    left, right = spec.x, spec.x + spec.width
    rows = band_height(spec.width, spec.nchannels * dtype.itemsize)
    if spec.tile_height:
        rows = max(1, rows // spec.tile_height) * spec.tile_height
    for top in range(0, spec.height, rows):
        first, last = spec.y + top, spec.y + min(spec.height, top + rows)
        if spec.tile_height:
            band = source.read_tiles(
                left, right, first, last, spec.z, spec.z + 1, 0, spec.nchannels, kind
            )
        else:
            band = source.read_scanlines(first, last, spec.z, 0, spec.nchannels, kind)
        message = source.geterror()
        if band is None or message:
            raise OiioError(message or f"no data for rows {top} and below")
        yield top, band.reshape(last - first, spec.width, spec.nchannels)


def _unpremultiplied(colour: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Return `colour` (n, w, c) divided by `alpha` (n, w); 0 where alpha is 0. Same type."""
    full = 1.0 if colour.dtype == np.float32 else float(np.iinfo(colour.dtype).max)
    weight = alpha[..., None].astype(np.float32)
    divided = np.divide(
        colour.astype(np.float32) * np.float32(full),
        weight,
        out=np.zeros(colour.shape, np.float32),
        where=weight > 0,
    )
    if colour.dtype == np.float32:
        return divided
    return (np.clip(divided, 0.0, full) + np.float32(0.5)).astype(colour.dtype)
