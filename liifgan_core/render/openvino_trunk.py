"""An RRDB trunk that OpenVINO computes in bf16 on the CPU, for processors with AMX.

One graph for the whole trunk, whose memory is shared between its layers: it can be stopped, but
tells no progress before its end. It is compiled for one height and width: 0.6 s for 256x256 (two
cores, AMD Zen 4, November 2026). Skips are in bf16 too: a picture differs from float32's by 0.3/255
on average, 5.3/255 at most (RealSR, x4, one photo).
"""

import contextlib
import importlib
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from liifgan_core.models.rrdb import LEAKY_SLOPE, DenseBlock, RRDBTrunk
from liifgan_core.progress import Progress
from liifgan_core.render.trunk_engines import EngineName

# By name, since their types contradict each other, and most machines lack the package.
_openvino: Any = importlib.import_module("openvino")
_ops: Any = importlib.import_module("openvino.opset13")

_CHECK_MS = 50
"""How often is looked whether to stop: no delay that people notice, no work that counts."""
_RESIDENT = 4.0
"""What a compiled graph keeps beside its activations, in units of the weights' size in float32: 235
MiB with those of 64x64 pixels for the 64 MiB of 23 blocks (2026.4.1, AMD Zen 4, November 2026)."""


class OpenVINOTrunk:
    """Computes a whole trunk with OpenVINO."""

    name: EngineName = "openvino"
    wants_one_shape = True
    has_weights = False

    def __init__(self, trunk: RRDBTrunk) -> None:
        self._trunk = trunk
        self.resident_bytes = int(_RESIDENT * sum(4 * p.numel() for p in trunk.parameters()))
        self._shape: tuple[int, int] | None = None
        self._compiled: Any = None
        """Of the last shape only: each graph keeps its memory."""
        # OpenVINO gives the thread that it compiles in a stack for signals, and frees it later
        # (2026.4.1): on the main thread the next Ctrl-C would be a segmentation fault.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="openvino")

    def rest(self) -> None:
        self._thread.submit(self._forget).result()

    def peak_bytes(self, num_pixels: int) -> int:
        return 1700 * num_pixels  # 1,470 at 320x320 pixels, 1,684 at 576x576

    def __call__(self, lr_1CHW: Tensor, progress: Progress) -> Tensor:
        is_cancelled = threading.Event()
        done = self._thread.submit(self._run, lr_1CHW.contiguous().numpy(), is_cancelled)
        try:
            while not wait([done], _CHECK_MS / 1000.0).done:
                progress(0.0)
        except BaseException:
            is_cancelled.set()
            wait([done])
            raise
        return torch.from_numpy(done.result())

    def _run(self, lr_1CHW: NDArray[np.float32], is_cancelled: threading.Event) -> Any:
        """Return the features as an array of their own; in the engine's thread."""
        request = self._request(*lr_1CHW.shape[-2:])
        request.start_async({0: lr_1CHW}, share_inputs=True)
        while not request.wait_for(_CHECK_MS):
            if is_cancelled.is_set():
                request.cancel()
                with contextlib.suppress(RuntimeError):  # which says that it was cancelled
                    request.wait()
                break
        return request.get_output_tensor().data.astype(np.float32, copy=True)

    def _forget(self) -> None:
        self._shape = self._compiled = None

    def _request(self, height: int, width: int) -> Any:
        if self._shape != (height, width):
            self._forget()
            settings = {
                "INFERENCE_PRECISION_HINT": "bf16",
                "INFERENCE_NUM_THREADS": torch.get_num_threads(),
                "PERFORMANCE_HINT": "LATENCY",
            }
            graph = _graph(self._trunk, height, width)
            model = _openvino.Core().compile_model(graph, "CPU", settings)
            self._shape, self._compiled = (height, width), model.create_infer_request()
        return self._compiled


def _graph(trunk: RRDBTrunk, height: int, width: int) -> Any:
    lr = _ops.parameter([1, 3, height, width], np.float32)
    first = feat = _convolution(trunk.conv_first, lr)
    for factor, block in zip(trunk.block_factors.tolist(), trunk.blocks, strict=True):
        inner = feat
        for dense in cast("nn.ModuleList", block.dense):
            inner = _dense_block(cast("DenseBlock", dense), inner)
        feat = _added(feat, inner, factor)
    return _openvino.Model([_ops.add(first, _convolution(trunk.conv_body, feat))], [lr], "trunk")


def _dense_block(block: DenseBlock, feat: Any) -> Any:
    seen = feat
    slope = _ops.constant(np.float32(LEAKY_SLOPE))
    for conv in block.convs:
        grown = _ops.prelu(_convolution(cast("nn.Conv2d", conv), seen), slope)
        seen = _ops.concat([seen, grown], 1)
    return _added(feat, _convolution(block.conv_last, seen), block.residual_scale)


def _added(feat: Any, residual: Any, factor: float) -> Any:
    return _ops.add(feat, _ops.multiply(residual, _ops.constant(np.float32(factor))))


def _convolution(conv: nn.Conv2d, source: Any) -> Any:
    assert conv.bias is not None
    weight = _ops.constant(conv.weight.detach().float().numpy())
    found = _ops.convolution(source, weight, [1, 1], [1, 1], [1, 1], [1, 1])
    return _ops.add(found, _ops.constant(conv.bias.detach().float().numpy().reshape(1, -1, 1, 1)))
