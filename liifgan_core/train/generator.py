"""The network in training: what is decoded, what is trained, where it starts from.

Shapes: B batch, C colour, P patch side.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec
import torch
from torch import Tensor, nn

from liifgan_core.errors import WeightsError
from liifgan_core.models.config import EDSRConfig, LIIFConfig
from liifgan_core.models.encoders import ResidualBlock
from liifgan_core.models.field_decoder import FieldDecoder
from liifgan_core.models.liif import LIIF, Decoder
from liifgan_core.models.mlp_decoder import MLPDecoder
from liifgan_core.models.patch_axis import PatchAxis
from liifgan_core.models.patch_decoder import decode_patch
from liifgan_core.train.config import Part
from liifgan_core.train.lesson_config import TrunkStartConfig
from liifgan_core.weights.store import load_weights, take_external_trunk
from liifgan_core.weights.trunk_store import load_trunk
from liifgan_core.weights.trunks import network_named

_NOISE_START = 0.05
"""Deviation of the noise's first strengths; features are of the order of 1."""
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
        structure = decode_patch(self.network.structure, features.structure_BDHW, rows, cols)
        if self.network.detail is None or features.detail_BDHW is None or not with_detail:
            return structure, None
        detail = decode_patch(self.network.detail, features.detail_BDHW, rows, cols)
        return structure, detail


def build_generator(
    config: LIIFConfig,
    init: Path | None,
    *,
    structure_init: Path | None = None,
    trunk_start: TrunkStartConfig | None = None,
    trains_structure: bool = True,
    seed: int,
) -> LIIF:
    """Return the network to train: random from `seed`, or from a weights file.

    What the file lacks of a detail decoder starts as a copy of the structure decoder with its last
    layer zeroed, and deep blocks that it lacks start random, close to the identity. So the first
    result is the file's if the structure decoder reads what it reads there. Taps may differ:
    weights do not depend on them. `structure_init` gives the structure decoder and the encoder up
    to the trunk's end in place of `init`; deep blocks and detail decoder of `init` then read other
    features than they know. A structure decoder with points may come from one without, as long as
    it is trained then (`trains_structure`): they begin as the MLP of `init` and add nothing yet.
    A detail trunk that is named by its SHA-256 is taken from there; another is that of `init` if it
    has one, else blocks of a network of others (`trunk_start`), else random.
    Raises WeightsError when the encoder or the decoder has another size.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = LIIF(config)
        if network.encoder.noise_strength is not None:
            nn.init.normal_(network.encoder.noise_strength, std=_NOISE_START)
    for module in network.modules():
        if isinstance(module, FieldDecoder):
            _start_field(module)
    for block in network.encoder.deep_blocks:
        _weaken(block)
    if network.detail is not None:
        _silence(network.detail)
    take_external_trunk(network, where=init or Path("the recipe"))
    if trunk_start is not None:
        _start_trunk(network, trunk_start)
    if init is not None:
        loaded = load_weights(init).network
        _check_size(loaded.config, config, where=init)
        _take_trunk(network, loaded, where=init)
        _take_weights(network, loaded)
    if structure_init is not None:
        donor = load_weights(structure_init).network
        _take_structure(network, donor, may_lack_points=trains_structure, where=structure_init)
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
    if network.encoder.noise_strength is not None:
        network.encoder.noise_strength.requires_grad_("deep_blocks" in trained)


def _check_size(theirs: LIIFConfig, ours: LIIFConfig, *, where: Path) -> None:
    """Raise WeightsError unless a network takes another's weights; it may have deep blocks more."""
    without_noise = msgspec.structs.replace(ours.encoder, has_deep_noise=False)
    fitting = (ours.encoder, without_noise, _without_deep_blocks(ours.encoder))
    if theirs.encoder in fitting and theirs.hidden == ours.hidden:
        return
    raise WeightsError(
        f"{where}: its network ({theirs.encoder}, hidden {theirs.hidden}) has not the size that "
        f"the recipe trains ({ours.encoder}, hidden {ours.hidden})"
    )


def _without_deep_blocks(encoder: EDSRConfig) -> EDSRConfig:
    return msgspec.structs.replace(encoder, num_deep_blocks=0, has_deep_noise=False)


def _take_weights(network: LIIF, loaded: LIIF) -> None:
    """Copy the weights of a network of the same size; what it lacks keeps its start."""
    network.encoder.load_state_dict(network.encoder.state_dict() | loaded.encoder.state_dict())
    _take_decoder(network.structure, loaded.structure)
    if network.detail is None:
        return
    if loaded.detail is not None:
        _take_decoder(network.detail, loaded.detail)
    elif network.detail_encoder is None:
        _take_decoder(network.detail, loaded.structure)
        _silence(network.detail)


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


def _take_structure(network: LIIF, loaded: LIIF, *, may_lack_points: bool, where: Path) -> None:
    """Copy the trunk and the structure decoder of a network that has both in the same size."""
    trunks = [_without_deep_blocks(each.config.encoder) for each in (network, loaded)]
    theirs, ours = _shapes(loaded.structure), _shapes(network.structure)
    fitting = (ours, _without_points(ours)) if may_lack_points else (ours,)
    if trunks[0] != trunks[1] or theirs not in fitting:
        raise WeightsError(f"{where}: its encoder or its structure decoder is of another kind")
    deep = ("deep_blocks.", "noise_strength")
    encoder = loaded.encoder.state_dict()
    trunk = {name: tensor for name, tensor in encoder.items() if not name.startswith(deep)}
    network.encoder.load_state_dict(network.encoder.state_dict() | trunk)
    _silence_points(network.structure)  # what `init` has read from them
    _take_decoder(network.structure, loaded.structure)


def _shapes(part: nn.Module | Mapping[str, Tensor]) -> dict[str, torch.Size]:
    tensors = part.state_dict() if isinstance(part, nn.Module) else part
    return {name: tensor.shape for name, tensor in tensors.items()}


def _without_points(named: Mapping[str, torch.Size]) -> dict[str, torch.Size]:
    return {name: value for name, value in named.items() if not name.startswith("points.")}


def _take_decoder(ours: Decoder, theirs: Decoder) -> None:
    """Copy the weights of a decoder of the same kind and size; another keeps its start.

    Of a field of another order the functions that both have are copied; more start at zero. Points
    start with the hidden layers of an MLP; a field without points leaves them as they are.
    """
    taken = dict(theirs.state_dict())
    if isinstance(ours, FieldDecoder):
        if isinstance(theirs, MLPDecoder):
            if ours.points is not None:
                ours.points.take_mlp(theirs)
            return
        for name in [name for name in taken if name.startswith(("readout.", "points.readouts."))]:
            taken[name] = _of_order(taken[name], theirs.num_functions, ours.num_functions)
        if theirs.points is None:
            kept = ours.state_dict()
            taken |= {name: kept[name] for name in kept if name.startswith("points.")}
    if _shapes(ours) == _shapes(taken):
        ours.load_state_dict(taken)


def _of_order(readout: Tensor, before: int, after: int) -> Tensor:
    """Return a field's readout, weight or bias, for another number of functions per axis."""
    old = readout.unflatten(0, (3, before, before))
    new = readout.new_zeros(3, after, after, *readout.shape[1:])
    kept = min(before, after)
    new[:, :kept, :kept] = old[:, :kept, :kept]
    return new.flatten(0, 2)


def _weaken(block: nn.Module) -> None:
    """Scale a residual block's second convolution down: ESRGAN's start (Wang et al. 2018, 3.1)."""
    assert isinstance(block, ResidualBlock)
    with torch.no_grad():
        for parameter in block.conv2.parameters():
            parameter.mul_(0.1)


def _start_field(decoder: FieldDecoder) -> None:
    """Start a field near zero, its blocks close to the identity."""
    for block in decoder.blocks:
        _weaken(block)
    with torch.no_grad():
        decoder.readout.weight.mul_(0.1)
        if decoder.readout.bias is not None:
            decoder.readout.bias.zero_()
    _silence_points(decoder)


def _silence(decoder: Decoder) -> None:
    """Zero the last layer: the decoder gives zero until it is trained."""
    _silence_points(decoder)
    last = decoder.readout if isinstance(decoder, FieldDecoder) else decoder.linears[-1]
    for parameter in last.parameters():
        nn.init.zeros_(parameter)


def _silence_points(decoder: Decoder) -> None:
    """Let the points of a field, if it has any, add nothing until they are trained."""
    if isinstance(decoder, FieldDecoder) and decoder.points is not None:
        decoder.points.silence()
