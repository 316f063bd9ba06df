"""LIIF's decoder, the plain formula: readable, differentiable, slow.

The rendering path is `fast_mlp`, which is tested against this one.

Shapes: B batch, C colour, D feature channels, H W LR size, Q queries.
"""

import itertools
from collections.abc import Callable, Sequence
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from liifgan_core.models.fast_mlp import FastMLPDecoder
from liifgan_core.models.patch_axis import PatchAxis
from liifgan_core.models.patch_decoder import decode_mlp_patch
from liifgan_core.models.trained_decoder import shapes

_EPSILON = 1e-9
"""Keeps areas above zero where a query lies on a latent code's centre. Added to the sides, not to
the area as in LIIF's public code: there a query on the last row's centre, whose two rows of codes
are the same, loses its column weights too (at odd factors: one row and one column of the result).
"""


class MLPDecoder(nn.Module):
    """An MLP from a latent code, a relative coordinate and a cell to a colour.

    Chen et al. 2021, eq. 4 (local ensemble), with feature unfolding and cell decoding.
    """

    blend_order: int | None = None
    """None: a colour is not linear in the tables, so those of two layers are never `blended`."""
    refining_radius = 0
    """How many LR pixels away a feature can change a refined one: features stay as they are."""

    def __init__(self, in_channels: int, hidden: Sequence[int]) -> None:
        super().__init__()
        self.in_channels = in_channels
        widths = [in_channels * 9 + 4, *hidden, 3]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in itertools.pairwise(widths))

    @property
    def linears(self) -> list[nn.Linear]:
        """The layers from input to output."""
        return [cast("nn.Linear", layer) for layer in self.layers]

    @property
    def refined_channels(self) -> int:
        """Channels of what `refined` returns."""
        return self.in_channels

    def lower(self, dtype: torch.dtype) -> None:
        """Change nothing: half precision begins in what renders, `FastMLPDecoder`."""

    def patch(self, feat_BDHW: Tensor, rows: PatchAxis, cols: PatchAxis) -> Tensor:
        """Return the colours (B, C, P, P) of patches: see `TrainedDecoder`."""
        return decode_mlp_patch(self.linears, feat_BDHW, rows, cols)

    def start(self) -> None:
        """Change nothing: an MLP's training starts from its random weights."""

    def silence(self) -> None:
        """Zero the last layer."""
        for parameter in self.linears[-1].parameters():
            nn.init.zeros_(parameter)

    def take(self, other: nn.Module) -> None:
        """Copy the weights of an MLP decoder of the same size; another's leave it as it is."""
        theirs = other.state_dict()
        if shapes(self.state_dict()) == shapes(theirs):
            self.load_state_dict(theirs)

    def refined(
        self, feat_BDHW: Tensor, *, between_blocks: Callable[[], None] = lambda: None
    ) -> Tensor:
        """Return what is kept of an image: the features (B, D, H, W) themselves."""
        return feat_BDHW

    def renderer(self, *, device: torch.device, dtype: torch.dtype) -> FastMLPDecoder:
        """Return what renders features on a device, its hidden layers in `dtype`."""
        return FastMLPDecoder(self.linears, device=device, dtype=dtype)

    def blended(
        self, structure: Tensor, detail: Tensor, strength: float, *, is_coarse: bool
    ) -> Tensor:
        """Raise TypeError: `blend_order` is None."""
        raise TypeError("an MLP's tables do not blend: render its layers apart")

    def forward(self, feat_BDHW: Tensor, coord_BQ2: Tensor, cell_BQ2: Tensor) -> Tensor:
        """Return the colours (B, Q, C) in the network's range, about [-1, 1].

        `coord_BQ2` is (y, x) in [-1, 1], `cell_BQ2` the queries' size in the same frame. One query
        costs four runs of the MLP: 1,383,424 multiply-adds at LIIF's size.
        """
        batch, _, height, width = feat_BDHW.shape
        lr_size = coord_BQ2.new_tensor([height, width])
        unfolded = F.unfold(feat_BDHW, 3, padding=1).view(batch, -1, height, width)

        position = (coord_BQ2 + 1.0) / 2.0 * lr_size - 0.5
        lower = torch.floor(position)
        limit = lr_size - 1.0
        rel_cell = cell_BQ2 * lr_size

        colours: list[Tensor] = []
        areas: list[Tensor] = []
        for corner in ((0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)):
            latent = torch.minimum(lower + lower.new_tensor(corner), limit).clamp_min(0.0)
            rel_coord = (position - latent) * 2.0
            row, col = latent.long().unbind(-1)
            code = torch.stack([unfolded[b, :, row[b], col[b]].mT for b in range(batch)])
            colours.append(self.mlp(torch.cat([code, rel_coord, rel_cell], dim=-1)))
            areas.append((rel_coord.abs() + _EPSILON).prod(dim=-1))
        total = torch.stack(areas).sum(dim=0)
        weights = torch.stack(areas[::-1]) / total
        return (torch.stack(colours) * weights.unsqueeze(-1)).sum(dim=0)

    def mlp(self, inputs: Tensor) -> Tensor:
        """Return the colours (..., C) of inputs (..., 9 D + 4): unfolded code, rel_coord, cell."""
        *hidden, last = self.linears
        for layer in hidden:
            inputs = torch.relu_(layer(inputs))
        return last(inputs)
