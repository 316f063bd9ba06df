"""A picture in memory, in the depth of its file."""

import dataclasses
from dataclasses import dataclass

import numpy as np

from liifgan_core.geometry import Size, Tile
from liifgan_core.images.bleed import RADIUS, bled
from liifgan_core.images.colour.tone import Tone, tone_of
from liifgan_core.images.gain_map import GainMap
from liifgan_core.images.metadata.metadata import NO_METADATA, Metadata
from liifgan_core.images.premultiplied import unpremultiplied
from liifgan_core.images.windows import Windows
from liifgan_core.losses import Loss

_BIT_DEPTHS = {np.dtype(np.uint8): 8, np.dtype(np.uint16): 16, np.dtype(np.float32): 32}


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """An upright RGB picture, with or without alpha.

    Samples keep the file's depth, because 8-bit samples take a quarter of the memory of floats;
    `rgb` and `opacity` convert the part that is needed.
    """

    samples: np.ndarray
    """(H, W, 3), RGB; uint8, uint16 (full range) or float32 (nominally 0 to 1). C-contiguous when
    it comes from `read_image`, with the EXIF orientation already applied."""

    alpha: np.ndarray | None = None
    """(H, W), same type as `samples`; None when absent or opaque everywhere."""

    has_opaque_alpha: bool = False
    """Whether the file had an alpha channel that was opaque everywhere, and so was dropped."""

    icc_profile: bytes | None = None
    """RGB profile (for a gray picture: gray) that the samples are in; None means sRGB."""

    tone: Tone | None = None
    """The curve to sRGB-like values for samples that are linear light; None for all others."""

    is_gray: bool = False
    """Whether the file has one colour channel; the three here are equal then."""

    metadata: Metadata = NO_METADATA
    """EXIF, XMP and resolution as the file has them, the orientation not yet corrected."""

    is_premultiplied: bool = False
    """Whether colours are multiplied by alpha, which is so where there is light at alpha 0."""

    windows: Windows | None = None
    """Where the picture lies in its frame (EXR); None when it is all of it."""

    significant_bits: int | None = None
    """Bits per sample of the file where they are fewer than those of `samples`: 10 or 12 of 16."""

    gain_map: GainMap | None = None
    """How much brighter HDR displays show each place; only of JPEG files."""

    losses: tuple[Loss, ...] = ()
    """What the file has and this picture has not."""

    source_format: str = "png"
    """Name in the format table ("png", "jpeg", ...) of the file that it came from."""

    def __post_init__(self) -> None:
        if self.samples.ndim != 3 or self.samples.shape[2] != 3:
            raise ValueError(f"samples must be (H, W, 3), not {self.samples.shape}")
        if self.samples.dtype not in _BIT_DEPTHS:
            raise ValueError(f"samples must be uint8, uint16 or float32, not {self.samples.dtype}")
        if self.alpha is not None and (
            self.alpha.shape != self.samples.shape[:2] or self.alpha.dtype != self.samples.dtype
        ):
            raise ValueError(
                f"alpha must be {self.samples.shape[:2]} of {self.samples.dtype}, "
                f"not {self.alpha.shape} of {self.alpha.dtype}"
            )

    @property
    def size(self) -> Size:
        """Height and width in pixels."""
        return Size(*self.samples.shape[:2])

    @property
    def bit_depth(self) -> int:
        """8, 16 or 32 (float)."""
        return _BIT_DEPTHS[self.samples.dtype]

    @property
    def num_bits(self) -> int:
        """Bits per sample that the file has: 8, 10, 12, 16 or 32 (float)."""
        return self.significant_bits or self.bit_depth

    def divided(self) -> "Image":
        """Return the picture with colours that are not multiplied by alpha.

        Light where alpha is 0 is lost. Takes memory for another copy of the colours.
        """
        if not self.is_premultiplied or self.alpha is None:
            return self
        samples = unpremultiplied(self.samples, self.alpha)
        tone = tone_of(samples) if self.tone else None
        return dataclasses.replace(self, samples=samples, tone=tone, is_premultiplied=False)

    def rgb(self, tile: Tile) -> np.ndarray:
        """Return a float32 copy of the pixels of `tile`: (h, w, 3), sRGB-like, 0 to 1.

        Float samples beyond that range are clipped, and NaN becomes 0. Transparent pixels near
        visible ones get their colours, whatever the file has there. `tile` must lie inside the
        image (ValueError).
        """
        if self.alpha is None or self.is_premultiplied:
            return self._colours(tile)
        grown = tile.grown(RADIUS, self.size)
        rows, columns = self._slices(tile)
        if self.alpha[rows, columns].all():
            return self._colours(tile)
        filled = bled(self._colours(grown), self.opacity(grown))
        top, left = tile.top - grown.top, tile.left - grown.left
        return filled[top : top + tile.height, left : left + tile.width]

    def opacity(self, tile: Tile) -> np.ndarray:
        """Return a float32 copy of the alpha of `tile`: (h, w), 0 to 1; ones without alpha."""
        rows, columns = self._slices(tile)
        if self.alpha is None:
            return np.ones((tile.height, tile.width), np.float32)
        return _to_unit(self.alpha[rows, columns])

    def _colours(self, tile: Tile) -> np.ndarray:
        block = self.samples[self._slices(tile)]
        if self.tone is None:
            return _to_unit(block)
        light = block if block.dtype == np.float32 else _to_unit(block)
        return self.tone.encode(np.nan_to_num(light, nan=0.0))

    def _slices(self, tile: Tile) -> tuple[slice, slice]:
        height, width = self.samples.shape[:2]
        if not (0 <= tile.top < tile.bottom <= height and 0 <= tile.left < tile.right <= width):
            raise ValueError(f"{tile} lies outside the image of {self.size}")
        return slice(tile.top, tile.bottom), slice(tile.left, tile.right)


def _to_unit(block: np.ndarray) -> np.ndarray:
    """Return float32 in [0, 1] from samples of any of the three types."""
    if block.dtype == np.float32:
        return np.clip(np.nan_to_num(block, nan=0.0), 0.0, 1.0)
    return np.divide(block, np.float32(np.iinfo(block.dtype).max), dtype=np.float32)
