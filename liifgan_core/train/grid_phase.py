"""A penalty on patterns with the LR grid's period, for any real scale and sub-pixel shift.

A decoder that sees relative coordinates can print one pattern per LR pixel. Then the high-pass of
its output, averaged over all pixels at the same place within their LR pixel, is not zero, and its
energy differs from place to place. Differentiable sister of `evaluation.grid_pattern`, which needs
whole factors.

Shapes: B batch, C colour, P patch side, K phase bins.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from liifgan_core.models.patch_axis import PatchAxis

_SIGMA = 1.0
"""Of the Gaussian whose difference is the high-pass, in output pixels: as `grid_pattern`'s."""
_RADIUS = 3
_LIMIT = 2.0 * 24.0 / 255.0
"""Strong edges are clipped as in `grid_pattern`, here in the network's range of [-1, 1]."""
_EPSILON = 1e-8
"""Keeps the roots' gradients finite; far below the high-pass energy of any photo."""


@dataclass(frozen=True, slots=True)
class GridPhase:
    """Both figures of `evaluation.grid_pattern`, which has them of luma, over all channels: 0 is
    best."""

    mean: Tensor
    """Root mean square over the bins of the signed mean high-pass / root mean square of all."""
    energy: Tensor
    """Standard deviation over the bins of the mean squared high-pass / its mean."""


def grid_phase(layer_BCPP: Tensor, rows: PatchAxis, cols: PatchAxis, *, num_bins: int) -> GridPhase:
    """Return the pattern of a layer (colour, or increment to it) over `num_bins`**2 phases.

    Channels have bins of their own, since a pattern of opposite signs in red and blue has no luma.
    The whole batch is pooled, so it needs many pixels per bin; bins that no pixel falls into, as at
    whole factors, do not count. Nothing here waits for the device.
    """
    high_BCPP = high_pass(layer_BCPP).clamp(-_LIMIT, _LIMIT)
    num_channels = high_BCPP.shape[1]
    phase_B1PP = (
        _bins(rows, num_bins)[:, _RADIUS:-_RADIUS, None] * num_bins
        + _bins(cols, num_bins)[:, None, _RADIUS:-_RADIUS]
    )[:, None]
    channel_C11 = torch.arange(num_channels, device=high_BCPP.device).view(-1, 1, 1)
    index = (channel_C11 * num_bins**2 + phase_B1PP).flatten()
    high = high_BCPP.flatten()
    num_phases = num_channels * num_bins**2
    count_K = high.new_zeros(num_phases).index_add(0, index, torch.ones_like(high))
    sums_2K = high.new_zeros(2, num_phases)
    sums_2K = sums_2K.index_add(1, index, torch.stack([high, high.square()]))
    # Channels have the same bins in use; unused ones are zero, and left out of the means.
    is_used_CK = (count_K > 0).to(high.dtype).unflatten(0, (num_channels, -1))
    num_used_C1 = is_used_CK.sum(dim=1, keepdim=True)
    mean_CK, energy_CK = (
        (sums_2K / count_K.clamp_min(1.0)).unflatten(1, (num_channels, -1)).unbind(0)
    )
    mean_energy_C1 = energy_CK.sum(dim=1, keepdim=True) / num_used_C1 + _EPSILON
    spread_CK = (energy_CK / mean_energy_C1 - 1.0).square() * is_used_CK
    num_used = num_used_C1.sum()
    return GridPhase(
        mean=((mean_CK.square() / mean_energy_C1).sum() / num_used + _EPSILON).sqrt(),
        energy=(spread_CK.sum() / num_used + _EPSILON).sqrt(),
    )


def high_pass(layer_BCPP: Tensor) -> Tensor:
    """Return each channel minus its Gaussian blur, (B, C, P - 6, P - 6): the borders are cut."""
    channels = layer_BCPP.shape[1]
    offset = torch.arange(-_RADIUS, _RADIUS + 1, dtype=layer_BCPP.dtype, device=layer_BCPP.device)
    kernel = torch.exp(-0.5 * (offset / _SIGMA) ** 2)
    kernel = (kernel / kernel.sum()).view(1, 1, 1, -1).expand(channels, 1, 1, -1)
    blurred = F.conv2d(layer_BCPP, kernel, groups=channels)
    blurred = F.conv2d(blurred, kernel.mT, groups=channels)
    inside = slice(_RADIUS, -_RADIUS)
    return layer_BCPP[:, :, inside, inside] - blurred


def _bins(axis: PatchAxis, num_bins: int) -> Tensor:
    """Return the phase bin of each pixel along an axis, (B, P): 0 begins at a latent's centre."""
    # Corner 0 is the latent code before the pixel; clamping at the border keeps the phase.
    phase_BP = torch.remainder(axis.rel_coord_BN[:, 0::2] / 2.0, 1.0)
    # Pixels on a bin's edge would fall to either side by rounding: at whole factors all of them.
    return (phase_BP * num_bins + 1e-4).floor().long() % num_bins
