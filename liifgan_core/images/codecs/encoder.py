"""What all encoders have in common.

Most encoders are our own instead of OpenImageIO's because a full disk must come back as an error:
there (3.2.2, measured on Linux) libjpeg ends the whole process, libpng crashes it when even the
header does not fit, and only a side message tells that rows of a PNG were lost.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from liifgan_core.geometry import Size
from liifgan_core.images.gain_map import GainMap
from liifgan_core.images.metadata.metadata import NO_METADATA, Metadata
from liifgan_core.images.windows import Windows


@dataclass(frozen=True, slots=True)
class Layout:
    """All that a file's header says about its picture."""

    size: Size
    """Height and width in pixels."""

    bit_depth: int = 8
    """8, 10, 12, 16 or 32 (float) bits per sample."""

    has_alpha: bool = False
    """An alpha channel behind the colours, not premultiplied (in EXR: premultiplied)."""

    is_gray: bool = False
    """One colour channel instead of three."""

    icc_profile: bytes | None = None
    """Profile to embed, for RGB or, if gray, for gray; EXR tells its chromaticities."""

    white_nits: float | None = None
    """Luminance of light 1 in cd/m2 where it is known (EXR)."""

    metadata: Metadata = NO_METADATA
    """What is stored beside, as far as the format has a place for it."""

    quality: int | None = None
    """1 to 100 for lossy formats, None for the others."""

    gain_map: GainMap | None = None
    """What is stored behind the photo, in `gain_map_size` (JPEG)."""

    gain_map_size: Size | None = None

    is_half: bool = False
    """Whether 16 bits mean half precision floats, as in EXR."""

    has_pyramid: bool = False
    """Whether smaller versions are stored along (TIFF)."""

    windows: Windows | None = None
    """Where the picture lies in its frame (EXR); None when it is all of it."""

    @property
    def num_channels(self) -> int:
        """1 to 4."""
        return (1 if self.is_gray else 3) + self.has_alpha

    @property
    def dtype(self) -> np.dtype:
        """Type of a sample as encoders take it."""
        if self.is_half:
            return np.dtype(np.float16 if self.bit_depth == 16 else np.float32)
        if self.bit_depth == 32:
            return np.dtype(np.float32)
        return np.dtype(np.uint8 if self.bit_depth == 8 else np.uint16)

    @property
    def row_bytes(self) -> int:
        """Bytes of one uncompressed row."""
        return self.size.width * self.num_channels * self.dtype.itemsize


class Encoder(Protocol):
    """Turns rows into a file. Errors of the file (OSError) pass through."""

    def put(self, rows: np.ndarray) -> None:
        """Take the next rows: (n, W, channels) of the layout's type."""

    def finish(self) -> None:
        """Write what is left; called once, after the last row. Does not close the file."""


class RowBuffer:
    """Collects rows into blocks of a fixed height; the last block may be lower."""

    def __init__(self, height: int, layout: Layout, dtype: np.dtype | None = None) -> None:
        shape = (height, layout.size.width, layout.num_channels)
        self._block = np.empty(shape, dtype or layout.dtype)
        self._num_waiting = 0

    def feed(self, rows: np.ndarray) -> Iterator[np.ndarray]:
        """Yield each full block; it is overwritten when the next one is asked for."""
        while len(rows):
            taken = min(len(rows), len(self._block) - self._num_waiting)
            self._block[self._num_waiting : self._num_waiting + taken] = rows[:taken]
            self._num_waiting += taken
            rows = rows[taken:]
            if self._num_waiting == len(self._block):
                self._num_waiting = 0
                yield self._block

    def rest(self) -> np.ndarray:
        """Return the rows that make no full block, possibly none."""
        return self._block[: self._num_waiting]
