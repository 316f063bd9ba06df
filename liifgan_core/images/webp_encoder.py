"""Writes lossy WebP with Pillow."""

from typing import BinaryIO

import numpy as np
from PIL import Image as PilImage

from liifgan_core.images.encoder import Layout
from liifgan_core.images.jpeg_encoder import software_exif


class WebpEncoder:
    """Collects the whole picture as uint8, since libwebp cannot take it in parts."""

    def __init__(self, file: BinaryIO, layout: Layout) -> None:
        if layout.bit_depth != 8:
            raise ValueError(f"WebP holds 8 bits only, not {layout}")
        self._file = file
        self._layout = layout
        size = layout.size
        self._pixels = np.empty((size.height, size.width, layout.num_channels), np.uint8)
        self._num_rows = 0

    def put(self, rows: np.ndarray) -> None:
        """Take the next rows: (n, W, 3 or 4) uint8."""
        self._pixels[self._num_rows : self._num_rows + len(rows)] = rows
        self._num_rows += len(rows)

    def finish(self) -> None:
        """Encode and write everything."""
        PilImage.fromarray(self._pixels).save(
            self._file,
            "WEBP",
            quality=self._layout.quality,
            icc_profile=self._layout.icc_profile,
            exif=software_exif(self._layout.software),
        )
