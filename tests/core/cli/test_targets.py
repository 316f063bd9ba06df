from pathlib import Path

import pytest

from liifgan_core.cli.targets import Output, parse_output
from liifgan_core.errors import ImageWriteError
from liifgan_core.geometry import Size

SIZE = Size(1080, 1920)


def parse(text: str, format_name: str | None = None, num_inputs: int = 1) -> Output:
    return parse_output(Path(text), format_name, num_inputs=num_inputs, text=text)


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
    ],
)
def test_the_target_and_its_format(
    text: str, format_name: str | None, source_format: str, target: str, format: str
) -> None:
    found = parse(text, format_name).target(Path("somewhere/photo.jpg"), SIZE, source_format)
    assert found == (Path(target), format)


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
