"""ST-LPIPS, the shift-tolerant perceptual distance (Ghildyal and Liu, ECCV 2022).

With the published weights of version ST0.0, on RGB in [-1, 1] as the standard says. Values of
"alex" and "vgg" are two distances: never compare one with the other, nor with plain LPIPS. Judge by
the one that was not trained on.

Shapes: B batch, C colour, D feature channels, h w image size.
"""

from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from liifgan_core.errors import WeightsError
from liifgan_core.models.feature_networks import FeatureNetwork, FeatureNetworkName
from liifgan_core.weights.feature_files import load_feature_network

Trunk = Literal["alex", "vgg"]

_NETWORKS: dict[Trunk, FeatureNetworkName] = {
    "alex": "alex-shift-tolerant",
    "vgg": "vgg16-shift-tolerant",
}
_LAYERS: dict[Trunk, tuple[str, ...]] = {
    "alex": ("relu1", "relu2", "relu3", "relu4", "relu5"),
    "vgg": ("relu1_2", "relu2_2", "relu3_3", "relu4_3", "relu5_3"),
}
_EPSILON = 1e-10


class STLPIPS(nn.Module):
    """The distance of two batches: LPIPS (Zhang et al. 2018, eq. 1) on a shift-tolerant trunk."""

    def __init__(self, trunk: Trunk, network: FeatureNetwork, heads: list[Tensor]) -> None:
        super().__init__()
        self.trunk: Trunk = trunk
        self.network = network
        for number, head in enumerate(heads):
            self.register_buffer(f"head{number}", head.view(1, -1, 1, 1), persistent=False)

    def forward(self, sr_BChw: Tensor, hr_BChw: Tensor) -> Tensor:
        """Return the distances (B,) of RGB in [-1, 1]; 0 for equal pictures."""
        layers = _LAYERS[self.trunk]
        sr_feats, hr_feats = self.network(sr_BChw, layers), self.network(hr_BChw, layers)
        total = torch.zeros(len(sr_BChw), device=sr_BChw.device)
        for number, name in enumerate(layers):
            difference = _unit(sr_feats[name]) - _unit(hr_feats[name])
            head = self.get_buffer(f"head{number}")
            total = total + (difference.square() * head).sum(dim=1).mean(dim=(1, 2))
        return total

    def distance(self, sr: NDArray[np.floating], hr: NDArray[np.floating]) -> float:
        """Return the distance of two pictures, RGB (h, w, 3) in [0, 1], at least 32 pixels a side.

        Raises ValueError when the sizes differ.
        """
        if sr.shape != hr.shape:
            raise ValueError(f"cannot compare {sr.shape} with {hr.shape}")
        device = self.get_buffer("head0").device
        pair = torch.from_numpy(np.stack([sr, hr]).astype(np.float32)).to(device)
        pair = (pair.permute(0, 3, 1, 2) * 2.0 - 1.0).contiguous(memory_format=torch.channels_last)
        with torch.inference_mode():
            return float(self(pair[:1], pair[1:]))


def load_st_lpips(trunk: Trunk = "alex", *, device: torch.device | None = None) -> STLPIPS:
    """Return the distance with its published weights, which are fetched once (64 MB).

    Raises WeightsError when they cannot be had or are damaged.
    """
    network, others = load_feature_network(_NETWORKS[trunk])
    heads = [others.get(f"lin{number}.model.1.weight") for number in range(len(_LAYERS[trunk]))]
    if any(head is None for head in heads):
        raise WeightsError(f"the file of ST-LPIPS({trunk}) has no heads; delete it")
    return STLPIPS(trunk, network, [head for head in heads if head is not None]).to(device)


def _unit(feat_BDhw: Tensor) -> Tensor:
    """Return features scaled to length 1 at every place."""
    length = feat_BDhw.square().sum(dim=1, keepdim=True).sqrt()
    return feat_BDhw / (length + _EPSILON)
