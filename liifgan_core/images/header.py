"""The size of a picture as it will be read, upright, from its file's header alone."""

import struct
from pathlib import Path
from typing import BinaryIO

from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from liifgan_core.geometry import Size
from liifgan_core.images.codecs.pillow_reader import DECODER_ERRORS, quiet_pillow
from liifgan_core.images.formats import format_by_content
from liifgan_core.images.metadata import exif
from liifgan_core.images.orientation import upright_shape
from liifgan_core.images.read_size import read_size

_HEAD_LENGTH = 32
_TURNED_BY_EXIF: dict[str, type[ImageFile]] = {
    "jpeg": JpegImageFile,
    "png": PngImageFile,
    "webp": WebPImageFile,
}
_NEVER_TURNED = frozenset(("exr", "bmp", "gif", "ppm"))


def read_header(path: Path) -> tuple[Size, str] | None:
    """Return the upright size of a picture and its format's name, None where that is not certain.

    Nothing is decoded. Not certain are formats whose decoders turn pictures themselves, files that
    are damaged, and what is no regular file; `read_image` tells of these.
    """
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            found = format_by_content(file.read(_HEAD_LENGTH))
            if found is None:
                return None
            if found.name in _TURNED_BY_EXIF:
                size = _turned_size(file, path, found.name)
            else:
                size = read_size(path) if found.name in _NEVER_TURNED else None
    except DECODER_ERRORS:
        return None
    return None if size is None else (size, found.name)


def _turned_size(file: BinaryIO, path: Path, format_name: str) -> Size | None:
    file.seek(0)
    with quiet_pillow(path), _TURNED_BY_EXIF[format_name](file) as picture:
        width, height = picture.size
        block: bytes = picture.info.get("exif") or b""
        if not block and format_name == "png" and _has_late_exif(file):
            return None
    parsed = exif.parse(block.removeprefix(b"Exif\0\0")) if block else None
    return Size(*upright_shape(height, width, 1 if parsed is None else parsed.orientation))


def _has_late_exif(file: BinaryIO) -> bool:
    """Whether a PNG has an EXIF chunk at all; it may stand behind the pixels."""
    file.seek(8)
    while len(head := file.read(8)) == 8:
        length, kind = struct.unpack(">I4s", head)
        if kind == b"eXIf":
            return True
        file.seek(length + 4, 1)
    return False
