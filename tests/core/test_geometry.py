import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liifgan_core.geometry import Rect, Size, Tile, Viewport, split_evenly

lengths = st.integers(1, 3000)


@given(height=st.integers(1, 200), width=st.integers(1, 200), tile=st.integers(1, 250))
def test_tiles_partition_the_viewport_exactly(height: int, width: int, tile: int) -> None:
    size = Size(height, width)
    seen = [[0] * width for _ in range(height)] if height * width <= 2500 else None
    area = 0
    for part in Viewport.whole(Size(7, 5), size).tiles(tile):
        assert 1 <= part.height <= tile
        assert 1 <= part.width <= tile
        assert 0 <= part.top < part.bottom <= height
        assert 0 <= part.left < part.right <= width
        area += part.height * part.width
        if seen is not None:
            for row in seen[part.top : part.bottom]:
                for column in range(part.left, part.right):
                    row[column] += 1
    assert area == size.num_pixels
    assert seen is None or all(count == 1 for row in seen for count in row)


@given(length=lengths, at_most=st.integers(1, 4000))
def test_parts_follow_each_other_and_are_as_few_and_as_even_as_possible(
    length: int, at_most: int
) -> None:
    parts = split_evenly(length, at_most)
    assert len(parts) == math.ceil(length / at_most)
    expected_start = 0
    for start, part_length in parts:
        assert start == expected_start
        expected_start += part_length
    assert expected_start == length
    sides = {part_length for _, part_length in parts}
    assert max(sides) <= at_most
    assert max(sides) - min(sides) <= 1


def test_sides_are_evened_out() -> None:
    assert split_evenly(260, 256) == [(0, 130), (130, 130)]


@pytest.mark.parametrize(("length", "at_most"), [(0, 5), (5, 0), (-1, 1)])
def test_nothing_cannot_be_split(length: int, at_most: int) -> None:
    with pytest.raises(ValueError, match="cannot split"):
        split_evenly(length, at_most)


@pytest.mark.parametrize(("height", "width"), [(0, 1), (1, 0), (-3, 4)])
def test_a_size_without_pixels_is_refused(height: int, width: int) -> None:
    with pytest.raises(ValueError, match="at least one pixel"):
        Size(height, width)


def test_a_size_reads_as_width_times_height() -> None:
    assert str(Size(1080, 1920)) == "1920x1080"
    assert Size(1080, 1920).num_pixels == 2_073_600


@pytest.mark.parametrize(
    "fields",
    [(0, 0, 0, 1), (0, 0, 1, -1), (math.nan, 0, 1, 1), (0, math.inf, 1, 1), (0, 0, math.inf, 1)],
)
def test_an_empty_or_endless_region_is_refused(fields: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="a region needs"):
        Rect(*fields)


@pytest.mark.parametrize(
    ("region", "is_within"),
    [
        (Rect(0, 0, 10, 20), True),
        (Rect(-1e-9, 0, 10, 20), True),
        (Rect(0, 0, 10 + 1e-9, 20), True),
        (Rect(2.5, 3.25, 7.5, 16.75), True),
        (Rect(-0.01, 0, 5, 5), False),
        (Rect(0, -0.01, 5, 5), False),
        (Rect(5, 0, 5.01, 5), False),
        (Rect(0, 15, 5, 5.01), False),
    ],
)
def test_a_region_is_inside_up_to_rounding(region: Rect, is_within: bool) -> None:
    assert region.is_within(Size(10, 20)) is is_within


def test_a_halo_is_cut_off_at_the_border() -> None:
    assert Tile(2, 10, 4, 5).grown(3, Size(8, 30)) == Tile(0, 7, 8, 11)
    assert Tile(0, 0, 1, 1).grown(9, Size(1, 1)) == Tile(0, 0, 1, 1)


def test_the_factors_of_the_axes_are_independent() -> None:
    viewport = Viewport(Rect(1, 2, 4, 10), Size(10, 5))
    assert viewport.scale == (2.5, 0.5)
