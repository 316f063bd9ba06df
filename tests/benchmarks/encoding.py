"""Seconds of encoding per LR megapixel, halo included, by model and precision, as Markdown.

`python -m tests.benchmarks.encoding MEGAPIXELS MODEL...`; run it on an idle machine. One run of
each precision, after a small one that prepares kernels; the engine is the one that the rule takes.
"""

import math
import sys
import time

import numpy as np
import torch

from liifgan_core import Image, load_model, read_image
from liifgan_core.progress import CancelToken
from liifgan_core.render.encoded_tiles import EncodedTiles
from liifgan_core.render.placed_model import PlacedModel
from liifgan_core.resources import resource_path

PREPARING_SIDE = 64


def main(megapixels: float, models: list[str]) -> None:
    """Print a row for every model and precision."""
    side = round(math.sqrt(megapixels * 1e6))
    print(f"{torch.get_num_threads()} threads, photo of {side}x{side} pixels\n")
    print("| model | precision | engine | s per LR megapixel |\n|---|---|---|---|")
    for name in models:
        for precision in ("fp32", "bf16"):
            model = load_model(name, device="cpu", precision=precision)
            _seconds(model, PREPARING_SIDE)
            rate = _seconds(model, side) / (side * side / 1e6)
            print(f"| {name} | {model.precision} | {model.engine} | {rate:.1f} |", flush=True)


def _seconds(model: PlacedModel, side: int) -> float:
    """Return the seconds of encoding all tiles, of which only the last are kept."""
    sample = read_image(resource_path("samples", "osprey.png")).samples
    times = -(-side // min(sample.shape[:2]))
    samples = np.ascontiguousarray(np.tile(sample, (times, times, 1))[:side, :side])
    tiles = EncodedTiles(Image(samples), model, memory_bytes=1 << 28)
    for key in tiles.keys():  # noqa: SIM118 - not a mapping
        tiles.features(key, CancelToken().check)
    return tiles.encoding_s


if __name__ == "__main__":
    start_s = time.perf_counter()
    main(float(sys.argv[1]), sys.argv[2:])
    print(f"\n{time.perf_counter() - start_s:.0f} s in all")
