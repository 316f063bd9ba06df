"""Residual in residual dense blocks: ESRGAN's network (Wang et al. 2018, section 3.1).

RealSR (Ji et al. 2020) and Real-ESRGAN x4plus are such networks. Convolutions are registered in the
order in which they run, which is their order in published files. Shapes: B batch, C colour,
D feature channels, H W LR size, h w output size.
"""

import copy
from collections.abc import Callable, Sequence

import msgspec
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from liifgan_core.models.config import RRDBConfig
from liifgan_core.models.number_format import as_computed, as_weight

LEAKY_SLOPE = 0.2
"""Of every LeakyReLU (section 3.1; the authors' code)."""
_NUM_GROWING = 4
"""Convolutions of a dense block whose maps are kept; a fifth leads back to the features."""
_NUM_DENSE_BLOCKS = 3
"""Dense blocks of a block."""


class RRDBTrunk(nn.Module):
    """RGB to features on the LR grid: all of the network below its upsampling."""

    def __init__(self, config: RRDBConfig) -> None:
        super().__init__()
        self.config = config
        width = config.num_features
        self.conv_first = _conv(3, width)
        self.blocks = nn.ModuleList(_Block(config) for _ in range(config.num_blocks))
        self.conv_body = _conv(width, width)
        self.block_factors = nn.Parameter(torch.full((config.num_blocks,), config.residual_scale))

    @property
    def out_channels(self) -> int:
        """Channels of the features."""
        return self.config.num_features

    @property
    def receptive_radius(self) -> int:
        """How many LR pixels away an input pixel can change the features."""
        return 2 + self.config.num_blocks * _NUM_DENSE_BLOCKS * (_NUM_GROWING + 1)

    @property
    def num_steps(self) -> int:
        """How often `forward` calls `between_blocks`; its parts take equally long."""
        return self.config.num_blocks * _NUM_DENSE_BLOCKS

    def lower(self, dtype: torch.dtype) -> None:
        """Compute all but the first layer and the sums of skips in `dtype`, as EDSR does.

        The blocks' factors belong to those sums.
        """
        for part in (self.blocks, self.conv_body):
            part.to(dtype)

    def forward(
        self, lr_BCHW: Tensor, *, between_blocks: Callable[[], None] = lambda: None
    ) -> Tensor:
        """Return the features (B, D, H, W) behind the last convolution and the skip around all.

        `lr_BCHW` is RGB in [0, 1], in the first layer's type; channels-last is fastest.
        `between_blocks` is called before every dense block, three times a block, and may raise to
        stop.
        """
        first_BDHW = self.conv_first(lr_BCHW)
        feat_BDHW = first_BDHW
        for factor, block in zip(self.block_factors.unbind(), self.blocks, strict=True):
            feat_BDHW = feat_BDHW + factor * block(feat_BDHW, between_blocks)
        return first_BDHW + self.conv_body(as_weight(feat_BDHW, self.conv_body))

    def with_blocks(self, numbers: Sequence[int]) -> "RRDBTrunk":
        """Return a trunk of copies of some blocks, counted from 0, in the order given.

        It costs in proportion to their number, and their factors can be trained so that what they
        give together fits again. Raises ValueError for none and for numbers that are not there.
        """
        num_blocks = self.config.num_blocks
        if not numbers or not all(0 <= number < num_blocks for number in numbers):
            raise ValueError(f"blocks {list(numbers)} are not one or more of 0..{num_blocks - 1}")
        config = msgspec.structs.replace(self.config, num_blocks=len(numbers))
        with torch.device("meta"):
            short = RRDBTrunk(config)
        short.conv_first = copy.deepcopy(self.conv_first)
        short.blocks = nn.ModuleList(copy.deepcopy(self.blocks[number]) for number in numbers)
        short.conv_body = copy.deepcopy(self.conv_body)
        short.block_factors = nn.Parameter(
            self.block_factors.detach()[list(numbers)].clone(), self.block_factors.requires_grad
        )
        return short.train(self.training)


class RRDBNet(nn.Module):
    """RGB in [0, 1], (B, 3, H, W), to a picture of four times the size, not clipped."""

    scale = 4

    def __init__(self, config: RRDBConfig) -> None:
        super().__init__()
        width = config.num_features
        self.trunk = RRDBTrunk(config)
        self.conv_up1 = _conv(width, width)
        self.conv_up2 = _conv(width, width)
        self.conv_hr = _conv(width, width)
        self.conv_last = _conv(width, 3)

    def draw(self, feat_BDHW: Tensor, lr_BCHW: Tensor) -> Tensor:
        """Return the picture (B, 3, h, w) of the trunk's features.

        This network needs nothing more of the LR picture; others do.
        """
        for conv in (self.conv_up1, self.conv_up2):
            feat_BDHW = F.leaky_relu_(conv(F.interpolate(feat_BDHW, scale_factor=2)), LEAKY_SLOPE)
        return self.conv_last(F.leaky_relu_(self.conv_hr(feat_BDHW), LEAKY_SLOPE))

    def forward(
        self, lr_BCHW: Tensor, *, between_blocks: Callable[[], None] = lambda: None
    ) -> Tensor:
        return self.draw(self.trunk(lr_BCHW, between_blocks=between_blocks), lr_BCHW)


class DenseBlock(nn.Module):
    """Five convolutions, each of which sees what all before it gave."""

    def __init__(self, config: RRDBConfig) -> None:
        super().__init__()
        width, growth = config.num_features, config.num_growth
        self.convs = nn.ModuleList(
            _conv(width + number * growth, growth) for number in range(_NUM_GROWING)
        )
        self.conv_last = _conv(width + _NUM_GROWING * growth, width)
        self.residual_scale = config.residual_scale

    def forward(self, feat_BDHW: Tensor) -> Tensor:
        # Copying what has grown costs 5 % of the block's time; writing into slices of one tensor 8
        # to 11 %, in fp32 and bf16, channels-last, at 192x192 pixels (AVX-512, one core, 2026-11).
        dense_BDHW = as_computed(feat_BDHW, self.conv_last)
        for conv in self.convs:
            grown_BDHW = F.leaky_relu_(conv(dense_BDHW), LEAKY_SLOPE)
            dense_BDHW = torch.cat((dense_BDHW, grown_BDHW), dim=1)
        # The sum has the features' format: with half precision weights it stays float32.
        return torch.add(feat_BDHW, self.conv_last(dense_BDHW), alpha=self.residual_scale)


class _Block(nn.Module):
    """Dense blocks one after the other; the factor and the skip around them are the trunk's."""

    def __init__(self, config: RRDBConfig) -> None:
        super().__init__()
        self.dense = nn.ModuleList(DenseBlock(config) for _ in range(_NUM_DENSE_BLOCKS))

    def forward(self, feat_BDHW: Tensor, between_blocks: Callable[[], None]) -> Tensor:
        for dense in self.dense:
            between_blocks()
            feat_BDHW = dense(feat_BDHW)
        return feat_BDHW


class _Conv(nn.Conv2d):
    def reset_parameters(self) -> None:
        # Drawing numbers for no memory still takes 0.1 s for the 351 of a whole network.
        if not self.weight.is_meta:
            super().reset_parameters()


def _conv(in_channels: int, out_channels: int) -> nn.Conv2d:
    return _Conv(in_channels, out_channels, 3, padding=1)
