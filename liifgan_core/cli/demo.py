"""`python -m liifgan_core.cli.demo FOLDER`: a sample photo at x3.7, and how it compares."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from liifgan_core.cli import INTERRUPTED
from liifgan_core.cli.console import file_progress, print_error, set_up_logging
from liifgan_core.errors import LiifganError
from liifgan_core.geometry import Rect, Size, Tile, Viewport
from liifgan_core.images.image import Image
from liifgan_core.images.read import read_image
from liifgan_core.images.resample import Method, resample
from liifgan_core.render.continuous_image import ContinuousImage
from liifgan_core.render.devices import device_label
from liifgan_core.render.export import ExportOptions, export_image
from liifgan_core.render.placed_model import PlacedModel, load_model
from liifgan_core.resources import resource_path
from liifgan_core.sizing import relative_rule
from liifgan_core.weights.registry import installed_files

SCALE = 3.7
SHEET_REGION = Rect(10.0, 75.0, 110.0, 110.0)
"""The part of the sample that the sheet shows, in its pixels: the osprey's head."""
STRUCTURE_MODEL = "liif"
"""What a model with a detail layer is shown beside, if it is installed."""
_LABEL_HEIGHT = 28
_MARGIN = 8


def main(folder: Path) -> None:
    """Write the upscaled sample and the sheet to `folder`; print size, time and device."""
    set_up_logging()
    try:
        model = load_model()
        image = read_image(resource_path("samples", "osprey.png"))
        size = relative_rule("scale", SCALE).output_size(image.size)
        result = folder / f"osprey_x{SCALE:g}.png"
        options = ExportOptions(format="png", overwrite=True)
        with file_progress(result.name) as progress:
            report = export_image(image, result, size, model, options, progress=progress)
        sheet = folder / "sheet.png"
        models = _compared(model)
        _sheet(image, models).save(sheet)
    except (LiifganError, OSError) as error:
        print_error(str(error))
        sys.exit(1)
    print(
        f"{result}: {image.size} to {size} pixels in {report.seconds:.1f} s "
        f"on {device_label(model.device)} with {model.info.name}"
    )
    names = ", ".join(["nearest", "bicubic", *(each.info.name for each in models)])
    print(f"{sheet}: {names} side by side")


def _compared(best: PlacedModel) -> list[PlacedModel]:
    """Return the models of the sheet: the best, after a plain LIIF where it is more than that."""
    if not best.has_detail or STRUCTURE_MODEL not in installed_files():
        return [best]
    return [load_model(STRUCTURE_MODEL), best]


def _sheet(image: Image, models: Sequence[PlacedModel]) -> PillowImage.Image:
    """Return the sample's region by each method at 1:1, labelled, side by side."""
    side = Size(*(round(length * SCALE) for length in (SHEET_REGION.height, SHEET_REGION.width)))
    viewport = Viewport(SHEET_REGION, side)
    whole = Tile(0, 0, side.height, side.width)
    columns: list[tuple[str, NDArray[np.float32]]] = []
    methods: list[tuple[str, Method]] = [("nearest", "nearest"), ("bicubic", "bicubic")]
    for label, method in methods:
        columns.append((label, resample(image.rgb, image.size, viewport, whole, method)))
    for model in models:
        start_s = time.perf_counter()
        rendered = ContinuousImage.encode(image, model).render(viewport)
        seconds = time.perf_counter() - start_s
        columns.append((f"{model.info.name} ({seconds:.1f} s)", rendered))

    width = _MARGIN + len(columns) * (side.width + _MARGIN)
    sheet = PillowImage.new("RGB", (width, side.height + _LABEL_HEIGHT + _MARGIN), "white")
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size=16)
    for number, (label, pixels) in enumerate(columns):
        left = _MARGIN + number * (side.width + _MARGIN)
        draw.text((left, 4), f"{label}, x{SCALE:g}", fill="black", font=font)
        picture = PillowImage.fromarray((pixels * 255.0 + 0.5).astype(np.uint8))
        sheet.paste(picture, (left, _LABEL_HEIGHT))
    return sheet


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m liifgan_core.cli.demo FOLDER")
    try:
        main(Path(sys.argv[1]))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
