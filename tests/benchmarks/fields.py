"""How fast fields render, structure and detail: `python -m tests.benchmarks.fields`.

Prints Markdown. One layer is the two blended at one strength, as an export or a moving view has
them; two are the layers apart, as a resting view has them.

Part of `make bench`. The networks have the size of the shipped ones and random weights: speed does
not depend on their values. Tables and view are warm, as while zooming.
"""

import functools
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from liifgan_core import (
    ContinuousImage,
    Geometry,
    Image,
    Point,
    Rect,
    Size,
    Tile,
    Viewport,
    load_model,
)
from liifgan_core.models.config import EDSRConfig, FieldConfig, LIIFConfig
from liifgan_core.models.liif import LIIF
from liifgan_core.models.mlp_decoder import MLPDecoder
from liifgan_core.render.drawing import at_strength
from liifgan_core.render.placed_model import PlacedModel
from liifgan_core.weights.registry import Provenance
from liifgan_core.weights.store import save_weights

VIEW = Size(1080, 1920)
FACTORS = (4.0, 3.7, 2.0, 2.5, 3.0, 8.0)
WARPED_FACTORS = (4.0, 2.0)
REPEATS = 7
PLAIN_QUERIES = 30_000
"""As many at a time as in LIIF's public code."""
MEMORY_BYTES = 3 * 2**30
"""Enough for the tables of a view at x2."""


def main() -> None:
    """Print the table."""
    plain_rate = _plain_rate()
    print(f"LIIF, one decoder, plain formula at x4: {plain_rate:.4f} megapixels/s\n")
    print("| LR pixels | factor | tables s | ms | megapixels/s | to LIIF's | apart ms |")
    print("|---|---|---|---|---|---|---|")
    model = _model()
    for factor in FACTORS:
        lr = Size(round(VIEW.height / factor + 0.5), round(VIEW.width / factor + 0.5))
        region = Rect(0.0, 0.0, VIEW.height / factor, VIEW.width / factor)
        viewport, whole = Viewport(region, VIEW), Tile(0, 0, VIEW.height, VIEW.width)
        samples = np.random.default_rng(0).integers(0, 256, (lr.height, lr.width, 3), np.uint8)
        picture = ContinuousImage.encode(Image(samples), model, memory_bytes=MEMORY_BYTES)
        layers = functools.partial(picture.render_tile, viewport, whole)
        apart_s = min(_seconds(layers) for _ in range(REPEATS))
        picture.forget_tables()
        render = functools.partial(picture.render, viewport, detail=1.0)
        first_s = _seconds(render)
        best_s = min(_seconds(render) for _ in range(REPEATS))
        rate = VIEW.num_pixels / 1e6 / best_s
        ratio = f"x{rate / plain_rate:.0f}" if factor == 4.0 else ""
        print(
            f"| {lr} | x{factor:g} | {first_s - best_s:.2f} | {best_s * 1e3:.1f} | {rate:.1f} "
            f"| {ratio} | {apart_s * 1e3:.1f} |",
            flush=True,
        )
    print()
    _warped(model)


def _warped(model: PlacedModel) -> None:
    """Print the table of views that are turned, or seen at an angle through a lens."""
    print("| view of 1920x1080 | factor | as one, ms | apart, ms |")
    print("|---|---|---|---|")
    whole = Tile(0, 0, VIEW.height, VIEW.width)
    for factor in WARPED_FACTORS:
        height, width = VIEW.height / factor, VIEW.width / factor
        lr = Size(round(1.6 * height), round(1.3 * width))
        samples = np.random.default_rng(0).integers(0, 256, (lr.height, lr.width, 3), np.uint8)
        picture = ContinuousImage.encode(Image(samples), model, memory_bytes=MEMORY_BYTES)
        facade = ((0.05, 0.03), (0.97, 0.06), (0.99, 0.97), (0.02, 0.99))
        corners = tuple(Point(x * lr.width, y * lr.height) for x, y in facade)
        geometries = {
            "turned by 17 degrees": Geometry(17.0),
            "perspective, lens, turned by 3": Geometry(3.0, corners, k1=-0.05),
        }
        for name, geometry in geometries.items():
            warp = geometry.warp(lr)
            top, left = (warp.size.height - height) / 2, (warp.size.width - width) / 2
            view = Viewport(Rect(top, left, height, width), VIEW)
            draw = functools.partial(picture.render_tile, view, whole, warp=warp)
            as_one = functools.partial(draw, drawing=at_strength(1.0))
            times = [min(_seconds(run) for _ in range(REPEATS)) for run in (as_one, draw)]
            print(f"| {name} | x{factor:g} | {times[0] * 1e3:.0f} | {times[1] * 1e3:.0f} |")
    print()


def _seconds(run: Callable[[], object]) -> float:
    start_s = time.perf_counter()
    run()
    return time.perf_counter() - start_s


def _plain_rate() -> float:
    """Return LIIF's megapixels per second: one MLP decoder, 30,000 queries of a 480x270 photo."""
    torch.manual_seed(0)
    decoder = MLPDecoder(64, (256,) * 4).requires_grad_(False)
    feat = torch.randn(1, 64, 270, 480)
    coord = torch.rand(1, PLAIN_QUERIES, 2) * 2.0 - 1.0
    cell = torch.tensor([2.0 / 1080, 2.0 / 1920]).expand_as(coord)
    with torch.inference_mode():
        # Unfolding the features, 0.1 s whatever the number of queries, is not counted.
        unfold_s = min(_seconds(lambda: decoder(feat, coord[:, :1], cell[:, :1])) for _ in range(3))
        all_s = min(_seconds(lambda: decoder(feat, coord, cell)) for _ in range(3))
    return (PLAIN_QUERIES - 1) / 1e6 / (all_s - unfold_s)


def _model() -> PlacedModel:
    torch.manual_seed(0)
    config = LIIFConfig(
        # A shallow encoder: how long encoding takes is not asked here.
        encoder=EDSRConfig(num_blocks=1, num_deep_blocks=1),
        structure_tap="trunk",
        detail_tap="last",
        structure_field=FieldConfig(order=2),
        detail_field=FieldConfig(order=3),
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "random.safetensors"
        provenance = Provenance(licence="none", origin="random", trained_scales=(1.0, 4.0))
        save_weights(path, LIIF(config), provenance)
        return load_model(str(path), device="cpu", precision="fp32")


if __name__ == "__main__":
    main()
