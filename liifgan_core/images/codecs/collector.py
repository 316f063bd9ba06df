"""Half of the encoders of formats whose libraries want the picture as a whole."""

from typing import BinaryIO

import numpy as np

from liifgan_core.images.codecs.encoder import Layout


class Collector:
    """Holds the picture until the last row has come."""

    def __init__(self, file: BinaryIO, layout: Layout) -> None:
        self._file = file
        self._layout = layout
        size = layout.size
        self._pixels = np.empty((size.height, size.width, layout.num_channels), layout.dtype)
        self._num_rows = 0

    def put(self, rows: np.ndarray) -> None:
        """Take the next rows: (n, W, channels)."""
        self._pixels[self._num_rows : self._num_rows + len(rows)] = rows
        self._num_rows += len(rows)
