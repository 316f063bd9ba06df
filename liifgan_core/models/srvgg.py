"""The compact network of Real-ESRGAN (Wang et al. 2021; SRVGG in the authors' code).

Plain convolutions on the LR grid, a pixel shuffle, and the enlarged input added. Layers are
registered in the order in which they run, which is their order in published files. Shapes: B batch,
C colour, D feature channels, H W LR size, h w output size.
"""

from collections.abc import Callable
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from liifgan_core.models.config import SRVGGConfig
from liifgan_core.models.number_format import as_weight


class SRVGGTrunk(nn.Module):
    """RGB to features on the LR grid: all but the last convolution."""

    def __init__(self, config: SRVGGConfig) -> None:
        super().__init__()
        self.config = config
        width = config.num_features
        self.layers = nn.ModuleList(
            nn.Sequential(nn.Conv2d(width if number else 3, width, 3, padding=1), nn.PReLU(width))
            for number in range(config.num_convs + 1)
        )

    @property
    def out_channels(self) -> int:
        """Channels of the features."""
        return self.config.num_features

    @property
    def receptive_radius(self) -> int:
        """How many LR pixels away an input pixel can change the features."""
        return self.config.num_convs + 1

    @property
    def num_steps(self) -> int:
        """How often `forward` calls `between_blocks`; its parts take about equally long."""
        return len(self.layers)

    def lower(self, dtype: torch.dtype) -> None:
        """Compute all but the first convolution and its PReLU in `dtype`.

        The first convolution's input are colours, which bf16 would round to 8 bits and less.
        """
        self.layers[1:].to(dtype)

    def forward(
        self, lr_BCHW: Tensor, *, between_blocks: Callable[[], None] = lambda: None
    ) -> Tensor:
        """Return the features (B, D, H, W) behind the last PReLU.

        `lr_BCHW` is RGB in [0, 1], in the first layer's type; channels-last is fastest.
        `between_blocks` is called before every convolution and may raise to stop.
        """
        feat_BDHW = lr_BCHW
        for layer in self.layers:
            between_blocks()
            convolution = cast("nn.Conv2d", cast("nn.Sequential", layer)[0])
            feat_BDHW = layer(as_weight(feat_BDHW, convolution))
        return feat_BDHW


class SRVGGNet(nn.Module):
    """RGB in [0, 1], (B, 3, H, W), to a picture of four times the size, not clipped."""

    scale = 4

    def __init__(self, config: SRVGGConfig) -> None:
        super().__init__()
        self.trunk = SRVGGTrunk(config)
        self.conv_last = nn.Conv2d(config.num_features, 3 * self.scale**2, 3, padding=1)

    def draw(self, feat_BDHW: Tensor, lr_BCHW: Tensor) -> Tensor:
        """Return the picture (B, 3, h, w) of the trunk's features of an LR picture."""
        residual_BChw = F.pixel_shuffle(self.conv_last(feat_BDHW), self.scale)
        return residual_BChw + F.interpolate(lr_BCHW, scale_factor=self.scale)

    def forward(
        self, lr_BCHW: Tensor, *, between_blocks: Callable[[], None] = lambda: None
    ) -> Tensor:
        return self.draw(self.trunk(lr_BCHW, between_blocks=between_blocks), lr_BCHW)
