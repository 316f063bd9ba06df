"""relu(x W^T + b) by the kernel that is fast on this kind of processor.

oneDNN's fused operator is the fastest, or within a fifth of it, wherever it was measured (GFLOP/s,
two cores, products of 4096x256 and 256x256; beside it `nn.Linear` and a 1x1 convolution):

| | fp32: fused, linear, conv | bf16: fused, linear, conv |
|---|---|---|
| AMD Zen 3 (AVX2) | 150, 142, - | emulated: 14 |
| AMD Zen 4 (AVX-512) | 200, 127, 69 | 386, 316, 167 |
| Intel Xeon (AVX-512, AMX) | 315, 290, 320 | 1,500 to 1,750 |

It needs a processor that runs the number format natively; elsewhere `nn.Linear` emulates it.
"""

from collections.abc import Callable
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

Kernel = Literal["linear", "fused"]
LinearReLU = Callable[[Tensor], Tensor]
"""Maps (N, in) to (N, out)."""


def make_linear_relu(
    weight: Tensor, bias: Tensor, kernel: Kernel, *, expected_rows: int
) -> LinearReLU:
    """Return the layer as a function; `expected_rows` only tunes the weight's layout."""
    if kernel == "fused":
        packed = torch.ops.mkldnn._reorder_linear_weight(weight.contiguous(), expected_rows)
        run = torch.ops.mkldnn._linear_pointwise
        return lambda x: run(x, packed, bias, "relu", [], "")
    return lambda x: F.linear(x, weight, bias).relu_()


def kernel_for(device_type: str, dtype: torch.dtype) -> Kernel:
    """Return the kernel for hidden layers. GPUs' libraries choose themselves: `nn.Linear`."""
    if device_type != "cpu" or not torch.backends.mkldnn.is_available():
        return "linear"
    # The fused operator is private to torch: where it is gone, the public layer remains.
    names = ("_linear_pointwise", "_reorder_linear_weight")
    if not all(hasattr(torch.ops.mkldnn, name) for name in names):
        return "linear"
    return "fused" if _is_native(dtype) else "linear"


def _is_native(dtype: torch.dtype) -> bool:
    """Whether oneDNN multiplies a number format on this processor, tried on one small product.

    Flags do not tell: environment variables can limit oneDNN to fewer instructions than there are.
    """
    if dtype is torch.float32:
        return True
    one = torch.ones(1, 1, dtype=dtype)
    try:
        with torch.inference_mode():
            make_linear_relu(one, one[0], "fused", expected_rows=1)(one)
    except RuntimeError:
        return False
    return True
