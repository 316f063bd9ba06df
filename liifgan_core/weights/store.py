"""Weights files in and out: safetensors only, verified before use.

A trunk that is a network of others as it is published is not in a model's file: the file names it
by its SHA-256, and loading takes it from where it lies.
"""

from collections.abc import Mapping
from pathlib import Path

import msgspec
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor

from liifgan_core.errors import WeightsError
from liifgan_core.files.whole import write_whole
from liifgan_core.models.config import ARCHITECTURE, TrunkConfig
from liifgan_core.models.liif import LIIF
from liifgan_core.models.network import build_network
from liifgan_core.weights.descriptor import WeightsInfo, describe
from liifgan_core.weights.registry import (
    HEADER_KEY,
    Facts,
    Header,
    Provenance,
)
from liifgan_core.weights.trunk_store import load_trunk

_TRUNK = "detail_encoder."
"""What a trunk's tensors are called in a model."""
_STORED_TYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


class LoadedModel(msgspec.Struct, frozen=True, kw_only=True):
    """A verified model: its record and its network on the CPU, float32, in evaluation mode."""

    info: WeightsInfo
    network: LIIF

    @property
    def has_detail(self) -> bool:
        """Whether the detail strength changes the result."""
        return self.network.detail is not None


def load_weights(path: Path) -> LoadedModel:
    """Return the model of a weights file.

    Nothing in the file is executed, and no memory is taken for a network that does not match it.
    Raises WeightsError for a missing, damaged or foreign file, for tensors that are missing, left
    over or of the wrong shape, and for values that are not finite; also when the network that its
    detail layer reads cannot be had or is of another size.
    """
    info = describe(path)
    try:
        tensors = load_file(path)
    except (SafetensorError, OSError) as error:
        raise WeightsError(f"{path}: cannot be read ({error}); get the file again") from error
    header = info.header
    network = network_from(tensors, header.architecture, header.config, where=path)
    return LoadedModel(info=info, network=network)


def network_from(
    tensors: Mapping[str, Tensor], architecture: str, config: object, *, where: Path
) -> LIIF:
    """Return the network that the tensors make up, in float32 and evaluation mode.

    `where` is the file that they come from, for errors. Raises WeightsError as `load_weights`.
    """
    network = build_network(architecture, config, where=str(where))
    expected = {name: tensor.shape for name, tensor in stored_tensors(network).items()}
    _check_shapes(where, expected, {name: tensor.shape for name, tensor in tensors.items()})
    converted: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        if tensor.dtype not in _STORED_TYPES:
            raise WeightsError(f"{where}: the tensor {name} has the type {tensor.dtype}, no float")
        converted[name] = tensor.float()
        if not bool(torch.isfinite(converted[name]).all()):
            raise WeightsError(f"{where}: {name} holds values that are not finite numbers")
    network.load_state_dict(converted, strict=False, assign=True)
    take_external_trunk(network, where=where)
    return network.requires_grad_(False).eval()


def stored_tensors(network: LIIF) -> dict[str, Tensor]:
    """Return the tensors that a network's file holds: all but those of an external trunk."""
    trunk = network.config.detail_trunk
    is_external = trunk is not None and bool(trunk.sha256)
    return {
        name: tensor
        for name, tensor in network.state_dict().items()
        if not (is_external and name.startswith(_TRUNK))
    }


def take_external_trunk(network: LIIF, *, where: Path) -> None:
    """Give a network the trunk that it names by SHA-256, if it does; it shares nothing.

    `where` names the network in errors. 0.2 s for an RRDB. Raises WeightsError when the trunk
    cannot be had, saying how it can, and when it is of another size than configured.
    """
    config = network.config.detail_trunk
    if config is None or not config.sha256:
        return
    try:
        trunk = load_trunk(config.sha256)
    except WeightsError as error:
        raise WeightsError(f"{where}: its detail layer reads another network: {error}") from error
    _check_trunk(config, trunk.config, where)
    network.detail_encoder = trunk


def save_weights(
    path: Path, network: LIIF, provenance: Provenance, *, facts: Facts | None = None
) -> None:
    """Write a network and its header; the file appears whole or not at all.

    An external trunk is not written: it must be as it was loaded. An existing file is replaced.
    Raises WeightsError when the folder cannot be written.
    """
    config = msgspec.to_builtins(network.config)
    header = Header(architecture=ARCHITECTURE, config=config, provenance=provenance, facts=facts)
    stored = stored_tensors(network)
    tensors = {name: t.detach().cpu().contiguous() for name, t in stored.items()}
    content = save(tensors, {HEADER_KEY: msgspec.json.encode(header).decode()})
    try:
        write_whole(path, content)
    except OSError as error:
        raise WeightsError(f"{path}: cannot be written ({error.strerror})") from error


def _check_trunk(told: TrunkConfig, found: object, where: Path) -> None:
    if told.network != found:
        raise WeightsError(
            f"{where}: its detail layer reads {told.network}, but the network with the SHA-256 "
            f"{told.sha256} is {found}; get the file again"
        )


def _check_shapes(
    path: Path, expected: dict[str, torch.Size], found: dict[str, torch.Size]
) -> None:
    for name in sorted(expected.keys() | found.keys()):
        if name not in found:
            raise WeightsError(f"{path}: the tensor {name} is missing")
        if name not in expected:
            raise WeightsError(f"{path}: the tensor {name} does not belong to this network")
        if expected[name] != found[name]:
            want, have = tuple(expected[name]), tuple(found[name])
            raise WeightsError(f"{path}: the tensor {name} has shape {have}, not {want}")
