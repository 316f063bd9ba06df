"""PPM and PGM: OpenImageIO decodes them, and they are written row by row."""

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import numpy as np

from liifgan_core.geometry import Size
from liifgan_core.images.codecs import oiio_reader
from liifgan_core.images.codecs.encoder import Layout
from liifgan_core.images.codecs.oiio_reader import Known
from liifgan_core.images.image import Image


def decode(_file: BinaryIO, path: Path, *, check: Callable[[Size, int], None]) -> Image:
    """Return the picture in the file at `path`; as `oiio_reader.decode`."""
    return oiio_reader.decode(path, format_name="ppm", check=check, known=Known())


class PnmEncoder:
    """Streams one picture as binary PPM, or PGM if gray; 8 or 16 bit."""

    def __init__(self, file: BinaryIO, layout: Layout) -> None:
        if layout.has_alpha:
            raise ValueError("PPM holds no alpha")
        self._file = file
        self._dtype = layout.dtype.newbyteorder(">")
        magic = "P5" if layout.is_gray else "P6"
        full = 2**layout.bit_depth - 1
        file.write(f"{magic}\n{layout.size.width} {layout.size.height}\n{full}\n".encode())

    def put(self, rows: np.ndarray) -> None:
        """Take the next rows: (n, W, 1 or 3)."""
        self._file.write(np.ascontiguousarray(rows, self._dtype).tobytes())

    def finish(self) -> None:
        """Do nothing: everything is written."""
