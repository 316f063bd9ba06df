"""Pretrained image classifiers whose feature maps measure how alike two pictures look.

Own definitions of the convolutional parts, so that torchvision is not needed:

- VGG19 (Simonyan and Zisserman 2015), with torchvision's weights.
- Shift-tolerant VGG16 and AlexNet (Ghildyal and Liu 2022, "Shift-tolerant Perceptual Similarity
  Metric"): max-pool of stride 1, then a 3-tap binomial blur of stride 2 with reflect padding 2;
  AlexNet's first convolution has stride 1, with such a blur behind it.

Shapes: B batch, C colour, h w image size.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

FeatureNetworkName = Literal["vgg19", "vgg16-shift-tolerant", "alex-shift-tolerant"]

_Range = tuple[tuple[float, float, float], tuple[float, float, float]]
_IMAGENET: _Range = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
"""Mean and standard deviation of RGB in [0, 1] that torchvision's networks expect."""
_LPIPS: _Range = ((-0.030, -0.088, -0.188), (0.458, 0.448, 0.450))
"""Shift and scale of RGB in [-1, 1] of LPIPS (Zhang et al. 2018), the same to rounding."""


class BlurPool(nn.Module):
    """The blur [1, 2, 1] / 4 on both axes with stride 2 and reflect padding 2."""

    def forward(self, feat: Tensor) -> Tensor:
        padded = F.pad(feat, (2, 2, 2, 2), mode="reflect")
        # Two means of two are [1, 2, 1] / 4, without a depthwise convolution, slow on CPUs.
        return F.avg_pool2d(F.avg_pool2d(padded, 2, stride=1), 2, stride=2)


class FeatureNetwork(nn.Module):
    """A frozen stack of layers, some of which have names under which their output is asked for."""

    def __init__(self, layers: Sequence[tuple[str, nn.Module]], *, scaling: _Range) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layer for _, layer in layers)
        self.names = tuple(name for name, _ in layers)
        """One per layer; empty for layers that cannot be asked for."""
        shift, scale = (torch.tensor(values).view(1, 3, 1, 1) for values in scaling)
        self.register_buffer("shift", shift, persistent=False)
        self.register_buffer("scale", scale, persistent=False)
        self.requires_grad_(False).eval()

    def forward(self, rgb_BChw: Tensor, wanted: Iterable[str]) -> dict[str, Tensor]:
        """Return the wanted layers' outputs for RGB in [-1, 1]; later layers are not run.

        Raises ValueError for a layer that the network does not have.
        """
        missing = set(wanted)
        unknown = missing - set(self.names)
        if unknown:
            known = ", ".join(name for name in self.names if name)
            raise ValueError(f"the network has no layers {sorted(unknown)}; it has {known}")
        feat = (rgb_BChw - self.get_buffer("shift")) / self.get_buffer("scale")
        found: dict[str, Tensor] = {}
        for name, layer in zip(self.names, self.layers, strict=True):
            if not missing:
                break
            feat = layer(feat)
            if name in missing:
                found[name] = feat
                missing.discard(name)
        return found

    def load_convolutions(self, tensors: Mapping[str, Tensor]) -> None:
        """Take weights and biases from tensors in the layers' order, whatever their names.

        Raises ValueError when their number or a shape differs.
        """
        convs = [layer for layer in self.layers if isinstance(layer, nn.Conv2d)]
        weights = [t for name, t in tensors.items() if name.endswith(".weight")]
        biases = [t for name, t in tensors.items() if name.endswith(".bias")]
        shapes = [tuple(t.shape) for t in weights]
        if shapes != [tuple(conv.weight.shape) for conv in convs] or len(biases) != len(convs):
            raise ValueError(f"convolutions of shapes {shapes} are not those of this network")
        for conv, weight, bias in zip(convs, weights, biases, strict=True):
            assert conv.bias is not None
            conv.weight.data = weight.float().contiguous(memory_format=torch.channels_last)
            conv.bias.data = bias.float()


def build_feature_network(name: FeatureNetworkName) -> FeatureNetwork:
    """Return the network with random weights; they are to be loaded by `load_convolutions`."""
    if name == "vgg19":
        # torchvision's range is for [0, 1]: (x + 1) / 2 is folded into mean and deviation.
        mean, deviation = _IMAGENET
        scaling = (_triple(2.0 * m - 1.0 for m in mean), _triple(2.0 * d for d in deviation))
        pool: list[nn.Module] = [nn.MaxPool2d(2)]
        return FeatureNetwork(_vgg_layers((2, 2, 4, 4, 4), pool), scaling=scaling)
    if name == "vgg16-shift-tolerant":
        pool = [nn.MaxPool2d(2, stride=1), BlurPool()]
        return FeatureNetwork(_vgg_layers((2, 2, 3, 3, 3), pool), scaling=_LPIPS)
    return FeatureNetwork(_alex_layers(), scaling=_LPIPS)


def _vgg_layers(
    convs_per_block: Sequence[int], pool: Sequence[nn.Module]
) -> list[tuple[str, nn.Module]]:
    """Return VGG's layers, named conv1_1, relu1_1 and so on, without the last pool."""
    layers: list[tuple[str, nn.Module]] = []
    in_channels = 3
    for block, num_convs in enumerate(convs_per_block, start=1):
        if block > 1:
            layers += [("", layer) for layer in pool]
        width = min(64 * 2 ** (block - 1), 512)
        for number in range(1, num_convs + 1):
            layers.append((f"conv{block}_{number}", nn.Conv2d(in_channels, width, 3, padding=1)))
            layers.append((f"relu{block}_{number}", nn.ReLU()))
            in_channels = width
    return layers


def _alex_layers() -> list[tuple[str, nn.Module]]:
    """Return the shift-tolerant AlexNet's layers; only the activations have names."""
    return [
        ("", nn.Conv2d(3, 64, 11, padding=2)),
        ("", BlurPool()),
        ("relu1", nn.ReLU()),
        ("", nn.MaxPool2d(3, stride=1)),
        ("", BlurPool()),
        ("", nn.Conv2d(64, 192, 5, padding=2)),
        ("relu2", nn.ReLU()),
        ("", nn.MaxPool2d(3, stride=1)),
        ("", BlurPool()),
        ("", nn.Conv2d(192, 384, 3, padding=1)),
        ("relu3", nn.ReLU()),
        ("", nn.Conv2d(384, 256, 3, padding=1)),
        ("relu4", nn.ReLU()),
        ("", nn.Conv2d(256, 256, 3, padding=1)),
        ("relu5", nn.ReLU()),
    ]


def _triple(values: Iterable[float]) -> tuple[float, float, float]:
    a, b, c = values
    return a, b, c
