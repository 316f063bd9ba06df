import pytest

from liifgan_core.batch.wanted import NamedRule
from liifgan_core.cli.options import parse_max_pixels, parse_memory, parse_quality, parse_rules
from liifgan_core.errors import LiifganError, SizeError
from liifgan_core.sizing import box_rule, exact_rule, print_rule, relative_rule


@pytest.mark.parametrize(
    ("text", "num_bytes"),
    [
        ("2G", 2**31),
        ("1500M", 1500 * 2**20),
        ("0.5 gib", 2**29),
        ("1T", 2**40),
        ("262144kb", 2**28),
        (None, 7),
    ],
)
def test_memory_is_a_number_with_a_unit(text: str | None, num_bytes: int) -> None:
    assert parse_memory(text, 7) == num_bytes


@pytest.mark.parametrize("text", ["", "2", "G", "-1G", "100M", "1e3G", "2 GG", "9" * 99 + "G"])
def test_anything_else_is_no_memory(text: str) -> None:
    with pytest.raises(LiifganError, match="--memory needs"):
        parse_memory(text, 7)


def test_the_limit_of_pixels_is_above_zero() -> None:
    assert parse_max_pixels(None, 5) == 5
    assert parse_max_pixels(10**12, 5) == 10**12
    with pytest.raises(LiifganError, match="--max-pixels needs a number above 0, not 0"):
        parse_max_pixels(0, 5)


def test_texts_are_understood_by_their_option() -> None:
    assert parse_rules({"fit": ["4x5"], "min": None}) == (NamedRule(box_rule("fit", "4x5")),)
    assert parse_rules({"fit": [], "min": ["4x5"]}) == (NamedRule(box_rule("min", "4x5")),)
    assert parse_rules({"print": ["30x20cm@300"]}) == (NamedRule(print_rule("30x20cm@300")),)
    with pytest.raises(SizeError, match="--min needs WIDTHxHEIGHT"):
        parse_rules({"min": ["4"]})


def test_a_number_is_refused_by_its_option() -> None:
    with pytest.raises(SizeError, match=r"^--long-edge needs a number above 0"):
        parse_rules({"scale": [2.0], "long-edge": [0]})


def test_sizes_come_in_the_order_of_the_options_and_presets_last() -> None:
    rules = parse_rules({"scale": [2.0, 3.0], "size": ["4x5"]}, ["thumbnail"])
    assert rules == (
        NamedRule(relative_rule("scale", 2.0)),
        NamedRule(relative_rule("scale", 3.0)),
        NamedRule(exact_rule("4x5")),
        NamedRule(relative_rule("long-edge", 320), "thumbnail"),
    )
    with pytest.raises(LiifganError, match="there is no preset 'poster'"):
        parse_rules({}, ["poster"])


@pytest.mark.parametrize("text", ["10x10", "30x20@300", "30x20px@300"])
def test_the_units_of_a_sheet_are_told(text: str) -> None:
    with pytest.raises(SizeError, match="--print needs a sheet in cm, mm or in"):
        parse_rules({"print": [text]})


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        (None, (None, {})),
        ("90", (90, {})),
        ("webp=100,90", (90, {"webp": 100})),
        (" jpg=85, jxl=70", (None, {"jpeg": 85, "jxl": 70})),
    ],
)
def test_a_quality_may_be_for_one_format(
    text: str | None, meaning: tuple[int | None, dict[str, int]]
) -> None:
    assert parse_quality(text) == meaning


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "needs a number from 1 to 100"),
        ("0", "not '0'"),
        ("101", "not '101'"),
        ("high", "not 'high'"),
        ("webp=", "not 'webp='"),
        ("webp=90,", "not ''"),
        ("png=90", "png has none"),
        ("90,80", "two of one kind"),
        ("jpg=90,jpeg=80", "two of one kind"),
        ("bpg=90", "no format 'bpg'"),
    ],
)
def test_other_qualities_are_told(text: str, told: str) -> None:
    with pytest.raises(LiifganError, match=told):
        parse_quality(text)
