"""PSNR of a model on a folder of HR images: `python tests/benchmarks/quality.py DIR [MODEL]`.

LR by Pillow's bicubic through 8 bits, Y channel, border = scale, results clipped but not quantised.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image as PillowImage

from liifgan_core import ContinuousImage, Image, Size, Viewport, load_model
from liifgan_core.evaluation.metrics import psnr
from liifgan_core.images.read import read_image

SCALES = (2, 3, 4)


def main(folder: Path, model_name: str | None) -> None:
    """Print the mean over the folder's images at each scale, fp32 and then automatic precision."""
    files = sorted(folder.glob("*.png"))
    if not files:
        sys.exit(f"{folder}: there are no PNG files")
    for precision in ("fp32", "auto"):
        model = load_model(model_name, precision=precision)
        for scale in SCALES:
            values = [_psnr(path, model, scale) for path in files]
            print(
                f"{folder.name} x{scale} {model.info.name} {precision} ({model.dtype}): "
                f"Y {np.mean([v[0] for v in values]):.3f} dB, "
                f"RGB {np.mean([v[1] for v in values]):.3f} dB"
            )


def _psnr(path: Path, model, scale: int) -> tuple[float, float]:
    hr = read_image(path).samples
    height, width = (side - side % scale for side in hr.shape[:2])
    hr = hr[:height, :width]
    lr_size = (width // scale, height // scale)
    lr = PillowImage.fromarray(hr).resize(lr_size, PillowImage.Resampling.BICUBIC)
    image = Image(np.asarray(lr))
    viewport = Viewport.whole(image.size, Size(height, width))
    sr = ContinuousImage.encode(image, model).render(viewport)
    target = hr.astype(np.float32) / 255.0
    return (
        psnr(sr, target, border=scale, on_luma=True),
        psnr(sr, target, border=scale, on_luma=False),
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None)
