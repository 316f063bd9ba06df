"""The LIIF family as one configured network: an encoder, a structure and maybe a detail decoder.

Result = structure + strength * detail. The plain LIIF has no detail decoder.

Shapes: B batch, C colour, D feature channels, H W LR size, Q queries.
"""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from liifgan_core.models.config import (
    FieldConfig,
    LIIFConfig,
    RRDBConfig,
    Tap,
    TrunkConfig,
)
from liifgan_core.models.encoders import EDSR
from liifgan_core.models.field_decoder import FieldDecoder
from liifgan_core.models.mlp_decoder import MLPDecoder
from liifgan_core.models.rrdb import RRDBTrunk
from liifgan_core.models.srvgg import SRVGGTrunk

Decoder = MLPDecoder | FieldDecoder
Trunk = RRDBTrunk | SRVGGTrunk


@dataclass(frozen=True, slots=True)
class Features:
    """What the decoders read of one image or tile; a value, kept by whoever encoded."""

    structure_BDHW: Tensor
    detail_BDHW: Tensor | None


@dataclass(frozen=True, slots=True)
class Decoded:
    """The two layers of a result in the network's range."""

    structure_BQC: Tensor
    detail_BQC: Tensor | None

    def blend(self, strength: float = 1.0) -> Tensor:
        """Return structure + strength * detail (B, Q, C)."""
        if self.detail_BQC is None:
            return self.structure_BQC
        return self.structure_BQC + strength * self.detail_BQC


class LIIF(nn.Module):
    """Local implicit image function with one or two decoders. Holds parameters and no state."""

    def __init__(self, config: LIIFConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = EDSR(config.encoder)
        channels = self.encoder.out_channels
        self.structure = _decoder(channels, config.hidden, config.structure_field)
        self.detail_encoder: Trunk | None = None
        """What the detail decoder reads in place of the encoder. One whose weights are in another
        file has no memory for them until it is replaced by that file's (`weights/store.py`)."""
        if config.detail_trunk is not None:
            self.detail_encoder = _trunk(config.detail_trunk)
            channels = self.detail_encoder.out_channels
        self.detail: Decoder | None = None
        if config.has_detail:
            self.detail = _decoder(channels, config.hidden, config.detail_field)

    @property
    def taps(self) -> tuple[Tap, ...]:
        """The encoder taps that are read, each once."""
        return self.config.taps

    @property
    def receptive_radius(self) -> int:
        """How many LR pixels away an input pixel can change a feature that is read."""
        radius = self.encoder.receptive_radius(self.taps)
        if self.detail_encoder is None:
            return radius
        return max(radius, self.detail_encoder.receptive_radius)

    def lower(self, dtype: torch.dtype) -> None:
        """Compute what may be in `dtype`; first and last layers, skips and sums stay float32."""
        self.encoder.lower(dtype)
        self.structure.lower(dtype)
        if self.detail_encoder is not None:
            self.detail_encoder.lower(dtype)
        if self.detail is not None:
            self.detail.lower(dtype)

    def encode(
        self, lr_BCHW: Tensor, *, between_blocks: Callable[[], None] = lambda: None
    ) -> Features:
        """Return the features of RGB in [0, 1]; they have the LR image's height and width."""
        found = self.encoder((lr_BCHW - 0.5) / 0.5, self.taps, between_blocks=between_blocks)
        detail_tap = self.config.detail_tap
        if self.config.detail_trunk is not None:
            detail_BDHW = self.encode_detail(lr_BCHW, between_blocks=between_blocks)
        else:
            detail_BDHW = None if detail_tap is None else found[detail_tap]
        return Features(found[self.config.structure_tap], detail_BDHW)

    def encode_detail(
        self, lr_BCHW: Tensor, *, between_blocks: Callable[[], None] = lambda: None
    ) -> Tensor:
        """Return the detail trunk's features in its unit, float32, as `encode` does.

        Only for a network that has one.
        """
        trunk, config = self.detail_encoder, self.config.detail_trunk
        assert trunk is not None
        assert config is not None
        return trunk(lr_BCHW, between_blocks=between_blocks).float() / config.unit

    def query(self, features: Features, coord_BQ2: Tensor, cell_BQ2: Tensor) -> Decoded:
        """Return both layers at the queries by the plain formula, in the network's range.

        The structure layer is a colour: (x + 1) / 2 is RGB in [0, 1]. The detail layer is an
        increment to it: detail / 2.
        """
        structure = self.structure(features.structure_BDHW, coord_BQ2, cell_BQ2)
        if self.detail is None or features.detail_BDHW is None:
            return Decoded(structure, None)
        drawn = self.detail(features.detail_BDHW, coord_BQ2, cell_BQ2)
        return Decoded(structure, self.detail_layer(drawn, structure))

    def detail_layer(self, drawn: Tensor, structure: Tensor) -> Tensor:
        """Return the detail layer, of what the detail decoder drew where the structure did."""
        return drawn - structure if self.config.detail_is_picture else drawn


def _decoder(in_channels: int, hidden: Sequence[int], field: FieldConfig | None) -> Decoder:
    if field is None:
        return MLPDecoder(in_channels, hidden)
    return FieldDecoder(in_channels, field, hidden)


def _trunk(config: TrunkConfig) -> Trunk:
    network = config.network
    with torch.device("meta") if config.sha256 else nullcontext():
        return RRDBTrunk(network) if isinstance(network, RRDBConfig) else SRVGGTrunk(network)
