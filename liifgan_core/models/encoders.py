"""Encoders: an LR image in, feature maps of the same height and width out.

Shapes: B batch, C colour, D feature channels, H W LR size.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Literal

import msgspec
import torch
from msgspec import Meta
from torch import Tensor, nn

Tap = int | Literal["trunk", "last"]
"""Where a decoder reads: after residual block N (counted from 1), at the end of the EDSR trunk
(behind its global skip), or at the encoder's output. Without deep blocks the last two are one."""


class EDSRConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Size of an EDSR encoder; the defaults are EDSR-baseline (Lim et al. 2017, table 1).

    The bounds keep a malicious weights file from asking for a network that never ends.
    """

    num_features: Annotated[int, Meta(ge=1, le=1024)] = 64
    num_blocks: Annotated[int, Meta(ge=1, le=256)] = 16
    residual_scale: Annotated[float, Meta(ge=-16.0, le=16.0)] = 1.0
    num_deep_blocks: Annotated[int, Meta(ge=0, le=256)] = 0
    """Residual blocks after the trunk's global skip: what a detail decoder reads may be deeper than
    all that a published LIIF has."""


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
        self.check_tap(tap)
        if not isinstance(tap, str):
            return 2 * tap + 1
        trunk = 2 * self.config.num_blocks + 2
        return trunk if tap == "trunk" else trunk + 2 * self.config.num_deep_blocks

    def check_tap(self, tap: Tap) -> None:
        """Raise ValueError for a block that the encoder does not have."""
        if not isinstance(tap, str) and not 1 <= tap <= self.config.num_blocks:
            raise ValueError(
                f"tap {tap!r} is not in 1..{self.config.num_blocks}, 'trunk' or 'last'"
            )

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
