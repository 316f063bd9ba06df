"""What MLPs like LIIF's see at fixed points of every LR pixel, as a field's coefficients.

A field's decoder decides per LR pixel what LIIF's MLP decides per query (`field_decoder`). Residual
blocks learn that slowly: LIIF's edges are in its hidden units. Here they are computed outright, at
few points of every LR pixel instead of at every query and corner:

    hidden_p = MLP(3x3 features around the LR pixel, relative coordinate of point p, a fixed cell)
    c = sum over points p of W_p hidden_p

So a trained LIIF's layers can be the start (`take_mlp`), each point's own from then on. The first
layer is linear in the features, one convolution for all points.

Shapes: B batch, D feature channels, H W LR size, P points per LR pixel, K hidden width.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from liifgan_core.models.mlp_decoder import MLPDecoder
from liifgan_core.models.number_format import as_weight

_CELL = 0.5
"""Side of the cell that the MLPs start with, in the decoder's units: that of factor 4."""
_STRIP_PIXELS = 1 << 15
"""LR pixels at a time without gradients: hidden layers of 32 MB."""


class FieldPoints(nn.Module):
    """Features to a share of a field's coefficients by MLPs at `points` x `points` points."""

    def __init__(
        self, in_channels: int, hidden: Sequence[int], num_coefficients: int, *, points: int
    ) -> None:
        super().__init__()
        offsets = [(2 * k + 1) / points - 1.0 for k in range(points)]
        self.offsets = [(y, x) for y in offsets for x in offsets]
        """Relative coordinates (y, x) of the points; an LR pixel reaches from -1 to 1."""
        self.code = nn.Conv2d(in_channels, hidden[0], 3, padding=1, bias=False)
        # Random, so that points differ from each other if no MLP is taken.
        self.place_bias = nn.Parameter(torch.empty(len(self.offsets), hidden[0]).uniform_(-1, 1))
        self.layers = nn.ModuleList(
            nn.ModuleList(nn.Conv2d(a, b, 1) for a, b in pairwise(hidden)) for _ in self.offsets
        )
        self.readouts = nn.ModuleList(
            nn.Conv2d(hidden[-1], num_coefficients, 1, bias=False) for _ in self.offsets
        )

    @property
    def convolutions(self) -> list[list[nn.Conv2d]]:
        """The layers behind the first, point by point."""
        return [
            [cast("nn.Conv2d", layer) for layer in cast("nn.ModuleList", layers)]
            for layers in self.layers
        ]

    def silence(self) -> None:
        """Zero what is read from the hidden units: they add nothing until they are trained."""
        for readout in self.readouts:
            nn.init.zeros_(cast("nn.Conv2d", readout).weight)

    def take_mlp(self, mlp: MLPDecoder) -> None:
        """Copy the hidden layers of an MLP decoder of these widths; what is read of them stays."""
        first, *hidden, _ = mlp.linears
        w_y, w_x, w_cell_y, w_cell_x = first.weight[:, -4:].unbind(dim=1)
        with torch.no_grad():
            code = first.weight[:, :-4].unflatten(1, (self.code.in_channels, 3, 3))
            self.code.weight.copy_(code)
            constant = first.bias + _CELL * (w_cell_y + w_cell_x)
            for bias, (y, x) in zip(self.place_bias, self.offsets, strict=True):
                bias.copy_(constant + w_y * y + w_x * x)
            for convolutions in self.convolutions:
                for convolution, layer in zip(convolutions, hidden, strict=True):
                    convolution.weight.copy_(layer.weight[:, :, None, None])
                    assert convolution.bias is not None
                    convolution.bias.copy_(layer.bias)

    def forward(
        self, feat_BDHW: Tensor, *, between_points: Callable[[], None] = lambda: None
    ) -> Tensor:
        """Return the points' share of the coefficients, (B, coefficients, H, W).

        Without gradients it is computed in strips of rows. `between_points` is called before each
        point of a strip, and may raise to stop. At LIIF's widths an LR pixel costs 147,000
        multiply-adds and 216,000 more for each point, if the field is of order 2.
        """
        height, width = feat_BDHW.shape[-2:]
        padded = F.pad(feat_BDHW, (0, 0, 1, 1))
        strip = height if torch.is_grad_enabled() else max(1, _STRIP_PIXELS // width)
        strips: list[Tensor] = []
        for top in range(0, height, strip):
            strips.append(self._strip(padded[:, :, top : top + strip + 2], between_points))
        return torch.cat(strips, dim=2)

    def _strip(self, rows_BDHW: Tensor, between_points: Callable[[], None]) -> Tensor:
        code_BKHW = F.conv2d(rows_BDHW, self.code.weight, padding=(0, 1))
        found: Tensor | None = None
        readouts = (cast("nn.Conv2d", readout) for readout in self.readouts)
        for bias_K, convolutions, readout in zip(
            self.place_bias, self.convolutions, readouts, strict=True
        ):
            between_points()
            hidden_BKHW = torch.relu_(code_BKHW + bias_K[:, None, None].to(code_BKHW.dtype))
            for convolution in convolutions:
                hidden_BKHW = torch.relu_(convolution(as_weight(hidden_BKHW, convolution)))
            share = readout(as_weight(hidden_BKHW, readout))
            found = share if found is None else found + share
        assert found is not None
        return found
