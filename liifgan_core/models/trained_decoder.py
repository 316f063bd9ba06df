"""What training asks of a decoder, whichever kind it is.

Shapes: B batch, C colour, D feature channels, H W LR size, P patch side.
"""

from collections.abc import Mapping
from typing import Protocol

import torch
from torch import Tensor, nn

from liifgan_core.models.patch_axis import PatchAxis


class TrainedDecoder(Protocol):
    """Draws patches with gradients, and starts from other weights or from nothing."""

    def patch(self, feat_BDHW: Tensor, rows: PatchAxis, cols: PatchAxis) -> Tensor:
        """Return the colours (B, C, P, P) of patches in the network's range, float32.

        Equals the plain formula, `forward`, at the same queries.
        """
        ...

    def start(self) -> None:
        """Bring fresh random weights to where training without others starts best."""
        ...

    def silence(self) -> None:
        """Zero what is read last: the decoder gives zero until it is trained."""
        ...

    def take(self, other: nn.Module) -> None:
        """Copy what fits of another decoder's weights, of whichever kind; the rest stays."""
        ...


def shapes(tensors: Mapping[str, Tensor]) -> dict[str, torch.Size]:
    """Return the shapes of named tensors."""
    return {name: tensor.shape for name, tensor in tensors.items()}
