import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.state.target_rule import PAPERS, TargetRule, parse_rule, rule_text
from liifgan_core.errors import SizeError
from liifgan_core.geometry import MAX_OUTPUT_SIDE, Size

sides = st.integers(1, 4000)
sizes = st.builds(Size, sides, sides)


@given(photo=sizes, box=sizes)
def test_a_box_is_filled_along_one_side_and_never_exceeded(photo: Size, box: Size) -> None:
    result = TargetRule("fit", size=box).output_size(photo)
    assert result.width <= box.width
    assert result.height <= box.height
    assert result.width == box.width or result.height == box.height


@given(photo=sizes, edge=st.integers(1, 5000))
def test_the_short_edge_becomes_what_was_asked(photo: Size, edge: int) -> None:
    rule = TargetRule("short-edge", edge)
    ratio = max(photo.height, photo.width) / min(photo.height, photo.width)
    if edge * ratio > MAX_OUTPUT_SIDE:
        with pytest.raises(SizeError):
            rule.output_size(photo)
    else:
        assert min(*_sides(rule.output_size(photo))) == edge


@given(photo=sizes, box=sizes)
def test_a_minimum_is_covered(photo: Size, box: Size) -> None:
    try:
        result = TargetRule("min", size=box).output_size(photo)
    except SizeError:
        return
    assert result.width >= box.width
    assert result.height >= box.height
    assert result.width == box.width or result.height == box.height


def _sides(size: Size) -> tuple[int, int]:
    return size.height, size.width


def test_paper_is_turned_as_the_photo_is() -> None:
    a4 = next(paper for paper in PAPERS if paper.name == "A4")
    assert a4.pixels(300) == Size(3508, 2480)
    rule = TargetRule("print", 300, paper=a4)
    assert rule.output_size(Size(1000, 100)).height == 3508
    assert rule.output_size(Size(100, 1000)).width == 3508
    assert rule.output_size(Size(700, 700)) == Size(2480, 2480)


@pytest.mark.parametrize(
    ("rule", "size"),
    [
        (TargetRule("scale", 2.5), Size(150, 200)),
        (TargetRule("width", 333), Size(250, 333)),
        (TargetRule("height", 90), Size(90, 120)),
        (TargetRule("long-edge", 160), Size(120, 160)),
        (TargetRule("megapixels", 0.0192), Size(120, 160)),
        (TargetRule("exact", size=Size(7, 500)), Size(7, 500)),
    ],
)
def test_the_cores_rules_give_the_cores_sizes(rule: TargetRule, size: Size) -> None:
    assert rule.output_size(Size(60, 80)) == size


rules = st.one_of(
    st.builds(
        TargetRule,
        st.sampled_from(("scale", "width", "height", "long-edge", "short-edge", "megapixels")),
        st.floats(1e-4, 1e6),
    ),
    st.builds(TargetRule, st.sampled_from(("exact", "fit", "min")), size=sizes),
    st.builds(
        TargetRule,
        st.just("print"),
        st.integers(36, 2400).map(float),
        paper=st.sampled_from(PAPERS),
    ),
)


@given(rule=rules)
def test_a_rule_is_read_as_it_was_written(rule: TargetRule) -> None:
    assert parse_rule(rule_text(rule)) == rule


def test_rules_are_written_for_people() -> None:
    assert rule_text(TargetRule("scale", 2.0)) == "scale 2"
    assert rule_text(TargetRule("fit", size=Size(1080, 1920))) == "fit 1920x1080"
    assert rule_text(TargetRule("print", 300.0, paper=PAPERS[1])) == "print A4@300"


@pytest.mark.parametrize(
    "text",
    [
        *("", "scale", "scale 0", "scale nan", "scale inf", "huge 2", "width two"),
        *("fit 3", "fit 0x4", "exact 9999999x1", "print A4", "print B9@300"),
    ],
)
def test_what_is_no_rule_is_refused(text: str) -> None:
    with pytest.raises(SizeError):
        parse_rule(text)
