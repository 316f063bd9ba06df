"""Which kernel and number format train fastest here: measured on the run's own network.

bf16 doubled the speed on two AMD cores and halved it on two Intel cores, although both report the
instructions (see `models.linear_relu`). Nor do single layers tell: on the Intel machine bf16 won a
product and a convolution alone, and lost a whole step 2.5 s to 1.7 s (November 2026).
"""

import time
from collections.abc import Callable

import msgspec
import numpy as np
import torch

from liifgan_core.train.config import Arithmetic, DataConfig
from liifgan_core.train.generator import Generator
from liifgan_core.train.sampling import draw_sample, stack_samples

_SAMPLES, _REPEATS = 2, 3
_WORTH_IT = 1.2
"""bf16 must be this much faster to be chosen: it costs a little accuracy."""
_HOPELESS = 5.0
"""Slower than this is not measured again: emulated bf16 took 18 times as long (AVX2, AMD)."""
_CLEARLY_FASTER = 1.1
"""And another kernel this much: timings scatter by a few percent."""


def fastest_arithmetic(
    generator: Generator, data: DataConfig, *, device: torch.device
) -> Arithmetic:
    """Return what trains a network fastest on a device.

    On a CPU three ways take turns with forward and backward passes of two samples: about 5 s for
    EDSR-baseline-LIIF on two cores. The network keeps its weights. CUDA takes bf16 from compute
    capability 8.0, unmeasured, XPU too; MPS float32.
    """
    if device.type == "cpu":
        return _measured(_step(generator, data))
    half = device.type == "xpu" or (
        device.type == "cuda" and torch.cuda.get_device_capability(device) >= (8, 0)
    )
    return Arithmetic(half=half)


def _measured(step: Callable[[Arithmetic], None]) -> Arithmetic:
    """Return the fastest way to take a step."""
    linear, conv = Arithmetic(), Arithmetic(kernel="conv")
    linear_s, conv_s = _seconds(step, [linear, conv])
    best = conv if conv_s * _CLEARLY_FASTER < linear_s else linear
    has_bf16 = torch.backends.mkldnn.is_available() and (
        torch.ops.mkldnn._is_mkldnn_bf16_supported()
    )
    if not has_bf16:
        return best
    half = msgspec.structs.replace(best, half=True)
    best_s, half_s = _seconds(step, [best, half])
    return half if half_s * _WORTH_IT < best_s else best


def _seconds(
    step: Callable[[Arithmetic], None], candidates: list[Arithmetic]
) -> tuple[float, float]:
    """Return the best times of two candidates, which take turns: other work hits both.

    The first turn, which also sets up kernels, counts only if it leaves no doubt.
    """
    first, second = (_timed(step, candidate) for candidate in candidates)
    if max(first, second) > _HOPELESS * min(first, second):
        return first, second
    turns = [[_timed(step, candidate) for candidate in candidates] for _ in range(_REPEATS)]
    return min(a for a, _ in turns), min(b for _, b in turns)


def _timed(step: Callable[[Arithmetic], None], arithmetic: Arithmetic) -> float:
    start_s = time.perf_counter()
    step(arithmetic)
    return time.perf_counter() - start_s


def _step(generator: Generator, data: DataConfig) -> Callable[[Arithmetic], None]:
    """Return a function that runs the generator forward and backward on noise."""
    side = data.largest_crop
    noise = np.random.default_rng(0).integers(0, 255, (side, side, 3), dtype=np.uint8)
    scale = min(scales.low for scales in data.scales)
    plain = msgspec.structs.replace(data, degradation=None)
    samples = [draw_sample(noise, plain, scale, seed=0, position=n) for n in range(_SAMPLES)]
    batch = stack_samples(samples, scale).to(torch.device("cpu"))

    def step(arithmetic: Arithmetic) -> None:
        generator.kernel = arithmetic.kernel
        with torch.autocast("cpu", torch.bfloat16, enabled=arithmetic.half):
            structure, detail = generator(batch.lr_BCHW, batch.rows, batch.cols)
        total = structure.mean() if detail is None else structure.mean() + detail.mean()
        torch.autograd.backward(total)
        generator.zero_grad()

    return step
