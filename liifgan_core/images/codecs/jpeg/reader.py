"""Decodes JPEG with Pillow, with the gain map that may stand behind the photo."""

import dataclasses
import logging
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from liifgan_core.errors import ImageReadError
from liifgan_core.geometry import Size
from liifgan_core.images.codecs import pillow_reader
from liifgan_core.images.codecs.jpeg import gain_map
from liifgan_core.images.codecs.jpeg.check import unreadable_kind
from liifgan_core.images.codecs.jpeg.multi_picture import other_pictures, segments
from liifgan_core.images.gain_map import GainMap
from liifgan_core.images.image import Image
from liifgan_core.images.metadata.metadata import Metadata
from liifgan_core.losses import tell

_log = logging.getLogger(__name__)

_APP11 = 0xEB


def decode(file: BinaryIO, path: Path, *, check: Callable[[Size, int], None]) -> Image:
    """Return the first picture in `file`; as `pillow_reader.decode`.

    Further pictures are told with a logged warning, but for a gain map, which comes along. Raises
    ImageReadError for kinds that are not read here, by name.
    """
    if kind := unreadable_kind(file):
        raise ImageReadError(
            f"{path} is a {kind}, which is not read here; save it as PNG or TIFF first."
        )
    file.seek(0)
    image = pillow_reader.decode(file, path, format_name="jpeg", check=check)
    if any(each.marker == _APP11 and b"c2pa" in each.content for each in segments(file)):
        tell("not-carried", file=path, what="content credentials (C2PA)")
    others = other_pictures(file)
    found: GainMap | None = None
    num_lost = 0
    claims_map = gain_map.NAMESPACE in (image.metadata.xmp or b"")
    if claims_map and not others:
        tell("gain-map-misplaced", file=path)
    for data in others:
        told = gain_map.told_by(data) if found is None else None
        if told is not None:
            found = _gain_map(data, told, path, image.metadata, check)
        elif gain_map.is_apples(data):
            tell("gain-map-apple", file=path)
        else:
            num_lost += 1
    if num_lost:
        tell("pictures", file=path, amount=num_lost + 1, used="first")
    return dataclasses.replace(image, gain_map=found) if found else image


def _gain_map(
    data: bytes,
    told: tuple[bytes | None, bytes | None],
    path: Path,
    photo: Metadata,
    check: Callable[[Size, int], None],
) -> GainMap | None:
    """Return the gain map in the JPEG file `data`, turned as the photo; None if damaged."""
    turn = Metadata(exif=photo.exif)
    try:
        picture = pillow_reader.decode(
            BytesIO(data), path, format_name="jpeg", check=check, metadata=turn
        )
    except (ImageReadError, *pillow_reader.DECODER_ERRORS) as error:
        _log.debug("%s: %s", path, error)
        tell("damaged", file=path, part="gain map")
        return None
    return GainMap(picture.samples, picture.is_gray, *told)
