"""EDSR with its upsampler (Lim et al. 2017): a network of one whole factor, to compare with.

Parameters have the names of the authors' checkpoints, so that a state dict is such a file. Those of
BasicSR are renamed. Shapes: B batch, C colour, D feature channels, H W LR size, h w output size.
"""

import re
from collections.abc import Mapping

import torch
from torch import Tensor, nn

_RANGE = 255.0
"""The layers work on this range; the mean shifts lead there and back."""
_DIV2K_MEAN = (0.4488, 0.4371, 0.4040)
"""Mean of DIV2K's training images, RGB (EDSR's code; BasicSR has it in the code only)."""
_LARGE_FEATURES, _LARGE_RESIDUAL_SCALE = 256, 0.1
"""The large EDSR scales its residuals (section 3.3); files do not say so."""

_BASICSR: tuple[tuple[str, str], ...] = (
    (r"conv_first\.(\w+)", r"head.0.\1"),
    (r"body\.(\d+)\.conv1\.(\w+)", r"body.\1.body.0.\2"),
    (r"body\.(\d+)\.conv2\.(\w+)", r"body.\1.body.2.\2"),
    (r"upsample\.(\d+)\.(\w+)", r"tail.0.\1.\2"),
    (r"conv_last\.(\w+)", r"tail.1.\1"),
)
"""BasicSR's names and the authors'; `conv_after_body` depends on the number of blocks."""


class EDSRUpscaler(nn.Module):
    """RGB in [0, 1], (B, C, H, W), to (B, C, h, w) at a fixed factor of 2, 3 or 4, not clipped."""

    def __init__(self, *, num_features: int, num_blocks: int, scale: int) -> None:
        super().__init__()
        self.scale = scale
        large = num_features >= _LARGE_FEATURES
        residual_scale = _LARGE_RESIDUAL_SCALE if large else 1.0
        mean = torch.tensor(_DIV2K_MEAN) * _RANGE
        self.sub_mean = _mean_shift(-mean)
        self.add_mean = _mean_shift(mean)
        self.head = nn.Sequential(_conv(3, num_features))
        blocks = [_ResidualBlock(num_features, residual_scale) for _ in range(num_blocks)]
        self.body = nn.Sequential(*blocks, _conv(num_features, num_features))
        self.tail = nn.Sequential(_upsampler(num_features, scale), _conv(num_features, 3))

    def forward(self, rgb_BCHW: Tensor) -> Tensor:
        head_BDHW = self.head(self.sub_mean(rgb_BCHW * _RANGE))
        return self.add_mean(self.tail(self.body(head_BDHW) + head_BDHW)) / _RANGE


def edsr_upscaler_from(tensors: Mapping[str, Tensor]) -> EDSRUpscaler | None:
    """Return the network of a state dict in the authors' or BasicSR's names; None: of neither.

    The factor and the size are read from the tensors. Raises ValueError when the names are an
    EDSR's but tensors are missing, left over or of the wrong shape.
    """
    named = _authors_names(tensors)
    if not {"head.0.weight", "body.0.body.0.weight", "tail.1.weight"} <= named.keys():
        return None
    blocks = {int(key.split(".")[1]) for key in named if re.match(r"body\.\d+\.body\.", key)}
    num_features = named["head.0.weight"].shape[0]
    network = EDSRUpscaler(
        num_features=num_features, num_blocks=len(blocks), scale=_scale(named, num_features)
    )
    shifts = {name: t for name, t in network.state_dict().items() if "_mean." in name}
    try:
        network.load_state_dict({**shifts, **named})
    except RuntimeError as error:
        raise ValueError(" ".join(str(error).split())) from error
    return network.requires_grad_(False).eval()


class _ResidualBlock(nn.Module):
    def __init__(self, num_features: int, residual_scale: float) -> None:
        super().__init__()
        self.body = nn.Sequential(
            _conv(num_features, num_features), nn.ReLU(), _conv(num_features, num_features)
        )
        self.residual_scale = residual_scale

    def forward(self, feat_BDHW: Tensor) -> Tensor:
        return torch.add(feat_BDHW, self.body(feat_BDHW), alpha=self.residual_scale)


def _conv(in_channels: int, out_channels: int) -> nn.Conv2d:
    return nn.Conv2d(in_channels, out_channels, 3, padding=1)


def _mean_shift(shift: Tensor) -> nn.Conv2d:
    """Return a 1x1 convolution that adds the shift; not trained."""
    conv = nn.Conv2d(3, 3, 1)
    conv.weight.data = torch.eye(3).view(3, 3, 1, 1)
    conv.bias = nn.Parameter(shift)
    return conv.requires_grad_(False)


def _upsampler(num_features: int, scale: int) -> nn.Sequential:
    """Return convolutions and pixel shuffles: one of 2 or 3, or two of 2."""
    layers: list[nn.Module] = []
    for factor in {2: (2,), 3: (3,), 4: (2, 2)}[scale]:
        layers += [_conv(num_features, num_features * factor**2), nn.PixelShuffle(factor)]
    return nn.Sequential(*layers)


def _authors_names(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the tensors by the authors' names; unknown names stay."""
    num_blocks = len({key.split(".")[1] for key in tensors if key.startswith("body.")})
    renamed: dict[str, Tensor] = {}
    for key, tensor in tensors.items():
        name = key.replace("conv_after_body.", f"body.{num_blocks}.")
        for pattern, ours in _BASICSR:
            name = re.sub(f"^{pattern}$", ours, name)
        renamed[name] = tensor
    return renamed


def _scale(named: Mapping[str, Tensor], num_features: int) -> int:
    if "tail.0.2.weight" in named:
        return 4
    first = named.get("tail.0.0.weight")
    grown = 0 if first is None else first.shape[0]
    for scale in (2, 3):
        if grown == num_features * scale**2:
            return scale
    raise ValueError("the upsampler is none of EDSR's; known are factors 2, 3 and 4")
