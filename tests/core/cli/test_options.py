import pytest

from liifgan_core.batch.wanted import NamedRule
from liifgan_core.cli.options import parse_max_pixels, parse_memory, parse_rules
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
