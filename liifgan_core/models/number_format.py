"""Layers whose weights are in half precision between others in float32."""

import torch
from torch import Tensor, nn


def as_weight(x: Tensor, layer: nn.Conv2d) -> Tensor:
    """Return `x` in the number format of a layer's weight; autocast, which casts too, is let be."""
    if torch.is_autocast_enabled(x.device.type):
        return x
    return x.to(layer.weight.dtype)
