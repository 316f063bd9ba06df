"""Layers whose weights are in half precision between others in float32."""

import torch
from torch import Tensor, nn


def as_weight(x: Tensor, layer: nn.Conv2d) -> Tensor:
    """Return `x` in the number format of a layer's weight; autocast, which casts too, is let be."""
    if torch.is_autocast_enabled(x.device.type):
        return x
    return x.to(layer.weight.dtype)


def as_computed(x: Tensor, layer: nn.Conv2d) -> Tensor:
    """Return `x` in the number format that a layer computes in: autocast's, or its weight's.

    For what is joined to the layer's output: torch.cat takes the widest format of its parts.
    """
    if torch.is_autocast_enabled(x.device.type):
        return x.to(torch.get_autocast_dtype(x.device.type))
    return x.to(layer.weight.dtype)
