"""An RRDB trunk that OpenVINO computes in bf16 on the CPU, for processors with AMX.

One graph for the whole trunk, whose memory is shared between its layers, compiled for one height
and width: 0.6 s for 256x256 (two cores, AMD Zen 4, November 2026). Skips are in bf16 too: a picture
differs from float32's by 0.3/255 on average, 5.3/255 at most (RealSR, x4, one photo).
"""

import contextlib
import importlib
from collections.abc import Callable
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from liifgan_core.models.rrdb import LEAKY_SLOPE, DenseBlock, RRDBTrunk
from liifgan_core.render.trunk_engines import EngineName

# By name, since their types contradict each other, and most machines lack the package.
_openvino: Any = importlib.import_module("openvino")
_ops: Any = importlib.import_module("openvino.opset13")

_KEPT_SHAPES = 2
"""Compiled graphs: for tiles, and for a photo's own size where it is smaller."""
_CHECK_MS = 50


class OpenVINOTrunk:
    """Computes a whole trunk with OpenVINO."""

    name: EngineName = "openvino"
    wants_one_shape = True
    pixel_bytes = 1700
    """1,470 at 320x320 pixels, 1,684 at 576x576."""

    def __init__(self, trunk: RRDBTrunk) -> None:
        self._trunk = trunk
        self._requests: dict[tuple[int, int], Any] = {}

    def __call__(self, lr_1CHW: Tensor, check: Callable[[], None]) -> Tensor:
        request = self._request(lr_1CHW.shape[-2], lr_1CHW.shape[-1])
        request.start_async({0: lr_1CHW.contiguous().numpy()}, share_inputs=True)
        try:
            while not request.wait_for(_CHECK_MS):
                check()
        except BaseException:
            request.cancel()
            with contextlib.suppress(RuntimeError):  # which says that it was cancelled
                request.wait()
            raise
        return torch.from_numpy(request.get_output_tensor().data.astype(np.float32, copy=True))

    def _request(self, height: int, width: int) -> Any:
        found = self._requests.pop((height, width), None)
        if found is None:
            while len(self._requests) >= _KEPT_SHAPES:
                self._requests.pop(next(iter(self._requests)))
            settings = {
                "INFERENCE_PRECISION_HINT": "bf16",
                "INFERENCE_NUM_THREADS": torch.get_num_threads(),
                "PERFORMANCE_HINT": "LATENCY",
            }
            graph = _graph(self._trunk, height, width)
            found = _openvino.Core().compile_model(graph, "CPU", settings).create_infer_request()
        self._requests[height, width] = found
        return found


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
