"""The GAN's critics: RGB patches in, logits out (high: looks like an original).

Shapes: B batch, C colour, D feature channels, P patch side.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec
import torch
import torch.nn.functional as F
from torch import Tensor, nn

Norm = Literal["none", "batch", "group"]
_SLOPE = 0.2
"""Of the leaky ReLUs, as in SRGAN (Ledig et al. 2017)."""
_GROUPS = 8


class DiscriminatorConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which critic, and its size."""

    kind: Literal["vgg", "features"] = "vgg"
    """"vgg": one logit per patch; "features": heads on the perceptual loss's frozen feature
    maps."""
    num_features: int = 64
    norm: Norm = "batch"
    """Of the VGG-style critic. "batch" couples the samples of a batch, per process; the others do
    not. A trial's critic learned nothing in 140 steps of 6 patches with "batch", which scales real
    and fake patches to the same variance; with "none" and three times that rate it led after 100
    (November 2026)."""
    num_stages: int = 4
    """Halvings of the VGG-style critic; 48-pixel patches end as 3x3 maps."""

    @property
    def min_side(self) -> int:
        """Side of the smallest patch that the critic takes, in pixels."""
        return 2**self.num_stages if self.kind == "vgg" else 1


def build_discriminator(
    config: DiscriminatorConfig, feature_units: Mapping[str, tuple[int, float]] | None = None
) -> nn.Module:
    """Return the critic: RGB (B, 3, P, P) in [-1, 1] to logits, (B, 1).

    The kind "features" takes a mapping of feature maps instead; `feature_units` names them with
    their channels and usual root mean square.
    """
    if config.kind == "features":
        assert feature_units is not None, "the configuration demands a perceptual loss"
        return FeatureDiscriminator(feature_units, config.num_features)
    return VGGDiscriminator(config.num_features, config.num_stages, config.norm)


class VGGDiscriminator(nn.Module):
    """Pairs of 3x3 and strided 4x4 convolutions, as in SRGAN and ESRGAN.

    Theirs end in a fully connected layer for one patch size; here the last map's mean and maximum
    per channel take its place, so that any patch of at least 2**num_stages pixels fits.
    """

    def __init__(self, num_features: int, num_stages: int, norm: Norm) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        in_channels = 3
        for stage in range(num_stages):
            width = num_features * min(2**stage, 8)
            # The first layer sees colours: a norm there would hide the patch's contrast.
            layers += _conv(in_channels, width, 3, stride=1, norm="none" if stage == 0 else norm)
            layers += _conv(width, width, 4, stride=2, norm=norm)
            in_channels = width
        self.features = nn.Sequential(*layers)
        self.head = nn.Sequential(
            nn.Linear(2 * in_channels, 100), nn.LeakyReLU(_SLOPE), nn.Linear(100, 1)
        )
        if norm == "none":
            _keep_variance(self)

    def forward(self, rgb_BCPP: Tensor) -> Tensor:
        feat_BDPP = self.features(rgb_BCPP)
        pooled = torch.cat([feat_BDPP.mean(dim=(2, 3)), feat_BDPP.amax(dim=(2, 3))], dim=1)
        return self.head(pooled)


class FeatureDiscriminator(nn.Module):
    """A small head on each feature map of a frozen network (after Sauer et al. 2021, "Projected
    GANs Converge Faster").

    It knows textures before its first step and costs little beside a perceptual loss, which has
    computed the maps. Each head's logits are averaged down to the smallest map's size, so that
    every map has the same say.
    """

    def __init__(self, feature_units: Mapping[str, tuple[int, float]], num_features: int) -> None:
        super().__init__()
        n = num_features
        self._units = {name: unit for name, (_, unit) in feature_units.items()}
        self.heads = nn.ModuleDict(
            {
                name: nn.Sequential(
                    nn.Conv2d(channels, n, 1),
                    nn.LeakyReLU(_SLOPE),
                    nn.Conv2d(n, n, 3, padding=1),
                    nn.LeakyReLU(_SLOPE),
                    nn.Conv2d(n, 1, 3, padding=1),
                )
                for name, (channels, _) in feature_units.items()
            }
        )
        _keep_variance(self)

    def forward(self, features: Mapping[str, Tensor]) -> Tensor:
        """Return the logits (B, number of maps, h, w)."""
        logits = [head(features[name] / self._units[name]) for name, head in self.heads.items()]
        smallest = min((each.shape[-2:] for each in logits), key=lambda shape: shape[0])
        return torch.cat([F.adaptive_avg_pool2d(each, smallest) for each in logits], dim=1)


def _keep_variance(network: nn.Module) -> None:
    """Start layers as He et al. (2015, eq. 15): without norms torch's own fades with depth."""
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(layer.weight, a=_SLOPE)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


def _conv(a: int, b: int, kernel: int, *, stride: int, norm: Norm) -> list[nn.Module]:
    """Return convolution, norm and activation."""
    conv = nn.Conv2d(a, b, kernel, stride=stride, padding=1, bias=norm == "none")
    if norm == "batch":
        return [conv, nn.BatchNorm2d(b), nn.LeakyReLU(_SLOPE)]
    if norm == "group":
        return [conv, nn.GroupNorm(min(_GROUPS, b), b), nn.LeakyReLU(_SLOPE)]
    return [conv, nn.LeakyReLU(_SLOPE)]
