from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage

from liifgan_core.errors import ImageReadError, LiifganError
from liifgan_core.evaluation.dataset import find_datasets, read_original
from tests.core.evaluation.conftest import save_original


def test_images_are_found_and_other_files_listed(originals: Path):
    (originals / "notes.txt").write_text("no image")
    (originals / "fake.png").write_text("no image either")
    (originals / ".hidden.png").write_bytes(b"")
    save_original(originals / "deeper" / "c.png", 20, 20)
    [dataset] = find_datasets([originals])
    assert dataset.name == "photos"
    assert [path.name for path in dataset.paths] == ["a.png", "b.png"]
    assert [path.name for path in dataset.ignored] == ["fake.png", "notes.txt"]


def test_div2ks_validation_images_are_found_in_its_layout(tmp_path: Path):
    save_original(tmp_path / "DIV2K_train_HR" / "0001.png", 20, 20)
    save_original(tmp_path / "DIV2K_valid_HR" / "0801.png", 20, 20)
    [dataset] = find_datasets([tmp_path])
    assert dataset.name == "DIV2K_valid_HR"
    assert [path.name for path in dataset.paths] == ["0801.png"]


def test_unusable_folders_are_errors(originals: Path, tmp_path: Path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(LiifganError, match="no such folder"):
        find_datasets([tmp_path / "nowhere"])
    with pytest.raises(LiifganError, match="there are no images"):
        find_datasets([tmp_path / "empty"])
    with pytest.raises(LiifganError, match="two folders are called 'photos'"):
        find_datasets([originals, originals])
    save_original(originals / "a.webp", 20, 20)
    with pytest.raises(LiifganError, match="two images are called 'a'"):
        find_datasets([originals])


def test_originals_become_8_bit_rgb(tmp_path: Path):
    gray = np.arange(0, 60_000, 2500, dtype=np.uint16).reshape(4, 6)
    PilImage.fromarray(gray).save(tmp_path / "gray16.png")
    found = read_original(tmp_path / "gray16.png")
    assert (found.shape, found.dtype) == ((4, 6, 3), np.uint8)
    np.testing.assert_array_equal(found[..., 0], np.round(gray / 257.0))


def test_a_damaged_image_is_an_error(originals: Path):
    content = (originals / "a.png").read_bytes()
    (originals / "a.png").write_bytes(content[: len(content) // 2])
    with pytest.raises(ImageReadError, match="damaged"):
        read_original(originals / "a.png")
