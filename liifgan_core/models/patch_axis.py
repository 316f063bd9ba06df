"""The queries of a batch of patches, separable: a row part and a column part.

Shapes: B batch, P patch side, N = 2 P corners per axis.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from liifgan_core.coords import AxisCorners


class PatchAxis(NamedTuple):
    """One axis' queries of a batch of patches; corner 2 p + {0, 1} belongs to pixel p.

    A tuple, because wrappers for several devices look for tensors in those.
    """

    latent_BN: Tensor
    """Index of the latent code, int64."""
    rel_coord_BN: Tensor
    """Query minus latent centre, float32; one LR pixel spans 2.0."""
    weight_BN: Tensor
    """Share of the corner in its pixel, float32."""
    cell_B: Tensor
    """Size of a query in the same units, float32: 2 / scale."""
    largest_cell: float
    """The largest of `cell_B`, known without asking the device."""

    def every(self, stride: int, first: int) -> "PatchAxis":
        """Return the queries of every `stride`-th pixel from pixel `first` on."""
        latent, rel_coord, weight = (
            corners.unflatten(1, (-1, 2))[:, first::stride].flatten(1)
            for corners in (self.latent_BN, self.rel_coord_BN, self.weight_BN)
        )
        return PatchAxis(latent, rel_coord, weight, self.cell_B, self.largest_cell)

    def to(self, device: torch.device) -> "PatchAxis":
        """Return the queries on a device, maybe before they are copied."""
        tensors = (self.latent_BN, self.rel_coord_BN, self.weight_BN, self.cell_B)
        latent, rel_coord, weight, cell = (t.to(device, non_blocking=True) for t in tensors)
        return PatchAxis(latent, rel_coord, weight, cell, self.largest_cell)


def stack_axes(corners: Sequence[AxisCorners]) -> PatchAxis:
    """Return the queries of patches of equal size as one batch, on the CPU."""
    cell_B = torch.tensor([c.cell for c in corners], dtype=torch.float32)
    return PatchAxis(
        torch.from_numpy(np.stack([c.latent.reshape(-1) for c in corners])),
        torch.from_numpy(np.stack([c.rel_coord.reshape(-1) for c in corners])),
        torch.from_numpy(np.stack([c.weight.reshape(-1) for c in corners])),
        cell_B,
        float(cell_B.max()),
    )
