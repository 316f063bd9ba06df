"""The functions of a field along one axis, averaged over a pixel in closed form.

Shapes: N functions per axis, 2 K + 1 for the order K.
"""

import math

import torch
from torch import Tensor


def field_means(offset: Tensor, extent: Tensor, *, order: int) -> Tensor:
    """Return the means of f_0..f_2K over [offset - extent / 2, offset + extent / 2], (..., N).

    In LR pixels, K the order. On [-1, 1], f_0 is the window cos(pi t / 2)^2, and f_2k-1, f_2k are
    the window times cos(pi k t) and sin(pi k t); beyond, all are zero. The windows of neighbours
    add up to 1.
    """
    upper = _antiderivatives((offset + extent / 2.0).clamp(-1.0, 1.0), order)
    lower = _antiderivatives((offset - extent / 2.0).clamp(-1.0, 1.0), order)
    return (upper - lower) / extent.unsqueeze(-1)


def _antiderivatives(t: Tensor, order: int) -> Tensor:
    """Return one antiderivative of each function at t in [-1, 1], (..., N)."""
    # Cosines and sines of pi k t by angle addition: far fewer calls than one per function.
    cosines, sines = [torch.ones_like(t)], [torch.zeros_like(t)]
    cos_1, sin_1 = torch.cos(math.pi * t), torch.sin(math.pi * t)
    for k in range(order + 1):
        cosines.append(cosines[k] * cos_1 - sines[k] * sin_1)
        sines.append(sines[k] * cos_1 + cosines[k] * sin_1)

    def cosine(k: int) -> Tensor:  # of cos(pi k t)
        return t if k == 0 else sines[k] / (math.pi * k)

    def sine(k: int) -> Tensor:  # of sin(pi k t)
        return sines[0] if k == 0 else cosines[k] / (-math.pi * k)

    found = [cosine(0) / 2.0 + cosine(1) / 2.0]
    for k in range(1, order + 1):
        for part in (cosine, sine):
            found.append(part(k) / 2.0 + (part(k - 1) + part(k + 1)) / 4.0)
    return torch.stack(found, dim=-1)
