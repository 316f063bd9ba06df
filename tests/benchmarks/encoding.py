"""Seconds of encoding per LR megapixel, halo included, as Markdown.

`python -m tests.benchmarks.encoding --megapixels 1 12 --models liif liif-gan`; run it on an idle
machine. Where encoding all would take too long, only some blocks of the tile plan are run, some in
the photo's middle and some at its edges, and the others counted at the rate of their kind by the
pixels that they read; the last column says how many were run.
"""

import argparse
import math
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from unittest import mock

import numpy as np
import torch

from liifgan_core import Image, load_model, read_image
from liifgan_core.geometry import Tile
from liifgan_core.progress import CancelToken
from liifgan_core.render import placed_model
from liifgan_core.render.continuous_image import FEATURE_BYTES
from liifgan_core.render.encoded_tiles import EncodedTiles
from liifgan_core.render.placed_model import PlacedModel
from liifgan_core.resources import resource_path

PREPARING_SIDE = 64
FORMATS = {"torch": ("fp32", "bf16"), "ncnn": ("fp32",), "openvino": ("bf16",)}
"""What each engine computes in."""


def main() -> None:
    """Print a row for every size, model, precision and engine."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.encoding")
    parser.add_argument("--megapixels", type=float, nargs="+", default=[1.0])
    parser.add_argument("--models", nargs="+", required=True)
    parser.add_argument("--precisions", nargs="+", default=["fp32", "bf16"])
    parser.add_argument(
        "--engines", nargs="+", default=["rule"], choices=["rule", *FORMATS], help="for trunks"
    )
    parser.add_argument(
        "--blocks", type=int, default=2, help="blocks of each kind to run; 0: all that there are"
    )
    chosen = parser.parse_args()
    start_s = time.perf_counter()
    print(f"{torch.get_num_threads()} threads, torch {torch.__version__}\n")
    print("| photo | model | precision | engine | s per LR megapixel | blocks run |")
    print("|---|---|---|---|---|---|")
    for megapixels in chosen.megapixels:
        side = round(math.sqrt(megapixels * 1e6))
        for name in chosen.models:
            for model in _models(name, chosen.precisions, chosen.engines):
                _seconds(model, PREPARING_SIDE, 0)
                seconds, run = _seconds(model, side, chosen.blocks)
                rate = seconds / (side * side / 1e6)
                print(
                    f"| {side}x{side} | {name} | {model.precision} | {model.engine} | {rate:.2f} "
                    f"| {run} |",
                    flush=True,
                )
    print(f"\n{time.perf_counter() - start_s:.0f} s in all")


def _models(name: str, precisions: Sequence[str], engines: Sequence[str]) -> Iterator[PlacedModel]:
    """Yield a model in each precision by each engine that there is for it."""
    rule = placed_model.engine_name
    for precision in precisions:
        made = set[str]()
        for engine in engines:
            if engine != "rule" and precision not in FORMATS[engine]:
                continue
            choose = rule if engine == "rule" else lambda *_, engine=engine: engine
            with mock.patch.object(placed_model, "engine_name", choose):
                model = load_model(name, device="cpu", precision=precision)
            if model.engine not in made:  # a model without a trunk has one engine only
                made.add(model.engine)
                yield model


def _seconds(model: PlacedModel, side: int, num_blocks: int) -> tuple[float, str]:
    """Return the seconds of encoding a square photo, and how many of its blocks were run."""
    tiles = EncodedTiles(_photo(side), model, FEATURE_BYTES)
    by_kind: dict[int, list[tuple[tuple[int, int], int]]] = defaultdict(list)
    first_keys = dict.fromkeys(tiles._block(key)[0] for key in tiles.keys())  # noqa: SIM118
    if model.wants_one_shape:  # its graph is made once for a photo, which is no encoding
        EncodedTiles(_photo(side), model, FEATURE_BYTES).features((0, 0), CancelToken().check)
    for key in first_keys:
        area = _area(tiles, key)
        # How many of its four sides are the photo's, where it needs no halo.
        num_rims = sum((area.top == 0, area.left == 0, area.bottom == side, area.right == side))
        by_kind[num_rims].append((key, area.height * area.width))
    seconds, num_run, num_all = 0.0, 0, 0
    for blocks in by_kind.values():
        run = blocks[: num_blocks or None]
        before_s = tiles.encoding_s
        for key, _ in run:
            tiles.features(key, CancelToken().check)
        spent_s = tiles.encoding_s - before_s
        seconds += spent_s * sum(n for _, n in blocks) / sum(n for _, n in run)
        num_run, num_all = num_run + len(run), num_all + len(blocks)
    return seconds, "all" if num_run == num_all else f"{num_run} of {num_all}"


def _area(tiles: EncodedTiles, key: tuple[int, int]) -> Tile:
    """Return what is read to encode a block of tiles."""
    keys = tiles._block(key)
    first, last = tiles.inner(keys[0]), tiles.inner(keys[-1])
    block = Tile(first.top, first.left, last.bottom - first.top, last.right - first.left)
    return tiles._area(block.grown(1, tiles.size))


def _photo(side: int) -> Image:
    sample = read_image(resource_path("samples", "osprey.png")).samples
    times = -(-side // min(sample.shape[:2]))
    return Image(np.ascontiguousarray(np.tile(sample, (times, times, 1))[:side, :side]))


if __name__ == "__main__":
    main()
