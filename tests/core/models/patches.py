"""A batch of patches as both ways of decoding take it: by axes, and by coordinates."""

import numpy as np
import torch
from torch import Tensor

from liifgan_core.coords import axis_corners
from liifgan_core.models.patch_axis import PatchAxis, stack_axes

LR, PATCH = 7, 5
ROW_STARTS, COL_STARTS = [0.0, 1.13], [2.0, 0.37]
"""Where the two patches begin, in LR pixels."""


def patch_axes(scale: float) -> tuple[PatchAxis, PatchAxis]:
    """Return the patches' rows and columns."""
    rows, cols = (
        stack_axes([axis_corners(start, PATCH / scale, PATCH, LR) for start in starts])
        for starts in (ROW_STARTS, COL_STARTS)
    )
    return rows, cols


def patch_queries(scale: float) -> tuple[Tensor, Tensor]:
    """Return the same queries' coordinates and cells in LIIF's frame, (B, P * P, 2)."""
    position = np.array([ROW_STARTS, COL_STARTS])[..., None] + (np.arange(PATCH) + 0.5) / scale
    y, x = torch.from_numpy(2.0 * position / LR - 1.0).float()
    coord = torch.stack(
        [y[:, :, None].expand(2, PATCH, PATCH), x[:, None, :].expand(2, PATCH, PATCH)], dim=-1
    )
    return coord.flatten(1, 2), torch.full((2, PATCH * PATCH, 2), 2.0 / scale / LR)
