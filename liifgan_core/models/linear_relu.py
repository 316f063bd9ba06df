"""relu(x W^T + b), by whichever of the machine's kernels is fastest.

The same product runs at very different rates. fp32 on two AMD cores: `nn.Linear` 142 GFLOP/s, a
1x1 convolution 459, oneDNN's fused operator 382; on two Intel cores (Xeon, family 6, model 207)
290, 320 and 315. bf16 doubles the rate on the AMD machine and halves it on the Intel one, although
both report the instructions. So kernels are timed once per process, not guessed from flags.
"""

import functools
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

Kernel = Literal["linear", "fused", "conv"]
LinearReLU = Callable[[Tensor], Tensor]
"""Maps (N, in) to (N, out)."""

_logger = logging.getLogger(__name__)

_PROBE_ROWS = 2048
_PROBE_WIDTH = 256
_PROBE_ROUNDS = 6
_CLEARLY_FASTER = 1.1
"""Another kernel must beat the usual one by this much: timings scatter by a few percent. On a busy
machine two processes may still choose differently, and differ in the last bits."""


def make_linear_relu(
    weight: Tensor, bias: Tensor, kernel: Kernel, *, expected_rows: int
) -> LinearReLU:
    """Return the layer as a function; `expected_rows` only tunes the weight's layout."""
    if kernel == "fused":
        packed = torch.ops.mkldnn._reorder_linear_weight(weight.contiguous(), expected_rows)
        run = torch.ops.mkldnn._linear_pointwise
        return lambda x: run(x, packed, bias, "relu", [], "")
    if kernel == "conv":
        weight_4d = weight[:, :, None, None].contiguous(memory_format=torch.channels_last)

        def run_conv(x: Tensor) -> Tensor:
            # (N, in) read as a channels-last image of one row: no copy on either side.
            image = x.t()[None, :, None, :]
            return F.conv2d(image, weight_4d, bias)[0, :, 0, :].t().relu_()

        return run_conv
    return lambda x: F.linear(x, weight, bias).relu_()


@dataclass(frozen=True, slots=True)
class KernelChoice:
    """The kernel to use and how fast it ran."""

    kernel: Kernel
    gflops: float


_agreed: dict[tuple[str, torch.dtype], KernelChoice] = {}


def agree_on_kernel(device_type: str, dtype: torch.dtype, choice: KernelChoice) -> None:
    """Make this process use what another one has chosen, so that both give the same bits."""
    _agreed[device_type, dtype] = choice


def fastest_kernel(device_type: str, dtype: torch.dtype) -> KernelChoice:
    """Return the fastest kernel for hidden layers, or the one that was agreed on.

    On a CPU the first call takes about 50 ms. On other devices it is `nn.Linear`, unmeasured
    (0 GFLOP/s): their libraries choose themselves.
    """
    return _agreed.get((device_type, dtype)) or _timed_kernel(device_type, dtype)


@functools.cache
def _timed_kernel(device_type: str, dtype: torch.dtype) -> KernelChoice:
    if device_type != "cpu":
        return KernelChoice("linear", 0.0)
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(_PROBE_ROWS, _PROBE_WIDTH, generator=generator).to(dtype)
    weight = torch.randn(_PROBE_WIDTH, _PROBE_WIDTH, generator=generator).to(dtype) / 16
    bias = torch.zeros(_PROBE_WIDTH, dtype=dtype)
    seconds: dict[Kernel, float] = {}
    layers: dict[Kernel, LinearReLU] = {}
    with torch.inference_mode():
        for kernel in _cpu_kernels():
            try:
                layer = make_linear_relu(weight, bias, kernel, expected_rows=len(x))
                layer(x)
            except RuntimeError as error:
                # oneDNN has no kernel of this dtype for processors without AVX-512.
                _logger.debug("no kernel %s for %s here: %s", kernel, dtype, error)
                continue
            layers[kernel], seconds[kernel] = layer, float("inf")
        # In turns, so that other work on the machine hits all of them.
        for _ in range(_PROBE_ROUNDS):
            for kernel, layer in layers.items():
                if seconds[kernel] < float("inf") and seconds[kernel] > 4.0 * min(seconds.values()):
                    continue  # hopeless: without bf16 instructions one such product takes 0.5 s
                start_s = time.perf_counter()
                layer(x)
                seconds[kernel] = min(seconds[kernel], time.perf_counter() - start_s)
    best = KernelChoice("linear", 0.0)
    for kernel, best_s in seconds.items():
        rate = 2.0 * x.shape[0] * weight.numel() / best_s / 1e9
        if rate > best.gflops * _CLEARLY_FASTER:
            best = KernelChoice(kernel, rate)
    return best


def _cpu_kernels() -> list[Kernel]:
    """Return the kernels that this build of torch has, the usually fastest first."""
    if not torch.backends.mkldnn.is_available():
        return ["linear"]
    # The fused operator is private to torch: where it is gone, the public kernels remain.
    names = ("_linear_pointwise", "_reorder_linear_weight")
    has_fused = all(hasattr(torch.ops.mkldnn, name) for name in names)
    return ["fused", "conv", "linear"] if has_fused else ["conv", "linear"]
