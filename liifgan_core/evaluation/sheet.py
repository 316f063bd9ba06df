"""`sheet.png`: the same crop by every method, side by side."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from liifgan_core.errors import LiifganError
from liifgan_core.evaluation.dataset import Dataset, read_original
from liifgan_core.evaluation.degradation import CLEAN, Degradation
from liifgan_core.evaluation.methods import Bicubic, Method
from liifgan_core.evaluation.metrics import luma
from liifgan_core.evaluation.protocol import Pair, make_pair
from liifgan_core.geometry import Size, Tile, Viewport
from liifgan_core.images.image import Image
from liifgan_core.images.resample import resample
from liifgan_core.progress import CancelToken

FILE_NAME = "sheet.png"
NUM_IMAGES = 3
_CROP_SIDE = 112
"""Original pixels a side; shown twice as large, since results are judged pixel by pixel."""
_ENLARGED = 2
_LABEL_HEIGHT = 22
_MARGIN = 6
_FONT_SIZE = 13


def sheet_scale(scales: Sequence[float]) -> float:
    """Return the scale that is shown: the one nearest to 4, where most rows have results."""
    return min(scales, key=lambda scale: (abs(scale - 4.0), scale))


def write_sheet(
    folder: Path,
    datasets: Sequence[Dataset],
    methods: Sequence[Method],
    scale: float,
    *,
    degradation: Degradation = CLEAN,
    cancel: CancelToken | None = None,
) -> None:
    """Draw crops of the first images: LR by nearest, bicubic, the methods, the original.

    The crop is the place of an image with the most contrast. Images that cannot be read or are too
    small, and methods that have nothing at this scale or fail, leave their cells empty.
    """
    shown = [method for method in methods if method.least_scale <= scale]
    if not any(isinstance(method, Bicubic) for method in shown):
        shown = [Bicubic(), *shown]
    shown.sort(key=lambda method: not isinstance(method, Bicubic))
    lr_title = f"LR x{scale:g}, {degradation}" if degradation.steps else f"LR, nearest (x{scale:g})"
    titles = [lr_title, *(method.label for method in shown), "original"]
    rows: list[list[NDArray[np.float32] | None]] = []
    for dataset in datasets:
        for number, path in enumerate(dataset.paths):
            if len(rows) == NUM_IMAGES:
                break
            (cancel or CancelToken()).check()
            pair = _pair(path, number, scale, degradation)
            if pair is not None:
                rows.append(_cells(pair, shown, cancel or CancelToken()))
    _draw(titles, rows).save(folder / FILE_NAME)


def _pair(path: Path, number: int, scale: float, degradation: Degradation) -> Pair | None:
    try:
        original = read_original(path)
    except LiifganError:  # it is in the report already
        return None
    if min(original.shape[:2]) < max(scale, _CROP_SIDE):
        return None
    return make_pair(original, scale, degradation=degradation, number=number)


def _cells(
    pair: Pair, methods: Sequence[Method], cancel: CancelToken
) -> list[NDArray[np.float32] | None]:
    crop = busiest(pair.hr, min(_CROP_SIDE, *pair.hr.shape[:2]))
    image = Image(pair.lr)
    viewport = Viewport.whole(image.size, pair.size)
    cells: list[NDArray[np.float32] | None] = [
        resample(image.rgb, image.size, viewport, crop, "nearest")
    ]
    inside = slice(crop.top, crop.bottom), slice(crop.left, crop.right)
    for method in methods:
        cancel.check()
        try:
            cells.append(method.upscale(pair.lr, pair.size)[inside])
        except LiifganError:  # it is in the report already
            cells.append(None)
    cells.append(pair.hr[inside])
    return cells


def busiest(rgb: NDArray[np.float32], side: int) -> Tile:
    """Return the square with the highest variance of luma, on a grid of half its side."""
    y = luma(rgb)
    height, width = y.shape
    step = max(1, side // 2)
    places = [
        (top, left)
        for top in range(0, height - side + 1, step)
        for left in range(0, width - side + 1, step)
    ]
    top, left = max(places, key=lambda p: float(y[p[0] : p[0] + side, p[1] : p[1] + side].var()))
    return Tile(top, left, side, side)


def _draw(
    titles: Sequence[str], rows: Sequence[Sequence[NDArray[np.float32] | None]]
) -> PillowImage.Image:
    cell = _CROP_SIDE * _ENLARGED
    size = Size(
        _LABEL_HEIGHT + max(1, len(rows)) * (cell + _MARGIN),
        _MARGIN + len(titles) * (cell + _MARGIN),
    )
    sheet = PillowImage.new("RGB", (size.width, size.height), "white")
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size=_FONT_SIZE)
    for column, title in enumerate(titles):
        left = _MARGIN + column * (cell + _MARGIN)
        draw.text((left, 3), title, fill="black", font=font)
        for number, cells in enumerate(rows):
            pixels = cells[column]
            if pixels is None:
                continue
            picture = PillowImage.fromarray((pixels * 255.0 + 0.5).astype(np.uint8))
            large = picture.resize((cell, cell), PillowImage.Resampling.NEAREST)
            sheet.paste(large, (left, _LABEL_HEIGHT + number * (cell + _MARGIN)))
    return sheet
