"""The gain map of an Ultra HDR photo: a picture of how much brighter HDR displays show each place.

Its own XMP says what its values mean (Gain Map Specification 1.0 by Adobe, ISO 21496-1). How it
stands in a JPEG file is in `codecs/jpeg/gain_map.py`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from liifgan_core.geometry import Size, Tile, Viewport
from liifgan_core.images.resample import resample

_BAND_ROWS = 256


@dataclass(frozen=True, slots=True, eq=False)
class GainMap:
    """A gain map, upright as its photo."""

    samples: np.ndarray
    """(h, w, 3) uint8; its size has nothing to do with the photo's."""
    is_gray: bool
    xmp: bytes | None
    """Its own packet; None where only `iso` says what the values mean."""
    iso: bytes | None = None
    """What it says by ISO 21496-1, the mark in front."""

    @property
    def size(self) -> Size:
        """Height and width in pixels."""
        return Size(*self.samples.shape[:2])

    def size_for(self, photo: Size, result: Size) -> Size:
        """Return the size that grows as the photo does."""
        height = int(self.size.height * result.height / photo.height + 0.5)
        width = int(self.size.width * result.width / photo.width + 0.5)
        return Size(max(1, height), max(1, width))

    def bands(self, size: Size) -> Iterator[np.ndarray]:
        """Yield the rows (n, W, 1 or 3) uint8 of the map in that size, bicubic, top to bottom."""
        viewport = Viewport.whole(self.size, size)
        channels = 1 if self.is_gray else 3
        for top in range(0, size.height, _BAND_ROWS):
            tile = Tile(top, 0, min(_BAND_ROWS, size.height - top), size.width)
            values = resample(self._values, self.size, viewport, tile)[..., :channels]
            yield (values * 255 + 0.5).astype(np.uint8)

    def _values(self, tile: Tile) -> np.ndarray:
        block = self.samples[tile.top : tile.bottom, tile.left : tile.right]
        return np.divide(block, np.float32(255), dtype=np.float32)
