import pytest
import torch

from liifgan_core.errors import DeviceError
from liifgan_core.models.linear_relu import KernelChoice
from liifgan_core.render import devices
from liifgan_core.render.devices import (
    available_devices,
    device_label,
    is_out_of_memory,
    release_cached_memory,
    resolve_device,
    resolve_precision,
)

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


@pytest.mark.parametrize(("bf16_gflops", "dtype"), [(200.0, torch.bfloat16), (110, torch.float32)])
def test_a_cpu_takes_bf16_only_where_it_is_faster(
    bf16_gflops: float, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    rates = {torch.float32: 100.0, torch.bfloat16: bf16_gflops}
    monkeypatch.setattr(
        devices, "fastest_kernel", lambda _, wanted: KernelChoice("linear", rates[wanted])
    )
    monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: True)
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: True)
    assert resolve_precision("auto", CPU) is dtype


def test_a_cpu_without_bf16_takes_fp32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: False)
    assert resolve_precision("auto", CPU) is torch.float32


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
