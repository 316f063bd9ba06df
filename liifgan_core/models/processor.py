"""What a processor can, and which arithmetic follows from it.

Rules, not stopwatches: the same command gives the same bytes on every run, whatever else the
machine is doing. What the rules say of each kind of processor was measured (docs/rendering.md).
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass

import torch


@dataclass(frozen=True, slots=True)
class Processor:
    """What decides how this machine's CPU computes; see `this_processor`."""

    name: str
    is_x86: bool
    has_amx_bf16: bool
    """Tiles of bf16 products: Intel's Xeons from Sapphire Rapids on."""
    has_avx512_bf16: bool
    is_amd: bool

    @property
    def prefers_bf16(self) -> bool:
        """Whether bf16 is native and faster than fp32.

        With AMX it is about 5 to 8 times as fast (64 channels, two cores of a Xeon), on AMD's
        processors with AVX-512 (from Zen 4 on) 2 to 2.5 times. Intel's without AMX have the
        instruction too, at no more than fp32's rate. ARM's are not known to us: fp32.
        """
        return self.has_amx_bf16 or (self.has_avx512_bf16 and self.is_amd)


@functools.cache
def this_processor() -> Processor:
    """Return what torch says of the processor it runs on; what it does not tell counts as no."""
    told: Mapping[str, object] = {}
    if hasattr(torch.cpu, "get_capabilities"):
        told = torch.cpu.get_capabilities()
    return processor_of(told)


def processor_of(told: Mapping[str, object]) -> Processor:
    """Return the processor that has the capabilities of torch's list."""
    return Processor(
        name=str(told.get("cpu_name", "unknown")),
        is_x86=told.get("architecture") == "x86_64",
        has_amx_bf16=bool(told.get("amx_bf16")),
        has_avx512_bf16=bool(told.get("avx512_bf16")),
        # Virtual machines hide names, but not this set of instructions, which only AMD's have.
        is_amd=bool(told.get("sse4a")),
    )
