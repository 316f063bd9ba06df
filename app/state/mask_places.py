"""Parts of a mask's grid, and where they are in arrays and in the photo. No Qt."""

import numpy as np

from app.state.brush import Floats
from liifgan_core.geometry import Rect, Size, Tile


def grown_part(new: Floats, old: Floats, tile: Tile) -> Tile | None:
    """Return the smallest part of a tile with all places where `new` is larger; None: nowhere."""
    is_larger = new > old
    rows, cols = np.flatnonzero(is_larger.any(1)), np.flatnonzero(is_larger.any(0))
    if not len(rows):
        return None
    height, width = int(rows[-1] - rows[0]) + 1, int(cols[-1] - cols[0]) + 1
    return Tile(tile.top + int(rows[0]), tile.left + int(cols[0]), height, width)


def place_of(tile: Tile, within: Tile | None = None) -> tuple[slice, slice]:
    """Return where a tile is in an array of all of the grid, or of the tile that it lies in."""
    top, left = (0, 0) if within is None else (within.top, within.left)
    rows = slice(tile.top - top, tile.bottom - top)
    return rows, slice(tile.left - left, tile.right - left)


def whole(grid: Size) -> Tile:
    """Return all of a grid."""
    return Tile(0, 0, grid.height, grid.width)


def union(a: Tile, b: Tile) -> Tile:
    """Return the smallest tile that holds both."""
    top, left = min(a.top, b.top), min(a.left, b.left)
    return Tile(top, left, max(a.bottom, b.bottom) - top, max(a.right, b.right) - left)


def region(tile: Tile, grid: Size, photo: Size) -> Rect:
    """Return what a change of a tile of the grid can change of the photo: a cell more each side."""
    grown = tile.grown(1, grid)
    down, across = photo.height / grid.height, photo.width / grid.width
    return Rect(grown.top * down, grown.left * across, grown.height * down, grown.width * across)
