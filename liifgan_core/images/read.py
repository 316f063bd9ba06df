"""Reads an image file into an `Image`, or says in one sentence why not."""

import dataclasses
import errno
import logging
import os
import stat
from collections.abc import Callable
from pathlib import Path

from liifgan_core.errors import ImageReadError
from liifgan_core.geometry import Size
from liifgan_core.images.codec_table import DECODERS
from liifgan_core.images.codecs import oiio_reader, pillow_reader
from liifgan_core.images.formats import Format, format_by_content, readable_names
from liifgan_core.images.image import Image
from liifgan_core.losses import collected

_log = logging.getLogger(__name__)

DEFAULT_MAX_PIXELS = 178_956_970
"""Pixels above which Pillow takes a file for a decompression bomb (1 GiB of RGB, halved twice)."""

DEFAULT_MEMORY_BYTES = 2 * 2**30
"""Memory that decoding one file, and that a whole export, may take where no bound is given."""

_HEAD_LENGTH = 32
"""Bytes that tell the formats apart."""


def read_image(
    path: Path | str,
    *,
    max_pixels: int = DEFAULT_MAX_PIXELS,
    memory_bytes: int = DEFAULT_MEMORY_BYTES,
) -> Image:
    """Return the picture in the file at `path`: RGB, upright, in the file's depth.

    The format is told by the content. Palette, gray, 1-bit and CMYK become RGB; of several frames
    the first is taken. This and all else that is lost is in `Image.losses`, and logged. Peak memory
    is the picture itself plus, for 8-bit formats, one decoded copy (4 bytes a pixel); JPEG XL takes
    up to 16 bytes a sample.

    Raises ImageReadError for anything that is not a whole, readable picture of at most
    `max_pixels` pixels that can be decoded in `memory_bytes` (both checked before decoding).
    """
    path = Path(path)
    head = read_head(path)
    found = format_by_content(head)
    if found is None:
        raise ImageReadError(
            f"{path} is not an image that can be read; convert it to one of {readable_names()}."
        )
    try:
        with collected() as losses:
            image = _decoded(path, found, _size_check(path, max_pixels, memory_bytes))
        return dataclasses.replace(image, losses=tuple(losses)) if losses else image
    except MemoryError as error:
        raise ImageReadError(
            f"{path} does not fit into memory; close other programs or cut it into parts."
        ) from error
    except (oiio_reader.OiioError, *pillow_reader.DECODER_ERRORS) as error:
        _log.debug("%s: %s", path, error)
        raise ImageReadError(
            f"{path} is damaged or cut off ({_first_line(error)}); get or save it again."
        ) from error


def _decoded(path: Path, found: Format, check: Callable[[Size, int], None]) -> Image:
    with path.open("rb") as file:
        return DECODERS[found.name](file, path, check=check)


def read_head(path: Path) -> bytes:
    """Return the first bytes of the file; raise ImageReadError unless it is a readable file."""
    try:
        status = os.stat(path)  # before opening: opening a FIFO would wait for a writer
        if stat.S_ISDIR(status.st_mode):
            raise ImageReadError(f"{path} is a folder; name an image file in it.", remedy="folder")
        if not stat.S_ISREG(status.st_mode):
            raise ImageReadError(f"{path} is not a regular file; save the image to disk first.")
        if status.st_size == 0:
            raise ImageReadError(f"{path} is empty (0 bytes); get or save it again.")
        with path.open("rb") as file:
            return file.read(_HEAD_LENGTH)
    except FileNotFoundError as error:
        raise ImageReadError(f"{path} does not exist; check the name and the folder.") from error
    except PermissionError as error:
        raise ImageReadError(
            f"{path} may not be read by this user; change its permissions or copy it."
        ) from error
    except OSError as error:
        way_out = "shorten it" if error.errno == errno.ENAMETOOLONG else "check the disk"
        raise ImageReadError(f"{path} cannot be opened ({error.strerror}); {way_out}.") from error
    except ValueError as error:  # a NUL byte in the name
        raise ImageReadError(f"{str(path)!r} cannot be opened ({error}); check it.") from error


def _size_check(path: Path, max_pixels: int, memory_bytes: int) -> Callable[[Size, int], None]:
    """Return a function that raises ImageReadError for a picture beyond one of the bounds."""

    def check(size: Size, bytes_per_pixel: int) -> None:
        if size.num_pixels > max_pixels:
            raise ImageReadError(
                f"{path} has {size} = {size.num_pixels:,} pixels, more than the limit of "
                f"{max_pixels:,}; raise the limit or cut the image into parts.",
                remedy="max-pixels",
            )
        needed = size.num_pixels * bytes_per_pixel
        if needed > memory_bytes:
            raise ImageReadError(
                f"{path} has {size} pixels and takes about {needed / 2**30:.1f} GiB to decode, "
                f"more than the limit of {memory_bytes / 2**30:.1f} GiB; raise the limit or cut "
                "the image into parts.",
                remedy="memory",
            )

    return check


def _first_line(error: BaseException) -> str:
    """Return the first line of the error's text without a full stop, for use inside a sentence."""
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(". ") if lines else type(error).__name__
