"""Names that belong to something else, told apart as files on the disk."""

import os
from pathlib import Path

import pytest

from liifgan_core.batch.in_the_way import ClashError, Taken


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for name in ("a.png", "b.png", "sub/c.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def test_a_photo_of_the_batch_is_no_target(files: Path) -> None:
    taken = Taken([files / "a.png"])
    with pytest.raises(ClashError, match=r"would be another photo of this batch"):
        taken.check(files / "a.png", files / "b.png")
    taken.check(files / "c.png", files / "b.png")


def test_a_result_belongs_to_its_photo(files: Path) -> None:
    taken = Taken()
    taken.take(files / "r.png", files / "a.png")
    taken.check(files / "r.png", files / "a.png")
    with pytest.raises(ClashError, match=r"is that of .*a\.png already"):
        taken.check(files / "r.png", files / "b.png")


def test_another_way_to_the_same_file_is_no_way_around(files: Path) -> None:
    (files / "way").symlink_to("sub")
    (files / "link.png").symlink_to("sub/c.png")
    taken = Taken()
    taken.take(files / "sub" / "c.png", files / "a.png")
    for target in (files / "way" / "c.png", files / "link.png", files / "sub" / ".." / "sub/c.png"):
        with pytest.raises(ClashError):
            taken.check(target, files / "b.png")


def test_names_that_the_disk_takes_for_one_are_one(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on disks where case does not count."""
    stat = os.stat

    def without_case(path: str | Path, *args: object, **options: object) -> os.stat_result:
        return stat(str(path).replace("C.PNG", "c.png"))

    monkeypatch.setattr(os, "stat", without_case)
    taken = Taken()
    taken.take(files / "sub" / "c.png", files / "a.png")
    with pytest.raises(ClashError):
        taken.check(files / "sub" / "C.PNG", files / "b.png")


def test_hard_links_are_files_of_their_own(files: Path) -> None:
    os.link(files / "a.png", files / "other.png")
    taken = Taken()
    taken.take(files / "a.png", files / "b.png")
    taken.check(files / "other.png", files / "sub" / "c.png")
