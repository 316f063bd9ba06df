import itertools
import os
import subprocess
import sys
import time

import pytest
import torch
import torch.nn.functional as F

from liifgan_core.models.linear_relu import Kernel, kernel_for, make_linear_relu

KERNELS: list[Kernel] = ["linear", "fused"]


def layer(inputs: int, outputs: int, rows: int) -> tuple[torch.Tensor, ...]:
    generator = torch.Generator().manual_seed(inputs * 1000 + outputs)
    sizes = ((rows, inputs), (outputs, inputs), (outputs,))
    return tuple(torch.randn(size, generator=generator) for size in sizes)


def needs(kernel: Kernel) -> None:
    if kernel != "linear" and kernel_for("cpu", torch.float32) == "linear":
        pytest.skip(f"this build of torch has no {kernel} kernel")


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize(("inputs", "outputs", "rows"), [(1, 1, 1), (5, 9, 3), (256, 64, 100)])
def test_every_kernel_is_linear_and_relu(
    kernel: Kernel, inputs: int, outputs: int, rows: int
) -> None:
    needs(kernel)
    x, weight, bias = layer(inputs, outputs, rows)
    expected = F.linear(x.double(), weight.double(), bias.double()).relu()
    run = make_linear_relu(weight, bias, kernel, expected_rows=rows)
    with torch.inference_mode():
        result = run(x)
    assert result.shape == expected.shape
    assert torch.allclose(result.double(), expected, atol=1e-4, rtol=1e-5)


@pytest.mark.parametrize(
    ("kernel", "dtype"),
    list(itertools.product(KERNELS, [torch.bfloat16, torch.float16])),
)
def test_every_kernel_is_close_in_half_precision(kernel: Kernel, dtype: torch.dtype) -> None:
    needs(kernel)
    if kernel == "fused" and not _has_fused(dtype):
        pytest.skip(f"this CPU has no fused kernel for {dtype}")
    x, weight, bias = (part.to(dtype) for part in layer(64, 32, 40))
    expected = F.linear(x.double(), weight.double(), bias.double()).relu()
    with torch.inference_mode():
        result = make_linear_relu(weight, bias, kernel, expected_rows=40)(x)
    assert result.dtype == dtype
    assert torch.allclose(result.double(), expected, atol=0.1, rtol=0.02)


def _has_fused(dtype: torch.dtype) -> bool:
    name = "bf16" if dtype is torch.bfloat16 else "fp16"
    return bool(getattr(torch.ops.mkldnn, f"_is_mkldnn_{name}_supported")())


@pytest.mark.parametrize("kernel", KERNELS)
def test_other_numbers_of_rows_than_expected_work(kernel: Kernel) -> None:
    needs(kernel)
    x, weight, bias = layer(8, 8, 50)
    run = make_linear_relu(weight, bias, kernel, expected_rows=8192)
    with torch.inference_mode():
        for rows in (1, 7, 50):
            assert torch.allclose(run(x[:rows]), F.linear(x[:rows], weight, bias).relu(), atol=1e-5)


def test_a_processor_takes_the_fused_kernel_for_float32() -> None:
    assert kernel_for("cpu", torch.float32) == "fused"


def test_other_devices_use_the_plain_layer() -> None:
    assert kernel_for("cuda", torch.bfloat16) == "linear"


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_without_the_private_operator_the_plain_layer_remains(
    dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.ops, "mkldnn", object())
    assert kernel_for("cpu", dtype) == "linear"


def test_without_onednn_the_plain_layer_remains(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    assert kernel_for("cpu", torch.float32) == "linear"


def test_the_choice_does_not_look_at_a_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_clock() -> float:
        raise AssertionError("a choice by time depends on what else the machine is doing")

    for name in ("perf_counter", "monotonic", "time", "process_time"):
        monkeypatch.setattr(time, name, no_clock)
    for dtype in (torch.float32, torch.bfloat16, torch.float16):
        kernel_for("cpu", dtype)


def test_kernels_that_this_cpu_lacks_are_not_chosen() -> None:
    """oneDNN, limited to AVX2, is like that of a CPU that is a few years old."""
    code = (
        "import torch\n"
        "from liifgan_core.models.linear_relu import kernel_for, make_linear_relu\n"
        "for dtype in (torch.bfloat16, torch.float16):\n"
        "    kernel = kernel_for('cpu', dtype)\n"
        "    x = torch.ones(4, 4, dtype=dtype)\n"
        "    with torch.inference_mode():\n"
        "        result = make_linear_relu(x, x[0], kernel, expected_rows=4)(x)\n"
        "    assert (result == 5).all(), result\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "ONEDNN_MAX_CPU_ISA": "AVX2"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr
