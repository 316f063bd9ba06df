import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liifgan_core.errors import SizeError
from liifgan_core.geometry import MAX_OUTPUT_SIDE, Size
from liifgan_core.sizing import (
    RuleKind,
    SizeRule,
    box_rule,
    exact_rule,
    half_up,
    print_rule,
    relative_rule,
)

PHOTO = Size(300, 400)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("scale", 2, Size(600, 800)),
        ("scale", 3.7, Size(1110, 1480)),
        ("scale", 0.5, Size(150, 200)),
        ("scale", 1e-9, Size(1, 1)),
        ("width", 1000, Size(750, 1000)),
        ("height", 1000, Size(1000, 1333)),
        ("long-edge", 1000, Size(750, 1000)),
        ("megapixels", 12, Size(3000, 4000)),
        ("megapixels", 1e-9, Size(1, 1)),
    ],
)
def test_each_rule_keeps_the_proportions(kind: RuleKind, value: float, expected: Size) -> None:
    assert relative_rule(kind, value).output_size(PHOTO) == expected


def test_the_long_edge_may_be_either_side() -> None:
    assert relative_rule("long-edge", 1000).output_size(Size(400, 300)) == Size(1000, 750)


@given(
    side=st.integers(1, 20_000), other=st.integers(1, 20_000), asked=st.integers(1, MAX_OUTPUT_SIDE)
)
def test_an_asked_side_is_met_exactly(side: int, other: int, asked: int) -> None:
    rules: list[tuple[RuleKind, Size]] = [
        ("width", Size(other, side)),
        ("height", Size(side, other)),
        ("long-edge", Size(side, min(side, other))),
    ]
    for kind, size in rules:
        if asked * other / side > MAX_OUTPUT_SIDE and kind != "long-edge":
            continue
        result = relative_rule(kind, asked).output_size(size)
        got = {"width": result.width, "height": result.height, "long-edge": result.height}
        assert got[kind] == asked


@pytest.mark.parametrize("value", [0, -1, math.nan, math.inf, -math.inf, 1e308])
@pytest.mark.parametrize("kind", ["scale", "width", "height", "long-edge", "megapixels"])
def test_a_rule_needs_a_number_above_zero(kind: RuleKind, value: float) -> None:
    with pytest.raises(SizeError, match=rf"^{kind} needs a number above 0"):
        relative_rule(kind, value)


def test_an_integer_beyond_all_floats_is_a_size_error() -> None:
    with pytest.raises(SizeError):
        relative_rule("width", 10**400).output_size(PHOTO)


@pytest.mark.parametrize(
    ("kind", "value"),
    [("scale", 1000), ("scale", 1e8), ("width", 100_001), ("megapixels", 1e9), ("height", 1e9)],
)
def test_absurd_sizes_are_refused_with_a_short_message(kind: RuleKind, value: float) -> None:
    with pytest.raises(SizeError, match="at most 100000 are possible") as caught:
        relative_rule(kind, value).output_size(PHOTO)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1920x1080", Size(1080, 1920)), (" 7X9 ", Size(9, 7)), ("100000x1", Size(1, 100_000))],
)
def test_an_exact_size_is_width_times_height(text: str, expected: Size) -> None:
    assert exact_rule(text).output_size(PHOTO) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "20",
        "20x",
        "x20",
        "0x5",
        "5x0",
        "-5x5",
        "5x5x5",
        "1.5x2",
        "5 x 5",
        "٣x٤",
        "1e3x5",
        "1000000000x1",
        "9" * 5000 + "x5",
    ],
)
def test_anything_else_is_no_exact_size(text: str) -> None:
    with pytest.raises(SizeError, match=r"^size needs"):
        exact_rule(text)


def test_an_exact_size_beyond_the_limit_is_refused() -> None:
    with pytest.raises(SizeError, match="from 1 to 100000 pixels"):
        exact_rule("100001x1").output_size(PHOTO)


@pytest.mark.parametrize(
    ("rule", "photo", "expected"),
    [
        (box_rule("fit", "1000x600"), Size(300, 400), Size(600, 800)),
        (box_rule("fit", "600x1000"), Size(300, 400), Size(450, 600)),
        (box_rule("min", "1000x600"), Size(300, 400), Size(750, 1000)),
        (box_rule("min", "100x100"), Size(300, 400), Size(100, 133)),
        (print_rule("30x20cm@300"), Size(300, 400), Size(2362, 3149)),
        (print_rule("20x30cm@300"), Size(300, 400), Size(2362, 3149)),
        (print_rule("30x20cm@300"), Size(400, 300), Size(3149, 2362)),
        (print_rule("12x8in@100"), Size(400, 600), Size(800, 1200)),
        (print_rule("254x254mm@10.5"), Size(10, 10), Size(105, 105)),
    ],
)
def test_boxes_and_sheets(rule: SizeRule, photo: Size, expected: Size) -> None:
    assert rule.output_size(photo) == expected


@given(
    photo=st.tuples(st.integers(1, 5000), st.integers(1, 5000)),
    box=st.tuples(st.integers(1, 5000), st.integers(1, 5000)),
)
def test_a_fitted_result_touches_its_box_and_a_covering_one_too(
    photo: tuple[int, int], box: tuple[int, int]
) -> None:
    size, text = Size(*photo), f"{box[1]}x{box[0]}"
    fitted = box_rule("fit", text).output_size(size)
    assert fitted.height <= box[0]
    assert fitted.width <= box[1]
    assert fitted.height == box[0] or fitted.width == box[1]
    if max(photo) / min(photo) > 10:
        return  # the other side may be beyond all bounds
    covering = box_rule("min", text).output_size(size)
    assert covering.height >= box[0]
    assert covering.width >= box[1]
    assert covering.height == box[0] or covering.width == box[1]


def test_only_a_sheet_sets_the_resolution() -> None:
    assert print_rule("30x20cm@300").dpi == 300.0
    assert exact_rule("3x3").dpi is None


@pytest.mark.parametrize(
    "text",
    [
        *("", "30x20", "30x20cm", "30x20@300", "30x20km@300", "30x20cm@0", "30x20cm@20000"),
        *("0x20cm@300", "9000x9000cm@300", "-3x2cm@300", "3x2cm@nan", "9" * 500 + "x2cm@300"),
    ],
)
def test_anything_else_is_no_sheet(text: str) -> None:
    with pytest.raises(SizeError, match=r"^print"):
        print_rule(text)


@pytest.mark.parametrize(
    ("pixels", "rounded"),
    [(0.5, 1), (1.5, 2), (2.5, 3), (2.4999, 2), (-0.5, 0), (-1.5, -1), (0.145 * 100, 15)],
)
def test_halves_are_rounded_up(pixels: float, rounded: int) -> None:
    assert half_up(pixels) == rounded


@pytest.mark.parametrize(("factor", "side"), [(0.5, 3), (1.5, 8), (2.1, 11), (3.3, 17)])
def test_a_result_of_half_a_pixel_more_gets_it(factor: float, side: int) -> None:
    """5 pixels become 2.5, 7.5, 10.5 and 16.5."""
    assert relative_rule("scale", factor).output_size(Size(5, 5)) == Size(side, side)
