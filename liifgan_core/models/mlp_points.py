"""LIIF's decoder at any places, for views that are turned or otherwise warped.

As in `fast_mlp`, but nothing is shared by rows or columns: every query gathers its codes' entries
in the first layer's table, one corner of its local ensemble after the other.

Shapes: P boxes, Q queries, K width of the first layer, C colour.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from liifgan_core.coords import corners, snapped
from liifgan_core.footprints import Boxes
from liifgan_core.geometry import Size, Tile, split_evenly
from liifgan_core.models.fast_mlp import FastMLPDecoder


class MLPPoints:
    """Renders an MLP at boxes' centres with the boxes' sizes as cells."""

    def __init__(self, fast: FastMLPDecoder, *, device: torch.device) -> None:
        self._fast = fast
        self._device = device
        self.table_bytes = fast.table_bytes

    def prepare(self, feat_1DHW: Tensor, area: Tile, inner: Tile, photo: Size) -> Tensor:
        """Return the first layer's share of each latent code of `inner`, (H, W, K) float32."""
        del photo  # the features' rim is there where the photo goes on
        top, left = inner.top - area.top, inner.left - area.left
        table = self._fast.prepare(feat_1DHW)[top : top + inner.height, left : left + inner.width]
        return table.contiguous()

    def add_colour(
        self,
        table: Tensor,
        inner: Tile,
        boxes: Boxes,
        out_PC: Tensor,
        *,
        photo: Size,
        share: float,
        max_queries: int,
        check: Callable[[], None],
    ) -> None:
        """Add `share` of the queries' colours, as far as they are the tile's, to `out_PC`."""
        flat_LK = table.flatten(0, 1)
        rows = corners(snapped(boxes.y), photo.height)
        cols = corners(snapped(boxes.x), photo.width)
        cells = [np.broadcast_to(2.0 * side, len(boxes)) for side in (boxes.height, boxes.width)]
        for corner in ((0, 0), (0, 1), (1, 0), (1, 1)):
            (row, row_rel, row_weight), (col, col_rel, col_weight) = (
                [values[number] for values in axis]
                for number, axis in zip(corner, (rows, cols), strict=True)
            )
            weight = row_weight * col_weight
            is_own = (weight > 0) & (row >= inner.top) & (row < inner.bottom)
            is_own &= (col >= inner.left) & (col < inner.right)
            own = np.flatnonzero(is_own)
            if not len(own):
                continue
            for start, length in split_evenly(len(own), max_queries):
                check()
                query = own[start : start + length]
                latent = (row[query] - inner.top) * inner.width + col[query] - inner.left
                first = self._fast.first_layer(
                    flat_LK.index_select(0, self._tensor(latent)),
                    self._pair(row_rel[query], col_rel[query]),
                    self._pair(cells[0][query], cells[1][query]),
                )
                colour = self._fast.hidden_and_last(first)
                colour *= self._pair(share * weight[query])
                out_PC[self._tensor(query)] += colour

    def _tensor(self, values: np.ndarray) -> Tensor:
        return torch.from_numpy(values).to(self._device)

    def _pair(self, *columns: np.ndarray) -> Tensor:
        return self._tensor(np.stack(columns, axis=1).astype(np.float32))
