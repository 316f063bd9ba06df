import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liifgan_core.serve.folders import Folders
from liifgan_core.serve.refusal import Refusal


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "photos" / "trip").mkdir(parents=True)
    (tmp_path / "photos" / "trip" / "a.png").write_bytes(b"a")
    (tmp_path / "photos-private").mkdir()
    (tmp_path / "photos-private" / "a.png").write_bytes(b"secret")
    return tmp_path / "photos"


def code_of(folders: Folders, path: object) -> str:
    with pytest.raises(Refusal) as caught:
        folders.check(str(path), field="path")
    assert caught.value.field == "path"
    return caught.value.code


def test_files_below_a_folder_are_taken_whether_they_exist_or_not(root: Path) -> None:
    folders = Folders([root])
    assert folders.check(str(root / "trip" / "a.png"), field="path") == root / "trip" / "a.png"
    assert folders.check(str(root / "new" / "b.png"), field="path") == root / "new" / "b.png"
    assert folders.check(str(root), field="output") == root


@pytest.mark.parametrize(
    "path",
    [
        "{root}/../photos-private/a.png",
        "{root}/trip/../trip/a.png",
        "trip/a.png",
        "",
        "{root}/trip/a.png\0.jpg",
    ],
)
def test_what_is_not_a_plain_absolute_path_is_refused(root: Path, path: str) -> None:
    assert code_of(Folders([root]), path.format(root=root)) == "bad_path"


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "{root}-private/a.png", "{root}-private/none", "/"]
)
def test_outside_is_refused_whether_it_exists_or_not(root: Path, path: str) -> None:
    assert code_of(Folders([root]), path.format(root=root)) == "outside_folders"
    assert code_of(Folders(), path.format(root=root)) == "outside_folders"


def test_links_are_refused_wherever_they_lead(root: Path) -> None:
    (root / "out.png").symlink_to(root.parent / "photos-private" / "a.png")
    (root / "in.png").symlink_to(root / "trip" / "a.png")
    (root / "folder").symlink_to(root.parent / "photos-private")
    (root / "nowhere.png").symlink_to(root / "missing.png")
    folders = Folders([root])
    for name in ("out.png", "in.png", "folder/a.png", "folder", "nowhere.png"):
        assert code_of(folders, root / name) == "link"


def test_a_folder_that_was_named_through_a_link_is_known_by_both_names(root: Path) -> None:
    (root.parent / "link").symlink_to(root)
    folders = Folders([root.parent / "link"])
    for name in ("link", "photos"):
        path = root.parent / name / "trip" / "a.png"
        assert folders.check(str(path), field="path") == root / "trip" / "a.png"
    assert folders.paths == [root]


def test_a_folder_that_is_none_is_told_at_start(root: Path) -> None:
    with pytest.raises(Refusal, match=r"a\.png is no folder; name one that is"):
        Folders([root / "trip" / "a.png"])


@given(parts=st.lists(st.sampled_from(["..", ".", "trip", "a.png", "", "~"]), max_size=6))
def test_no_path_leads_out(parts: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    root = Path(os.path.realpath(tmp_path_factory.getbasetemp()))
    try:
        path = Folders([root]).check("/".join([str(root), *parts]), field="path")
    except Refusal:
        return
    real = Path(os.path.realpath(path))
    assert real == root or root in real.parents
