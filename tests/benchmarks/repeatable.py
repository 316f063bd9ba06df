"""Whether a command gives the same bytes on every run: `python -m tests.benchmarks.repeatable`.

Runs `liifgan upscale` 20 times in processes of their own, half of them beside one and beside two
others that keep all cores busy with the same work, and prints the SHA-256 of every result. Exit
status 1 if they differ: `--models` (default: the best installed one and `liif`), `--runs`.
"""

import argparse
import hashlib
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from PIL import Image as PilImage

from liifgan_core import load_model, read_image
from liifgan_core.resources import resource_path

RUNS = 20
SIDE = 200
"""LR pixels of the photo."""
_BUSY = "import torch\nx = torch.rand(2048, 2048)\nwhile True: x = (x @ x).clamp_(0, 1)"


def main() -> int:
    """Print a line per model; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.repeatable")
    parser.add_argument("--models", nargs="+")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--side", type=int, default=SIDE, help="LR pixels of the photo")
    chosen = parser.parse_args()
    is_equal = True
    for model in chosen.models or [load_model().info.name, "liif"]:
        hashes: Counter[str] = Counter()
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            sample = read_image(resource_path("samples", "osprey.png")).samples
            sample = sample[: chosen.side, : chosen.side]
            PilImage.fromarray(np.ascontiguousarray(sample)).save(folder / "photo.png")
            for number in range(chosen.runs):
                hashes[_run(folder, model, num_busy=(0, 1, 0, 2)[number % 4])] += 1
        is_equal &= len(hashes) == 1
        counts = ", ".join(f"{count} x {digest[:16]}" for digest, count in hashes.items())
        print(f"{model}: {chosen.runs} runs, {counts}", flush=True)
    return 0 if is_equal else 1


def _run(folder: Path, model: str, *, num_busy: int) -> str:
    with ExitStack() as stack:
        for _ in range(num_busy):
            busy = stack.enter_context(subprocess.Popen([sys.executable, "-c", _BUSY]))
            stack.callback(busy.kill)
        command = [sys.executable, "-m", "liifgan_core", "upscale", str(folder / "photo.png")]
        command += ["--scale", "2.7", "--model", model, "-o", str(folder / "result.png")]
        subprocess.run([*command, "--overwrite"], check=True, capture_output=True)
    return hashlib.sha256((folder / "result.png").read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
