from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liifgan_core.coords import (
    AxisTaps,
    axis_taps,
    make_cell,
    make_coord,
    samples_per_pixel,
    tile_pixels,
)
from liifgan_core.geometry import Rect, Size, Tile, Viewport


@st.composite
def axes(draw: st.DrawFn) -> tuple[float, float, int, int]:
    """(start, length, output pixels, latent codes) of a region inside an image."""
    num_latents = draw(st.integers(1, 60))
    start = draw(st.floats(0, num_latents * 0.9))
    length = draw(st.floats(0.05, 1.0)) * (num_latents - start)
    whole = draw(st.booleans())
    num_pixels = draw(st.integers(1, 150))
    return (0.0, float(num_latents), num_pixels, num_latents) if whole else (
        start, length, num_pixels, num_latents
    )  # fmt: skip


def all_taps(axis: tuple[float, float, int, int]) -> AxisTaps:
    return axis_taps(*axis, first=0, count=axis[2])


@given(axes())
def test_weights_of_a_pixel_add_up_to_one(axis: tuple[float, float, int, int]) -> None:
    taps = all_taps(axis)
    sums = np.bincount(taps.pixel, weights=taps.weight, minlength=axis[2])
    assert np.abs(sums - 1.0).max() < 1e-6


@given(axes())
def test_taps_lie_in_the_image_and_none_has_no_weight(axis: tuple[float, float, int, int]) -> None:
    taps = all_taps(axis)
    assert taps.latent.min() >= 0
    assert taps.latent.max() < axis[3]
    assert taps.pixel.min() == 0
    assert taps.pixel.max() == axis[2] - 1
    assert (taps.weight > 0).all()
    assert np.abs(taps.rel_coord).max() <= 2.0


@given(axes())
def test_no_code_is_tapped_twice_by_one_query(axis: tuple[float, float, int, int]) -> None:
    taps = all_taps(axis)
    queries = set(zip(taps.pixel, taps.latent, taps.rel_coord, strict=True))
    assert len(queries) == len(taps.pixel)


@given(axes())
def test_the_relative_coordinate_is_twice_the_distance(
    axis: tuple[float, float, int, int],
) -> None:
    start, length, num_pixels, _ = axis
    samples = samples_per_pixel(num_pixels / length)
    taps = all_taps(axis)
    centres = (
        start + (np.arange(num_pixels * samples) + 0.5) * length / (num_pixels * samples) - 0.5
    )
    expected = (centres.reshape(num_pixels, samples)[taps.pixel] - taps.latent[:, None]) * 2
    assert np.abs(expected - taps.rel_coord[:, None]).min(axis=1).max() < 1e-6


@given(axes(), st.data())
def test_taps_of_a_tile_are_those_of_the_whole(
    axis: tuple[float, float, int, int], data: st.DataObject
) -> None:
    first = data.draw(st.integers(0, axis[2] - 1))
    count = data.draw(st.integers(1, axis[2] - first))
    whole, part = all_taps(axis), axis_taps(*axis, first=first, count=count)
    inside = (whole.pixel >= first) & (whole.pixel < first + count)
    assert np.array_equal(whole.pixel[inside] - first, part.pixel)
    assert np.array_equal(whole.latent[inside], part.latent)
    assert np.array_equal(whole.rel_coord[inside], part.rel_coord)
    assert np.array_equal(whole.weight[inside], part.weight)
    assert whole.cell == part.cell


@given(axes(), st.data())
def test_restricting_taps_orders_them_by_code_and_loses_none(
    axis: tuple[float, float, int, int], data: st.DataObject
) -> None:
    taps = all_taps(axis)
    cut = data.draw(st.integers(0, axis[3]))
    low, high = taps.within(0, cut), taps.within(cut, axis[3])
    assert len(low.latent) + len(high.latent) == len(taps.latent)
    for part in (low, high):
        assert (np.diff(part.latent) >= 0).all()
    rows = np.concatenate([low.weight, high.weight])
    assert np.isclose(rows.sum(), taps.weight.sum())


@pytest.mark.parametrize(("scale", "taps_per_pixel"), [(1, 1), (3, 5 / 3), (5, 9 / 5), (7, 13 / 7)])
def test_odd_factors_leave_out_what_lies_on_a_centre(scale: int, taps_per_pixel: float) -> None:
    inner = axis_taps(0.0, 100.0, 100 * scale, 100, first=scale, count=98 * scale)
    assert len(inner.pixel) / (98 * scale) == pytest.approx(taps_per_pixel)


def test_a_factor_of_three_needs_25_of_36_corners() -> None:
    viewport = Viewport.whole(Size(50, 60), Size(150, 180))
    rows, cols = (axis.taps() for axis in tile_pixels(viewport, (50, 60), Tile(3, 3, 144, 174)))
    assert len(rows.pixel) * len(cols.pixel) * 36 == 144 * 174 * 4 * 25


@pytest.mark.parametrize("num_pixels", [1, 2, 3, 8, 11])
def test_a_single_code_is_tapped_once_everywhere(num_pixels: int) -> None:
    taps = axis_taps(0.0, 1.0, num_pixels, 1, first=0, count=num_pixels)
    assert taps.latent.tolist() == [0] * num_pixels
    assert taps.weight.tolist() == [1.0] * num_pixels


def test_pixels_beyond_the_outer_centres_have_one_tap() -> None:
    taps = axis_taps(0.0, 4.0, 16, 4, first=0, count=16)
    counts = np.bincount(taps.pixel)
    assert counts.tolist() == [1, 1, *[2] * 12, 1, 1]


@pytest.mark.parametrize(
    ("scale", "samples"),
    [(1.0, 1), (1.5, 1), (100, 1), (0.99, 2), (0.5, 2), (0.49, 3), (1 / 3, 3), (0.1, 10), (0.3, 4)],
)
def test_below_one_a_pixel_averages_queries_of_at_least_one(scale: float, samples: int) -> None:
    assert samples_per_pixel(scale) == samples
    assert scale * samples >= 1 - 1e-8


@pytest.mark.parametrize(("num_pixels", "cell"), [(20, 1.0), (10, 2.0), (37, 20 / 37), (5, 2.0)])
def test_the_cell_is_two_over_the_factor_and_at_most_two(num_pixels: int, cell: float) -> None:
    assert axis_taps(0.0, 10.0, num_pixels, 10, first=0, count=1).cell == pytest.approx(cell)


def test_the_axes_are_independent() -> None:
    viewport = Viewport(Rect(0.0, 2.0, 5.0, 3.0), Size(10, 1))
    rows, cols = (axis.taps() for axis in tile_pixels(viewport, (5, 7), Tile(0, 0, 10, 1)))
    assert rows.cell == 1.0
    assert cols.cell == 2.0
    assert set(cols.latent) == {2, 3, 4}


def exact_taps(position: Fraction, num_latents: int) -> dict[int, tuple[Fraction, Fraction]]:
    """Return latent code: (relative coordinate, weight) in exact arithmetic."""
    lower = floor(position)
    codes = {min(max(code, 0), num_latents - 1) for code in (lower, lower + 1)}
    if len(codes) == 1:
        (code,) = codes
        return {code: (2 * (position - code), Fraction(1))}
    share = position - lower
    both = {
        lower: (2 * share, 1 - share),
        lower + 1: (2 * (share - 1), share),
    }
    return {code: tap for code, tap in both.items() if tap[1] > 0}


@pytest.mark.parametrize(
    ("num_latents", "num_pixels"),
    [(100_000, 100_000), (33_333, 100_000), (27_027, 99_999), (99_991, 100_000), (20_000, 100_000)],
)
def test_huge_images_are_exact(num_latents: int, num_pixels: int) -> None:
    places = [0, 1, 2, num_pixels // 3, num_pixels // 2, num_pixels - 2, num_pixels - 1]
    places += np.random.default_rng(0).integers(0, num_pixels, 60).tolist()
    for pixel in places:
        taps = axis_taps(0.0, float(num_latents), num_pixels, num_latents, first=pixel, count=1)
        position = (pixel + Fraction(1, 2)) * Fraction(num_latents, num_pixels) - Fraction(1, 2)
        expected = exact_taps(position, num_latents)
        found = dict(
            zip(taps.latent.tolist(), zip(taps.rel_coord, taps.weight, strict=True), strict=True)
        )
        for code, (rel_coord, weight) in expected.items():
            if weight < Fraction(1, 10**8):
                continue
            assert abs(float(rel_coord) - found[code][0]) < 2e-7
            assert abs(float(weight) - found[code][1]) < 2e-7
        assert sum(weight for _, weight in found.values()) == pytest.approx(1.0, abs=1e-7)


def test_coordinates_of_the_plain_formula_are_pixel_centres() -> None:
    coord = make_coord(Viewport.whole(Size(2, 4), Size(4, 4)), (2, 4))
    assert coord.shape == (4, 4, 2)
    assert coord.dtype == np.float32
    assert coord[:, 0, 0].tolist() == [-0.75, -0.25, 0.25, 0.75]
    assert coord[0, :, 1].tolist() == [-0.75, -0.25, 0.25, 0.75]


def test_cells_of_the_plain_formula_are_pixel_sizes() -> None:
    assert make_cell(Viewport.whole(Size(2, 4), Size(4, 16)), (2, 4)).tolist() == [0.5, 0.125]
    part = Viewport(Rect(0, 0, 1, 1), Size(4, 16))
    assert make_cell(part, (2, 4)).tolist() == [0.25, 0.03125]
