import os
import time

import pytest
import torch

from liifgan_core.errors import DeviceError
from liifgan_core.models.config import RRDBConfig
from liifgan_core.models.linear_relu import kernel_for
from liifgan_core.models.processor import Processor, processor_of, this_processor
from liifgan_core.models.rrdb import RRDBTrunk
from liifgan_core.render import devices, trunk_engines
from liifgan_core.render.devices import (
    PRECISION_VARIABLE,
    available_devices,
    device_label,
    is_accelerated,
    is_out_of_memory,
    precision_name,
    release_cached_memory,
    resolve_device,
    resolve_precision,
)
from liifgan_core.render.trunk_engines import engine_name
from liifgan_core.threads import share_cores
from tests.conftest import AMX, PLAIN, UseProcessor

CPU = torch.device("cpu")


@pytest.fixture
def two_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "available_devices", lambda: ["cuda:0", "cuda:1", "mps", "cpu"])


def test_the_cpu_is_always_there_and_the_last_choice() -> None:
    assert available_devices()[-1] == "cpu"


@pytest.mark.usefixtures("two_gpus")
@pytest.mark.parametrize(
    ("name", "device"),
    [("auto", "cuda:0"), ("cuda", "cuda:0"), ("cuda:1", "cuda:1"), ("mps", "mps"), ("cpu", "cpu")],
)
def test_names_of_devices(name: str, device: str) -> None:
    assert resolve_device(name) == torch.device(device)


@pytest.mark.usefixtures("two_gpus")
@pytest.mark.parametrize("name", ["", "cuda:2", "xpu", "CPU", "gpu", "cpu:0", "cud"])
def test_an_unknown_device_is_refused_with_those_that_exist(name: str) -> None:
    with pytest.raises(DeviceError, match="use one of: auto, cuda:0, cuda:1, mps, cpu"):
        resolve_device(name)


def test_a_device_is_found_by_its_own_name(device: str) -> None:
    found = resolve_device(device)
    assert found.type == device
    assert device in device_label(found)
    release_cached_memory(found)


@pytest.mark.parametrize("name", ["cuda:0", "xpu:0", "mps"])
def test_an_accelerator_is_one_whatever_the_processor(
    name: str, use_processor: UseProcessor
) -> None:
    use_processor(PLAIN)
    assert is_accelerated(torch.device(name))


def test_a_processor_is_one_with_amx_only(use_processor: UseProcessor) -> None:
    use_processor(PLAIN)
    assert not is_accelerated(CPU)
    use_processor(AMX)
    assert is_accelerated(CPU)


@pytest.mark.parametrize(
    ("name", "dtype"),
    [("fp32", torch.float32), ("bf16", torch.bfloat16), ("fp16", torch.float16)],
)
def test_names_of_precisions(name: str, dtype: torch.dtype) -> None:
    assert resolve_precision(name, CPU) is dtype


@pytest.mark.parametrize("name", ["", "int8", "BF16", "float32"])
def test_an_unknown_precision_is_refused(name: str) -> None:
    with pytest.raises(DeviceError, match="use one of: auto, fp32, bf16, fp16"):
        resolve_precision(name, CPU)


@pytest.mark.parametrize(
    ("capability", "dtype"),
    [
        ((9, 0), torch.bfloat16),
        ((8, 0), torch.bfloat16),
        ((7, 5), torch.float16),
        ((6, 1), torch.float32),
    ],
)
def test_cuda_takes_what_its_capability_runs_fast(
    capability: tuple[int, int], dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _: capability)
    assert resolve_precision("auto", torch.device("cuda:0")) is dtype


def test_other_devices_take_what_is_safe_there() -> None:
    assert resolve_precision("auto", torch.device("mps")) is torch.float32
    assert resolve_precision("auto", torch.device("xpu")) is torch.bfloat16


XEON = {"architecture": "x86_64", "avx512_bf16": True, "amx_bf16": True}
PROCESSORS = {
    "Xeon with AMX": (XEON, torch.bfloat16),
    "Xeon without AMX": (XEON | {"amx_bf16": False}, torch.float32),
    "Zen 4": ({"architecture": "x86_64", "avx512_bf16": True, "sse4a": True}, torch.bfloat16),
    "Zen 3": ({"architecture": "x86_64", "avx2": True, "sse4a": True}, torch.float32),
    "unknown": ({}, torch.float32),
}


@pytest.mark.parametrize("name", PROCESSORS)
def test_a_cpu_takes_bf16_by_what_it_can(name: str, use_processor: UseProcessor) -> None:
    told, dtype = PROCESSORS[name]
    use_processor(processor_of(told))
    assert resolve_precision("auto", CPU) is dtype


def test_no_rule_looks_at_a_clock_or_at_the_load(
    use_processor: UseProcessor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Precision, kernel, engine, and how many threads there are and how they wait."""

    def no_clock(*_: object) -> float:
        raise AssertionError("a choice by time depends on what else the machine is doing")

    use_processor(processor_of(XEON))
    trunk = RRDBTrunk(RRDBConfig(num_features=8, num_growth=4, num_blocks=1))
    monkeypatch.setattr(trunk_engines, "_is_installed", {"openvino", "ncnn"}.__contains__)
    monkeypatch.setattr(os, "environ", {})
    num_threads = torch.get_num_threads()
    for name in ("perf_counter", "perf_counter_ns", "monotonic", "monotonic_ns", "time"):
        monkeypatch.setattr(time, name, no_clock)
    for name in ("time_ns", "process_time", "thread_time"):
        monkeypatch.setattr(time, name, no_clock)
    if hasattr(os, "getloadavg"):
        monkeypatch.setattr(os, "getloadavg", no_clock)
    assert resolve_precision("auto", CPU) is torch.bfloat16
    assert kernel_for("cpu", torch.float32) == "fused"
    assert engine_name(trunk, "cpu", torch.bfloat16, processor_of(XEON)) == "openvino"
    assert engine_name(trunk, "cpu", torch.float32, processor_of(XEON)) == "ncnn"
    share_cores()
    assert os.environ == {"GOMP_SPINCOUNT": "1000"}
    assert torch.get_num_threads() == num_threads


def test_a_label_tells_what_a_processor_draws_in(use_processor: UseProcessor) -> None:
    use_processor(AMX)
    assert device_label(CPU).endswith(" threads, bf16)")
    assert device_label(CPU, "fp32").endswith(" threads, fp32)")
    assert device_label(CPU, "fp16").endswith(" threads, fp16)")


def test_the_environment_says_what_auto_means_on_a_cpu(
    use_processor: UseProcessor, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_processor(processor_of(XEON))
    monkeypatch.setenv(PRECISION_VARIABLE, "fp32")
    assert resolve_precision("auto", CPU) is torch.float32
    assert resolve_precision("bf16", CPU) is torch.bfloat16
    assert resolve_precision("auto", torch.device("xpu")) is torch.bfloat16
    monkeypatch.setenv(PRECISION_VARIABLE, "half")
    wanted = "LIIFGAN_PRECISION in the environment: there is no precision 'half'"
    with pytest.raises(DeviceError, match=wanted):
        resolve_precision("auto", CPU)


def test_this_processor_is_told_by_torch() -> None:
    found = this_processor()
    assert isinstance(found, Processor)
    assert found == processor_of(torch.cpu.get_capabilities())


def test_precisions_are_named_as_they_are_asked_for() -> None:
    assert [precision_name(t) for t in (torch.float32, torch.bfloat16, torch.float16)] == [
        "fp32",
        "bf16",
        "fp16",
    ]


@pytest.mark.parametrize(
    ("error", "is_memory"),
    [
        (MemoryError(), True),
        (torch.OutOfMemoryError("CUDA out of memory."), True),
        (RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"), True),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), True),
        (RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate"), True),
        (RuntimeError("shapes do not match"), False),
        (ValueError("out of memory"), False),
        (KeyboardInterrupt(), False),
    ],
)
def test_out_of_memory_is_told_from_other_errors(error: BaseException, is_memory: bool) -> None:
    assert is_out_of_memory(error) is is_memory


def test_torchs_own_allocator_error_is_recognised() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(1 << 55, dtype=torch.uint8)
    assert is_out_of_memory(caught.value)
