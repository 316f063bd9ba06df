"""LIIF's query the way its public code goes about it, as what speed is compared with.

Our own words for the same steps: unfold the whole feature map at every call, shift the coordinates
to each corner, look codes up by nearest-neighbour grid sampling, run the MLP on 580 inputs.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

_SHIFT = 1e-6


def original_query(
    mlp: Callable[[Tensor], Tensor], feat_1DHW: Tensor, coord_1Q2: Tensor, cell_1Q2: Tensor
) -> Tensor:
    """Return the colours (1, Q, 3) at the coordinates; B must be 1."""
    height, width = feat_1DHW.shape[-2:]
    lr_size = torch.tensor([height, width])
    unfolded = F.unfold(feat_1DHW, 3, padding=1).view(1, -1, height, width)
    centres = [(torch.arange(n) * 2 + 1) / n - 1 for n in (height, width)]
    centre_12HW = torch.stack(torch.meshgrid(*centres, indexing="ij"))[None]

    colours: list[Tensor] = []
    areas: list[Tensor] = []
    for down in (-1, 1):
        for right in (-1, 1):
            corner = torch.tensor([down, right]) / lr_size + _SHIFT
            shifted = (coord_1Q2 + corner).clamp(-1 + _SHIFT, 1 - _SHIFT)
            grid = shifted.flip(-1)[:, None]
            code = F.grid_sample(unfolded, grid, mode="nearest", align_corners=False)
            centre = F.grid_sample(centre_12HW, grid, mode="nearest", align_corners=False)
            rel_coord = (coord_1Q2 - centre[:, :, 0].mT) * lr_size
            inputs = torch.cat([code[:, :, 0].mT, rel_coord, cell_1Q2 * lr_size], dim=-1)
            colours.append(mlp(inputs))
            areas.append(rel_coord.prod(dim=-1).abs() + 1e-9)
    total = torch.stack(areas).sum(dim=0)
    weights = torch.stack(areas[::-1]) / total
    return (torch.stack(colours) * weights[..., None]).sum(dim=0)
