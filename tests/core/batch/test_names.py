from pathlib import Path

import pytest

from liifgan_core.batch.inputs import Photo
from liifgan_core.batch.names import Output, clashing_names
from liifgan_core.cli.options import parse_output
from liifgan_core.errors import ImageWriteError
from liifgan_core.geometry import Size

SIZE = Size(1080, 1920)


def parse(text: str, format_name: str | None = None, num_inputs: int = 1) -> Output:
    return parse_output(text, format_name, num_inputs=num_inputs)


@pytest.mark.parametrize(
    ("text", "num_inputs", "is_folder"),
    [
        ("a.png", 1, False),
        ("sub/a.JPG", 1, False),
        ("folder", 1, True),
        ("folder/", 1, True),
        ("a.png/", 1, True),
        ("folder\\", 1, True),
    ],
)
def test_what_counts_as_a_folder(text: str, num_inputs: int, is_folder: bool) -> None:
    assert parse(text, num_inputs=num_inputs).is_folder is is_folder


def test_a_folder_that_exists_is_one_whatever_its_name(tmp_path: Path) -> None:
    (tmp_path / "a.png").mkdir()
    assert parse(str(tmp_path / "a.png")).is_folder


@pytest.mark.parametrize(
    ("text", "format_name", "source_format", "target", "format"),
    [
        ("a.png", None, "jpeg", "a.png", "png"),
        ("a.tif", None, "jpeg", "a.tif", "tiff"),
        ("a.dat", "png", "jpeg", "a.dat", "png"),
        ("out", None, "jpeg", "out/photo_1920x1080.jpg", "jpeg"),
        ("out", "TIFF", "jpeg", "out/photo_1920x1080.tif", "tiff"),
        ("out", None, "gif", "out/photo_1920x1080.png", "png"),
        ("out", None, "heic", "out/photo_1920x1080.png", "png"),
        ("out", "gif", "jpeg", "out/photo_1920x1080.gif", "gif"),
    ],
)
def test_the_target_and_its_format(
    text: str, format_name: str | None, source_format: str, target: str, format: str
) -> None:
    photo = Photo(Path("somewhere/photo.jpg"), Path("somewhere"))
    found, chosen = parse(text, format_name).target(photo, SIZE, source_format)
    assert (found, chosen.name) == (Path(target), format)


@pytest.mark.parametrize(
    ("text", "format_name", "num_inputs", "message"),
    [
        ("a.png", None, 2, "one file for 2 inputs"),
        ("a.jpg", "png", 1, "named like jpeg, but --format is png"),
        ("", None, 1, "--output is empty"),
    ],
)
def test_contradictions_are_refused(
    text: str, format_name: str | None, num_inputs: int, message: str
) -> None:
    with pytest.raises(ImageWriteError, match=message):
        parse(text, format_name, num_inputs=num_inputs)


@pytest.mark.parametrize(("text", "format_name"), [("a.xyz", None), ("a.png", "abc")])
def test_unknown_formats_are_refused(text: str, format_name: str | None) -> None:
    with pytest.raises(ImageWriteError, match="one of"):
        parse(text, format_name)


@pytest.mark.parametrize(("format_name", "clashing"), [(None, {2}), ("png", {1, 2})])
def test_results_that_may_share_a_name_are_told_by_names_alone(
    format_name: str | None, clashing: set[int]
) -> None:
    todo = [
        Photo(Path("in", name), Path("in")) for name in ("a.jpg", "a.png", "a.jpeg", "sub/a.jpg")
    ]
    assert set(clashing_names(todo, Output(Path("out"), True, format_name))) == clashing


def test_without_the_tree_equal_names_of_two_folders_clash() -> None:
    todo = [Photo(Path("in", name), Path("in")) for name in ("a.jpg", "sub/a.jpg")]
    assert set(clashing_names(todo, Output(Path("out"), True, keeps_tree=False))) == {1}
