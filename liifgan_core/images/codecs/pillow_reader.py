"""Decodes PNG, JPEG, WebP, AVIF, BMP and GIF of 8 bits with Pillow.

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
from typing import Any, BinaryIO

import numpy as np
from PIL import Image as PilImage
from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from liifgan_core.geometry import Size
from liifgan_core.images.canvas import Canvas, band_height
from liifgan_core.images.colour.profile import cmyk_to_rgb, is_linear_profile, rgb_profile
from liifgan_core.images.image import Image
from liifgan_core.images.metadata import exif, iptc, xmp_extended
from liifgan_core.images.metadata.metadata import Metadata, with_resolution
from liifgan_core.images.metadata.texts import COMMENT
from liifgan_core.losses import tell

_log = logging.getLogger(__name__)

_PLUGINS: dict[str, type[ImageFile]] = {
    "png": PngImageFile,
    "jpeg": JpegImageFile,
    "webp": WebPImageFile,
    "avif": AvifImageFile,
    "bmp": BmpImageFile,
    "gif": GifImageFile,
}
_ICC_MARK = b"ICC_PROFILE\0"
_GRAY_MODES = frozenset(("1", "L", "LA", "La"))
_DECODING_BYTES = 8
"""Memory per pixel while decoding: Pillow's copy, at most 4, and ours, at most 4."""

DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    LookupError,
    TypeError,
    OverflowError,
    RuntimeError,
    AttributeError,
    AssertionError,
    struct.error,
    zlib.error,
)
"""What Pillow and libheif raise on damaged files, as seen when every byte and length of small files
was varied. All of them mean the same here: the file cannot be decoded."""

Meaning = Callable[[bytes | None, bool], bytes | None]
"""Gives the picture's profile from the ICC profile that was found and whether it is gray."""

_warnings_lock = threading.Lock()
"""Warning filters are global to the process; two threads that change them would mix them up."""


def decode(
    file: BinaryIO,
    path: Path,
    *,
    format_name: str,
    check: Callable[[Size, int], None],
    meaning: Meaning | None = None,
    metadata: Metadata | None = None,
) -> Image:
    """Return the picture in `file`, which is positioned at its start.

    `meaning` gives the profile where the format has other ways to tell it than an ICC profile;
    `metadata` replaces what Pillow finds.

    `check` gets the size from the header and the bytes that a pixel takes while decoding; it may
    raise before anything is decoded. Damaged files raise one of `DECODER_ERRORS`.
    """
    with quiet_pillow(path), _PLUGINS[format_name](file) as picture:
        width, height = picture.size
        check(Size(height, width), _DECODING_BYTES)
        if getattr(picture, "is_animated", False):
            tell("pictures", file=path, amount=getattr(picture, "n_frames", 2), used="first")
        picture.load()
        return _converted(picture, path, format_name, meaning, metadata)


def size_of(file: BinaryIO, path: Path, format_name: str) -> Size:
    """Return the size that the header tells; damaged files raise one of `DECODER_ERRORS`."""
    with quiet_pillow(path), _PLUGINS[format_name](file) as picture:
        width, height = picture.size
    return Size(height, width)


@contextmanager
def quiet_pillow(path: Path) -> Generator[None]:
    """Turn Pillow's warnings about odd but readable files into debug messages.

    Its own limit on pixels does not apply inside; ours is checked as soon as the size is known.
    Only one thread at a time can be inside.
    """
    with _warnings_lock, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        limit, PilImage.MAX_IMAGE_PIXELS = PilImage.MAX_IMAGE_PIXELS, None
        try:
            yield
        finally:
            PilImage.MAX_IMAGE_PIXELS = limit
            for warning in caught:
                _log.debug("%s: %s", path, warning.message)


def _converted(
    picture: ImageFile,
    path: Path,
    format_name: str,
    meaning: Meaning | None,
    metadata: Metadata | None,
) -> Image:
    """Return the decoded `picture` as an Image, band by band."""
    width, height = picture.size
    icc_profile = picture.info.get("icc_profile")
    if not icc_profile and _has_profile_parts(picture):
        tell("damaged", file=path, part="colour profile")
    has_alpha = "A" in picture.mode or "a" in picture.mode or "transparency" in picture.info
    metadata = metadata_of(picture) if metadata is None else metadata
    canvas = Canvas(
        Size(height, width),
        dtype=np.dtype(np.uint8),
        has_alpha=has_alpha,
        orientation=orientation(metadata, path),
    )
    is_cmyk, is_gray = picture.mode == "CMYK", picture.mode in _GRAY_MODES
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
    kept = None
    if meaning and not is_cmyk:
        kept = meaning(icc_profile, is_gray)
    elif not is_cmyk:
        kept = rgb_profile(icc_profile, name=str(path), is_gray=is_gray)
    return canvas.image(
        icc_profile=kept,
        source_format=format_name,
        is_gray=is_gray,
        is_linear=is_linear_profile(kept),
        metadata=metadata,
    )


def _has_profile_parts(picture: ImageFile) -> bool:
    """Whether a JPEG has parts of a profile, of which Pillow makes none unless all are there."""
    segments = getattr(picture, "applist", [])
    return any(kind == "APP2" and data.startswith(_ICC_MARK) for kind, data in segments)


def orientation(metadata: Metadata, path: Path) -> int:
    """Return the EXIF orientation, 1 when there is none or (logged) the EXIF block is damaged."""
    if not metadata.exif:
        return 1
    parsed = exif.parse(metadata.exif)
    if parsed is None:
        tell("damaged", file=path, part="EXIF block")
        return 1
    return parsed.orientation


def metadata_of(picture: ImageFile) -> Metadata:
    """Return what Pillow has found beside the pixels."""
    info: dict[Any, Any] = picture.info
    block = info.get("exif") or b""
    packet = info.get("xmp") or info.get("XML:com.adobe.xmp")
    if isinstance(packet, str):
        packet = packet.encode("utf-8", "surrogateescape")
    segments = getattr(picture, "applist", [])
    comments = [data for kind, data in segments if kind == "COM"] or [info.get("comment") or b""]
    resources = b"".join(
        data.removeprefix(iptc.PHOTOSHOP_MARK)
        for kind, data in segments
        if kind == "APP13" and data.startswith(iptc.PHOTOSHOP_MARK)
    )
    if packet:
        packet = xmp_extended.merged(packet, (data for kind, data in segments if kind == "APP1"))
    metadata = Metadata(
        exif=block.removeprefix(b"Exif\0\0") or None,
        xmp=packet or None,
        iptc=iptc.from_resources(resources),
        texts=tuple((COMMENT, _text(each)) for each in comments if each),
    )
    return with_resolution(metadata, info.get("dpi"))


def _text(data: bytes) -> str:
    """Return a text of unknown encoding."""
    data = data.rstrip(b"\0")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")
