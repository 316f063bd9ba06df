"""Decodes 8-bit PNG, JPEG and WebP with Pillow.

The format plug-ins are opened directly: `PIL.Image.open` would add its own limit on pixels, as a
warning or an error, to the one that `read_image` states.
"""

import logging
import struct
import threading
import warnings
import zlib
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import ExifTags
from PIL import Image as PilImage
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from liifgan_core.geometry import Size
from liifgan_core.images.canvas import Canvas, band_height
from liifgan_core.images.image import Image
from liifgan_core.images.profile import cmyk_to_rgb, rgb_profile

_log = logging.getLogger(__name__)

_PLUGINS: dict[str, type[ImageFile]] = {
    "png": PngImageFile,
    "jpeg": JpegImageFile,
    "webp": WebPImageFile,
}

DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    LookupError,
    TypeError,
    OverflowError,
    struct.error,
    zlib.error,
)
"""What Pillow raises on damaged files, as seen when every byte and length of small files was
varied. All of them mean the same here: the file cannot be decoded."""

_warnings_lock = threading.Lock()
"""Warning filters are global to the process; two threads that change them would mix them up."""


def decode(file: BinaryIO, path: Path, *, format_name: str, check: Callable[[Size], None]) -> Image:
    """Return the picture in `file`, which is positioned at its start.

    `check` gets the size from the header and may raise before anything is decoded. Damaged files
    raise one of `DECODER_ERRORS`.
    """
    with quiet_pillow(path), _PLUGINS[format_name](file) as picture:
        width, height = picture.size
        check(Size(height, width))
        num_frames = getattr(picture, "n_frames", 1)
        if num_frames > 1:
            _log.warning("%s has %d frames; only the first is used.", path, num_frames)
        picture.load()
        return _converted(picture, path, format_name)


def header_metadata(
    file: BinaryIO, path: Path, *, check: Callable[[Size], None]
) -> tuple[int, bytes | None]:
    """Return the EXIF orientation and the ICC profile of the PNG in `file`, without decoding.

    `check` is as in `decode`. EXIF data behind the image data is not seen.
    """
    with quiet_pillow(path), PngImageFile(file) as picture:
        width, height = picture.size
        check(Size(height, width))
        exif = PilImage.Exif()  # getexif() would decode the picture to look behind its data
        return (
            _orientation(lambda: _loaded(exif, picture.info.get("exif")), path),
            picture.info.get("icc_profile"),
        )


@contextmanager
def quiet_pillow(path: Path) -> Generator[None]:
    """Turn Pillow's warnings about odd but readable files into debug messages.

    Only one thread at a time can be inside.
    """
    with _warnings_lock, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield
        finally:
            for warning in caught:
                _log.debug("%s: %s", path, warning.message)


def _converted(picture: ImageFile, path: Path, format_name: str) -> Image:
    """Return the decoded `picture` as an Image, band by band."""
    width, height = picture.size
    icc_profile = picture.info.get("icc_profile")
    has_alpha = "A" in picture.mode or "a" in picture.mode or "transparency" in picture.info
    canvas = Canvas(
        Size(height, width),
        dtype=np.dtype(np.uint8),
        has_alpha=has_alpha,
        orientation=_orientation(picture.getexif, path),
    )
    is_cmyk = picture.mode == "CMYK"
    to_rgb = cmyk_to_rgb(icc_profile, name=str(path)) if is_cmyk else None
    rows = band_height(width, 4)
    for top in range(0, height, rows):
        band = picture.crop((0, top, width, min(height, top + rows)))
        if to_rgb:
            canvas.put(top, to_rgb(np.asarray(band)), None)
        elif has_alpha:
            rgba = np.asarray(band.convert("RGBA"))
            canvas.put(top, rgba[..., :3], rgba[..., 3])
        else:
            canvas.put(top, np.asarray(band.convert("RGB")), None)
    kept = None if is_cmyk else rgb_profile(icc_profile, name=str(path))
    return canvas.image(icc_profile=kept, source_format=format_name)


def _loaded(exif: PilImage.Exif, data: bytes | None) -> PilImage.Exif:
    if data:
        exif.load(data)
    return exif


def _orientation(read_exif: Callable[[], PilImage.Exif], path: Path) -> int:
    """Return the EXIF orientation, 1 when there is none or the EXIF block is damaged."""
    try:
        found = read_exif().get(ExifTags.Base.Orientation, 1)
    except DECODER_ERRORS as error:
        _log.warning("%s: its EXIF block is damaged and was ignored (%s).", path, error)
        return 1
    return found if isinstance(found, int) and 1 <= found <= 8 else 1
