from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage

from liifgan_core.evaluation.dataset import find_datasets
from liifgan_core.evaluation.degradation import CLEAN, parse_degradation
from liifgan_core.evaluation.sheet import busiest, sheet_scale, write_sheet
from tests.core.evaluation.conftest import CountingMethod, save_original


@pytest.mark.parametrize(
    ("scales", "expected"), [((2, 3, 4, 4.5), 4), ((2, 3), 3), ((6, 8), 6), ((3, 5), 3)]
)
def test_the_scale_nearest_to_four_is_shown(scales, expected):
    assert sheet_scale(scales) == expected


def test_the_crop_has_the_most_contrast():
    rgb = np.full((120, 200, 3), 0.5, np.float32)
    rgb[60:100, 140:180] = np.random.default_rng(0).uniform(0, 1, (40, 40, 3))
    crop = busiest(rgb, 40)
    assert (crop.top, crop.left, crop.height, crop.width) == (60, 140, 40, 40)


def _sheet(folder: Path, methods, scale: float = 4.0) -> np.ndarray:
    write_sheet(folder, find_datasets([folder / "photos"]), methods, scale)
    return np.asarray(PilImage.open(folder / "sheet.png"))


def test_rows_are_images_and_columns_methods(tmp_path: Path):
    for number in range(4):
        save_original(tmp_path / "photos" / f"{number}.png", 130, 120, seed=number)
    (tmp_path / "photos" / "3.png").write_bytes((tmp_path / "photos" / "3.png").read_bytes()[:99])
    save_original(tmp_path / "photos" / "00small.png", 90, 130)
    methods = [CountingMethod("black", darken=1.0), CountingMethod("x8", least_scale=8.0)]
    sheet = _sheet(tmp_path, methods)
    # LR, bicubic, "black", original; "x8" has nothing at x4. Three usable images.
    assert sheet.shape[:2] == (22 + 3 * 230, 6 + 4 * 230)
    assert len(methods[0].calls) == 3
    middle = sheet[22 + 112]
    cells = [middle[6 + column * 230 : 6 + column * 230 + 224] for column in range(4)]
    assert cells[2].max() == 0
    assert all(cell.std() > 1.0 for cell in (cells[0], cells[1], cells[3]))
    original = np.asarray(PilImage.open(tmp_path / "photos" / "0.png"))
    corner = sheet[22, 6 + 3 * 230]
    assert (original == corner).all(axis=2).any()


def test_a_method_that_fails_leaves_its_cell_white(tmp_path: Path):
    save_original(tmp_path / "photos" / "a.png", 130, 120)
    sheet = _sheet(tmp_path, [CountingMethod("failing", fails_on=lambda _size: True)])
    cell = sheet[22 : 22 + 224, 6 + 2 * 230 : 6 + 2 * 230 + 224]
    assert cell.min() == 255


def test_the_sheet_shows_what_the_models_saw(tmp_path: Path):
    save_original(tmp_path / "photos" / "a.png", 130, 120)
    datasets = find_datasets([tmp_path / "photos"])
    sheets = []
    for chain in (CLEAN, parse_degradation("noise40")):
        write_sheet(tmp_path, datasets, [], 4.0, degradation=chain)
        sheets.append(np.asarray(PilImage.open(tmp_path / "sheet.png")).astype(int))
    differences = np.abs(sheets[0] - sheets[1])[22:246]
    cells = [differences[:, 6 + column * 230 : 6 + column * 230 + 224] for column in range(3)]
    assert [bool(cell.any()) for cell in cells] == [True, True, False]  # LR, bicubic, original
