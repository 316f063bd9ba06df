"""Decodes 16-bit PNG, JPEG XL and PPM with OpenImageIO, in their own depth.

Pillow would open a 16-bit RGB PNG as 8 bits without a word. The readers of TIFF and EXR, which
have more to choose, are made of what is here too.
"""

import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import OpenImageIO as oiio

from liifgan_core.files.text_name import text_name
from liifgan_core.geometry import Size
from liifgan_core.images.canvas import Canvas, band_height
from liifgan_core.images.codecs.jxl.boxes import SHORT_JXL_BYTES, padded
from liifgan_core.images.colour.profile import is_linear_profile, rgb_profile
from liifgan_core.images.image import Image
from liifgan_core.images.metadata.metadata import NO_METADATA, Metadata
from liifgan_core.losses import tell

_NATIVE = {"uint8": np.uint8, "uint16": np.uint16}
"""OpenImageIO's sample types that are kept; all others become float32."""

_FORMAT_NAMES = {"exr": "openexr", "jxl": "jpegxl", "ppm": "pnm"}
"""OpenImageIO's names where they differ from ours."""

_BEYOND = 0.001
"""Float samples that much outside 0 to 1 are taken for light; nearer ones for rounding errors."""


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
    has_alpha: bool | None = None
    """Whether the first channel behind the colours is alpha; None leaves it to OpenImageIO."""


def decode(
    path: Path, *, format_name: str, check: Callable[[Size, int], None], known: Known
) -> Image:
    """Return the first picture in the file, or raise OiioError.

    `check` is as in `first_picture`.
    """
    with first_picture(path, format_name, check=check) as source:
        return _filled(source, path, format_name, known)


def size_of(path: Path, format_name: str) -> Size:
    """Return the size of what `first_picture` gives, or raise OiioError as it does."""
    source = open_input(path, format_name)
    try:
        return _picture_size(source.spec())
    finally:
        source.close()


@contextmanager
def first_picture(
    path: Path, format_name: str, *, check: Callable[[Size, int], None]
) -> Generator[oiio.ImageInput]:
    """Give OpenImageIO's reader, standing at the file's first picture, or raise OiioError.

    `check` gets the size from the header and the bytes that a pixel takes while decoding; it may
    raise before anything is decoded (JPEG XL is decoded as it is opened: check it before).
    """
    source = open_input(path, format_name)
    try:
        spec = source.spec()
        check(_picture_size(spec), 4 * (_dtype(spec).itemsize + spec.format.size()))
        if source.seek_subimage(1, 0):
            tell("pictures", file=path, amount="several", used="first")
        source.geterror()  # seeking beyond the last page leaves a message
        if not source.seek_subimage(0, 0):
            raise OiioError(source.geterror())
        yield source
    finally:
        source.close()


def _picture_size(spec: oiio.ImageSpec) -> Size:
    if spec.deep or spec.depth > 1:
        raise OiioError("it holds deep or volume data instead of a picture")
    if min(spec.width, spec.height) < 1:
        raise OiioError("it has no pixels")
    return Size(spec.height, spec.width)


def open_input(path: Path, format_name: str, *, is_raw: bool = False) -> oiio.ImageInput:
    """Return OpenImageIO's reader of the file, or raise OiioError; the caller closes it.

    `is_raw` asks for CMYK and L*a*b* as they are stored.
    """
    config = oiio.ImageSpec()
    config.attribute("oiio:UnassociatedAlpha", 1)  # otherwise colours are multiplied by alpha
    if is_raw:
        config.attribute("oiio:RawColor", 1)
    source = _opened(path, format_name, config)
    if source is None:
        raise OiioError(oiio.geterror())
    # By itself it goes on to try every other format that it knows.
    if source.format_name() != _FORMAT_NAMES.get(format_name, format_name):
        source.close()
        raise OiioError(f"it is not the {format_name.upper()} file that it begins like")
    return source


def _opened(path: Path, format_name: str, config: oiio.ImageSpec) -> oiio.ImageInput | None:
    if format_name != "jxl" or path.stat().st_size >= SHORT_JXL_BYTES:
        with text_name(path) as name:
            return oiio.ImageInput.open(name, config)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        longer = Path(folder) / "padded.jxl"
        longer.write_bytes(padded(path.read_bytes()))
        return oiio.ImageInput.open(str(longer), config)  # which decodes it as a whole


def stored_profile(spec: oiio.ImageSpec) -> bytes | None:
    """Return the ICC profile that the file embeds."""
    profile = spec.getattribute("ICCProfile")
    return None if profile is None else np.asarray(profile, np.uint8).tobytes()


def _dtype(spec: oiio.ImageSpec) -> np.dtype:
    return np.dtype(_NATIVE.get(str(spec.format), np.float32))


def _filled(source: oiio.ImageInput, path: Path, format_name: str, known: Known) -> Image:
    spec = source.spec()
    dtype = _dtype(spec)
    alpha_channel = spec.alpha_channel
    num_colours = 3 if alpha_channel >= 3 or spec.nchannels >= 3 else 1
    if known.has_alpha is not None:
        alpha_channel = num_colours if known.has_alpha else -1
    has_alpha = alpha_channel >= num_colours
    if spec.nchannels > num_colours + has_alpha:
        tell("channels", file=path, count=spec.nchannels - num_colours - has_alpha)
    icc_profile = known.icc_profile if known.has_profile else stored_profile(spec)
    canvas = Canvas(
        Size(spec.height, spec.width),
        dtype=dtype,
        has_alpha=has_alpha,
        orientation=known.orientation,
    )
    for top, band in bands(source, dtype):
        alpha = band[..., alpha_channel] if has_alpha else None
        colour = band[..., :num_colours]
        canvas.put(top, colour, alpha)
    is_gray = num_colours == 1
    kept = rgb_profile(icc_profile, name=str(path), is_gray=is_gray)
    return canvas.image(
        icc_profile=kept,
        source_format=format_name,
        is_gray=is_gray,
        is_linear=holds_light(canvas, kept),
        metadata=known.metadata,
    )


def holds_light(canvas: Canvas, profile: bytes | None) -> bool:
    """Whether samples in `profile` are proportional to light."""
    # Without a profile, only light can be brighter than white, or less than none.
    is_beyond = canvas.peak > 1 + _BEYOND or canvas.floor < -_BEYOND
    return is_linear_profile(profile) or (profile is None and is_beyond)


def bands(source: oiio.ImageInput, dtype: np.dtype) -> Iterator[tuple[int, np.ndarray]]:
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
