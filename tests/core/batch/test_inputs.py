import os
from pathlib import Path

import pytest

from liifgan_core.batch.inputs import find_photos, is_inside
from liifgan_core.progress import Cancelled, CancelToken


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in (
        *("in/a.png", "in/sub/b.JPG", "in/notes.txt", "in/.hidden.png", "in/.cache/c.png"),
        *(
            "in/out/d.png",
            "in/liifgan-manifest.jsonl",
            "in/liifgan-manifest.jsonl.journals/1.x",
            "e.gif",
        ),
    ):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()
    Path("in/link").symlink_to("sub")
    return tmp_path


def test_a_folder_gives_its_photos_and_says_what_it_passes_over(tree: Path) -> None:
    found = find_photos([Path("in")], output=tree / "in" / "out")
    assert [str(photo.path) for photo in found.photos] == ["in/a.png", "in/sub/b.JPG"]
    assert [str(photo.below) for photo in found.photos] == [".", "sub"]
    assert {(str(passed.path), passed.why) for passed in found.passed_over} == {
        ("in/.cache", "hidden"),
        ("in/.hidden.png", "hidden"),
        ("in/link", "link to a folder"),
        ("in/notes.txt", "no photo"),
        ("in/out", "folder of the results"),
    }
    assert found.empty == found.unlistable == []


def test_a_photo_counts_once_however_it_is_named(tree: Path) -> None:
    named = ["in/a.png", "./in/a.png", "in/sub/../a.png", str(tree / "in" / "a.png"), "in"]
    found = find_photos([Path(name) for name in named])
    assert [photo.path.name for photo in found.photos] == ["a.png", "d.png", "b.JPG"]
    assert not found.photos[0].is_found
    assert found.photos[1].is_found


def test_a_file_is_taken_whatever_its_name_and_a_folder_only_where_it_is_searched() -> None:
    found = find_photos([Path("/a/x.txt"), Path(os.sep)], is_recursive=False)
    assert [str(photo.path) for photo in found.photos] == ["/a/x.txt", "/"]


def test_a_folder_without_photos_is_told_also_beside_others(tree: Path) -> None:
    Path("nothing").mkdir()
    assert find_photos([Path("nothing"), Path("in")]).empty == [Path("nothing")]


def test_a_folder_that_cannot_be_listed_is_told(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = os.scandir

    def forbidden(path: str) -> object:
        if str(path).endswith("sub"):
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", forbidden)
    [error] = find_photos([Path("in")]).unlistable
    assert error.filename == "in/sub"


def test_a_search_can_be_cancelled(tree: Path) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        find_photos([Path("in")], cancel=cancel)


def test_what_lies_below_a_folder_does_so_through_links_too(tree: Path) -> None:
    assert is_inside(Path("in/link/b.JPG"), Path("in/sub"))
    assert not is_inside(Path("in/a.png"), Path("in/sub"))
