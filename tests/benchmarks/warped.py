"""One sampling against two: `python -m tests.benchmarks.warped DIR [MODEL]`. Prints Markdown.

Originals of DIR, cut to a multiple of 4, are reduced to a quarter by Pillow's bicubic through 8
bits. From that, warped pictures at x4 are made by drawing the model at the warped places; by
warping the model's x4 result by bicubic interpolation (OpenCV, in floats); and by the same after
the x4 result was rounded to 8 bits. The truth is the original itself, warped by supersampling: it
is enlarged by 4 and read at 4x4 places in each output pixel, both by Lanczos. PSNR of Y in dB, mean
over the photos; the outermost 8 pixels of the frame, which is the inner one, are left out.
"""

import sys
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from liifgan_core import ContinuousImage, Geometry, Image, Point, Size, Viewport, Warp, load_model
from liifgan_core.evaluation.metrics import psnr
from liifgan_core.images.read import read_image

FACTOR = 4
SUPERSAMPLING = 4
BORDER = 8


def main(folder: Path, model_name: str) -> None:
    """Print a row for each geometry."""
    files = sorted(folder.glob("*.png"))
    if not files:
        sys.exit(f"{folder}: there are no PNG files")
    model = load_model(model_name, precision="fp32")
    found: dict[str, list[tuple[float, float, float]]] = {}
    for path in files:
        hr = read_image(path).samples
        height, width = (side - side % FACTOR for side in hr.shape[:2])
        hr = hr[:height, :width]
        small = (width // FACTOR, height // FACTOR)
        lr = PillowImage.fromarray(hr).resize(small, PillowImage.Resampling.BICUBIC)
        image = Image(np.asarray(lr))
        picture = ContinuousImage.encode(image, model)
        enlarged = picture.render(Viewport.whole(image.size, Size(height, width)))
        for name, geometry in _geometries(image.size).items():
            warp = geometry.warp(image.size)
            size = Size(warp.size.height * FACTOR, warp.size.width * FACTOR)
            target = _truth(hr, warp, size)
            once = picture.render(Viewport.whole(warp.size, size), warp=warp)
            y, x = _places(warp, size, 1)
            twice = _read(enlarged, y, x, FACTOR, cv2.INTER_CUBIC)
            rounded = np.round(enlarged * 255.0) / np.float32(255.0)
            eight_bits = _read(rounded, y, x, FACTOR, cv2.INTER_CUBIC)
            values = [
                psnr(result, target, border=BORDER, on_luma=True)
                for result in (once, twice, eight_bits)
            ]
            found.setdefault(name, []).append((values[0], values[1], values[2]))
    print(f"{len(files)} photos, {model.info.name}\n")
    print("| geometry | one sampling | x4, then bicubic | the same through 8 bits |")
    print("|---|---|---|---|")
    for name, rows in found.items():
        means = np.mean(rows, axis=0)
        print(f"| {name} | " + " | ".join(f"{value:.2f}" for value in means) + " |")


def _geometries(lr: Size) -> dict[str, Geometry]:
    def corners(*shares: tuple[float, float]) -> tuple[Point, ...]:
        return tuple(Point(x * lr.width, y * lr.height) for x, y in shares)

    facade = corners((0.2, 0.15), (0.8, 0.2), (0.92, 0.9), (0.06, 0.86))
    return {
        "turned by 2 degrees": Geometry(2.0, frame="inside"),
        "turned by 17 degrees": Geometry(17.0, frame="inside"),
        "turned by 45 degrees": Geometry(45.0, frame="inside"),
        "perspective": Geometry(corners=facade, frame="inside"),
        "lens, k1 -0.1": Geometry(k1=-0.1, frame="inside"),
    }


def _places(
    warp: Warp, size: Size, samples: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return where the samples of the output's pixels lie in the LR photo."""
    rows = (np.arange(size.height * samples) + 0.5) * warp.size.height / (size.height * samples)
    cols = (np.arange(size.width * samples) + 0.5) * warp.size.width / (size.width * samples)
    places = warp.places(rows[:, None], cols[None, :])
    return places.y, places.x


def _read(
    pixels: NDArray[np.float32],
    y: NDArray[np.float64],
    x: NDArray[np.float64],
    factor: int,
    interpolation: int,
) -> NDArray[np.float32]:
    """Return a picture that is `factor` times the LR photo at places of that photo."""
    map_y, map_x = ((at * factor - 0.5).astype(np.float32) for at in (y, x))
    read = cv2.remap(pixels, map_x, map_y, interpolation, borderMode=cv2.BORDER_REPLICATE)
    return np.clip(read, 0.0, 1.0)


def _truth(hr: NDArray[np.uint8], warp: Warp, size: Size) -> NDArray[np.float32]:
    fine = cv2.resize(
        hr.astype(np.float32) / np.float32(255.0),
        None,
        fx=4,
        fy=4,
        interpolation=cv2.INTER_LANCZOS4,
    )
    y, x = _places(warp, size, SUPERSAMPLING)
    target = np.empty((size.height, size.width, 3), np.float32)
    for top in range(0, size.height, 64):
        rows = slice(top * SUPERSAMPLING, min(top + 64, size.height) * SUPERSAMPLING)
        read = _read(fine, y[rows], x[rows], 4 * FACTOR, cv2.INTER_LANCZOS4)
        blocks = read.reshape(-1, SUPERSAMPLING, size.width, SUPERSAMPLING, 3)
        target[top : top + 64] = blocks.mean(axis=(1, 3))
    return target


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "liif-gan-air")
