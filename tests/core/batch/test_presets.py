from pathlib import Path

import pytest

from liifgan_core.batch.presets import find_preset, load_presets
from liifgan_core.batch.wanted import NamedRule
from liifgan_core.errors import LiifganError
from liifgan_core.geometry import Size
from liifgan_core.sizing import print_rule, relative_rule


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "presets.toml"


def test_the_programs_own_are_there_without_a_file(path: Path) -> None:
    presets = load_presets(path)
    [web] = find_preset("web", presets, path=path)
    assert web == NamedRule(relative_rule("long-edge", 1600), "web")
    assert web.rule.output_size(Size(600, 800)) == Size(1200, 1600)
    [sheet] = presets["print-a3"]
    # 42 cm at 300 pixels per 2.54 cm, and the sheet is turned as the photo is.
    assert sheet.rule.output_size(Size(300, 424)) == Size(3508, 4958)
    assert sheet.rule.dpi == 300
    assert [named.preset for named in presets["all"]] == ["web", "print-a3", "thumbnail"]


def test_a_users_file_adds_and_replaces(path: Path) -> None:
    path.write_text(
        "[web]\nlong-edge = 2000\n"
        '[gallery]\nsmall = { width = 9.0 }\nsheet = { print = "9x6cm@99" }\n'
    )
    presets = load_presets(path)
    assert presets["web"] == (NamedRule(relative_rule("long-edge", 2000), "web"),)
    assert presets["gallery"] == (
        NamedRule(relative_rule("width", 9), "small"),
        NamedRule(print_rule("9x6cm@99"), "sheet"),
    )
    assert presets["thumbnail"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[a", "cannot be read"),
        ("a = 3", "it is no table of sizes"),
        ("[a]", "it is no table of sizes"),
        ("[a]\nwidth = 3\nheight = 4", "'a' needs exactly one of scale, width"),
        ("[a]\nb = { colour = 3 }", "'b' needs exactly one of"),
        ("[a]\nb = 3\nc = { width = 3 }", "'b' needs exactly one of"),
        ('[a]\n"b/c" = { width = 3 }', "'b/c' cannot be part of a file's name"),
        ("[a]\nwidth = true", "True is neither a number nor a text"),
        ("[a]\nwidth = 0", "width needs a number above 0"),
        ('[a]\nwidth = "3"', "width needs a number, not '3'"),
        ("[a]\nprint = 3", "print needs a text, not the number 3"),
        ('[a]\nsize = "3"', "size needs WIDTHxHEIGHT"),
    ],
)
def test_what_is_wrong_in_a_file_is_told(text: str, message: str, path: Path) -> None:
    path.write_text(text)
    with pytest.raises(LiifganError, match=r"presets\.toml") as caught:
        load_presets(path)
    assert message in str(caught.value)


def test_an_unknown_preset_names_the_others_and_the_place(path: Path) -> None:
    with pytest.raises(LiifganError, match="there is no preset 'x'; there are web, print-a3"):
        find_preset("x", load_presets(path), path=path)
