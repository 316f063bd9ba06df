"""Classical resampling of any region to any size: what models are compared with, and alpha.

Pixel centres are at +0.5 as everywhere, so results lie exactly under a model's render of the same
viewport.
"""

import math
from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from liifgan_core.geometry import Size, Tile, Viewport

Method = Literal["nearest", "bicubic"]
ReadTile = Callable[[Tile], NDArray[np.float32]]
"""Gives the pixels of an LR tile, (h, w) or (h, w, C): `Image.rgb` or `Image.opacity`."""

_FILTERS = {
    "nearest": PillowImage.Resampling.NEAREST,
    "bicubic": PillowImage.Resampling.BICUBIC,
}
_BICUBIC_RADIUS = 2


def resample(
    read: ReadTile, lr_size: Size, viewport: Viewport, tile: Tile, method: Method = "bicubic"
) -> NDArray[np.float32]:
    """Return one tile of a viewport's output, (h, w) or (h, w, C), clipped to [0, 1].

    Bicubic (a = -0.5, antialiased below x1, cut off and renormalised at the image's border) and
    nearest are Pillow's. Only the LR pixels that the filter reaches are read.
    """
    left, top, right, bottom = _source_box(viewport, tile)
    reach_y, reach_x = (math.ceil(_BICUBIC_RADIUS * max(1.0, 1.0 / s)) for s in viewport.scale)
    first_row, last_row = max(0, math.floor(top) - reach_y), math.ceil(bottom) + reach_y
    first_col, last_col = max(0, math.floor(left) - reach_x), math.ceil(right) + reach_x
    height = min(lr_size.height, last_row) - first_row
    width = min(lr_size.width, last_col) - first_col
    pixels = read(Tile(first_row, first_col, height, width))
    box = (
        max(0.0, left - first_col),
        max(0.0, top - first_row),
        min(float(width), right - first_col),
        min(float(height), bottom - first_row),
    )
    channels = pixels.reshape(height, width, -1)
    resized = [
        PillowImage.fromarray(np.ascontiguousarray(channels[..., c])).resize(
            (tile.width, tile.height), _FILTERS[method], box=box
        )
        for c in range(channels.shape[2])
    ]
    result = np.stack([np.asarray(part) for part in resized], axis=-1).clip(0.0, 1.0)
    return result.reshape(tile.height, tile.width, *pixels.shape[2:])


def _source_box(viewport: Viewport, tile: Tile) -> tuple[float, float, float, float]:
    """Return the tile's region of the LR image as Pillow's (left, top, right, bottom)."""
    scale_y, scale_x = viewport.scale
    top = viewport.region.top + tile.top / scale_y
    left = viewport.region.left + tile.left / scale_x
    return left, top, left + tile.width / scale_x, top + tile.height / scale_y
