"""Networks of others, from their verified files to modules."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from liifgan_core.errors import WeightsError
from liifgan_core.models.config import RRDBConfig, SRVGGConfig
from liifgan_core.models.liif import Trunk
from liifgan_core.models.rrdb import RRDBNet, RRDBTrunk
from liifgan_core.models.srvgg import SRVGGNet
from liifgan_core.weights.ncnn_file import NcnnConvolution, NcnnLayer, read_ncnn
from liifgan_core.weights.registry import SUFFIX
from liifgan_core.weights.trunks import NETWORKS, find_network, network_by_sha256

ExternalNet = RRDBNet | SRVGGNet


def load_network(name: str) -> ExternalNet:
    """Return a network of `trunks.NETWORKS`: on the CPU, float32, frozen, in evaluation mode.

    Its files are read in place; 0.2 s and 67 MB for an RRDB. Raises WeightsError as `find_network`
    and `read_ncnn` do, and for files of another network than the one configured.
    """
    path = find_network(name)
    if path.suffix == SUFFIX:
        return _filled(_empty(NETWORKS[name].config), load_file(path))
    layers = read_ncnn(path.with_suffix(".param"), path)
    return network_from_layers(layers, NETWORKS[name].config, where=path)


def load_trunk(sha256: str, *, blocks: Sequence[int] | None = None) -> Trunk:
    """Return the trunk of the network whose weights' file has the SHA-256, as `load_network` does.

    `blocks` are those of an RRDB to keep, counted from 0; None: all. Raises WeightsError for a
    SHA-256 that is not known and as `load_network` does, ValueError for blocks that it lacks.
    """
    trunk = load_network(network_by_sha256(sha256).name).trunk
    if blocks is None:
        return trunk
    if not isinstance(trunk, RRDBTrunk):
        raise ValueError("only an RRDB trunk has blocks to choose from")
    return trunk.with_blocks(blocks)


def network_from_layers(
    layers: Sequence[NcnnLayer], config: RRDBConfig | SRVGGConfig, *, where: Path
) -> ExternalNet:
    """Return the network of a configuration with the layers' tensors, as `load_network` does.

    `where` names the file in errors. Raises WeightsError unless layers and network agree in number,
    order, kind and shape.
    """
    network = _empty(config)
    modules = [
        part for part in network.named_modules() if isinstance(part[1], nn.Conv2d | nn.PReLU)
    ]
    if len(modules) != len(layers):
        raise WeightsError(f"{where}: has {len(layers)} layers; this network has {len(modules)}")
    state: dict[str, Tensor] = {}
    for (name, module), layer in zip(modules, layers, strict=True):
        tensors = _tensors(layer)
        expected = {key: tuple(tensor.shape) for key, tensor in module.state_dict().items()}
        found = {key: tensor.shape for key, tensor in tensors.items()}
        if found != expected:
            raise WeightsError(
                f"{where}: the layer {layer.name} has the shapes {found}, not {expected}"
            )
        state |= {
            f"{name}.{key}": torch.from_numpy(tensor).to(torch.float32, copy=True)
            for key, tensor in tensors.items()
        }
    if isinstance(config, RRDBConfig):
        state["trunk.block_factors"] = torch.full((config.num_blocks,), config.residual_scale)
    return _filled(network, state)


def _filled(network: ExternalNet, state: Mapping[str, Tensor]) -> ExternalNet:
    network.load_state_dict({name: t.float() for name, t in state.items()}, assign=True)
    return network.requires_grad_(False).eval()


def _empty(config: RRDBConfig | SRVGGConfig) -> ExternalNet:
    with torch.device("meta"):
        return RRDBNet(config) if isinstance(config, RRDBConfig) else SRVGGNet(config)


def _tensors(layer: NcnnLayer) -> dict[str, np.ndarray]:
    if isinstance(layer, NcnnConvolution):
        return {"weight": layer.weight_OIKK, "bias": layer.bias_O}
    return {"weight": layer.slopes_D}
