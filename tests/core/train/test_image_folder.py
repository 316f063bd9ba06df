from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage

from liifgan_core.progress import Cancelled, CancelToken
from liifgan_core.train.batches import ImageCache
from liifgan_core.train.image_folder import (
    DataError,
    ImageFolder,
    licences,
    read_rgb,
    scan_folder,
    split_root,
)


def _save(path: Path, side: int = 40) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    PilImage.fromarray(np.full((side, side, 3), 9, np.uint8)).save(path)
    return path


def test_folders_are_searched_recursively_in_the_order_of_paths(tmp_path: Path):
    paths = [_save(tmp_path / name) for name in ("b.png", "a/c.JPG", "a/d/e.webp")]
    (tmp_path / "notes.txt").write_text("no image")
    found = scan_folder(tmp_path, min_side=40, decode=True)
    assert found.paths == tuple(sorted(paths))
    assert found.skipped == ()


@pytest.mark.parametrize("decode", [True, False])
def test_damage_is_found_by_decoding(tmp_path: Path, decode: bool):
    path = _save(tmp_path / "a.png", side=200)
    PilImage.fromarray(
        np.random.default_rng(0).integers(0, 255, (200, 200, 3), dtype=np.uint8)
    ).save(path)
    path.write_bytes(path.read_bytes()[:9000])
    found = scan_folder(tmp_path, min_side=40, decode=decode)
    assert [s.path for s in found.skipped] == ([path] if decode else [])


def test_small_images_are_skipped_with_their_size(tmp_path: Path):
    _save(tmp_path / "a.png", side=30)
    [skipped] = scan_folder(tmp_path, min_side=31, decode=False).skipped
    assert skipped.reason == "30x30 pixels; each side needs at least 31"


def test_div2k_gives_training_and_validation(tmp_path: Path):
    assert split_root(tmp_path) == (tmp_path, None)
    train, valid = tmp_path / "DIV2K_train_HR", tmp_path / "DIV2K_valid_HR"
    train.mkdir()
    assert split_root(tmp_path) == (train, None)
    valid.mkdir()
    assert split_root(tmp_path) == (train, valid)


def test_the_fingerprint_changes_with_the_files(tmp_path: Path):
    _save(tmp_path / "a.png")
    first = scan_folder(tmp_path, min_side=1, decode=False).fingerprint
    assert scan_folder(tmp_path, min_side=1, decode=False).fingerprint == first
    _save(tmp_path / "b.png")
    assert scan_folder(tmp_path, min_side=1, decode=False).fingerprint != first


def test_licences_come_from_the_manifest_beside_or_above(tmp_path: Path):
    paths = tuple(_save(tmp_path / "train" / f"{n}.png") for n in "abc")
    folder = ImageFolder(tmp_path / "train", paths, ())
    assert licences(folder) == {}
    (tmp_path / "manifest.csv").write_text(
        "file,source,licence\ntrain/a.png,me,CC0\ntrain/b.png,you,CC0\n", encoding="utf-8"
    )
    assert licences(folder) == {"CC0": 2, "not in the manifest": 1}
    (tmp_path / "manifest.csv").write_text("path\n", encoding="utf-8")
    with pytest.raises(DataError, match="needs the columns"):
        licences(folder)


def test_sixteen_bit_images_are_rounded_to_eight(tmp_path: Path):
    import cv2

    cv2.imwrite(str(tmp_path / "a.png"), np.full((8, 8, 3), 257 * 100 + 20, np.uint16))
    rgb = read_rgb(tmp_path / "a.png")
    assert rgb.dtype == np.uint8
    assert int(rgb[0, 0, 0]) == 100


def test_scanning_can_be_cancelled(tmp_path: Path):
    _save(tmp_path / "a.png")
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        scan_folder(tmp_path, min_side=1, decode=False, cancel=cancel)


def test_the_cache_keeps_what_fits_and_drops_the_oldest(tmp_path: Path):
    paths = [_save(tmp_path / f"{n}.png") for n in range(3)]
    cache = ImageCache(2 * 40 * 40 * 3)
    first = cache.get(paths[0])
    cache.get(paths[1])
    assert cache.get(paths[0]) is first
    cache.get(paths[2])
    assert cache.get(paths[0]) is first
    for path in paths:
        path.unlink()
    with pytest.raises(DataError, match=r"lost during the run.*1\.png"):
        cache.get(paths[1])


def test_the_cache_resizes(tmp_path: Path):
    cache = ImageCache(1 << 20, resize_to=16)
    assert cache.get(_save(tmp_path / "a.png")).shape == (16, 16, 3)
