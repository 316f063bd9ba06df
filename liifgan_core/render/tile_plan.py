"""In which order a request's pixels are made: only visible ones, quick first, centre outwards."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from liifgan_core.coords import samples_per_pixel
from liifgan_core.geometry import Rect, Size, Tile, Viewport
from liifgan_core.render.drawing import APART, Drawing
from liifgan_core.render.request import BICUBIC, NEAREST, RenderRequest, StandIn

TILE = 256
"""Output pixels a side of a tile. The grid starts at the output's corner, so that tiles are found
again after panning."""
_SMALLEST_TILE = 32
_BLOCK_LR_PIXELS = 1 << 19
"""LR pixels under what a quick model draws at once: where their tables are not there yet, some of
the view is to be seen before all are made. Not measured."""
COARSE_QUERIES = 12 * 1024
"""Queries of a coarse pass: 0.1 s at the 100,000 a second that two busy CPU cores decode in float32
(November 2026)."""

Method = Literal["nearest", "bicubic", "model"]


@dataclass(frozen=True, slots=True)
class Step:
    """One tile to make."""

    source: str
    """What is asked for."""
    drawn_by: str
    """What makes the pixels: the source, its stand-in, or BICUBIC in a coarse pass."""
    viewport: Viewport
    whole: Tile
    """A tile of the viewport's grid, by which it is found again."""
    tile: Tile
    """The part of it that is made: all, or what is visible where a view is drawn in moments and
    most of the time another one follows."""
    is_final: bool
    """Whether no later step covers the tile's pixels."""
    drawing: Drawing = APART
    """How a model draws it."""

    @property
    def method(self) -> Method:
        """How the pixels are made."""
        return method_of(self.drawn_by)


def plan(request: RenderRequest) -> Iterator[Step]:
    """Yield the steps of a request.

    First what needs no model, then what stand-ins draw, or one coarse pass for each model without
    one, then the models' final tiles. Where models are compared, they take turns tile by tile, so
    that both sides fill alike.
    """
    models = [source for source in request.sources if method_of(source) == "model"]
    stand_ins = [found for source in models if (found := request.stand_in(source)) is not None]
    alone = [source for source in models if request.stand_in(source) is None]
    for source in request.sources:
        if source not in models:
            for tile in tiles_outwards(request.visible, request.viewport.size, TILE):
                yield Step(source, source, request.viewport, tile, tile, is_final=True)
    tiles = tiles_outwards(request.visible, request.viewport.size, tile_side(request.viewport))
    for tile in tiles:
        for found in stand_ins:
            yield _quick_step(request, found, tile)
    for source in alone:
        yield from _coarse_steps(request, source)
    refined = [
        found.source for found in stand_ins if request.refines and found.model != found.source
    ]
    slow = [source for source in models if source in alone or source in refined]
    for tile in tiles:
        for source in slow:
            yield Step(source, source, request.viewport, tile, tile, is_final=True)


def blocks(
    request: RenderRequest, steps: Iterable[Step], max_pixels: int
) -> dict[Step, tuple[Step, ...]]:
    """Return for each of these steps that a quick model draws those to draw at once with it.

    Their tiles are neighbours and make a rectangle, the larger the better. A view of 1920x1080
    about x4 in the app (two Zen 3 cores, busy): 120 to 140 ms in blocks of 1024 pixels a side, 93
    to 120 in one; drawing alone 230 to 300 ms in tiles of 256 pixels, 56 to 95 in such blocks. No
    rectangle of several tiles has more than `max_pixels`.
    """
    scale_y, scale_x = request.viewport.scale
    at_most = min(max_pixels, int(_BLOCK_LR_PIXELS * scale_y * scale_x))
    quick: dict[str, list[Step]] = {}
    for step in steps:
        found = request.stand_in(step.source)
        if found is not None and found.model == step.drawn_by:
            quick.setdefault(step.source, []).append(step)
    rectangles = [block for found in quick.values() for block in _rectangles(found, at_most)]
    return {step: tuple(block) for block in rectangles for step in block}


def _rectangles(steps: Iterable[Step], at_most: int) -> list[list[Step]]:
    """Return the steps in rectangles: rows' runs of neighbours, joined where one continues another.

    No rectangle of several tiles has more than `at_most` pixels.
    """
    complete: list[list[Step]] = []
    growing: dict[tuple[int, int, int], list[Step]] = {}  # by left, right and bottom
    for run in _runs(sorted(steps, key=lambda s: (s.tile.top, s.tile.left)), at_most):
        whole = bounds(run)
        above = growing.pop((whole.left, whole.right, whole.top), [])
        if above and _num_pixels([*above, *run]) > at_most:
            complete.append(above)
            above = []
        growing[whole.left, whole.right, whole.bottom] = [*above, *run]
    return [*complete, *growing.values()]


def _runs(steps: Iterable[Step], at_most: int) -> list[list[Step]]:
    """Return the steps, sorted by row and column, in runs of at most so many pixels."""
    runs: list[list[Step]] = []
    for step in steps:
        place = step.tile.top, step.tile.left
        last = runs[-1][-1].tile if runs else None
        is_neighbour = last is not None and (last.top, last.right) == place
        if is_neighbour and _num_pixels([*runs[-1], step]) <= at_most:
            runs[-1].append(step)
        else:
            runs.append([step])
    return runs


def bounds(steps: Sequence[Step]) -> Tile:
    """Return the smallest tile that holds those of some steps."""
    top, left = min(s.tile.top for s in steps), min(s.tile.left for s in steps)
    bottom, right = max(s.tile.bottom for s in steps), max(s.tile.right for s in steps)
    return Tile(top, left, bottom - top, right - left)


def _num_pixels(steps: Iterable[Step]) -> int:
    return sum(step.tile.height * step.tile.width for step in steps)


def method_of(name: str) -> Method:
    """Return how pixels are made: by NEAREST, BICUBIC or a model of that name."""
    if name == NEAREST:
        return "nearest"
    return "bicubic" if name == BICUBIC else "model"


def tile_side(viewport: Viewport) -> int:
    """Return the side of tiles: TILE from x1 upwards, less below, where a pixel is many queries."""
    samples = max(samples_per_pixel(scale) for scale in viewport.scale)
    return max(_SMALLEST_TILE, TILE // samples)


def tiles_outwards(visible: Tile, size: Size, side: int) -> list[Tile]:
    """Return the grid's tiles that touch `visible`, those nearest to its centre first.

    The grid covers an output of `size`; tiles at its end are cut off.
    """
    rows = range(visible.top // side * side, visible.bottom, side)
    cols = range(visible.left // side * side, visible.right, side)
    tiles = [
        Tile(top, left, min(side, size.height - top), min(side, size.width - left))
        for top in rows
        for left in cols
    ]
    centre_y, centre_x = visible.top + visible.height / 2, visible.left + visible.width / 2

    def distance(tile: Tile) -> float:
        y, x = tile.top + tile.height / 2, tile.left + tile.width / 2
        return math.hypot(y - centre_y, x - centre_x)

    return sorted(tiles, key=distance)


def whole_tiles(request: RenderRequest) -> Tile:
    """Return the part of the output that the grid's tiles which touch the visible part make up."""
    side, size, visible = tile_side(request.viewport), request.viewport.size, request.visible
    top, left = visible.top // side * side, visible.left // side * side
    bottom = min(-(-visible.bottom // side) * side, size.height)
    right = min(-(-visible.right // side) * side, size.width)
    return Tile(top, left, bottom - top, right - left)


def coarse_viewport(request: RenderRequest) -> Viewport | None:
    """Return a smaller viewport whose visible part has about COARSE_QUERIES pixels.

    None where there is none: below x1 a smaller output needs no fewer queries. Then, and in a view
    so small that it is quick anyway, a coarse pass of the model is not worth its time.
    """
    size = request.viewport.size
    divisor = math.ceil(math.sqrt(request.visible.height * request.visible.width / COARSE_QUERIES))
    if divisor < 2 or min(request.viewport.scale) / divisor < 1:
        return None
    smaller = Size(math.ceil(size.height / divisor), math.ceil(size.width / divisor))
    return Viewport(request.viewport.region, smaller)


def _quick_step(request: RenderRequest, found: StandIn, tile: Tile) -> Step:
    is_final = not request.refines or found.model == found.source
    part = _common(tile, request.visible)
    return Step(found.source, found.model, request.viewport, tile, part, is_final, found.drawing)


def _common(tile: Tile, other: Tile) -> Tile:
    """Return the pixels that two tiles have in common; there are some."""
    top, left = max(tile.top, other.top), max(tile.left, other.left)
    bottom, right = min(tile.bottom, other.bottom), min(tile.right, other.right)
    return Tile(top, left, bottom - top, right - left)


def _coarse_steps(request: RenderRequest, source: str) -> Iterator[Step]:
    viewport = coarse_viewport(request)
    if viewport is not None and source not in request.slow_to_encode:
        tile = _same_part(request.visible, request.viewport.size, viewport.size)
        yield Step(source, source, viewport, tile, tile, is_final=False)
        return
    for tile in tiles_outwards(request.visible, request.viewport.size, TILE):
        yield Step(source, BICUBIC, request.viewport, tile, tile, is_final=False)


def _same_part(tile: Tile, size: Size, other: Size) -> Tile:
    """Return the pixels of an output of size `other` that cover `tile` of one of `size`."""
    y, x = other.height / size.height, other.width / size.width
    top, left = math.floor(tile.top * y), math.floor(tile.left * x)
    bottom = min(other.height, math.ceil(tile.bottom * y))
    right = min(other.width, math.ceil(tile.right * x))
    return Tile(top, left, bottom - top, right - left)


def lr_rect(viewport: Viewport, tile: Tile) -> Rect:
    """Return the region of the LR image that a tile of a viewport's output shows."""
    scale_y, scale_x = viewport.scale
    region = viewport.region
    return Rect(
        region.top + tile.top / scale_y,
        region.left + tile.left / scale_x,
        tile.height / scale_y,
        tile.width / scale_x,
    )
