"""A model on a device, in a precision: what images are encoded with.

Long because it is the one place that knows both kinds of decoders, on grids and at points.
"""

import copy
import functools
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from liifgan_core.geometry import Size, Tile
from liifgan_core.models.config import Tap
from liifgan_core.models.decoder import PointDecoder, RenderDecoder
from liifgan_core.models.fast_field import FastFieldDecoder, blended_tables
from liifgan_core.models.fast_mlp import FastMLPDecoder
from liifgan_core.models.field_cells import FieldCells, blended_cells
from liifgan_core.models.field_decoder import FieldDecoder
from liifgan_core.models.liif import LIIF, Decoder
from liifgan_core.models.mlp_points import MLPPoints
from liifgan_core.models.processor import this_processor
from liifgan_core.render.devices import (
    exact_convolutions,
    is_accelerated,
    is_out_of_memory,
    precision_name,
    resolve_device,
    resolve_precision,
)
from liifgan_core.render.trunk_engines import (
    EngineName,
    TrunkEngine,
    engine_name,
    make_engine,
    trunk_halo,
)
from liifgan_core.weights.default_model import default_model
from liifgan_core.weights.registry import WeightsInfo, find_model
from liifgan_core.weights.store import LoadedModel, load_weights

Layer = Literal["structure", "detail"]


@dataclass(frozen=True, slots=True)
class Blend:
    """Structure + strength * detail, drawn as one layer: half the work of two, for fields only."""

    strength: float
    is_coarse: bool = False
    """Without the functions that only the detail has: quicker, and less fine
    (`PlacedModel.coarse_below`)."""


Drawn = Layer | Blend
"""What is drawn in one go."""


@dataclass(frozen=True, slots=True)
class AtPoints:
    """A layer or blend drawn at any places, for views that are warped."""

    drawn: Drawn


FeatureMap = Tap | Layer
"""What layers are decoded from: an encoder's tap, or what a layer's decoder has made of its tap
(`FieldDecoder.refined`)."""

_logger = logging.getLogger(__name__)


class PlacedModel:
    """One model on one device. Safe to share between images; not between threads."""

    def __init__(
        self,
        model: LoadedModel,
        device: torch.device,
        dtype: torch.dtype,
        *,
        is_automatic: bool = False,
    ) -> None:
        self.info: WeightsInfo = model.info
        self.device = device
        self.dtype = dtype
        """Number format of what `LIIF.lower` names and of MLPs' hidden layers; float32 from when
        half precision has failed (`fall_back`)."""
        self._model = model
        self._is_automatic = is_automatic
        self._network = network = self._placed_network()
        config = network.config
        self._taps: dict[Layer, Tap | None] = {"structure": config.structure_tap}
        if config.has_detail:
            self._taps["detail"] = config.detail_tap
        self.layer_maps: dict[Layer, FeatureMap] = {
            layer: layer if tap is None or self._refining_radius(layer) else tap
            for layer, tap in self._taps.items()
        }
        """What each layer is decoded from; without a detail decoder there is one layer."""
        self._decoders: dict[tuple[Layer, torch.dtype], RenderDecoder[Any]] = {}
        self._point_decoders: dict[tuple[Layer, torch.dtype], PointDecoder] = {}
        self.receptive_radius = max(
            self._encoding_radius(tap) + self._refining_radius(layer)
            for layer, tap in self._taps.items()
        )
        """How many LR pixels away an input pixel can change a feature; for trunks of others,
        noticeably (`trunk_halo`)."""
        self.num_features = network.encoder.out_channels
        """Channels of every tap."""

    @property
    def precision(self) -> str:
        """What draws now: "fp32", "bf16" or "fp16"."""
        return precision_name(self.dtype)

    def for_depth(self, bit_depth: int) -> "PlacedModel":
        """Return the model for results of so many bits: above 8, float32 unless told otherwise.

        In bf16 a result is within half a step of 8 bits on average, but not of more.
        """
        if bit_depth <= 8 or self.dtype is torch.float32 or not self._is_automatic:
            return self
        return self._in_float32

    @functools.cached_property
    def _in_float32(self) -> "PlacedModel":
        return PlacedModel(self._model, self.device, torch.float32)

    def fall_back(self, reason: str) -> None:
        """Go on in float32 for good, and say so once; nothing happens where that is so already."""
        if self.dtype is torch.float32:
            return
        _logger.warning("%s %s: going on in float32", self.precision, reason)
        self.dtype = torch.float32
        self._network = self._placed_network()

    @property
    def engine(self) -> EngineName:
        """What computes the encoder that costs most."""
        return "torch" if self._trunk is None else self._trunk.name

    @property
    def wants_one_shape(self) -> bool:
        """Whether tiles of another height or width cost seconds of preparation."""
        return self._trunk is not None and self._trunk.wants_one_shape

    def trunk_bytes(self, num_pixels: int) -> int:
        """Return the memory that encoding so many LR pixels at once takes in a trunk; 0: none."""
        return 0 if self._trunk is None else self._trunk.peak_bytes(num_pixels)

    def _placed_network(self) -> LIIF:
        network = copy.deepcopy(self._model.network).to(self.device)
        trunk, self._trunk = network.detail_encoder, None
        if trunk is not None:
            name = engine_name(trunk, self.device.type, self.dtype, this_processor())
            # Other engines take the weights before they are rounded.
            self._trunk: TrunkEngine | None = make_engine(name, trunk)
        if self.dtype is not torch.float32:
            network.lower(self.dtype)
        # 3x3 convolutions run up to twice as fast on channels-last weights; input follows weights.
        for parameter in network.parameters():
            if parameter.ndim == 4:
                parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
        return network

    @property
    def has_detail(self) -> bool:
        """Whether the detail strength changes the result."""
        return "detail" in self.layer_maps

    @property
    def can_blend(self) -> bool:
        """Whether a `Blend` can be drawn: there are two layers, and both are fields."""
        decoders = [self._decoder_of(layer) for layer in self.layer_maps]
        return len(decoders) == 2 and all(isinstance(d, FieldDecoder) for d in decoders)

    @property
    def feature_bytes(self) -> int:
        """Size of one LR pixel's features, all maps together."""
        channels = {
            name: self._refined_channels(layer) if name == layer else self.num_features
            for layer, name in self.layer_maps.items()
        }
        return 4 * sum(channels.values())

    @property
    def table_bytes(self) -> int:
        """Size of one LR pixel's entries in the decoders' tables, all layers together."""
        return sum(self.decoder(layer, self.dtype).table_bytes for layer in self.layer_maps)

    @property
    def point_table_bytes(self) -> int:
        """The same of the tables for points, with those of a `Blend` where there are any."""
        decoders = {layer: self.point_decoder(layer, self.dtype) for layer in self.layer_maps}
        sizes = [decoder.table_bytes for decoder in decoders.values()]
        return sum(sizes) + (max(sizes) if self.can_blend else 0)

    @property
    def blend_bytes(self) -> int:
        """Size of one LR pixel's entries in a `Blend`'s tables, whole and coarse; 0 without any."""
        if not self.can_blend:
            return 0
        blends = [Blend(1.0), Blend(1.0, is_coarse=True)] if self.coarse_below else [Blend(1.0)]
        return sum(self.decoder(blend, self.dtype).table_bytes for blend in blends)

    @property
    def coarse_below(self) -> float:
        """Factor below which a coarse `Blend` may be shown while a view moves; 0: never.

        Functions of order k lie about k / 2 cycles per LR pixel, so below factor k they lie about
        and beyond the finest that the output can hold, half a cycle per pixel.
        """
        structure, detail = self._network.structure, self._network.detail
        if not isinstance(structure, FieldDecoder) or not isinstance(detail, FieldDecoder):
            return 0.0
        return structure.order + 1.0 if structure.order < detail.order else 0.0

    def encode(
        self, rgb_HWC: NDArray[np.float32], between_blocks: Callable[[], None]
    ) -> dict[FeatureMap, Tensor]:
        """Return the feature maps (1, channels, H, W), float32, of RGB in [0, 1]."""
        try:
            found = self._encoded(rgb_HWC, between_blocks)
        except RuntimeError as error:
            if self.dtype is torch.float32 or is_out_of_memory(error):
                raise
            self.fall_back(f"is refused by {self.device} ({str(error).splitlines()[0]})")
        else:
            if self.dtype is torch.float32 or all(map(is_finite, found.values())):
                return found
            self.fall_back("overflowed")
        return self._encoded(rgb_HWC, between_blocks)

    def _encoded(
        self, rgb_HWC: NDArray[np.float32], between_blocks: Callable[[], None]
    ) -> dict[FeatureMap, Tensor]:
        lr_HWC = torch.from_numpy(rgb_HWC).to(self.device)
        lr_BCHW = ((lr_HWC - 0.5) / 0.5).permute(2, 0, 1).unsqueeze(0)
        # TF32 would make a tile differ from the whole image by far more than 1e-5.
        with torch.inference_mode(), exact_convolutions():
            tapped = self._network.encoder(
                lr_BCHW, self._network.taps, between_blocks=between_blocks
            )
            found: dict[FeatureMap, Tensor] = {}
            for layer, name in self.layer_maps.items():
                tap, decoder = self._taps[layer], self._decoder_of(layer)
                if tap is None:
                    feat_BDHW = self._trunk_features(lr_HWC, between_blocks)
                else:
                    feat_BDHW = tapped[tap]
                if name == layer and isinstance(decoder, FieldDecoder):
                    feat_BDHW = decoder.refined(feat_BDHW, between_blocks=between_blocks)
                # With half precision weights some maps come in half precision.
                found[name] = feat_BDHW.float()
            return found

    def _trunk_features(self, lr_HWC: Tensor, check: Callable[[], None]) -> Tensor:
        trunk, config = self._trunk, self._network.config.detail_trunk
        assert trunk is not None
        assert config is not None
        lr_1CHW = lr_HWC.permute(2, 0, 1).unsqueeze(0)
        return trunk(lr_1CHW, check) / config.unit

    def prepare(self, layer: Layer, feat_1DHW: Tensor) -> Tensor:
        """Return a layer's decoder table of a tile; see `RenderDecoder.prepare`."""
        with torch.inference_mode(), exact_convolutions():
            return self.decoder(layer, self.dtype).prepare(feat_1DHW)

    def blend(self, structure: Tensor, detail: Tensor, blend: Blend) -> Tensor:
        """Return the table of a `Blend` from those of its layers; see `can_blend`."""
        with torch.inference_mode():
            return blended_tables(structure, detail, blend.strength, is_coarse=blend.is_coarse)

    def prepare_points(
        self, layer: Layer, feat_1DHW: Tensor, area: Tile, inner: Tile, photo: Size
    ) -> Tensor:
        """Return a layer's table of a tile for points; see `PointDecoder.prepare`."""
        with torch.inference_mode(), exact_convolutions():
            return self.point_decoder(layer, self.dtype).prepare(feat_1DHW, area, inner, photo)

    def blend_points(self, structure: Tensor, detail: Tensor, blend: Blend) -> Tensor:
        """Return the table for points of a `Blend` from those of its layers; see `can_blend`."""
        with torch.inference_mode():
            return blended_cells(structure, detail, blend.strength, is_coarse=blend.is_coarse)

    def point_decoder(self, drawn: Drawn, dtype: torch.dtype) -> PointDecoder:
        """Return what renders a table at points, as `decoder`."""
        layer = self._layer_of(drawn) if isinstance(drawn, Blend) else drawn
        if (layer, dtype) not in self._point_decoders:
            fast = self.decoder(layer, dtype)
            if isinstance(fast, FastMLPDecoder):
                self._point_decoders[layer, dtype] = MLPPoints(fast, device=self.device)
            else:
                assert isinstance(fast, FastFieldDecoder), "there are two kinds"
                self._point_decoders[layer, dtype] = FieldCells(fast, device=self.device)
        return self._point_decoders[layer, dtype]

    def decoder(self, drawn: Drawn, dtype: torch.dtype) -> RenderDecoder[Any]:
        """Return what renders a table, with its hidden layers in `dtype`; made once."""
        layer = self._layer_of(drawn) if isinstance(drawn, Blend) else drawn
        if (layer, dtype) not in self._decoders:
            self._decoders[layer, dtype] = self._new_decoder(layer, dtype)
        return self._decoders[layer, dtype]

    def _new_decoder(self, layer: Layer, dtype: torch.dtype) -> RenderDecoder[Any]:
        decoder = self._decoder_of(layer)
        if isinstance(decoder, FieldDecoder):
            return FastFieldDecoder(decoder, device=self.device)
        return FastMLPDecoder(decoder, device=self.device, dtype=dtype)

    def _decoder_of(self, layer: Layer) -> Decoder:
        decoder = self._network.structure if layer == "structure" else self._network.detail
        assert decoder is not None, "callers take layers from layer_maps"
        return decoder

    def _layer_of(self, blend: Blend) -> Layer:
        """Return the layer whose field has the order of a blend's table."""
        if blend.is_coarse:
            return "structure"
        return max(self.layer_maps, key=lambda layer: self.decoder(layer, self.dtype).table_bytes)

    def _refined_channels(self, layer: Layer) -> int:
        decoder = self._decoder_of(layer)
        return (
            decoder.refined_channels if isinstance(decoder, FieldDecoder) else decoder.in_channels
        )

    def _encoding_radius(self, tap: Tap | None) -> int:
        if tap is not None:
            return self._network.encoder.receptive_radius([tap])
        trunk = self._network.detail_encoder
        assert trunk is not None
        return trunk_halo(trunk)

    def _refining_radius(self, layer: Layer) -> int:
        """Return how far a layer's decoder looks when it refines features; 0: it does not."""
        decoder = self._decoder_of(layer)
        return decoder.refining_radius if isinstance(decoder, FieldDecoder) else 0


def is_finite(values: Tensor) -> bool:
    """Whether all values are finite numbers."""
    # A sum of finite numbers is finite, but for absurdly large ones, and ten times as fast to test.
    return bool(values.sum().isfinite()) or bool(values.isfinite().all())


def load_model(
    name_or_path: str | None = None,
    *,
    device: str = "auto",
    precision: str = "auto",
    resolved: str | None = None,
) -> PlacedModel:
    """Return an installed model, or a weights file's, ready to encode images.

    None is the best installed model for the device; where a better one cannot be used, that is
    logged. `device` is "auto", "cpu", "cuda", "cuda:1", "mps" or "xpu"; `precision` is "auto",
    "fp32", "bf16" or "fp16". `resolved` is what "auto" means, for a worker that is to give the
    same bytes as another machine; None: by the rule for this one. Raises WeightsError or
    DeviceError.
    """
    placed_on = resolve_device(device)
    if name_or_path is None:
        default = default_model(is_accelerated=is_accelerated(placed_on))
        for reason in default.passed_over:
            _logger.warning("%s. In its place: %s", reason, default.name)
        path = default.path
    else:
        path = find_model(name_or_path)
    model = load_weights(path)
    dtype = resolve_precision(resolved or precision, placed_on)
    placed = PlacedModel(model, placed_on, dtype, is_automatic=precision == "auto")
    _logger.info("%s on %s in %s", placed.info.name, placed.device, placed.precision)
    return placed
