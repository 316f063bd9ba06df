from pathlib import Path

import pytest

from liifgan_core.batch.inputs import Photo
from liifgan_core.batch.names import Output, clashing_names
from liifgan_core.batch.wanted import NamedRule, Wanted
from liifgan_core.cli.options import parse_output
from liifgan_core.errors import ImageWriteError
from liifgan_core.geometry import Size
from liifgan_core.sizing import exact_rule, relative_rule

PHOTO = Size(540, 960)
SIZE = Size(1080, 1920)
DOUBLE = Wanted(NamedRule(relative_rule("scale", 2.0)))


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
    found, size, chosen = parse(text, format_name).target(
        photo, DOUBLE, source_size=PHOTO, source_format=source_format, model="m"
    )
    assert (found, size, chosen.name) == (Path(target), SIZE, format)


@pytest.mark.parametrize(
    ("template", "wanted", "target"),
    [
        ("{stem} x{factor} by {model}", DOUBLE, "photo x2 by liif.jpg"),
        ("{stem}_{factor}", Wanted(NamedRule(exact_rule("960x1080"))), "photo_1x2.jpg"),
        ("{stem}.{preset}", Wanted(NamedRule(exact_rule("9x9"), "web")), "photo.web.jpg"),
        ("{stem}", Wanted(DOUBLE.named, "invented"), "photo_invented.png"),
    ],
)
def test_names_have_what_was_done_in_them(template: str, wanted: Wanted, target: str) -> None:
    photo = Photo(Path("somewhere/photo.jpg"), Path("somewhere"))
    output = parse_output("out", None, num_inputs=1, name=template)
    found, _, _ = output.target(
        photo, wanted, source_size=PHOTO, source_format="jpeg", model="liif"
    )
    assert found == Path("out", target)


def test_the_map_of_one_file_lies_beside_it() -> None:
    photo = Photo(Path("photo.jpg"), Path())
    found, size, chosen = parse("sub/a.jpg").target(
        photo,
        Wanted(DOUBLE.named, "invented"),
        source_size=PHOTO,
        source_format="jpeg",
        model="liif",
    )
    assert (found, size, chosen.name) == (Path("sub/a_invented.png"), SIZE, "png")


TWO = (NamedRule(relative_rule("scale", 2.0)), NamedRule(relative_rule("scale", 3.0)))


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        ("a.png", "{stem}", "a.png is one file for 2 sizes; name a folder"),
        ("out", "{stem}", "gives 2 sizes of a photo one name; add one of {width}"),
        ("out", "{stem}{format}{model}", "one name"),
        ("out", "{stem}{size}{preset}", "not all sizes come from one"),
    ],
)
def test_several_sizes_need_names_that_tell_them_apart(text: str, name: str, message: str) -> None:
    output = parse_output(text, None, num_inputs=1, name=name)
    with pytest.raises(ImageWriteError, match=message):
        output.check_sizes(TWO)


@pytest.mark.parametrize("name", ["{stem}_{size}", "{stem}_{width}", "{stem}x{factor}"])
def test_names_that_tell_sizes_apart_pass(name: str) -> None:
    output = parse_output("out", None, num_inputs=1, name=name)
    output.check_sizes(TWO)
    output.check_sizes(TWO[:1])
    parse("a.png").check_sizes(TWO[:1])


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
