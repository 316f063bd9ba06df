"""How spoilt a photo looks: by its JPEG tables, by edges between 8x8 blocks, by noise. No torch.

All of it are estimates for a recommendation; nothing is changed by them. A photo is judged by a few
windows, so that one of any size takes some tens of milliseconds. A picture full of fine texture is
taken for a noisy one.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from liifgan_core.geometry import Size, Tile
from liifgan_core.images.image import Image

Flaw = Literal["compressed", "noisy"]

COMPRESSED_QUALITY = 70
"""The highest quality by a file's tables that is called compressed: where BLOCK_EDGES finds all."""
BLOCK_EDGES = 0.6
"""Steps at which a photo is called compressed by its pixels alone. Of 16 crops of 512x512 from
other photos than the models have seen it finds all at qualities of 50, 60 and 70, 9 at 80, none
at 90 and 95, and none of those never compressed, where the largest is 0.08 (November 2026; as true
of the 24 photos of Kodak, where it finds 20 at 80)."""
NOISE = 3.0
"""Deviation from which a photo is called noisy. Of the same crops with noise added to each channel
it finds all with a deviation of 5 or 8, also where the noisy ones are JPEGs of quality 90, 1 with 3
or less, and 1 of 16 as they are, which has grain (of Kodak: 23 of 24 with 5, 1 of 24 as they are).
"""
_BLOCK = 8
"""Pixels; of JPEG, and of most other codecs."""
_WINDOW = 64 * _BLOCK
_CELL = 16
"""Side of the cells that are flat or not."""
_FLAT_PART = 0.2
"""Part of the cells that are taken for flat: a photo with less sky and skin is rare."""
_CLIPPED = (4.0, 251.0)
"""Means of cells beyond these are left out: noise is cut off there."""
_SIGMA_PER_MAD = 1.0 / 0.6745
"""Of a normal distribution."""
_LAPLACIAN = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32) / 6.0
"""Difference of two Laplacians: blind to slopes; white noise keeps its deviation (Immerkaer, Fast
Noise Variance Estimation, 1996)."""
_STANDARD_LUMA = np.array(
    [
        *(16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55),
        *(14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62),
        *(18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92),
        *(49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99),
    ]
)
"""JPEG's example table for luma (ITU-T T.81, table K.1), which quality 50 is."""


@dataclass(frozen=True, slots=True)
class PhotoQuality:
    """What was found of a photo."""

    jpeg_quality: int | None
    """1 to 100 on the scale of the Independent JPEG Group, by its tables; None: no JPEG file."""
    block_edges: float
    """How much larger steps of luma at the edges of 8x8 blocks are than beside them, in 1/255, less
    what chance may give; near 0 for a photo that was never compressed by blocks."""
    noise: float
    """Standard deviation of luma in flat places, in 1/255."""

    @property
    def flaws(self) -> tuple[Flaw, ...]:
        """What a model that cleans would leave out, the plainest first."""
        found: list[Flaw] = []
        is_coarse = self.jpeg_quality is not None and self.jpeg_quality <= COMPRESSED_QUALITY
        if is_coarse or self.block_edges >= BLOCK_EDGES:
            found.append("compressed")
        if self.noise >= NOISE:
            found.append("noisy")
        return tuple(found)


def photo_quality(image: Image, path: Path | None = None) -> PhotoQuality:
    """Return what is found of a photo; of its file, where it is a JPEG, the tables too.

    Any thread. A file that cannot be read any more counts as none.
    """
    windows = [_luma(image, tile) for tile in _windows(image.size)]
    quality = None
    if path is not None and image.source_format == "jpeg":
        quality = jpeg_quality(path)
    return PhotoQuality(
        jpeg_quality=quality,
        block_edges=float(np.mean([block_edges(window) for window in windows])),
        noise=float(np.median([noise_deviation(window) for window in windows])),
    )


def jpeg_quality(path: Path) -> int | None:
    """Return the quality, 1 to 100, whose luma table is nearest in sum to the file's.

    Only the header is read. None where the file is no JPEG or cannot be read.
    """
    try:
        with PillowImage.open(path) as file:
            tables: dict[int, list[int]] = getattr(file, "quantization", {})
    except (OSError, ValueError, PillowImage.DecompressionBombError):
        return None
    table = tables.get(0)
    if table is None:
        return None
    return 1 + int(np.argmin(np.abs(_table_sums() - sum(table))))


def _table_sums() -> NDArray[np.int64]:
    """Return the sums (100,) of the luma tables of qualities 1 to 100, as libjpeg makes them."""
    quality = np.arange(1, 101)[:, None]
    percent = np.where(quality < 50, 5000 // quality, 200 - 2 * quality)
    return np.clip((_STANDARD_LUMA * percent + 50) // 100, 1, 255).sum(axis=1)


def noise_deviation(luma: NDArray[np.float32]) -> float:
    """Return the standard deviation of noise in the flattest cells of (H, W), in its units.

    0 for a picture that is smaller than a cell or clipped everywhere.
    """
    height, width = (side // _CELL * _CELL for side in luma.shape)
    if not height or not width:
        return 0.0
    residual = np.abs(cv2.filter2D(luma, cv2.CV_32F, _LAPLACIAN, borderType=cv2.BORDER_REFLECT))
    means = _cells(luma, height, width).mean(axis=1)
    deviations = np.median(_cells(residual, height, width), axis=1) * _SIGMA_PER_MAD
    low, high = _CLIPPED
    inner = deviations[(means > low) & (means < high)]
    return float(np.quantile(inner, _FLAT_PART)) if inner.size else 0.0


def block_edges(luma: NDArray[np.float32]) -> float:
    """Return how much larger steps at the edges of 8x8 blocks of (H, W) are than beside them.

    In units of luma, wherever the blocks begin: a cropped photo has its edges elsewhere. 0 for a
    picture that is too small.
    """
    return (_edges_across(luma) + _edges_across(luma.T)) / 2.0


def _edges_across(luma: NDArray[np.float32]) -> float:
    if luma.shape[1] < 4 * _BLOCK:
        return 0.0
    steps = np.minimum(np.abs(np.diff(luma, axis=1)), 32.0)  # contours of objects count little
    excess = steps[:, 1:-1] - (steps[:, :-2] + steps[:, 2:]) / 2.0
    columns = excess.mean(axis=0)
    phases = np.array([columns[phase::_BLOCK].mean() for phase in range(_BLOCK)])
    # Of pure noise one phase is the largest, too, by chance.
    chance = 3.0 * float(excess.std()) / (excess.size / _BLOCK) ** 0.5
    return max(0.0, float(phases.max() - np.median(phases)) - chance)


def _cells(values: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
    grid = values[:height, :width].reshape(height // _CELL, _CELL, width // _CELL, _CELL)
    return grid.swapaxes(1, 2).reshape(-1, _CELL * _CELL)


def _windows(size: Size) -> list[Tile]:
    """Return up to five windows: the middle and those half way to the corners."""
    height, width = min(size.height, _WINDOW), min(size.width, _WINDOW)
    places = {(0.5, 0.5), (0.2, 0.2), (0.2, 0.8), (0.8, 0.2), (0.8, 0.8)}
    corners = {
        (
            int((size.height - height) * down) // _BLOCK * _BLOCK,
            int((size.width - width) * across) // _BLOCK * _BLOCK,
        )
        for down, across in places
    }
    return [Tile(top, left, height, width) for top, left in sorted(corners)]


def _luma(image: Image, tile: Tile) -> NDArray[np.float32]:
    """Return (h, w) luma in 0 to 255."""
    return cv2.cvtColor(image.rgb(tile), cv2.COLOR_RGB2GRAY) * np.float32(255.0)
