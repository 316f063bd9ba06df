"""What is beside a model's render in a warped view: opacity, strengths, classical resampling."""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from liifgan_core.footprints import Footprints, Parallelograms, footprints
from liifgan_core.geometry import Size, Tile, Viewport, split_evenly
from liifgan_core.images.detail_mask import DetailMask
from liifgan_core.images.image import Image
from liifgan_core.images.resample import Method, ReadTile
from liifgan_core.warp import Warp

_BLOCK = 256
"""Output pixels a side that are worked on at once: some 30 MB of temporary memory."""


def warped_opacity(
    image: Image, warp: Warp, viewport: Viewport, tile: Tile, *, takes_alpha: bool = True
) -> NDArray[np.float32]:
    """Return the opacity of a tile of a warped view, (h, w), 0 to 1.

    The photo's own alpha, if it `takes_alpha`, resampled bicubically at the places that the model
    is drawn at, times the share of each pixel that shows the photo. So the photo's edge is smooth,
    and what is beyond is 0.
    """
    opacity = np.empty((tile.height, tile.width), np.float32)
    for block, place in _blocks(tile):
        found = footprints(warp, viewport, block)
        part = found.coverage
        if takes_alpha and image.alpha is not None and len(found.areas):
            values = _sampled(image.opacity, image.size, found.areas, "bicubic")
            alpha = np.zeros(part.size, np.float32)
            alpha[found.areas.pixel] = values
            part = part * alpha.reshape(part.shape)
        opacity[place] = part
    return opacity


def warped_strengths(
    mask: DetailMask, warp: Warp, viewport: Viewport, tile: Tile
) -> NDArray[np.float32]:
    """Return a detail mask's strengths in a tile of a warped view, (h, w), at the pixels' centres.

    What is beyond the photo has the strength of some place of it: nothing is seen there.
    """
    strengths = np.empty((tile.height, tile.width), np.float32)
    (down, across), region = viewport.scale, viewport.region
    for block, place in _blocks(tile):
        y = region.top + (np.arange(block.top, block.bottom, dtype=np.float64) + 0.5) / down
        x = region.left + (np.arange(block.left, block.right, dtype=np.float64) + 0.5) / across
        found = warp.places(y[:, None], x[None])
        photo_y, photo_x = (
            np.broadcast_to(np.nan_to_num(places), (block.height, block.width))
            for places in (found.y, found.x)
        )
        strengths[place] = mask.at(warp.photo, photo_y, photo_x)
    return strengths


def warped_resample(
    read: ReadTile,
    warp: Warp,
    viewport: Viewport,
    tile: Tile,
    method: Method = "bicubic",
) -> NDArray[np.float32]:
    """Return a tile of a warped view by classical resampling, clipped to [0, 1].

    As `resample`, but for the view; zeros beyond the photo.
    """
    result: NDArray[np.float32] | None = None
    for block, place in _blocks(tile):
        found: Footprints = footprints(warp, viewport, block)
        if not len(found.areas):
            continue
        values = _sampled(read, warp.photo, found.areas, method)
        if result is None:
            result = np.zeros((tile.height, tile.width, *values.shape[1:]), np.float32)
        part = np.zeros((block.height * block.width, *values.shape[1:]), np.float32)
        part[found.areas.pixel] = values
        result[place] = part.reshape(block.height, block.width, *values.shape[1:])
    if result is None:
        like = read(Tile(0, 0, 1, 1))
        result = np.zeros((tile.height, tile.width, *like.shape[2:]), np.float32)
    return result


def _blocks(tile: Tile) -> Iterator[tuple[Tile, tuple[slice, slice]]]:
    """Yield the tile in blocks, and where each is in it."""
    for top, height in split_evenly(tile.height, _BLOCK):
        for left, width in split_evenly(tile.width, _BLOCK):
            block = Tile(tile.top + top, tile.left + left, height, width)
            yield block, (slice(top, top + height), slice(left, left + width))


def _sampled(
    read: ReadTile, photo: Size, areas: Parallelograms, method: Method
) -> NDArray[np.float32]:
    """Return the samples at the areas' centres, (P,) or (P, C)."""
    height, width = areas.sides
    if method == "nearest":
        height, width = np.zeros(1), np.zeros(1)
    first_row, row_weights = _taps(areas.y, height, photo.height)
    first_col, col_weights = _taps(areas.x, width, photo.width)
    top, left = max(0, int(first_row.min())), max(0, int(first_col.min()))
    bottom = min(photo.height, int(first_row.max()) + row_weights.shape[1])
    right = min(photo.width, int(first_col.max()) + col_weights.shape[1])
    pixels = read(Tile(top, left, bottom - top, right - left))
    result = np.zeros((len(areas), *pixels.shape[2:]), np.float32)
    for i in range(row_weights.shape[1]):
        row = np.clip(first_row + i - top, 0, bottom - top - 1)
        along_row = np.zeros_like(result)
        for j in range(col_weights.shape[1]):
            col = np.clip(first_col + j - left, 0, right - left - 1)
            weight = col_weights[:, j]
            along_row += pixels[row, col] * weight.reshape(-1, *(1,) * (result.ndim - 1))
        result += along_row * row_weights[:, i].reshape(-1, *(1,) * (result.ndim - 1))
    return result.clip(0.0, 1.0)


def _taps(
    centre: NDArray[np.float64], side: NDArray[np.float64], length: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the first sample that each centre reads along an axis, and weights (P, T).

    Bicubic as in `resample`: a = -0.5, widened where a pixel covers more than one sample, cut off
    at the border and renormalised. A side of 0 means the nearest sample.
    """
    centre = centre.clip(-0.5, length - 0.5)
    if not side.any():
        return np.rint(centre).astype(np.int64).clip(0, length - 1), np.ones((len(centre), 1), "f4")
    widening = np.maximum(1.0, side)
    num_taps = math.ceil(4.0 * float(widening.max())) + 1
    first = np.ceil(centre - 2.0 * widening).astype(np.int64)
    place = first[:, None] + np.arange(num_taps)
    distance = abs(place - centre[:, None]) / widening[:, None]
    near = (1.5 * distance - 2.5) * distance**2 + 1.0
    far = ((-0.5 * distance + 2.5) * distance - 4.0) * distance + 2.0
    weights = np.where(distance < 1.0, near, np.where(distance < 2.0, far, 0.0))
    weights[(place < 0) | (place >= length)] = 0.0
    weights /= weights.sum(axis=1, keepdims=True)
    return first, weights.astype(np.float32)
