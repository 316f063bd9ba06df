"""LIIF's decoder as it renders: the same function, reordered so that little is computed twice.

Three exact steps away from the plain formula of `mlp_decoder`:

1. The first layer is linear, so its 9 D code columns act on the LR grid as a 3x3 convolution, once
   per latent code instead of once per query and corner. This table is gathered per query; the
   relative coordinate adds a row term and a column term, the cell a constant.
2. Queries lie on a grid. All taps on one row of latent codes share that row's gathered table, so
   the first layer is one broadcast sum, without any gather per query.
3. A tap of weight zero is not computed. At odd integer factors 31 % of the corners at x3, 20 % at
   x5 fall away; at the image's border the doubles.

Left are the hidden layers: 3 x 65,536 multiply-adds per tap at LIIF's size. They may run in bf16 or
fp16; coordinates, the first layer's terms, the last layer and all sums stay float32.
"""

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from liifgan_core.coords import AxisPixels, AxisTaps
from liifgan_core.geometry import split_evenly
from liifgan_core.models.decoder import PointDecoder
from liifgan_core.models.linear_relu import kernel_for, make_linear_relu

CPU_QUERIES = 4096
"""Taps per batch on a CPU: activations of 4 MB, the second-level caches of two cores. Measured from
128x128 to 512x512, fp32, on 2 Intel cores, medians of 8 alternating runs: 4096 1.51 s, 8192 1.81 s;
on a quieter day 2048 1.57 s, 4096 1.47 s, 8192 1.42 s, 16384 1.44 s."""
ACCELERATOR_QUERIES = 1 << 17
"""Taps per batch elsewhere: large enough to hide the launches. Not measured."""


class FastMLPDecoder:
    """Renders with an `MLPDecoder`'s parameters on one device, hidden layers in one dtype."""

    def __init__(
        self, linears: Sequence[nn.Linear], *, device: torch.device, dtype: torch.dtype
    ) -> None:
        """Make one of the layers from input (9 D + 4) to output (C)."""
        first, *hidden, last = linears
        num_code = first.in_features - 4
        weight = first.weight.detach().to(device, torch.float32)
        # Columns of the first layer: unfolded code (D, ky, kx), relative y, x, cell height, width.
        self._code_weight = (
            weight[:, :num_code]
            .reshape(-1, num_code // 9, 3, 3)
            .contiguous(memory_format=torch.channels_last)
        )
        self._row_weight, self._col_weight = weight[:, num_code], weight[:, num_code + 1]
        self._cell_weight = weight[:, num_code + 2 :]
        self._bias = first.bias.detach().to(device, torch.float32)

        self._dtype = dtype
        self.table_bytes = 4 * weight.shape[0]
        self.max_queries = CPU_QUERIES if device.type == "cpu" else ACCELERATOR_QUERIES
        kernel = kernel_for(device.type, dtype)
        self._hidden = [
            make_linear_relu(
                layer.weight.detach().to(device, dtype),
                layer.bias.detach().to(device, dtype),
                kernel,
                expected_rows=self.max_queries,
            )
            for layer in hidden
        ]
        self._last_weight = last.weight.detach().to(device, torch.float32)
        self._last_bias = last.bias.detach().to(device, torch.float32)

    def prepare(self, feat_1DHW: Tensor) -> Tensor:
        """Return the first layer's share of each latent code, (H, W, hidden[0]) float32."""
        table = F.conv2d(feat_1DHW.float(), self._code_weight, padding=1)
        return table[0].permute(1, 2, 0).contiguous()

    def span(self, pixels: AxisPixels) -> tuple[int, int]:
        """Return the first and the last latent code that a run of output pixels reads."""
        first, last = pixels.ends()
        return first.taps().span[0], last.taps().span[1]

    def taps(self, pixels: AxisPixels) -> AxisTaps:
        """Return the latent codes of a run of output pixels' local ensembles."""
        return pixels.taps()

    def add_colour(
        self,
        table: Tensor,
        origin: tuple[int, int],
        rows: AxisTaps,
        cols: AxisTaps,
        out_hwC: Tensor,
        *,
        max_queries: int,
        check: Callable[[], None],
    ) -> None:
        """Add the tile's share to `out_hwC`, one row of latent codes after the other."""
        table_HWK = table
        row_axis, col_axis = _Axis(rows, origin[0], table_HWK), _Axis(cols, origin[1], table_HWK)
        row_terms = row_axis.rel_coord[:, None] * self._row_weight
        cell = table_HWK.new_tensor([rows.cell, cols.cell])
        constant = self._bias + self._cell_weight @ cell
        col_terms = torch.addcmul(constant, col_axis.rel_coord[:, None], self._col_weight)

        for row_latent, start, stop in row_axis.runs():
            num_rows = stop - start
            widest = max(1, max_queries // num_rows)
            for left, width in split_evenly(len(col_axis.latent), widest):
                check()
                taps = slice(left, left + width)
                codes = table_HWK[row_latent].index_select(0, col_axis.latent[taps])
                codes.add_(col_terms[taps])
                first = codes.unsqueeze(0) + row_terms[start:stop].unsqueeze(1)
                colour = self.hidden_and_last(first.flatten(0, 1)).view(num_rows, width, -1)
                colour *= row_axis.weight[start:stop, None, None] * col_axis.weight[taps, None]
                first_col, last_col = int(cols.pixel[taps].min()), int(cols.pixel[taps].max())
                by_column = out_hwC.new_zeros(last_col + 1 - first_col, num_rows, 3)
                by_column.index_add_(0, col_axis.pixel[taps] - first_col, colour.transpose(0, 1))
                out_hwC[:, first_col : last_col + 1].index_add_(
                    0, row_axis.pixel[start:stop], by_column.transpose(0, 1)
                )

    def at_points(self, *, device: torch.device) -> PointDecoder:
        """Return what renders the layer at any places."""
        from liifgan_core.models.mlp_points import MLPPoints  # which takes this class

        return MLPPoints(self, device=device)

    def first_layer(self, codes_QK: Tensor, rel_coord_Q2: Tensor, rel_cell_Q2: Tensor) -> Tensor:
        """Return the first layer's sums (Q, K) of queries from their codes' table entries."""
        coord_weight = torch.stack([self._row_weight, self._col_weight])
        sums = torch.addmm(codes_QK, rel_coord_Q2, coord_weight)
        return sums.addmm_(rel_cell_Q2, self._cell_weight.mT).add_(self._bias)

    def hidden_and_last(self, first: Tensor) -> Tensor:
        """Return the colours (N, C) of the first layer's sums (N, K), which it overwrites."""
        activation = first.relu_().to(self._dtype)
        for layer in self._hidden:
            activation = layer(activation)
        return F.linear(activation.float(), self._last_weight, self._last_bias)


class _Axis:
    """One axis' taps as tensors on the table's device."""

    def __init__(self, taps: AxisTaps, origin: int, like: Tensor) -> None:
        device = like.device
        self.pixel = torch.from_numpy(taps.pixel).to(device)
        self.latent = torch.from_numpy(taps.latent - origin).to(device)
        self.rel_coord = torch.from_numpy(taps.rel_coord).to(device)
        self.weight = torch.from_numpy(taps.weight).to(device)

    def runs(self) -> list[tuple[int, int, int]]:
        """Return (latent code, first tap, tap after the last) of each run of equal codes."""
        codes, counts = torch.unique_consecutive(self.latent.cpu(), return_counts=True)
        stops = counts.cumsum(0).tolist()
        starts = [0, *stops[:-1]]
        return list(zip(codes.tolist(), starts, stops, strict=True))
