"""A field at any places: the decoder for views that are turned or otherwise warped.

Between the centres of four LR pixels, in a cell, the field is one trigonometric polynomial: its
functions are windows times cosines and sines, the window is (1 + cos(pi t)) / 2 itself, and the
next LR pixel's functions are the same ones up to a sign. So a cell's coefficients are sums of its
four LR pixels' ones, 2 K + 3 functions per axis in place of twice 2 K + 1 at order K: 1, cos(pi t),
sin(pi t), ... up to cos and sin of (K + 1) pi t, with t from 0 to 1 through the cell.

The mean of cos(pi k t) over an interval is its value in the middle times sinc(k length / 2). A box
that reaches into neighbouring cells is cut at their borders. What a piece of a box adds is a
weighted sum of rows of the cell's coefficients, which `embedding_bag` does without copying them,
and then a small product.

A tile makes the cells that its LR pixels touch; those at its rim hold its own pixels' share only,
and what all tiles add is the whole.

Shapes: P boxes, Q pieces of them, N functions per axis of LR pixels, M of cells, C colour, H W LR
size.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from liifgan_core.footprints import Boxes
from liifgan_core.geometry import Size, Tile
from liifgan_core.models.fast_field import FastFieldDecoder

_SNAP = 2.0**30
"""As in `coords`: an end of a box on a centre does not reach beyond it."""
_PREPARED_ROWS = 64
"""LR rows whose cells are made at once: some 16 MB of intermediate results."""


class FieldCells:
    """Renders a field at boxes, in float32."""

    def __init__(self, fast: FastFieldDecoder, *, device: torch.device) -> None:
        self._fast = fast
        self._device = device
        self._expansion = _expansion(fast.order).to(device)
        self.table_bytes = 4 * 3 * (2 * fast.order + 3) ** 2

    def prepare(self, feat_1DHW: Tensor, area: Tile, inner: Tile, photo: Size) -> Tensor:
        """Return the cells (H + 1, W + 1, M along x, C, M along y) that `inner` touches.

        `feat_1DHW` are the features of `area`, which is one LR pixel larger inside the photo.
        Beyond the photo its border is repeated.
        """
        num_rows, num_cols = inner.height + 1, inner.width + 1
        num = 2 * self._fast.order + 3
        table = torch.empty(num_rows, num_cols, num, 3, num, device=self._device)
        above = self._row_of(feat_1DHW, area, inner, photo, inner.top - 1)
        for top in range(inner.top, inner.bottom + 1, _PREPARED_ROWS):
            bottom = min(top + _PREPARED_ROWS, inner.bottom)
            rows = [above]
            if top < bottom:
                rows.append(self._rows(feat_1DHW, area, inner, photo, top, bottom))
            if top + _PREPARED_ROWS > inner.bottom:
                rows.append(self._row_of(feat_1DHW, area, inner, photo, inner.bottom))
            found = torch.cat(rows)
            first = top - inner.top
            table[first : first + len(found) - 1] = self._cells(found)
            above = found[-1:]
        return table

    def _cells(self, c_HWNCN: Tensor) -> Tensor:
        """Return the cells between neighbouring LR pixels, one fewer on each axis."""
        along_y = torch.cat([c_HWNCN[:-1], c_HWNCN[1:]], dim=-1) @ self._expansion.mT
        pairs = torch.cat([along_y[:, :-1], along_y[:, 1:]], dim=2).flatten(3)
        return (self._expansion @ pairs).unflatten(3, along_y.shape[3:])

    def _row_of(self, feat_1DHW: Tensor, area: Tile, inner: Tile, photo: Size, row: int) -> Tensor:
        """Return the coefficients of a row beside `inner`: zeros, or the photo's edge again."""
        edge = min(max(row, 0), photo.height - 1)
        found = self._rows(feat_1DHW, area, inner, photo, *self._within(edge, inner))
        return found if edge != row else torch.zeros_like(found)

    @staticmethod
    def _within(row: int, inner: Tile) -> tuple[int, int]:
        row = min(max(row, inner.top), inner.bottom - 1)
        return row, row + 1

    def _rows(
        self, feat_1DHW: Tensor, area: Tile, inner: Tile, photo: Size, top: int, bottom: int
    ) -> Tensor:
        """Return the coefficients (R, W + 2, N along x, C, N along y) of some of the inner rows."""
        found = self._fast.coefficients(feat_1DHW, top - area.top, bottom - area.top)
        left = inner.left - area.left
        found = found[:, left : left + inner.width]
        first, last = found[:, :1], found[:, -1:]
        if inner.left > 0:
            first = torch.zeros_like(first)
        if inner.right < photo.width:
            last = torch.zeros_like(last)
        return torch.cat([first, found, last], dim=1)

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
        """Add `share` of the boxes' means, as far as they are the tile's, to `out_PC`."""
        del photo, max_queries
        num_rows, num_cols, num, _, _ = table.shape
        flat = table.view(num_rows * num_cols * num, -1)
        of_cell = torch.arange(num, device=self._device, dtype=torch.int32)
        waves = _Waves(num, self._device)
        by_row = self._pieces(boxes.y, boxes.height, inner.top - 1, num_rows)
        by_col = self._pieces(boxes.x, boxes.width, inner.left - 1, num_cols)
        for rows in by_row:
            for cols in by_col:
                check()
                chosen = (rows.is_there & cols.is_there).nonzero()[:, 0]
                if not len(chosen):
                    continue
                down, across = rows.at(chosen), cols.at(chosen)
                cell = down.cell * num_cols + across.cell
                made = F.embedding_bag(
                    cell.unsqueeze(1) * num + of_cell,
                    flat,
                    mode="sum",
                    per_sample_weights=waves.means(across),
                )
                weights = waves.means(down).mul_(share)
                colour = torch.bmm(made.view(-1, 3, num), weights.unsqueeze(2))[:, :, 0]
                if len(chosen) == len(out_PC):
                    out_PC += colour
                else:
                    out_PC[chosen] += colour  # each box once

    def _pieces(
        self,
        centre: NDArray[np.float64],
        side: NDArray[np.float64],
        first_cell: int,
        num_cells: int,
    ) -> "list[_Pieces]":
        """Return the pieces of boxes along one axis in their first and in their second cell."""
        middle = torch.from_numpy(centre).to(self._device)
        whole = torch.from_numpy(side).to(self._device)
        start = torch.round((middle - whole / 2.0) * _SNAP) / _SNAP
        end = torch.round((middle + whole / 2.0) * _SNAP) / _SNAP
        border = torch.floor(start) + 1.0
        cell = border.int() - (1 + first_cell)
        before, after = torch.minimum(end, border) - start, end - border
        pieces: list[_Pieces] = []
        for number, begin, length in ((0, start - border + 1.0, before), (1, None, after)):
            half = length / 2.0
            numbers = half if begin is None else begin + half, length, length / whole
            is_there = (cell >= -number) & (cell < num_cells - number) & (length > 0.0)
            packed = torch.stack(torch.broadcast_tensors(*numbers), dim=1).float()
            pieces.append(_Pieces(cell + number, packed, is_there))
        return pieces


@dataclass(frozen=True, slots=True)
class _Pieces:
    """Pieces of boxes along one axis, one a box."""

    cell: Tensor
    """(P,) int32, counted from the table's first."""
    packed: Tensor
    """(P, 3): middle and length in the cell, and the share of the box; float32."""
    is_there: Tensor
    """(P,) whether there is such a piece, in a cell of the table."""

    def at(self, chosen: Tensor) -> "_Pieces":
        if len(chosen) == len(self.cell):
            return self
        return _Pieces(
            self.cell.index_select(0, chosen), self.packed.index_select(0, chosen), self.is_there
        )


class _Waves:
    """The functions of a cell: 1, cos(pi t), sin(pi t), cos(2 pi t), ..."""

    def __init__(self, num: int, device: torch.device) -> None:
        frequency = (torch.arange(num, device=device) + 1) // 2
        self._angular = frequency * math.pi
        self._half_frequency = frequency[::2] / 2.0
        # sin(x) is cos(x - pi / 2).
        self._phase = torch.zeros(num, device=device)
        self._phase[2::2] = -math.pi / 2.0

    def means(self, pieces: _Pieces) -> Tensor:
        """Return the functions' means over pieces times the pieces' shares, (Q, M)."""
        middle, length, share = pieces.packed.split(1, dim=1)
        found = torch.addcmul(self._phase, middle, self._angular).cos_()
        damping = torch.sinc(length * self._half_frequency).mul_(share)
        found[:, ::2] *= damping
        found[:, 1::2] *= damping[:, 1:]
        return found


def blended_cells(
    structure: Tensor, detail: Tensor, strength: float, *, is_coarse: bool = False
) -> Tensor:
    """Return the cells of structure + strength * detail; see `fast_field.blended_tables`."""
    low = min(structure.shape[2], detail.shape[2])
    if is_coarse:
        structure, detail = (table[:, :, :low, :, :low] for table in (structure, detail))
    if structure.shape[2] > detail.shape[2]:
        blend = structure.clone()
        blend[:, :, :low, :, :low].add_(detail, alpha=strength)
    else:
        blend = detail * strength
        blend[:, :, :low, :, :low] += structure
    return blend


def _expansion(order: int) -> Tensor:
    """Return the functions of a cell's first and second LR pixel by those of the cell, (M, 2 N)."""
    num, num_cell = 2 * order + 1, 2 * order + 3
    first = torch.zeros(num_cell, num, dtype=torch.float64)

    def row(kind: int, k: int) -> int:  # kind 0: cosines, 1: sines
        return 0 if k == 0 else 2 * k - 1 + kind

    for k in range(order + 1):
        for kind in range(2 if k else 1):
            column = row(kind, k)
            # The window (1 + cos(pi t)) / 2 times a wave k is waves k, k + 1 and k - 1.
            first[row(kind, k), column] += 0.5
            first[row(kind, k + 1), column] += 0.25
            if k == 0:
                first[row(kind, 1), column] += 0.25
            elif kind == 0 or k > 1:
                first[row(kind, k - 1), column] += 0.25
    frequency = (torch.arange(num_cell) + 1) // 2
    # One LR pixel on, waves of odd frequency have the other sign.
    sign = torch.where(frequency % 2 == 0, 1.0, -1.0).double()
    second = first * sign.unsqueeze(1)
    return torch.cat([first, second], dim=1).float()
