"""An RRDB trunk whose blocks ncnn computes, in float32, from the weights of the module.

Each dense block is a network of its own, so that an encoding can be stopped between any two, and
blocks' skips and factors stay torch's. The networks are written in ncnn's text and binary formats
in memory.
"""

import importlib
from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from liifgan_core.geometry import split_evenly
from liifgan_core.models.rrdb import LEAKY_SLOPE, DenseBlock, RRDBTrunk
from liifgan_core.progress import Progress, part
from liifgan_core.render.trunk_engines import EngineName

# By name, since its types are not told.
_ncnn: Any = importlib.import_module("ncnn")

_MAGIC = 7767517
"""First line of a `.param` file."""
_PIXEL_BYTES = 17_000
"""Of a strip: Winograd's transforms of a whole layer, and what the pool keeps. 16,800 with strips
of 338 pixels (ncnn 1.0.20261020, November 2026)."""
_STRIP_PIXELS = 1 << 15
"""Pixels that are given to ncnn at once: 560 MB. Twice as many take 180 MB more, and as long."""
_RESIDENT = 7.2
"""What loaded blocks keep, in units of their weights' size: 457 MiB for the 64 MiB of 23 blocks,
which ncnn transforms for Winograd's algorithm (ncnn 1.0.20261020, AMD Zen 4, November 2026)."""
_DENSE_RADIUS = 5
"""How far a dense block looks: five convolutions."""
_OUT_OF_MEMORY = -100
"""ncnn's status."""
_IS_FLOAT32 = 0
"""Tag before a convolution's weights in a `.bin` file."""


class NcnnTrunk:
    """Computes with ncnn what lies between a trunk's first and last convolution."""

    name: EngineName = "ncnn"
    wants_one_shape = False
    has_weights = True

    def __init__(self, trunk: RRDBTrunk) -> None:
        """Take the weights' values: the trunk may be changed afterwards but for its ends."""
        self._trunk = trunk
        # ncnn's own pools are one per network, and keep what they had: 23 times as much.
        self._pools: tuple[Any, Any] = (_ncnn.PoolAllocator(), _ncnn.PoolAllocator())
        self._blocks = [
            [
                _DenseBlock(cast("DenseBlock", dense), self._pools)
                for dense in cast("nn.ModuleList", block.dense)
            ]
            for block in trunk.blocks
        ]
        num_bytes = sum(dense.num_bytes for block in self._blocks for dense in block)
        self.resident_bytes = int(_RESIDENT * num_bytes)

    def rest(self) -> None:
        pass

    def peak_bytes(self, num_pixels: int) -> int:
        features = 4 * 4 * self._trunk.out_channels * num_pixels
        return features + _PIXEL_BYTES * min(num_pixels, _STRIP_PIXELS)

    def __call__(self, lr_1CHW: Tensor, progress: Progress) -> Tensor:
        trunk, num_done = self._trunk, 0
        first_1DHW = feat_1DHW = trunk.conv_first(lr_1CHW)
        try:
            for factor, block in zip(trunk.block_factors, self._blocks, strict=True):
                grown_1DHW = feat_1DHW
                for dense in block:
                    begin, num_done = num_done / trunk.num_steps, num_done + 1
                    of_dense = part(progress, begin, num_done / trunk.num_steps)
                    grown_1DHW = _in_strips(dense, grown_1DHW, of_dense)
                feat_1DHW = torch.addcmul(feat_1DHW, factor, grown_1DHW)
        finally:
            for pool in self._pools:
                pool.clear()
        return first_1DHW + trunk.conv_body(feat_1DHW)


def _in_strips(block: Callable[[Tensor], Tensor], feat_1DHW: Tensor, progress: Progress) -> Tensor:
    """Return what a dense block gives, computed in strips of rows: ncnn takes much memory."""
    height, width = feat_1DHW.shape[-2:]
    rows = max(1, _STRIP_PIXELS // width - 2 * _DENSE_RADIUS)
    strips: list[Tensor] = []
    for top, count in split_evenly(height, rows):
        progress(top / height)
        first = max(0, top - _DENSE_RADIUS)
        last = min(height, top + count + _DENSE_RADIUS)
        strip = block(feat_1DHW[:, :, first:last])
        strips.append(strip[:, :, top - first : top - first + count])
    return strips[0] if len(strips) == 1 else torch.cat(strips, dim=2)


class _DenseBlock:
    """One dense block as a network of ncnn's."""

    def __init__(self, block: DenseBlock, pools: tuple[Any, Any]) -> None:
        writer = _Writer()
        blob = writer.dense_block(block, "features")
        self._network: Any = _ncnn.Net()
        options = self._network.opt
        options.use_vulkan_compute = False
        options.num_threads = torch.get_num_threads()
        # Half precision would be chosen by the processor's features, and stored between layers.
        for half in ("fp16_packed", "fp16_storage", "fp16_arithmetic", "bf16_packed"):
            setattr(options, f"use_{half}", False)
        options.use_bf16_storage = False
        options.blob_allocator, options.workspace_allocator = pools
        status = self._network.load_param_mem(writer.param(result=blob))
        if status != 0:
            raise RuntimeError(f"ncnn did not take the network but gave the error {status}")
        # ncnn reads the weights where they lie, for as long as the network is used. It does not
        # tell whether it could: what was loaded is compared with torch (`make_engine`).
        self._weights = b"".join(writer.weights)
        self.num_bytes = len(self._weights)
        self._network.load_model_mem(self._weights)

    def __call__(self, feat_1DHW: Tensor) -> Tensor:
        extractor = self._network.create_extractor()
        # Read where it lies, too: it must live until the result is there.
        feat_DHW = feat_1DHW[0].contiguous().numpy()
        extractor.input("features", _ncnn.Mat(feat_DHW))
        status, found = extractor.extract("result")
        if status == _OUT_OF_MEMORY:
            raise MemoryError("ncnn gave no result: out of memory")
        if status != 0:
            raise RuntimeError(f"ncnn gave no result but the error {status}")
        return torch.from_numpy(np.array(found)).unsqueeze(0)


class _Writer:
    """Collects the layers of one network; every blob may be read once only, so it is split."""

    def __init__(self) -> None:
        self._layers: list[tuple[str, Sequence[str], str, str]] = []
        self.weights: list[bytes] = []
        self._number = 0

    def dense_block(self, block: DenseBlock, feat: str) -> str:
        """Append a dense block that reads the blob `feat`; return its output's blob."""
        seen = [feat]
        for conv in block.convs:
            seen.append(self._convolution(cast("nn.Conv2d", conv), self._joined(seen), leaky=True))
        last = self._convolution(block.conv_last, self._joined(seen), leaky=False)
        # Sum (0=1) with a weight for each of both (-23301: an array).
        return self._layer(
            "Eltwise", [feat, last], f"0=1 -23301=2,1.0,{float(block.residual_scale)!r}"
        )

    def param(self, *, result: str) -> str:
        """Return the text of the network, whose output is called "result"."""
        num_readers: dict[str, int] = {result: 1}
        for _, read, _, _ in self._layers:
            for blob in read:
                num_readers[blob] = num_readers.get(blob, 0) + 1
        lines = ["Input input 0 1 features"]
        readers: dict[str, list[str]] = {}

        def split(blob: str) -> None:
            count = num_readers[blob]
            names = [f"{blob}_{number}" for number in range(count)]
            lines.append(f"Split split_{blob} 1 {count} {blob} {' '.join(names)}")
            readers[blob] = names

        split("features")
        for kind, read, written, options in self._layers:
            sources = [readers[blob].pop() for blob in read]
            lines.append(
                f"{kind} layer_{written} {len(sources)} 1 {' '.join(sources)} {written} {options}"
            )
            split(written)
        lines.append(f"Noop output 1 1 {readers[result].pop()} result")
        blobs = {blob for line in lines for blob in _written(line)}
        return "\n".join([str(_MAGIC), f"{len(lines)} {len(blobs)}", *lines, ""])

    def _joined(self, blobs: Sequence[str]) -> str:
        return blobs[0] if len(blobs) == 1 else self._layer("Concat", blobs, "0=0")

    def _convolution(self, conv: nn.Conv2d, blob: str, *, leaky: bool) -> str:
        weight_OIKK = conv.weight.detach().float().numpy()
        assert conv.bias is not None
        bias_O = conv.bias.detach().float().numpy()
        for values in (np.uint32(_IS_FLOAT32), weight_OIKK, bias_O):
            self.weights.append(values.tobytes())
        # Outputs, kernel, padding, bias, number of weights; the activation with its slope.
        options = f"0={conv.out_channels} 1=3 4=1 5=1 6={weight_OIKK.size}"
        if leaky:
            options += f" 9=2 -23310=1,{LEAKY_SLOPE!r}"
        return self._layer("Convolution", [blob], options)

    def _layer(self, kind: str, read: Sequence[str], options: str) -> str:
        blob = f"b{self._number}"
        self._number += 1
        self._layers.append((kind, tuple(read), blob, options))
        return blob


def _written(line: str) -> list[str]:
    words = line.split()
    num_read, num_written = int(words[2]), int(words[3])
    return words[4 + num_read : 4 + num_read + num_written]
