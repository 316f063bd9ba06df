import base64
import json
import os
from pathlib import Path

import numpy as np
import pytest

from app.state.sidecar import Edit, SidecarError, read_edit, sidecar_path, write_edit
from liifgan_core.geometry import Size
from liifgan_core.images.detail_mask import DetailMask

SIZE = Size(30, 40)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"a photo")
    return path


def random_edit(seed: int = 0) -> Edit:
    values = np.random.default_rng(seed).integers(0, 2**16, (30, 40), dtype=np.uint16)
    return Edit(0.7, DetailMask(values))


@pytest.mark.parametrize("edit", [random_edit(), Edit(1.5, None)], ids=["mask", "none"])
def test_what_is_written_is_read(edit: Edit, photo: Path) -> None:
    assert read_edit(photo, SIZE) is None
    stored = write_edit(photo, SIZE, edit, known=None)
    assert sidecar_path(photo).name == "photo.jpg.liifgan.json"
    assert read_edit(photo, SIZE) == stored
    assert stored.edit == edit
    assert photo.read_bytes() == b"a photo"


def test_the_mask_is_a_png_that_others_can_read(photo: Path) -> None:
    from PIL import Image

    edit = random_edit()
    assert edit.mask is not None
    write_edit(photo, SIZE, edit, known=None)
    kept = json.loads(sidecar_path(photo).read_text())
    png = photo.with_name("mask.png")
    png.write_bytes(base64.b64decode(kept["mask"]["png"]))
    with Image.open(png) as picture:
        assert picture.mode == "I;16"
        assert np.array_equal(np.asarray(picture), edit.mask.values)


def test_only_the_file_that_is_known_is_replaced(photo: Path) -> None:
    first = write_edit(photo, SIZE, random_edit(), known=None)
    with pytest.raises(SidecarError, match="not what was read or written last"):
        write_edit(photo, SIZE, random_edit(1), known=None)
    second = write_edit(photo, SIZE, random_edit(1), known=first.digest)
    with pytest.raises(SidecarError, match="not what was read or written last"):
        write_edit(photo, SIZE, random_edit(2), known=first.digest)
    assert read_edit(photo, SIZE) == second
    assert {path.name for path in photo.parent.iterdir()} == {"photo.jpg", "photo.jpg.liifgan.json"}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no edit"),
        (b"{}", "no edit"),
        (b'{"notes": "mine"}', "no edit"),
        (b"\xff\x00", "no edit"),
    ],
)
def test_a_foreign_file_is_neither_taken_nor_replaced(
    content: bytes, told: str, photo: Path
) -> None:
    sidecar_path(photo).write_bytes(content)
    with pytest.raises(SidecarError, match=told):
        read_edit(photo, SIZE)
    with pytest.raises(SidecarError, match="move it away"):
        write_edit(photo, SIZE, random_edit(), known=None)
    assert sidecar_path(photo).read_bytes() == content


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("version", 2, "another version"),
        ("photo_width", 41, "made for a photo of 41x30, not 40x30"),
        ("detail", 7.0, "no edit"),
        ("new", 1, "no edit"),
        ("mask", {"width": 40, "height": 30, "png": "AAAA"}, "damaged mask"),
        ("mask", {"width": 40, "height": 30, "png": "!"}, "damaged mask"),
    ],
)
def test_what_cannot_be_understood_is_told(
    name: str, value: object, told: str, photo: Path
) -> None:
    write_edit(photo, SIZE, random_edit(), known=None)
    kept = json.loads(sidecar_path(photo).read_text())
    kept[name] = value
    sidecar_path(photo).write_text(json.dumps(kept))
    with pytest.raises(SidecarError, match=told):
        read_edit(photo, SIZE)


@pytest.mark.parametrize("side", [200_000, 41])
def test_a_png_of_another_size_than_named_takes_no_memory(side: int, photo: Path) -> None:
    write_edit(photo, SIZE, random_edit(), known=None)
    kept = json.loads(sidecar_path(photo).read_text())
    png = bytearray(base64.b64decode(kept["mask"]["png"]))
    png[16:20] = side.to_bytes(4, "big")
    kept["mask"] |= {"png": base64.b64encode(png).decode(), "width": side}
    sidecar_path(photo).write_text(json.dumps(kept))
    with pytest.raises(SidecarError, match="damaged mask"):
        read_edit(photo, SIZE)


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)
def test_a_folder_that_cannot_be_written_is_told(photo: Path) -> None:
    photo.parent.chmod(0o500)
    try:
        with pytest.raises(SidecarError, match="cannot be written"):
            write_edit(photo, SIZE, random_edit(), known=None)
    finally:
        photo.parent.chmod(0o700)


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(SidecarError, match=r"the edit of a\.png cannot be saved: .*none cannot be"):
        write_edit(tmp_path / "none" / "a.png", SIZE, random_edit(), known=None)
