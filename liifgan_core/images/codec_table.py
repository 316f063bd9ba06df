"""Which function reads and which class writes each format of `images/formats.py`."""

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO, Protocol

from liifgan_core.geometry import Size
from liifgan_core.images.codecs import pillow_reader, pnm
from liifgan_core.images.codecs.avif import reader as avif_reader
from liifgan_core.images.codecs.avif.encoder import AvifEncoder
from liifgan_core.images.codecs.bmp import reader as bmp_reader
from liifgan_core.images.codecs.bmp.encoder import BmpEncoder
from liifgan_core.images.codecs.encoder import Encoder, Layout
from liifgan_core.images.codecs.exr import reader as exr_reader
from liifgan_core.images.codecs.exr.encoder import ExrEncoder
from liifgan_core.images.codecs.heif import reader as heif_reader
from liifgan_core.images.codecs.jpeg import reader as jpeg_reader
from liifgan_core.images.codecs.jpeg.encoder import JpegEncoder
from liifgan_core.images.codecs.jxl import reader as jxl_reader
from liifgan_core.images.codecs.jxl.encoder import JxlEncoder
from liifgan_core.images.codecs.pillow_encoder import PillowEncoder
from liifgan_core.images.codecs.png import reader as png_reader
from liifgan_core.images.codecs.png.encoder import PngEncoder
from liifgan_core.images.codecs.raw import reader as raw_reader
from liifgan_core.images.codecs.tiff import reader as tiff_reader
from liifgan_core.images.codecs.tiff.encoder import TiffEncoder
from liifgan_core.images.image import Image


class Decode(Protocol):
    """Reads the picture in a file that stands at its start."""

    def __call__(
        self, file: BinaryIO, path: Path, /, *, check: Callable[[Size, int], None]
    ) -> Image:
        """Return the picture; `path` is the file's name.

        `check` gets the size from the header and the bytes that a pixel takes while decoding, and
        may raise before anything is decoded. Raises ImageReadError for what is not read here, and
        OiioError or one of `pillow_reader.DECODER_ERRORS` for damage.
        """
        ...


DECODERS: Mapping[str, Decode] = {
    "png": png_reader.decode,
    "jpeg": jpeg_reader.decode,
    "webp": functools.partial(pillow_reader.decode, format_name="webp"),
    "tiff": tiff_reader.decode,
    "avif": avif_reader.decode,
    "jxl": jxl_reader.decode,
    "exr": exr_reader.decode,
    "bmp": bmp_reader.decode,
    "gif": functools.partial(pillow_reader.decode, format_name="gif"),
    "ppm": pnm.decode,
    "heic": heif_reader.decode,
    "raw": raw_reader.decode,
}
"""By the format's name, for all that can be read."""

ENCODERS: Mapping[str, Callable[[BinaryIO, Layout], Encoder]] = {
    "png": PngEncoder,
    "jpeg": JpegEncoder,
    "webp": functools.partial(PillowEncoder, format_name="WEBP"),
    "tiff": TiffEncoder,
    "avif": AvifEncoder,
    "jxl": JxlEncoder,
    "exr": ExrEncoder,
    "bmp": BmpEncoder,
    "gif": functools.partial(PillowEncoder, format_name="GIF"),
    "ppm": pnm.PnmEncoder,
}
"""By the format's name, for all that can be written."""
