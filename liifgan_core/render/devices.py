"""Which device and which number format a model runs on."""

import logging
import os
from collections.abc import Generator
from contextlib import contextmanager
from typing import Literal, get_args

import torch

from liifgan_core.errors import DeviceError
from liifgan_core.models.processor import this_processor

Precision = Literal["auto", "fp32", "bf16", "fp16"]
"""Number format of everything between first and last layers, beside the sums of skips."""
PRECISION_VARIABLE = "LIIFGAN_PRECISION"
"""Environment variable that says what "auto" means on a CPU, in place of the rule."""

_DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}

_logger = logging.getLogger(__name__)


def available_devices() -> list[str]:
    """Return the names of the devices of this machine, the best first; "cpu" is always there."""
    found = [f"cuda:{index}" for index in range(torch.cuda.device_count())]
    found += [f"xpu:{index}" for index in range(torch.xpu.device_count())]
    if torch.backends.mps.is_available():
        found.append("mps")
    return [*found, "cpu"]


def device_label(device: torch.device, precision: str = "auto") -> str:
    """Return a name for people, such as "cuda:0 (NVIDIA H200)"; a CPU's tells its precision too.

    `precision` is what was asked for. Raises DeviceError as `resolve_precision` does.
    """
    if device.type == "cuda":
        return f"{device} ({torch.cuda.get_device_name(device)})"
    if device.type == "xpu":
        return f"{device} ({torch.xpu.get_device_name(device)})"
    if device.type == "cpu":
        precision = precision_name(resolve_precision(precision, device))
        return f"cpu ({this_processor().name}, {torch.get_num_threads()} threads, {precision})"
    return str(device)


def resolve_device(name: str) -> torch.device:
    """Return the device for "auto", "cpu", "cuda", "cuda:1", "mps", "xpu" or "xpu:0".

    Raises DeviceError when this machine has no such device.
    """
    found = available_devices()
    if name == "auto":
        return torch.device(found[0])
    for candidate in found:
        if name in (candidate, candidate.partition(":")[0]):
            return torch.device(candidate)
    raise DeviceError(f"there is no device {name!r} here; use one of: auto, {', '.join(found)}")


def is_accelerated(device: torch.device) -> bool:
    """Whether a device computes large networks fast: all but processors without AMX.

    By this the default model is chosen, so it is a rule about seconds, not about bf16: RealSR's
    whole trunk takes 20 s per LR megapixel on two cores with AMX, and 84 at best on two that have
    bf16 without it, where a photo would take minutes (`trunk_engines.py`). A precision that is
    asked for changes nothing in that: one command draws with one model.
    """
    return device.type != "cpu" or this_processor().has_amx_bf16


def resolve_precision(precision: str, device: torch.device) -> torch.dtype:
    """Return the number format; "auto" takes half precision only where it is fast and safe.

    A CPU takes bf16 by `Processor.prefers_bf16`, never by a measurement, so that each run of a
    command gives the same bytes. CUDA takes bf16 from compute capability 8.0 and fp16 from 7.0, XPU
    bf16. MPS takes fp32: fp16 gave black pictures in other programs. Raises DeviceError for an
    unknown name.
    """
    where = ""
    if precision == "auto" and device.type == "cpu" and PRECISION_VARIABLE in os.environ:
        precision = os.environ[PRECISION_VARIABLE]
        where = f"{PRECISION_VARIABLE} in the environment: "
    if precision in _DTYPES:
        return _DTYPES[precision]
    if precision != "auto":
        known = ", ".join(get_args(Precision))
        raise DeviceError(f"{where}there is no precision {precision!r}; use one of: {known}")
    if device.type == "cpu":
        return torch.bfloat16 if this_processor().prefers_bf16 else torch.float32
    if device.type == "cuda":
        capability = torch.cuda.get_device_capability(device)
        if capability >= (8, 0):
            return torch.bfloat16
        return torch.float16 if capability >= (7, 0) else torch.float32
    return torch.bfloat16 if device.type == "xpu" else torch.float32


def precision_name(dtype: torch.dtype) -> str:
    """Return "fp32", "bf16" or "fp16"."""
    return next(name for name, known in _DTYPES.items() if known is dtype)


@contextmanager
def exact_convolutions() -> Generator[None]:
    """Keep cuDNN from rounding float32 to TF32, by which tiles would differ from the whole by 1e-3.

    `torch.backends.cudnn.flags` would also switch cuDNN off.
    """
    before = torch.backends.cudnn.allow_tf32
    torch.backends.cudnn.allow_tf32 = False
    try:
        yield
    finally:
        torch.backends.cudnn.allow_tf32 = before


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an exception says that memory ran out, on any device."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    text = str(error).lower()
    phrases = (
        "out of memory",
        "can't allocate memory",
        "not enough memory",
        "alloc_failed",
        "failed to allocate",  # OpenVINO
    )
    return isinstance(error, RuntimeError) and any(phrase in text for phrase in phrases)


def release_cached_memory(device: torch.device) -> None:
    """Give the device memory that torch keeps for later back to the device."""
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()
    elif device.type == "xpu":
        torch.xpu.empty_cache()
