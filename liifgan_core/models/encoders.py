"""Encoders: an LR image in, feature maps of the same height and width out.

Shapes: B batch, C colour, D feature channels, H W LR size.
"""

from collections.abc import Callable, Sequence
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from liifgan_core.models.config import EDSRConfig, Tap
from liifgan_core.models.number_format import as_weight

_UINT32 = 0xFFFFFFFF


def content_noise(lr_BCHW: Tensor, num_maps: int) -> Tensor:
    """Return maps (B, num_maps, H, W) of noise, mean 0 and variance 1, that are the photo's own.

    Each value hashes the 3x3 pixels around it, rounded to 8 bits; zeros beyond the border. So a
    tile has the noise of the whole photo, the same photo always gives the same picture, and where
    pixels are exactly equal the noise is constant. `lr_BCHW` is RGB in [-1, 1].
    """
    red, green, blue = ((lr_BCHW.float() + 1.0) * 127.5).round().long().clamp(0, 255).unbind(1)
    padded = F.pad(_mixed((red << 16) + (green << 8) + blue), (1, 1, 1, 1))
    height, width = lr_BCHW.shape[-2:]
    hash_BHW = torch.zeros_like(red)
    for dy in range(3):
        for dx in range(3):
            hash_BHW = _mixed(hash_BHW * 31 + padded[:, dy : dy + height, dx : dx + width])
    salt = torch.arange(num_maps, device=lr_BCHW.device).view(1, -1, 1, 1) * 0x9E3779B9
    mixed = _mixed(_mixed(hash_BHW.unsqueeze(1) + salt))
    uniform = mixed.to(torch.float64) / _UINT32 - 0.5
    return (uniform * 12.0**0.5).to(lr_BCHW.dtype)


def _mixed(value: Tensor) -> Tensor:
    """Return 32-bit integers well mixed: a multiply-xorshift round, below 2**63 throughout."""
    value = value & _UINT32
    value = ((value >> 16) ^ value) * 0x45D9F3B & _UINT32
    return (value >> 16) ^ value


class ResidualBlock(nn.Module):
    """conv-ReLU-conv plus identity, without batch norm (Lim et al. 2017, section 3.1).

    A field's blocks may be wider inside and have a LeakyReLU.
    """

    def __init__(
        self,
        num_features: int,
        residual_scale: float,
        *,
        width: int | None = None,
        slope: float = 0.0,
    ) -> None:
        """Make a random one; `width` is the number of maps inside, None: `num_features`."""
        super().__init__()
        width = num_features if width is None else width
        self.conv1 = nn.Conv2d(num_features, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, num_features, 3, padding=1)
        self.residual_scale = residual_scale
        self.slope = slope

    def weaken(self) -> None:
        """Scale the second convolution down: ESRGAN's start (Wang et al. 2018, 3.1)."""
        with torch.no_grad():
            for parameter in self.conv2.parameters():
                parameter.mul_(0.1)

    def forward(self, feat_BDHW: Tensor) -> Tensor:
        hidden = self.conv1(as_weight(feat_BDHW, self.conv1))
        hidden = F.leaky_relu_(hidden, self.slope) if self.slope else torch.relu_(hidden)
        residual = self.conv2(hidden)
        # The sum has the features' format: with half precision weights it stays float32.
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
        self.noise_strength: nn.Parameter | None = None
        if config.has_deep_noise:
            self.noise_strength = nn.Parameter(torch.zeros(config.num_deep_blocks, width))

    @property
    def out_channels(self) -> int:
        """Channels of every tap."""
        return self.config.num_features

    def receptive_radius(self, taps: Sequence[Tap]) -> int:
        """Return how many LR pixels away an input pixel can change the given taps."""
        return max(self._num_convs(tap) for tap in taps)

    def num_steps(self, taps: Sequence[Tap]) -> int:
        """Return how often `forward` calls `between_blocks`; its parts take equally long."""
        numbers = [tap for tap in taps if not isinstance(tap, str)]
        num_blocks = len(self.blocks) if len(numbers) < len(taps) else max(numbers)
        return num_blocks + (len(self.deep_blocks) if "last" in taps else 0)

    def weaken_deep_blocks(self) -> None:
        """Bring the deep blocks close to the identity, where their training starts."""
        for block in self.deep_blocks:
            cast("ResidualBlock", block).weaken()

    def lower(self, dtype: torch.dtype) -> None:
        """Compute all but the first layer and the sums of skips in `dtype`.

        The first layer's input are colours, which bf16 would round to 8 bits and less.
        """
        for part in (self.blocks, self.tail, self.deep_blocks):
            part.to(dtype)

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
            feat_BDHW = self.tail(as_weight(feat_BDHW, self.tail)) + head_BDHW
            found["trunk"] = feat_BDHW
        if "last" in taps:
            noises_B1HW: Sequence[Tensor] = ()
            if self.noise_strength is not None:
                noises_B1HW = content_noise(lr_BCHW, len(self.deep_blocks)).split(1, dim=1)
            for number, block in enumerate(self.deep_blocks):
                between_blocks()
                if self.noise_strength is not None:
                    strength_D11 = self.noise_strength[number, :, None, None]
                    feat_BDHW = feat_BDHW + strength_D11 * noises_B1HW[number]
                feat_BDHW = block(feat_BDHW)
            found["last"] = feat_BDHW
        return {tap: found[tap] for tap in taps}
