"""What a file says of how its picture was made, read from its headers alone."""

from pathlib import Path
from typing import BinaryIO

import msgspec
import pi_heif
from PIL.AvifImagePlugin import AvifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.WebPImagePlugin import WebPImageFile

from liifgan_core.errors import ImageReadError
from liifgan_core.images.codecs import pillow_reader
from liifgan_core.images.codecs.jxl import boxes as jxl_boxes
from liifgan_core.images.codecs.oiio_reader import OiioError
from liifgan_core.images.codecs.png.chunks import read_chunks
from liifgan_core.images.codecs.png.metadata import png_metadata
from liifgan_core.images.codecs.tiff.directories import read_pictures
from liifgan_core.images.formats import FORMATS, format_by_content, readable_names
from liifgan_core.images.metadata import exif
from liifgan_core.images.metadata.enlarged import Enlargement, said_by

_HEAD_LENGTH = 32
_XMP_TAG = 700
_BY_PILLOW: dict[str, type[ImageFile]] = {
    "jpeg": JpegImageFile,
    "webp": WebPImageFile,
    "avif": AvifImageFile,
}
READABLE = ("png", "jpeg", "webp", "tiff", "avif", "jxl", "heic")
"""Formats whose XMP is read."""
WITHOUT_XMP = tuple(
    known.name for known in FORMATS if known.can_write and known.name not in READABLE
)
"""Formats of results that carry no XMP, so that nothing can be read back."""


class Inspection(msgspec.Struct, frozen=True, kw_only=True):
    """What a file says of itself."""

    format: str
    carries_xmp: bool
    """Whether the format has a place for it here; else nothing is known, not even that a model
    had no part in it."""
    digital_source_type: str | None = None
    """IPTC's; see docs/xmp.md."""
    enlarged: tuple[Enlargement, ...] = ()
    """The latest last; empty where the file does not say that it was enlarged by LIIF-GAN."""


def inspect_file(path: Path | str) -> Inspection:
    """Return what the file at `path` says of how its picture was made; no pixel is decoded.

    Raises ImageReadError for what is no picture, is damaged, or holds XMP that is no XML.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            found = format_by_content(file.read(_HEAD_LENGTH))
            if found is None:
                raise ImageReadError(
                    f"{path} is not an image that can be read; name one of {readable_names()}."
                )
            if found.name not in READABLE:
                return Inspection(format=found.name, carries_xmp=False)
            file.seek(0)
            packet = _packet(file, path, found.name)
    except OSError as error:
        raise ImageReadError(f"{path} cannot be read ({error.strerror or error}).") from error
    except (OiioError, *pillow_reader.DECODER_ERRORS) as error:
        raise ImageReadError(f"{path} is damaged or cut off ({error}).") from error
    said = said_by(packet)
    if said is None:
        raise ImageReadError(f"{path}: its XMP packet is damaged; nothing can be said of it.")
    return Inspection(
        format=found.name,
        carries_xmp=True,
        digital_source_type=said.source_type,
        enlarged=said.enlargements,
    )


def _packet(file: BinaryIO, path: Path, format_name: str) -> bytes | None:
    """Return the file's XMP packet, None without one."""
    if format_name == "png":
        return png_metadata(read_chunks(file, lambda _size: None), name=str(path)).xmp
    if format_name == "jxl":
        return jxl_boxes.read_header(file).metadata.xmp
    if format_name == "heic":
        container = pi_heif.open_heif(file, convert_hdr_to_8bit=False)
        return container[container.primary_index].info.get("xmp") or None
    if format_name == "tiff":
        pictures = read_pictures(file)
        if pictures is None:
            raise ValueError("its first directory cannot be read")
        for offset in (pictures.photo.offset, pictures.first.offset):
            entry = exif.exif_at(pictures.reader, offset).main.get(_XMP_TAG)
            if entry is not None:
                return entry.data
        return None
    with pillow_reader.quiet_pillow(path), _BY_PILLOW[format_name](file) as picture:
        return pillow_reader.metadata_of(picture).xmp
