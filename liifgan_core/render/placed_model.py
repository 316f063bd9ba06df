"""A model on a device, in a precision: what images are encoded with.

Long because whatever depends on device and number format is decided here, with what follows where
half precision fails.
"""

import copy
import logging
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from liifgan_core.geometry import Size, Tile
from liifgan_core.models.config import Tap
from liifgan_core.models.decoder import PointDecoder, RenderDecoder
from liifgan_core.models.field_cells import blended_cells
from liifgan_core.models.liif import LIIF, Decoder
from liifgan_core.models.processor import this_processor
from liifgan_core.models.rrdb import RRDBTrunk
from liifgan_core.progress import Progress, no_progress
from liifgan_core.render.devices import (
    exact_convolutions,
    is_accelerated,
    is_out_of_memory,
    precision_name,
    resolve_device,
    resolve_precision,
)
from liifgan_core.render.drawing import APART, STRUCTURE_ONLY, Blended, Drawing, Layer
from liifgan_core.render.trunk_engines import (
    EngineName,
    TrunkEngine,
    engine_name,
    make_engine,
    trunk_halo,
)
from liifgan_core.weights.default_model import default_model
from liifgan_core.weights.descriptor import WeightsInfo
from liifgan_core.weights.registry import find_model
from liifgan_core.weights.store import LoadedModel, load_weights

FeatureMap = Tap | Layer
"""What layers are decoded from: an encoder's tap, or what a layer's decoder has made of its tap
(`refined`)."""

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
        beside_bytes: int = 0,
    ) -> None:
        """`beside_bytes` is what else is kept of the same model, for `resident_bytes`."""
        self.info: WeightsInfo = model.info
        self.device = device
        self.dtype = dtype
        """Number format of what `LIIF.lower` names and of MLPs' hidden layers; float32 from when
        half precision has failed (`fall_back`)."""
        self._model = model
        self._is_automatic = is_automatic
        self._beside_bytes = beside_bytes
        self._in_float32: PlacedModel | None = None
        """The same model for results of more bits (`for_depth`)."""
        self._network, self._trunk = self._placed()
        network = self._network
        config = network.config
        self._taps: dict[Layer, Tap | None] = {"structure": config.structure_tap}
        if config.has_detail:
            self._taps["detail"] = config.detail_tap
        self.layer_maps: dict[Layer, FeatureMap] = {
            layer: layer if tap is None or self._decoder_of(layer).refining_radius else tap
            for layer, tap in self._taps.items()
        }
        """What each layer is decoded from; without a detail decoder there is one layer."""
        self._decoders: dict[tuple[Layer, torch.dtype], RenderDecoder[Any]] = {}
        self._point_decoders: dict[tuple[Layer, torch.dtype], PointDecoder] = {}
        self.receptive_radius = max(
            self._encoding_radius(tap) + self._decoder_of(layer).refining_radius
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

        In bf16 a result is within half a step of 8 bits on average, but not of more. Of the two
        only what was asked for last keeps an engine for its trunk.
        """
        if bit_depth <= 8 or self.dtype is torch.float32 or not self._is_automatic:
            self._in_float32 = None
            return self
        if self._in_float32 is None:
            if self._trunk is not None:
                self._trunk.rest()
            self._in_float32 = PlacedModel(
                self._model,
                self.device,
                torch.float32,
                beside_bytes=_num_bytes(self._network) if self.device.type == "cpu" else 0,
            )
        return self._in_float32

    def fall_back(self, reason: str) -> None:
        """Go on in float32 for good, and say so once; nothing happens where that is so already."""
        if self.dtype is torch.float32:
            return
        _logger.warning("%s %s: going on in float32", self.precision, reason)
        self.dtype = torch.float32
        self._in_float32 = None
        self._decoders.clear()
        self._network, self._trunk = self._placed()

    def falls_back(self, error: RuntimeError, *, tried: torch.dtype) -> bool:
        """Whether what was tried in a number format and failed can be tried again in float32.

        The first time it goes on in float32 (`fall_back`). Memory that ran out is no refusal of a
        number format.
        """
        if tried is torch.float32 or is_out_of_memory(error):
            return False
        self.fall_back(f"is refused by {self.device} ({str(error).splitlines()[0]})")
        return True

    @property
    def engine(self) -> EngineName:
        """What computes the encoder that costs most."""
        return "torch" if self._trunk is None else self._trunk.name

    @property
    def wants_one_shape(self) -> bool:
        """Whether tiles of another height or width cost seconds of preparation."""
        return self._trunk is not None and self._trunk.wants_one_shape

    @property
    def has_trunk(self) -> bool:
        """Whether a network of others is read, beside whose cost all else is small."""
        return self._trunk is not None

    @property
    def resident_bytes(self) -> int:
        """Size of what the model keeps in the processor's memory: networks and an engine."""
        kept = self._beside_bytes + _num_bytes(self._model.network)
        if self.device.type == "cpu":
            kept += _num_bytes(self._network)
        return kept + (0 if self._trunk is None else self._trunk.resident_bytes)

    def trunk_bytes(self, num_pixels: int) -> int:
        """Return the memory that encoding so many LR pixels at once takes in a trunk; 0: none."""
        return 0 if self._trunk is None else self._trunk.peak_bytes(num_pixels)

    def _placed(self) -> tuple[LIIF, TrunkEngine | None]:
        """Return the network on the device in the number format, and what computes its trunk."""
        network = copy.deepcopy(self._model.network).to(self.device)
        trunk, engine = network.detail_encoder, None
        if trunk is not None:
            name = engine_name(trunk, self.device.type, self.dtype, this_processor())
            # Other engines take the weights before they are rounded.
            engine = make_engine(name, trunk)
            if engine.has_weights and isinstance(trunk, RRDBTrunk):
                trunk.blocks.to("meta")
        if self.dtype is not torch.float32:
            network.lower(self.dtype)
        # 3x3 convolutions run up to twice as fast on channels-last weights; input follows weights.
        for parameter in network.parameters():
            if parameter.ndim == 4:
                parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
        return network, engine

    @property
    def has_detail(self) -> bool:
        """Whether the detail strength changes the result."""
        return "detail" in self.layer_maps

    @property
    def detail_is_picture(self) -> bool:
        """Whether the detail layer's tables are those of its decoder less the structure's."""
        return self._network.config.detail_is_picture

    @property
    def can_blend(self) -> bool:
        """Whether layers can be drawn `Blended`: there are two, and their tables blend."""
        decoders = [self._decoder_of(layer) for layer in self.layer_maps]
        return len(decoders) == 2 and all(d.blend_order is not None for d in decoders)

    @property
    def feature_bytes(self) -> int:
        """Size of one LR pixel's features, all maps together."""
        channels = {
            name: self._decoder_of(layer).refined_channels if name == layer else self.num_features
            for layer, name in self.layer_maps.items()
        }
        return 4 * sum(channels.values())

    @property
    def table_bytes(self) -> int:
        """Size of one LR pixel's entries in the decoders' tables, all layers together."""
        return sum(self.decoder(layer, self.dtype).table_bytes for layer in self.layer_maps)

    @property
    def point_table_bytes(self) -> int:
        """The same of the tables for points, with `Blended` ones where there are any."""
        decoders = {layer: self.point_decoder(layer, self.dtype) for layer in self.layer_maps}
        sizes = [decoder.table_bytes for decoder in decoders.values()]
        return sum(sizes) + (max(sizes) if self.can_blend else 0)

    @property
    def blend_bytes(self) -> int:
        """Size of one LR pixel's entries in `Blended` tables, whole and coarse; 0 without any."""
        if not self.can_blend:
            return 0
        kinds = (False, True) if self.coarse_below else (False,)
        blends = [Blended(1.0, is_coarse) for is_coarse in kinds]
        return sum(self.decoder(blend, self.dtype).table_bytes for blend in blends)

    @property
    def coarse_below(self) -> float:
        """Factor below which a coarse `Blended` may be shown while a view moves; 0: never.

        Functions of order k lie about k / 2 cycles per LR pixel, so below factor k they lie about
        and beyond the finest that the output can hold, half a cycle per pixel.
        """
        if not self.can_blend:
            return 0.0
        structure, detail = (self._decoder_of(layer).blend_order for layer in self.layer_maps)
        assert structure is not None
        assert detail is not None
        return structure + 1.0 if structure < detail else 0.0

    def possible(self, drawing: Drawing, scale: float) -> Drawing:
        """Return how the model draws what is asked for, at a factor (the larger of both axes)."""
        if drawing == STRUCTURE_ONLY:
            return drawing
        if not isinstance(drawing, Blended) or not self.can_blend:
            return APART
        return Blended(drawing.strength, drawing.is_coarse and scale < self.coarse_below)

    def encode(
        self,
        rgb_HWC: NDArray[np.float32],
        between_blocks: Callable[[], None],
        progress: Progress = no_progress,
    ) -> dict[FeatureMap, Tensor]:
        """Return the feature maps (1, channels, H, W), float32, of RGB in [0, 1].

        `between_blocks` is called between short steps and may raise to stop. `progress` is told how
        much is done, by the numbers of weights, and begins anew where half precision fails.
        """
        try:
            found = self._encoded(rgb_HWC, between_blocks, progress)
        except RuntimeError as error:
            if not self.falls_back(error, tried=self.dtype):
                raise
        else:
            if self.dtype is torch.float32 or all(map(is_finite, found.values())):
                return found
            self.fall_back("overflowed")
        return self._encoded(rgb_HWC, between_blocks, progress)

    def _encoded(
        self,
        rgb_HWC: NDArray[np.float32],
        between_blocks: Callable[[], None],
        progress: Progress,
    ) -> dict[FeatureMap, Tensor]:
        encoder, taps = self._network.encoder, self._network.taps
        num_steps, num_done, share = encoder.num_steps(taps), 0, _encoder_share(self._network)

        def encoder_step() -> None:
            nonlocal num_done
            between_blocks()
            progress(share * num_done / num_steps)
            num_done += 1

        def trunk_step(fraction: float) -> None:
            between_blocks()
            progress(share + (1.0 - share) * fraction)

        lr_HWC = torch.from_numpy(rgb_HWC).to(self.device)
        lr_BCHW = ((lr_HWC - 0.5) / 0.5).permute(2, 0, 1).unsqueeze(0)
        # TF32 would make a tile differ from the whole image by far more than 1e-5.
        with torch.inference_mode(), exact_convolutions():
            tapped = encoder(lr_BCHW, taps, between_blocks=encoder_step)
            found: dict[FeatureMap, Tensor] = {}
            for layer, name in self.layer_maps.items():
                tap, decoder = self._taps[layer], self._decoder_of(layer)
                feat_BDHW = self._trunk_features(lr_HWC, trunk_step) if tap is None else tapped[tap]
                if name == layer:
                    feat_BDHW = decoder.refined(feat_BDHW, between_blocks=between_blocks)
                # With half precision weights some maps come in half precision.
                found[name] = feat_BDHW.float()
            return found

    def _trunk_features(self, lr_HWC: Tensor, progress: Progress) -> Tensor:
        trunk, config = self._trunk, self._network.config.detail_trunk
        assert trunk is not None
        assert config is not None
        lr_1CHW = lr_HWC.permute(2, 0, 1).unsqueeze(0)
        return trunk(lr_1CHW, progress) / config.unit

    def prepare(self, layer: Layer, feat_1DHW: Tensor) -> Tensor:
        """Return a layer's decoder table of a tile; see `RenderDecoder.prepare`."""
        with torch.inference_mode(), exact_convolutions():
            return self.decoder(layer, self.dtype).prepare(feat_1DHW)

    def blend(self, structure: Tensor, detail: Tensor, blend: Blended) -> Tensor:
        """Return the table of both layers blended from that of each; see `can_blend`."""
        with torch.inference_mode():
            return self._network.structure.blended(
                structure, detail, blend.strength, is_coarse=blend.is_coarse
            )

    def prepare_points(
        self, layer: Layer, feat_1DHW: Tensor, area: Tile, inner: Tile, photo: Size
    ) -> Tensor:
        """Return a layer's table of a tile for points; see `PointDecoder.prepare`."""
        with torch.inference_mode(), exact_convolutions():
            return self.point_decoder(layer, self.dtype).prepare(feat_1DHW, area, inner, photo)

    def blend_points(self, structure: Tensor, detail: Tensor, blend: Blended) -> Tensor:
        """Return the table for points of both layers blended; see `can_blend`."""
        with torch.inference_mode():
            return blended_cells(structure, detail, blend.strength, is_coarse=blend.is_coarse)

    def point_decoder(self, drawn: Layer | Blended, dtype: torch.dtype) -> PointDecoder:
        """Return what renders a table at points, as `decoder`."""
        layer = self._layer_of(drawn) if isinstance(drawn, Blended) else drawn
        if (layer, dtype) not in self._point_decoders:
            made = self.decoder(layer, dtype).at_points(device=self.device)
            self._point_decoders[layer, dtype] = made
        return self._point_decoders[layer, dtype]

    def decoder(self, drawn: Layer | Blended, dtype: torch.dtype) -> RenderDecoder[Any]:
        """Return what renders a table, with its hidden layers in `dtype`; made once.

        In float32 where making it in `dtype` is refused.
        """
        layer = self._layer_of(drawn) if isinstance(drawn, Blended) else drawn
        if (layer, dtype) not in self._decoders:
            try:
                made = self._decoder_of(layer).renderer(device=self.device, dtype=dtype)
            except RuntimeError as error:
                if not self.falls_back(error, tried=dtype):
                    raise
                return self.decoder(drawn, torch.float32)
            self._decoders[layer, dtype] = made
        return self._decoders[layer, dtype]

    def _decoder_of(self, layer: Layer) -> Decoder:
        decoder = self._network.structure if layer == "structure" else self._network.detail
        assert decoder is not None, "callers take layers from layer_maps"
        return decoder

    def _layer_of(self, blend: Blended) -> Layer:
        """Return the layer whose field has the order of a blend's table."""
        if blend.is_coarse:
            return "structure"
        return max(self.layer_maps, key=lambda layer: self.decoder(layer, self.dtype).table_bytes)

    def _encoding_radius(self, tap: Tap | None) -> int:
        if tap is not None:
            return self._network.encoder.receptive_radius([tap])
        trunk = self._network.detail_encoder
        assert trunk is not None
        return trunk_halo(trunk)


def _encoder_share(network: LIIF) -> float:
    """Return the encoder's part of all convolutions on the LR grid, the trunk's being the rest.

    Each weight is multiplied once a pixel.
    """
    own = sum(p.numel() for p in network.encoder.parameters())
    trunk = network.detail_encoder
    others = 0 if trunk is None else sum(p.numel() for p in trunk.parameters())
    return own / (own + others)


def _num_bytes(network: LIIF) -> int:
    return sum(p.nbytes for p in network.parameters() if not p.is_meta)


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
