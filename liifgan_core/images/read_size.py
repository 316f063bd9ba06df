"""The size that a file's header tells, where that is all that is wanted."""

import logging
from pathlib import Path
from typing import BinaryIO

from liifgan_core.errors import ImageReadError
from liifgan_core.geometry import Size
from liifgan_core.images.codecs import oiio_reader, pillow_reader
from liifgan_core.images.codecs.heif import reader as heif_reader
from liifgan_core.images.codecs.jpeg.check import unreadable_kind
from liifgan_core.images.codecs.jxl.boxes import read_header
from liifgan_core.images.codecs.raw import reader as raw_reader
from liifgan_core.images.codecs.tiff import reader as tiff_reader
from liifgan_core.images.formats import Format, format_by_content
from liifgan_core.images.read import read_head

_log = logging.getLogger(__name__)


def read_size(path: Path | str) -> Size | None:
    """Return the size that the file's header tells, before turning; None if it cannot be told.

    Cheap: nothing is decoded. Meant for estimates; what is wrong with a file, `read_image` says.
    """
    path = Path(path)
    try:
        found = format_by_content(read_head(path))
        if found is None:
            return None
        with path.open("rb") as file:
            return _size(file, path, found)
    except (ImageReadError, oiio_reader.OiioError, MemoryError, *pillow_reader.DECODER_ERRORS):
        _log.debug("%s: its size is unknown", path, exc_info=True)
    return None


def _size(file: BinaryIO, path: Path, found: Format) -> Size | None:
    if found.name == "jpeg":
        if unreadable_kind(file):
            return None
        file.seek(0)
    if found.name in ("jpeg", "png", "avif", "bmp") or found.reader == "Pillow":
        return pillow_reader.size_of(file, path, found.name)
    if found.reader == "libheif":
        return heif_reader.size_of(file)
    if found.reader == "rawpy":
        return raw_reader.size_of(file, path)
    if found.name == "tiff":
        return tiff_reader.size_of(file, path)
    if found.name == "jxl":
        return read_header(file).size
    return oiio_reader.size_of(path, found.name)
