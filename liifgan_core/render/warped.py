"""Draws one layer of a warped view: every output pixel at its own place, in one sampling.

The output is drawn block by block. Where tables are kept, a block asks for those that it touches.
Where they are not, since photo or model are too large, each tile's table is made once for all
blocks that touch it, and only of the rows that they read: so it pays to draw much at once.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from liifgan_core.footprints import Parallelograms, footprints
from liifgan_core.geometry import Tile, Viewport, split_evenly
from liifgan_core.models.decoder import PointDecoder
from liifgan_core.render.drawing import Blended, Layer
from liifgan_core.render.encoded_tiles import EncodedTiles
from liifgan_core.render.placed_model import PlacedModel
from liifgan_core.warp import Warp

BLOCK = 128
"""Output pixels a side of a block: what is computed of it takes about 5 MB."""
_BLACK = -1.0
"""In the network's range; what is drawn where there is no photo."""


@dataclass(frozen=True, slots=True)
class WarpedLayer:
    """What stays the same while a layer of a warped view is drawn."""

    tiles: EncodedTiles
    model: PlacedModel
    warp: Warp
    viewport: Viewport
    """Of the warp's frame."""
    drawn: Layer | Blended
    max_queries: int
    check: Callable[[], None]

    def draw(self, tile: Tile, *, keep_tables: bool) -> Tensor:
        """Return a tile of the layer in the network's range, (h, w, C), float32, on the CPU."""
        decoder = self.model.point_decoder(self.drawn, self.model.dtype)
        outside = 0.0 if self.drawn == "detail" else _BLACK
        out_hwC = torch.from_numpy(np.zeros((tile.height, tile.width, 3), np.float32))
        out_hwC = out_hwC.to(self.model.device)
        readers: dict[tuple[int, int], list[tuple[Tile, tuple[int, int]]]] = {}
        for block in _blocks(tile):
            self.check()
            found = footprints(self.warp, self.viewport, block)
            if outside and not found.coverage.all():
                empty = torch.from_numpy(found.coverage == 0.0).to(out_hwC.device)
                _part(out_hwC, tile, block)[empty] = outside
            if not len(found.areas):
                continue
            rows, cols = found.areas.span(self.tiles.size)
            for key in self.tiles.covering(rows, cols):
                if keep_tables:
                    table, inner = self.tiles.point_table(key, self.drawn, self.check)
                    self._add(decoder, table, inner, found.areas, _part(out_hwC, tile, block))
                else:
                    readers.setdefault(key, []).append((block, rows))
        for key, blocks in readers.items():
            rows = min(r[0] for _, r in blocks), max(r[1] for _, r in blocks)
            table, inner = self.tiles.point_table(key, self.drawn, self.check, rows=rows)
            for block, _ in blocks:
                areas = footprints(self.warp, self.viewport, block).areas
                self._add(decoder, table, inner, areas, _part(out_hwC, tile, block))
        return out_hwC.cpu()

    def _add(
        self,
        decoder: PointDecoder,
        table: Tensor,
        inner: Tile,
        areas: Parallelograms,
        out_hwC: Tensor,
    ) -> None:
        photo, areas = self.tiles.size, areas.touching(inner)
        if not len(areas):
            return
        for part, grid in areas.by_grid():
            sum_PC = out_hwC.new_zeros(len(part), 3)
            for boxes in part.boxes(grid, photo):
                decoder.add_colour(
                    table,
                    inner,
                    boxes,
                    sum_PC,
                    photo=photo,
                    share=1.0 / (grid[0] * grid[1]),
                    max_queries=self.max_queries,
                    check=self.check,
                )
            if len(part) == out_hwC.shape[0] * out_hwC.shape[1]:
                out_hwC += sum_PC.view(out_hwC.shape)
            else:
                # One place each: no two pixels of a part are the same.
                row, col = np.divmod(part.pixel, out_hwC.shape[1])
                places = (torch.from_numpy(row), torch.from_numpy(col))
                out_hwC[tuple(place.to(out_hwC.device) for place in places)] += sum_PC

    def keys(self, tile: Tile) -> list[tuple[int, int]]:
        """Return the keys of the encoded tiles that a tile reads."""
        keys: dict[tuple[int, int], None] = {}
        for block in _blocks(tile):
            areas = footprints(self.warp, self.viewport, block).areas
            if len(areas):
                keys.update(dict.fromkeys(self.tiles.covering(*areas.span(self.tiles.size))))
        return list(keys)


def _blocks(tile: Tile) -> Iterator[Tile]:
    for top, height in split_evenly(tile.height, BLOCK):
        for left, width in split_evenly(tile.width, BLOCK):
            yield Tile(tile.top + top, tile.left + left, height, width)


def _part(out_hwC: Tensor, tile: Tile, block: Tile) -> Tensor:
    """Return a view on a block of a tile's pixels."""
    top, left = block.top - tile.top, block.left - tile.left
    return out_hwC[top : top + block.height, left : left + block.width]
