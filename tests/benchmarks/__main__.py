"""`make bench`: how fast and how large rendering is on this machine. Prints Markdown.

Run it on an idle machine. Ratios compare runs of one process, alternating, the best of each.
"""

import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from liifgan_core import ContinuousImage, Image, Size, Tile, Viewport, load_model, read_image
from liifgan_core.coords import make_cell, make_coord
from liifgan_core.models.linear_relu import kernel_for, make_linear_relu
from liifgan_core.resources import resource_path
from liifgan_core.weights.registry import find_model
from liifgan_core.weights.store import load_weights
from tests.benchmarks import fields
from tests.benchmarks.original_query import original_query

PLAIN_CHUNK = 30_000
"""Queries at a time, as in LIIF's public code."""
REPEATS = 3


def main() -> None:
    """Print every table."""
    print(
        f"Python {platform.python_version()}, torch {torch.__version__}, {_processor()}, ", end=""
    )
    print(f"{torch.get_num_threads()} threads\n")
    _kernels()
    _against_plain_formula()
    _throughput()
    fields.main()
    _command_start()
    _peak_memory()
    print(flush=True)
    subprocess.run([sys.executable, "-m", "tests.benchmarks.app"], check=True)


def _kernels() -> None:
    print("| hidden layers | kernel | GFLOP/s |\n|---|---|---|")
    for dtype in (torch.float32, torch.bfloat16):
        kernel = kernel_for("cpu", dtype)
        x = torch.rand(4096, 256).to(dtype)
        layer = make_linear_relu(x[:256], x[0], kernel, expected_rows=len(x))
        seconds = float("inf")
        with torch.inference_mode():
            for _ in range(20):
                start_s = time.perf_counter()
                layer(x)
                seconds = min(seconds, time.perf_counter() - start_s)
        gflops = 2.0 * x.numel() * 256 / seconds / 1e9
        print(f"| {str(dtype).removeprefix('torch.')} | {kernel} | {gflops:.0f} |")
    print()


def _against_plain_formula() -> None:
    """Compare decoding 128x128 to 512x512 from the same features: prepare and render."""
    crop = _sample(128, 128)
    network = load_weights(find_model("liif")).network
    viewport = Viewport.whole(crop.size, Size(512, 512))
    coord = torch.from_numpy(make_coord(viewport, (128, 128))).view(1, -1, 2)
    cell = torch.from_numpy(make_cell(viewport, (128, 128))).expand(1, PLAIN_CHUNK, 2)
    rgb = torch.from_numpy(crop.rgb(Tile(0, 0, 128, 128))).permute(2, 0, 1)[None]

    with torch.inference_mode():
        features = network.encode(rgb)

        def plain() -> np.ndarray:
            return in_chunks(lambda c, s: network.query(features, c, s).structure_BQC)

        def original() -> np.ndarray:
            feat = features.structure_BDHW
            return in_chunks(lambda c, s: original_query(network.structure.mlp, feat, c, s))

        def in_chunks(query: Callable[[Tensor, Tensor], Tensor]) -> np.ndarray:
            parts = [query(c, cell[:, : c.shape[1]]) for c in coord.split(PLAIN_CHUNK, dim=1)]
            return (torch.cat(parts, dim=1).view(512, 512, 3).numpy() + 1.0) / 2.0

        runs = {"as in LIIF's code": original, "plain formula": plain}
        seconds = {name: float("inf") for name in (*runs, "fp32", "bf16")}
        results: dict[str, np.ndarray] = {}
        pictures = {name: _Rendering(crop, precision=name) for name in ("fp32", "bf16")}
        for _ in range(REPEATS):
            for name, run in runs.items():
                _keep_best(seconds, results, name, run)
            for name, picture in pictures.items():
                _keep_best(seconds, results, name, lambda p=picture: p.render(viewport))
    print("| 128x128 to 512x512, decoder | seconds | speed | largest difference |")
    print("|---|---|---|---|")
    slowest_s, reference = seconds["as in LIIF's code"], results["plain formula"].clip(0.0, 1.0)
    for name, best_s in seconds.items():
        difference = np.abs(results[name].clip(0.0, 1.0) - reference).max()
        print(f"| {name} | {best_s:.2f} | x{slowest_s / best_s:.2f} | {difference:.1e} |")
    print()


class _Rendering:
    """Renders an encoded photo with its decoder tables made anew each time."""

    def __init__(self, image: Image, *, precision: str) -> None:
        self._picture = ContinuousImage.encode(image, load_model(precision=precision))

    def render(self, viewport: Viewport) -> np.ndarray:
        self._picture.forget_tables()
        return self._picture.render(viewport)


def _keep_best(
    seconds: dict[str, float],
    results: dict[str, np.ndarray],
    name: str,
    run: Callable[[], np.ndarray],
) -> None:
    start_s = time.perf_counter()
    results[name] = run()
    seconds[name] = min(seconds[name], time.perf_counter() - start_s)


def _throughput() -> None:
    image = _sample(240, 320)
    model = load_model()
    print("| 320x240 photo | output | encode s | first rows s | render s | megapixels/s |")
    print("|---|---|---|---|---|---|")
    for scale in (2.0, 3.7, 8.0):
        size = Size(round(240 * scale), round(320 * scale))
        start_s = time.perf_counter()
        picture = ContinuousImage.encode(image, model)
        encoded_s = time.perf_counter() - start_s
        viewport = Viewport.whole(image.size, size)
        first = Tile(0, 0, 16, size.width)
        picture.render_tile(viewport, first)
        first_s = time.perf_counter() - start_s
        start_s = time.perf_counter()
        picture.render(viewport)
        render_s = time.perf_counter() - start_s
        seconds = f"{encoded_s:.2f} | {first_s:.2f} | {render_s:.2f}"
        print(f"| x{scale:g} | {size} | {seconds} | {size.num_pixels / 1e6 / render_s:.3f} |")
    print()


def _command_start() -> None:
    best_s = min(_timed_command("--help") for _ in range(5))
    print(f"`liifgan --help`: {best_s:.2f} s\n")


def _timed_command(*arguments: str) -> float:
    start_s = time.perf_counter()
    command = [sys.executable, "-m", "liifgan_core", *arguments]
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start_s


def _peak_memory() -> None:
    """Export 8 megapixels through the command line and read the child's peak."""
    with tempfile.TemporaryDirectory() as folder:
        sample = resource_path("samples", "osprey.png")
        target = Path(folder) / "large.png"
        seconds = _timed_command(
            "upscale", str(sample), "--megapixels", "8", "--output", str(target)
        )
    peak_kib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(f"`liifgan upscale` to 8 megapixels: {seconds:.1f} s, peak {peak_kib / 1024:.0f} MiB")


def _sample(height: int, width: int) -> Image:
    image = read_image(resource_path("samples", "osprey.png"))
    return Image(np.ascontiguousarray(image.samples[-height:, :width]))


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if "model name" in line), "")


if __name__ == "__main__":
    main()
