"""Reads an image file into an `Image`, or says in one sentence why not."""

import errno
import logging
import os
import stat
from collections.abc import Callable
from pathlib import Path

from PIL.Image import DecompressionBombError

from liifgan_core.errors import ImageReadError
from liifgan_core.geometry import Size
from liifgan_core.images import oiio_reader, pillow_reader
from liifgan_core.images.formats import format_by_content, readable_names
from liifgan_core.images.image import Image
from liifgan_core.images.png_check import check_png

_log = logging.getLogger(__name__)

DEFAULT_MAX_PIXELS = 178_956_970
"""Pixels above which Pillow takes a file for a decompression bomb (1 GiB of RGB, halved twice)."""

_HEAD_LENGTH = 32
"""Bytes that tell the formats apart, and hold the bit depth of a PNG."""

_PNG_DEPTH_OFFSET = 24
"""Where a PNG's IHDR keeps the bit depth: 8 signature + 8 chunk header + 4 width + 4 height."""


def read_image(path: Path | str, *, max_pixels: int = DEFAULT_MAX_PIXELS) -> Image:
    """Return the picture in the file at `path`: RGB, upright, in the file's depth.

    The format is told by the content. Palette, gray, 1-bit and CMYK become RGB; of several frames
    the first is taken, with a logged warning. Peak memory is the picture itself plus, for 8-bit
    formats, one decoded copy (4 bytes a pixel).

    Raises ImageReadError for anything that is not a whole, readable picture of at most
    `max_pixels` pixels (checked before decoding).
    """
    path = Path(path)
    head = _head(path)
    found = format_by_content(head)
    if found is None:
        raise ImageReadError(
            f"{path} is not an image that can be read; convert it to one of {readable_names()}."
        )
    check = _size_check(path, max_pixels)
    try:
        if found.name == "tiff":
            return oiio_reader.decode(path, format_name="tiff", check=check)
        with path.open("rb") as file:
            if found.name == "png" and head[_PNG_DEPTH_OFFSET : _PNG_DEPTH_OFFSET + 1] == b"\x10":
                check_png(file)
                file.seek(0)
                metadata = pillow_reader.header_metadata(file, path, check=check)
                return oiio_reader.decode(path, format_name="png", check=check, metadata=metadata)
            return pillow_reader.decode(file, path, format_name=found.name, check=check)
    except MemoryError as error:
        raise ImageReadError(
            f"{path} does not fit into memory; close other programs or cut it into parts."
        ) from error
    except DecompressionBombError as error:  # Pillow's WebP reader has this limit built in
        raise ImageReadError(
            f"{path} has more than {DEFAULT_MAX_PIXELS:,} pixels, too many for a {found.name} file "
            "here; save it as PNG or TIFF."
        ) from error
    except (oiio_reader.OiioError, *pillow_reader.DECODER_ERRORS) as error:
        _log.debug("%s: %s", path, error)
        raise ImageReadError(
            f"{path} is damaged or cut off ({_first_line(error)}); get or save it again."
        ) from error


def _head(path: Path) -> bytes:
    """Return the first bytes of the file; raise ImageReadError unless it is a readable file."""
    try:
        status = os.stat(path)  # before opening: opening a FIFO would wait for a writer
        if stat.S_ISDIR(status.st_mode):
            raise ImageReadError(f"{path} is a folder; name an image file in it.")
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


def _size_check(path: Path, max_pixels: int) -> Callable[[Size], None]:
    """Return a function that raises ImageReadError for a size beyond `max_pixels`."""

    def check(size: Size) -> None:
        if size.num_pixels > max_pixels:
            raise ImageReadError(
                f"{path} has {size} = {size.num_pixels:,} pixels, more than the limit of "
                f"{max_pixels:,}; raise the limit or cut the image into parts."
            )

    return check


def _first_line(error: BaseException) -> str:
    """Return the first line of the error's text without a full stop, for use inside a sentence."""
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(". ") if lines else type(error).__name__
