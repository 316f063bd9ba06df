"""The trade-off of the detail strength, as a picture and a Markdown table.

    python -m tests.benchmarks.trade_off PHOTOS OUT.png [MODEL] [SCALE,SCALE,...]

PSNR (RGB), ST-LPIPS (alex), both figures of the grid pattern, and the largest shift of a colour's
mean from detail 0 (in 1/255), of a model at detail 0, 0.25, ... 1.25: means over a folder's photos.
LR by Pillow's bicubic through 8 bits. A photo is rendered once per scale; only the blend differs.
"""

import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from liifgan_core import ContinuousImage, Image, Tile, Viewport, load_model
from liifgan_core.evaluation.dataset import read_original
from liifgan_core.evaluation.grid_pattern import grid_pattern
from liifgan_core.evaluation.metrics import psnr
from liifgan_core.evaluation.protocol import make_pair
from liifgan_core.evaluation.st_lpips import load_st_lpips
from liifgan_core.render.placed_model import PlacedModel

MEASURES = (
    ("PSNR (RGB, dB)", 2),
    ("ST-LPIPS (alex)", 4),
    ("grid pattern, energy", 3),
    ("grid pattern, mean", 3),
    ("colour shift", 2),
)
STRENGTHS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25)


def main(photos: Path, out: Path, name: str = "liif-gan", scales: str = "2,4,6") -> None:
    """Measure, print the table and draw the curves."""
    model, distance = load_model(name), load_st_lpips("alex")
    files = sorted(path for path in photos.iterdir() if path.suffix.lower() in (".png", ".jpg"))
    axis = (figure := Figure(figsize=(6.0, 4.2), layout="constrained")).subplots()
    print(f"{name}, {len(files)} photos of {photos.name}\n")
    print("| scale | measure |" + "".join(f" {strength:g} |" for strength in STRENGTHS))
    print("|---|---|" + "---:|" * len(STRENGTHS))
    for scale in (int(text) for text in scales.split(",")):
        found = np.mean([_measured(path, scale, model, distance) for path in files], axis=0)
        for row, (measure, digits) in enumerate(MEASURES):
            values = "".join(f" {value:.{digits}f} |" for value in found[:, row])
            print(f"| x{scale} | {measure} |{values}", flush=True)
        axis.plot(found[:, 1], found[:, 0], marker="o", label=f"x{scale}")
        for strength, row in zip(STRENGTHS, found, strict=True):
            axis.annotate(f"{strength:g}", (row[1], row[0]), fontsize=7, alpha=0.8)
    axis.set_xlabel("ST-LPIPS (alex): less is nearer to the original")
    axis.set_ylabel("PSNR (RGB, dB)")
    axis.set_title(f"{name} by detail strength")
    axis.grid(alpha=0.3)
    axis.legend()
    figure.savefig(out, dpi=110)


def _measured(path: Path, scale: int, model: PlacedModel, distance) -> np.ndarray:
    """Return (strengths, measures) of one photo."""
    pair = make_pair(read_original(path), scale)
    image, original, size = Image(pair.lr), pair.hr, pair.size
    rendered = ContinuousImage.encode(image, model).render_tile(
        Viewport.whole(image.size, size), Tile(0, 0, size.height, size.width)
    )
    blends = [rendered.blend(strength) for strength in STRENGTHS]
    rows: list[tuple[float, ...]] = []
    for blend in blends:
        pattern = grid_pattern(blend, scale)
        shift = np.abs((blend - blends[0]).mean(axis=(0, 1))).max() * 255.0
        decibels = psnr(blend, original, border=scale, on_luma=False)
        dissimilarity = distance.distance(blend, original)
        rows.append((decibels, dissimilarity, pattern.energy, pattern.mean, float(shift)))
    return np.array(rows)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
