"""Encoders: an LR image in, feature maps of the same height and width out.

Shapes: B batch, C colour, D feature channels, H W LR size.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from liifgan_core.models.config import EDSRConfig, Tap


class ResidualBlock(nn.Module):
    """conv-ReLU-conv plus identity, without batch norm (Lim et al. 2017, section 3.1)."""

    def __init__(self, num_features: int, residual_scale: float) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(num_features, num_features, 3, padding=1)
        self.conv2 = nn.Conv2d(num_features, num_features, 3, padding=1)
        self.residual_scale = residual_scale

    def forward(self, feat_BDHW: Tensor) -> Tensor:
        residual = self.conv2(torch.relu_(self.conv1(feat_BDHW)))
        return torch.add(feat_BDHW, residual, alpha=self.residual_scale)


class EDSR(nn.Module):
    """EDSR without its upsampler and mean shift, as LIIF uses it (Chen et al. 2021, section 4)."""

    def __init__(self, config: EDSRConfig) -> None:
        super().__init__()
        self.config = config
        width = config.num_features
        self.head = nn.Conv2d(3, width, 3, padding=1)
        self.blocks = nn.ModuleList(
            ResidualBlock(width, config.residual_scale) for _ in range(config.num_blocks)
        )
        self.tail = nn.Conv2d(width, width, 3, padding=1)
        self.deep_blocks = nn.ModuleList(
            ResidualBlock(width, config.residual_scale) for _ in range(config.num_deep_blocks)
        )

    @property
    def out_channels(self) -> int:
        """Channels of every tap."""
        return self.config.num_features

    def receptive_radius(self, taps: Sequence[Tap]) -> int:
        """Return how many LR pixels away an input pixel can change the given taps."""
        return max(self._num_convs(tap) for tap in taps)

    def _num_convs(self, tap: Tap) -> int:
        self.config.check_tap(tap)
        if not isinstance(tap, str):
            return 2 * tap + 1
        trunk = 2 * self.config.num_blocks + 2
        return trunk if tap == "trunk" else trunk + 2 * self.config.num_deep_blocks

    def forward(
        self,
        lr_BCHW: Tensor,
        taps: Sequence[Tap] = ("last",),
        *,
        between_blocks: Callable[[], None] = lambda: None,
    ) -> dict[Tap, Tensor]:
        """Return the feature map of each tap, (B, D, H, W).

        `lr_BCHW` is RGB in [-1, 1]. Blocks beyond the last tap are not run. `between_blocks` is
        called before every block and may raise to stop.
        """
        numbers = [tap for tap in taps if not isinstance(tap, str)]
        needs_trunk = len(numbers) < len(taps)
        deepest = len(self.blocks) if needs_trunk else max(numbers)
        head_BDHW = self.head(lr_BCHW)
        feat_BDHW = head_BDHW
        found: dict[Tap, Tensor] = {}
        for number, block in enumerate(self.blocks, start=1):
            if number > deepest:
                break
            between_blocks()
            feat_BDHW = block(feat_BDHW)
            if number in taps:
                found[number] = feat_BDHW
        if needs_trunk:
            feat_BDHW = self.tail(feat_BDHW) + head_BDHW
            found["trunk"] = feat_BDHW
        if "last" in taps:
            for block in self.deep_blocks:
                between_blocks()
                feat_BDHW = block(feat_BDHW)
            found["last"] = feat_BDHW
        return {tap: found[tap] for tap in taps}
