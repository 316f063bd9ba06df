"""The network in training: what is decoded, what is trained, where it starts from.

Shapes: B batch, C colour, P patch side.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec
import torch
from torch import Tensor, nn

from liifgan_core.errors import WeightsError
from liifgan_core.models.config import LIIFConfig
from liifgan_core.models.liif import LIIF
from liifgan_core.models.patch_axis import PatchAxis
from liifgan_core.train.config import Part
from liifgan_core.train.lesson_config import TrunkStartConfig
from liifgan_core.weights.store import load_weights, take_external_trunk
from liifgan_core.weights.trunk_store import load_trunk
from liifgan_core.weights.trunks import network_named

M = TypeVar("M", bound=nn.Module)


@dataclass(frozen=True, slots=True)
class Layers:
    """Both layers of a batch of patches, (B, C, P, P) in the network's range."""

    structure: Tensor
    detail: Tensor | None

    @property
    def result(self) -> Tensor:
        """Structure plus detail; with a detail layer, gradients stop at the structure (eq. 5)."""
        if self.detail is None:
            return self.structure
        return self.structure.detach() + self.detail


class Generator(nn.Module):
    """A network that decodes patches of a batch; parameters and state are the network's."""

    def __init__(self, network: LIIF) -> None:
        super().__init__()
        self.network = network

    def forward(
        self, lr_BCHW: Tensor, rows: PatchAxis, cols: PatchAxis, *, with_detail: bool = True
    ) -> tuple[Tensor, Tensor | None]:
        """Return structure and detail (`Layers`' fields) for LR images, RGB in [0, 1].

        `with_detail` off saves the time of the detail layer, which is None then.
        """
        features = self.network.encode(lr_BCHW)
        structure = self.network.structure.patch(features.structure_BDHW, rows, cols)
        if self.network.detail is None or features.detail_BDHW is None or not with_detail:
            return structure, None
        drawn = self.network.detail.patch(features.detail_BDHW, rows, cols)
        return structure, self.network.detail_layer(drawn, structure.detach())


def build_generator(
    config: LIIFConfig,
    init: Path | None,
    *,
    trunk_start: TrunkStartConfig | None = None,
    seed: int,
) -> LIIF:
    """Return the network to train: random from `seed`, or from a weights file.

    What the file lacks of a detail decoder starts as a copy of the structure decoder with its last
    layer zeroed, and deep blocks that it lacks start random, close to the identity. So the first
    result is the file's if the structure decoder reads what it reads there. Taps may differ:
    weights do not depend on them. A decoder of another kind than the file's takes what fits
    (`TrainedDecoder.take`). A detail trunk that is named by its SHA-256 is taken from there;
    another is that of `init` if it has one, else blocks of a network of others (`trunk_start`),
    else random. Raises WeightsError when the encoder or the hidden layers have another size.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = LIIF(config)
    network.encoder.weaken_deep_blocks()
    network.structure.start()
    if network.detail is not None:
        network.detail.start()
        network.detail.silence()
    take_external_trunk(network, where=init or Path("the recipe"))
    if trunk_start is not None:
        _start_trunk(network, trunk_start)
    if init is not None:
        loaded = load_weights(init).network
        _check_size(loaded.config, config, where=init)
        _take_trunk(network, loaded, where=init)
        _take_weights(network, loaded)
    return as_channels_last(network)


def as_channels_last(module: M) -> M:
    """Return the module with its convolutions' weights channels-last: up to twice as fast."""
    for parameter in module.parameters():
        if parameter.ndim == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    return module


def freeze_parts(network: LIIF, trained: Collection[Part]) -> None:
    """Let only the named parts be trained; the others keep their values."""
    parts: dict[Part, nn.Module | None] = {
        "encoder": network.encoder,
        "deep_blocks": network.encoder.deep_blocks,
        "structure": network.structure,
        "trunk": network.detail_encoder,
        "detail": network.detail,
    }
    for name, part in parts.items():
        if part is not None:
            part.requires_grad_(name in trained)


def _check_size(theirs: LIIFConfig, ours: LIIFConfig, *, where: Path) -> None:
    """Raise WeightsError unless a network takes another's weights; it may have deep blocks more."""
    shallow = msgspec.structs.replace(ours.encoder, num_deep_blocks=0, has_deep_noise=False)
    if theirs.encoder in (ours.encoder, shallow) and theirs.hidden == ours.hidden:
        return
    raise WeightsError(
        f"{where}: its network ({theirs.encoder}, hidden {theirs.hidden}) has not the size that "
        f"the recipe trains ({ours.encoder}, hidden {ours.hidden})"
    )


def _take_weights(network: LIIF, loaded: LIIF) -> None:
    """Copy the weights of a network of the same size; what it lacks keeps its start."""
    network.encoder.load_state_dict(network.encoder.state_dict() | loaded.encoder.state_dict())
    network.structure.take(loaded.structure)
    if network.detail is None:
        return
    if loaded.detail is not None:
        network.detail.take(loaded.detail)
    elif network.detail_encoder is None:
        network.detail.take(loaded.structure)
        network.detail.silence()


def _start_trunk(network: LIIF, start: TrunkStartConfig) -> None:
    """Copy blocks of a network of others; raises WeightsError when they make another trunk."""
    ours = network.detail_encoder
    assert ours is not None
    try:
        theirs = load_trunk(network_named(start.network).sha256, blocks=start.blocks)
    except ValueError as error:
        raise WeightsError(f"trunk_start: {error}") from error
    if theirs.config != ours.config:
        raise WeightsError(
            f"trunk_start: blocks {start.blocks} of {start.network} make {theirs.config}, but the "
            f"recipe trains {ours.config}"
        )
    ours.load_state_dict(theirs.state_dict())


def _take_trunk(network: LIIF, loaded: LIIF, *, where: Path) -> None:
    """Copy the trunk of `init`, if it has one and ours is not another file's."""
    ours, theirs = network.config.detail_trunk, loaded.config.detail_trunk
    if ours is None or theirs is None:
        return
    if ours.sha256 != theirs.sha256 or ours.network != theirs.network:
        raise WeightsError(
            f"{where}: its detail layer reads another trunk ({theirs}) than the recipe's ({ours})"
        )
    if not ours.sha256:
        assert network.detail_encoder is not None
        assert loaded.detail_encoder is not None
        network.detail_encoder.load_state_dict(loaded.detail_encoder.state_dict())
