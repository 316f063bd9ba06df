import os
from pathlib import Path

import numpy as np
import pytest

from liifgan_core.errors import ImageWriteError
from liifgan_core.geometry import Size
from liifgan_core.images.write import check_target, open_writer

SIZE = Size(2, 3)


def test_a_good_target_gives_its_format_and_creates_nothing(tmp_path: Path) -> None:
    assert check_target(tmp_path / "new" / "a.jpeg", size=SIZE).name == "jpeg"
    assert check_target(tmp_path / "a.dat", size=SIZE, format="tiff").name == "tiff"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("a.jpg", Size(65_501, 1)),
        ("a.webp", Size(1, 16_384)),
        ("a.webp", Size(14_142, 14_142)),
        ("a.png", Size(1, 2**31)),
    ],
)
def test_a_side_beyond_the_format_is_refused(name: str, size: Size, tmp_path: Path) -> None:
    with pytest.raises(ImageWriteError, match="at most"):
        check_target(tmp_path / name, size=size)


@pytest.mark.parametrize(("name", "side"), [("a.jpg", 65_500), ("a.webp", 16_383)])
def test_the_longest_side_can_really_be_written(name: str, side: int, tmp_path: Path) -> None:
    for size in (Size(1, side), Size(side, 1)):
        with open_writer(tmp_path / name, size, overwrite=True) as writer:
            writer.write_rows(np.zeros((size.height, size.width, 3), np.float32))


def test_an_existing_file_is_refused_unless_overwriting_is_allowed(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    with pytest.raises(ImageWriteError, match="exists already"):
        check_target(tmp_path / "a.png", size=SIZE)
    check_target(tmp_path / "a.png", size=SIZE, overwrite=True)


def test_a_link_to_nowhere_counts_as_existing(tmp_path: Path) -> None:
    (tmp_path / "a.png").symlink_to(tmp_path / "nowhere")
    with pytest.raises(ImageWriteError, match="exists already"):
        check_target(tmp_path / "a.png", size=SIZE)


def test_the_source_is_never_the_target(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    (tmp_path / "same.png").symlink_to("a.png")
    for name in ("a.png", "same.png"):
        with pytest.raises(ImageWriteError, match="source image itself"):
            check_target(tmp_path / name, size=SIZE, overwrite=True, source=tmp_path / "a.png")


def test_a_folder_is_refused_even_with_overwriting(tmp_path: Path) -> None:
    (tmp_path / "a.png").mkdir()
    with pytest.raises(ImageWriteError, match="is a folder"):
        check_target(tmp_path / "a.png", size=SIZE, overwrite=True)


def test_a_folder_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ImageWriteError, match="below a file"):
        check_target(tmp_path / "file" / "new" / "a.png", size=SIZE)


def test_a_folder_without_permission_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(ImageWriteError, match="may write to"):
        check_target(tmp_path / "a.png", size=SIZE)


@pytest.mark.parametrize(
    ("name", "message"), [("x" * 300 + ".png", "shorter name"), ("a\0.png", "not a file name")]
)
def test_an_impossible_name_is_refused(name: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ImageWriteError, match=message):
        check_target(tmp_path / name, size=SIZE)


def test_the_longest_possible_name_works(tmp_path: Path) -> None:
    path = tmp_path / ("\N{GRINNING FACE}" * 62 + ".png")
    with open_writer(path, Size(1, 1)) as writer:
        writer.write_rows(np.zeros((1, 1, 3)))
    assert path.is_file()
