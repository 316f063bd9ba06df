"""Decodes BMP with Pillow; our own reading of what its colours mean."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from liifgan_core.geometry import Size
from liifgan_core.images.codecs import pillow_reader
from liifgan_core.images.codecs.bmp.colour import bmp_profile
from liifgan_core.images.image import Image


def decode(file: BinaryIO, path: Path, *, check: Callable[[Size, int], None]) -> Image:
    """Return the picture in `file`, which is positioned at its start; as `pillow_reader.decode`."""
    meaning = functools.partial(bmp_profile, file, name=str(path))
    return pillow_reader.decode(file, path, format_name="bmp", check=check, meaning=meaning)
