import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.state.view import (
    MAX_ZOOM,
    MIN_ZOOM,
    View,
    fit_zoom,
    fitted,
    origin,
    output_size,
    panned,
    resized,
    viewport,
    visible,
    zoomed,
)
from liifgan_core.geometry import Size

SIDES = st.integers(1, 5000)
SIZES = st.builds(Size, SIDES, SIDES)
ZOOMS = st.floats(0.01, 100)
PANES = st.builds(Size, st.integers(1, 3000), st.integers(1, 3000))
MOVES = st.floats(-1e5, 1e5)


@given(SIZES, PANES, ZOOMS, MOVES, MOVES)
def test_what_is_visible_is_a_part_of_the_output(
    photo: Size, pane: Size, zoom: float, dy: float, dx: float
) -> None:
    view = panned(zoomed(fitted(photo, pane), photo, zoom), photo, dy, dx)
    part, whole = visible(view, photo), output_size(photo, view.zoom)
    assert 0 <= part.top < part.bottom <= whole.height
    assert 0 <= part.left < part.right <= whole.width
    assert part.height <= pane.height
    assert part.width <= pane.width
    assert min(MIN_ZOOM, fit_zoom(photo, pane)) <= view.zoom <= MAX_ZOOM


@given(st.floats(0.5, 30), st.floats(0, 500), st.floats(0, 700))
def test_zooming_keeps_the_point_under_the_cursor(zoom: float, y: float, x: float) -> None:
    photo, pane = Size(3000, 4000), Size(500, 700)
    before = View(1500.0, 2000.0, 1.0, pane)
    after = zoomed(before, photo, zoom, at=(y, x))

    def under_cursor(view: View) -> tuple[float, float]:
        return (
            view.centre_y + (y - pane.height / 2) / view.zoom,
            view.centre_x + (x - pane.width / 2) / view.zoom,
        )

    assert under_cursor(after) == pytest.approx(under_cursor(before))


@given(SIZES, PANES)
def test_a_fitted_photo_is_wholly_visible(photo: Size, pane: Size) -> None:
    view = fitted(photo, pane)
    whole, part = output_size(photo, view.zoom), visible(view, photo)
    assert (part.height, part.width) == (whole.height, whole.width)


def test_a_photo_of_any_size_fits() -> None:
    photo, pane = Size(20_000, 40_000), Size(720, 1280)
    view = fitted(photo, pane)
    assert view.zoom == 0.032
    assert output_size(photo, view.zoom) == Size(640, 1280)
    tiny = zoomed(fitted(photo, Size(240, 320)), photo, 1e-9)
    assert tiny.zoom == 0.008, "below MIN_ZOOM, since else it would not fit"
    assert zoomed(fitted(photo, pane), photo, 1e-9).zoom == MIN_ZOOM


def test_a_photo_smaller_than_the_pane_lies_in_its_middle() -> None:
    photo, pane = Size(10, 20), Size(100, 100)
    view = panned(zoomed(fitted(photo, pane), photo, 2.0), photo, 1e6, -1e6)
    assert origin(view, photo) == (40, 30)


def test_panning_stops_at_the_photos_edge() -> None:
    photo, pane = Size(100, 100), Size(50, 50)
    view = zoomed(fitted(photo, pane), photo, 1.0)
    assert origin(panned(view, photo, 1e6, 0.0), photo)[0] == 0
    assert origin(panned(view, photo, -1e6, 0.0), photo)[0] == -50


def test_the_viewport_has_the_size_of_an_export_by_the_same_factor() -> None:
    photo = Size(61, 83)
    view = zoomed(fitted(photo, Size(400, 400)), photo, 3.7)
    assert viewport(view, photo).size == Size(226, 307)


def test_a_resized_pane_keeps_its_middle() -> None:
    photo = Size(1000, 1000)
    view = zoomed(fitted(photo, Size(100, 100)), photo, 4.0)
    other = resized(view, photo, Size(300, 200))
    assert (other.centre_y, other.centre_x) == (view.centre_y, view.centre_x)


@given(ZOOMS)
def test_a_zoom_is_the_number_that_is_shown(zoom: float) -> None:
    photo = Size(100, 100)
    shown = zoomed(fitted(photo, Size(100, 100)), photo, zoom).zoom
    assert math.isclose(shown, round(shown, 4), rel_tol=1e-12)
