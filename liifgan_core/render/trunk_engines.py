"""What computes the trunk of an RRDB, a hundred times a decoder's work: torch, ncnn or OpenVINO.

Chosen by rule, so that a command gives the same bytes each time. Seconds per LR megapixel of all 23
blocks, two cores (November 2026):

| processor | torch fp32 | ncnn fp32 | OpenVINO fp32 | torch bf16 | OpenVINO bf16 |
|---|---|---|---|---|---|
| AMD Zen 4 (AVX-512, bf16) | 220 to 310 | 150 to 160 | 320 | 95 to 100 | 84 to 88 |
| Intel Xeon with AMX | 200 | not measured | 135 | 33 to 37 | 20 |
| the Xeon, limited to AVX2 | 209 | 93 (whole network, AMD Zen 3) | 193 | - | - |

ncnn is ahead by Winograd's algorithm; it gave garbage for compact networks on an AVX-512 machine,
so it runs nothing but RRDBs, and those only where it equals torch on a small picture.
"""

import importlib.util
import logging
from typing import Literal, Protocol

import torch
from torch import Tensor

from liifgan_core.models.liif import Trunk
from liifgan_core.models.processor import Processor
from liifgan_core.models.rrdb import RRDBTrunk
from liifgan_core.progress import Progress, no_progress

EngineName = Literal["torch", "ncnn", "openvino"]

_PROBE_SIDE = 24
"""LR pixels a side of the picture by which ncnn is compared with torch. All of RealSR's trunk takes
both 0.4 s of one core together; with 48 pixels 1.3 s (AMD Zen 4, November 2026)."""
_EQUAL = 1e-3
"""Largest difference of the features from torch's, in units of their standard deviation. It was
1e-6 to 5e-5 for RealSR, Real-ESRGAN x4plus, six blocks and random weights at 16 to 48 pixels a side
(AMD Zen 4, November 2026); garbage is off by about 1."""

_RRDB_PIXEL_BYTES, _PIXEL_BYTES = 2700, 1000
"""Of torch, per LR pixel. RRDB in fp32: 2,304 to 2,687 bytes at 576x576 and 320x320 pixels, in bf16
1,920 to 2,048 (two threads, November 2026). A compact network took 652 in bf16; fp32 not measured.
"""

_LEAST_HALO = 16
"""LR pixels, and one more for each block: with 6 and with 23 blocks that keeps pictures within
0.2 steps of 8 bits; the figures are `trunk_halo`'s."""

_logger = logging.getLogger(__name__)


class TrunkEngine(Protocol):
    """Computes a trunk's features."""

    @property
    def name(self) -> EngineName:
        """What computes."""
        ...

    @property
    def wants_one_shape(self) -> bool:
        """Whether another height or width costs seconds of preparation."""
        ...

    @property
    def has_weights(self) -> bool:
        """Whether it has taken the weights of the blocks: they may be dropped."""
        ...

    @property
    def resident_bytes(self) -> int:
        """What it keeps beside the module and between calls, as measured."""
        ...

    def rest(self) -> None:
        """Give back what can be made again within seconds; what cannot is kept."""
        ...

    def peak_bytes(self, num_pixels: int) -> int:
        """Return the memory that features of so many LR pixels take at their peak, as measured."""
        ...

    def __call__(self, lr_1CHW: Tensor, progress: Progress) -> Tensor:
        """Return the features (1, D, H, W), float32, of RGB in [0, 1].

        `progress` is called between short steps, 3 s at most on two cores with AVX2, and may raise
        to stop.
        """
        ...


class TorchTrunk:
    """The module itself."""

    name: EngineName = "torch"
    wants_one_shape = False
    has_weights = False
    resident_bytes = 0

    def __init__(self, trunk: Trunk) -> None:
        self._trunk = trunk

    def rest(self) -> None:
        pass

    def peak_bytes(self, num_pixels: int) -> int:
        is_rrdb = isinstance(self._trunk, RRDBTrunk)
        return num_pixels * (_RRDB_PIXEL_BYTES if is_rrdb else _PIXEL_BYTES)

    def __call__(self, lr_1CHW: Tensor, progress: Progress) -> Tensor:
        num_done = 0

        def step() -> None:
            nonlocal num_done
            progress(num_done / self._trunk.num_steps)
            num_done += 1

        return self._trunk(lr_1CHW, between_blocks=step).float()


def engine_name(
    trunk: Trunk, device_type: str, dtype: torch.dtype, processor: Processor
) -> EngineName:
    """Return what should compute a trunk, by the kind of network, device, format and processor."""
    if device_type != "cpu" or not isinstance(trunk, RRDBTrunk):
        return "torch"
    if dtype is torch.bfloat16 and processor.has_amx_bf16 and _is_installed("openvino"):
        return "openvino"
    if dtype is torch.float32 and processor.is_x86 and _is_installed("ncnn"):
        return "ncnn"
    return "torch"


def make_engine(name: EngineName, trunk: Trunk) -> TrunkEngine:
    """Return the engine of a name for a trunk on the CPU (torch: on any device).

    Where ncnn does not equal torch, as was seen of other networks, or cannot be loaded, torch
    computes, and the log says so.
    """
    if name == "openvino" and isinstance(trunk, RRDBTrunk):
        try:
            from liifgan_core.render.openvino_trunk import OpenVINOTrunk
        except (ImportError, OSError, RuntimeError) as error:
            _logger.warning("OpenVINO cannot be used (%s): torch computes in its place", error)
            return TorchTrunk(trunk)
        return OpenVINOTrunk(trunk)
    if name == "ncnn" and isinstance(trunk, RRDBTrunk):
        try:
            from liifgan_core.render.ncnn_trunk import NcnnTrunk

            engine = NcnnTrunk(trunk)
        except (ImportError, OSError, RuntimeError) as error:
            _logger.warning("ncnn cannot be used (%s): torch computes in its place", error)
            return TorchTrunk(trunk)
        if _equals_torch(engine, trunk):
            return engine
        _logger.warning("ncnn gives other numbers than torch here: torch computes in its place")
    return TorchTrunk(trunk)


def trunk_halo(trunk: Trunk) -> int:
    """Return how many LR pixels around a tile are read for its features.

    An RRDB of 23 blocks sees 347 of them, but hardly anything that far. Largest difference of its
    picture from the whole's (x4, fp32, a tile of 96x96 pixels in two photos, the worse one, in
    steps of 8 bits): RealSR 2.1 with 16 pixels, 0.46 with 24, 0.16 with 32, 0.03 with 40; six of
    its blocks, trained further, 0.22 with 12, 0.08 with 16, 0.015 with 24. A compact network is
    read as far as it sees. The halo in between is interpolated.
    """
    if not isinstance(trunk, RRDBTrunk):
        return trunk.receptive_radius
    return min(trunk.receptive_radius, _LEAST_HALO + len(trunk.blocks))


def _equals_torch(engine: TrunkEngine, trunk: RRDBTrunk) -> bool:
    """Whether an engine computes all of a trunk as the module does; values that are no numbers are
    none that it gives."""
    lr_1CHW = torch.rand(
        (1, 3, _PROBE_SIDE, _PROBE_SIDE), generator=torch.Generator().manual_seed(0)
    )
    with torch.inference_mode():
        wanted, found = trunk(lr_1CHW), engine(lr_1CHW, no_progress)
    return bool(((found - wanted).abs().max() <= _EQUAL * wanted.std()).item())


def _is_installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None
