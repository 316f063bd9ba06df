"""What all encoders have in common.

The encoders are our own instead of OpenImageIO's because a full disk must come back as an error:
there (3.2.2, measured on Linux) libjpeg ends the whole process, libpng crashes it when even the
header does not fit, and only a side message tells that rows of a PNG were lost.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from liifgan_core.geometry import Size


@dataclass(frozen=True, slots=True)
class Layout:
    """All that a file's header says about its picture."""

    size: Size
    """Height and width in pixels."""

    bit_depth: int = 8
    """8 or 16 bits per sample."""

    has_alpha: bool = False
    """Four channels (RGBA, not premultiplied) instead of three."""

    icc_profile: bytes | None = None
    """RGB profile to embed."""

    software: str | None = None
    """Name of the program, stored where the format has a place for it."""

    quality: int | None = None
    """1 to 100 for lossy formats, None for the others."""

    @property
    def num_channels(self) -> int:
        """3 or 4."""
        return 4 if self.has_alpha else 3

    @property
    def row_bytes(self) -> int:
        """Bytes of one uncompressed row."""
        return self.size.width * self.num_channels * self.bit_depth // 8


class Encoder(Protocol):
    """Turns rows into a file. Errors of the file (OSError) pass through."""

    def put(self, rows: np.ndarray) -> None:
        """Take the next rows: (n, W, channels), uint8 or uint16 as the layout says."""

    def finish(self) -> None:
        """Write what is left; called once, after the last row. Does not close the file."""
