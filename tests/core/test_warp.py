"""Maps against NumPy's turns, closed forms, finite differences and one another's inverse."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liifgan_core.errors import GeometryError
from liifgan_core.geometry import Size
from liifgan_core.inner_rectangle import largest_rectangle
from liifgan_core.lens import Lens
from liifgan_core.warp import Frame, Geometry, Point, Warp

PHOTO = Size(48, 64)
CORNERS = (Point(10, 8), Point(52, 4), Point(58, 40), Point(6, 36))

sizes = st.builds(Size, st.integers(8, 400), st.integers(8, 400))
angles = st.floats(-720, 720)


@st.composite
def warps(draw: st.DrawFn, frames: tuple[Frame, ...] = ("whole", "inside")) -> Warp:
    """Return a map with all its parts."""
    photo = draw(sizes)
    shifts = [draw(st.floats(0.05, 0.25)) for _ in range(8)]
    corners = None
    if draw(st.booleans()):
        left, top, right, bottom = (shifts[:4], shifts[4:6], shifts[4:], shifts[2:])
        corners = (
            Point(left[0] * photo.width, top[0] * photo.height),
            Point((1 - right[0]) * photo.width, top[1] * photo.height),
            Point((1 - right[1]) * photo.width, (1 - bottom[0]) * photo.height),
            Point(left[1] * photo.width, (1 - bottom[1]) * photo.height),
        )
    geometry = Geometry(
        draw(angles),
        corners,
        k1=draw(st.sampled_from([0.0, -0.08, 0.05])),
        k2=draw(st.sampled_from([0.0, 0.02])),
        frame=draw(st.sampled_from(frames)),
    )
    return geometry.warp(photo)


@given(warp=warps(), y=st.floats(0, 1), x=st.floats(0, 1))
def test_the_inverse_leads_back(warp: Warp, y: float, x: float) -> None:
    y, x = y * warp.photo.height, x * warp.photo.width

    frame_y, frame_x = warp.in_frame(y, x)
    places = warp.places(frame_y, frame_x)

    assert places.y == pytest.approx(y, abs=1e-8)
    assert places.x == pytest.approx(x, abs=1e-8)


@given(warp=warps(("inside",)), y=st.floats(0.01, 0.99), x=st.floats(0.01, 0.99))
def test_derivatives_equal_finite_differences(warp: Warp, y: float, x: float) -> None:
    y, x = y * warp.size.height, x * warp.size.width
    step = 1e-4

    here = warp.places(y, x)
    below, above = warp.places(y + step, x), warp.places(y - step, x)
    right, left = warp.places(y, x + step), warp.places(y, x - step)

    assert here.dy_dy == pytest.approx((below.y - above.y) / (2 * step), abs=1e-5)
    assert here.dx_dy == pytest.approx((below.x - above.x) / (2 * step), abs=1e-5)
    assert here.dy_dx == pytest.approx((right.y - left.y) / (2 * step), abs=1e-5)
    assert here.dx_dx == pytest.approx((right.x - left.x) / (2 * step), abs=1e-5)


@given(photo=sizes, angle=angles)
def test_a_turn_keeps_areas_and_lengths(photo: Size, angle: float) -> None:
    places = Geometry(angle).warp(photo).places([1.0, 5.0], [2.0, 7.0])

    area = places.dy_dy * places.dx_dx - places.dy_dx * places.dx_dy
    assert area == pytest.approx(1.0, abs=1e-12)
    assert math.hypot(np.diff(places.y)[0], np.diff(places.x)[0]) == pytest.approx(
        math.hypot(4.0, 5.0)
    )


@pytest.mark.parametrize("quarters", [0, 1, 2, 3, 4, -1, 5])
def test_quarter_turns_are_numpys_counter_clockwise_ones(quarters: int) -> None:
    pixels = np.arange(PHOTO.num_pixels).reshape(PHOTO.height, PHOTO.width)
    expected = np.rot90(pixels, quarters)

    warp = Geometry(90.0 * quarters).warp(PHOTO)
    rows, cols = np.indices(expected.shape) + 0.5
    places = warp.places(rows, cols)

    assert (warp.size.height, warp.size.width) == expected.shape
    assert warp.fills_frame
    # Exactly on pixels' centres.
    assert np.array_equal(
        pixels[(places.y - 0.5).astype(int), (places.x - 0.5).astype(int)], expected
    )
    assert np.array_equal(places.y % 1.0, np.full(expected.shape, 0.5))


def test_a_small_turn_lifts_the_right_end_of_a_horizontal_line() -> None:
    warp = Geometry(10.0).warp(PHOTO)

    left, right = warp.in_frame(24.0, 0.0), warp.in_frame(24.0, 64.0)

    # By hand: 64 pixels at 10 degrees rise by 64 sin(10 degrees), towards smaller y.
    assert right[0] - left[0] == pytest.approx(-64 * math.sin(math.radians(10.0)))
    assert right[1] - left[1] == pytest.approx(64 * math.cos(math.radians(10.0)))


@given(warp=warps(("whole",)))
def test_the_whole_frame_holds_the_photo_and_no_more(warp: Warp) -> None:
    along = np.linspace(0.0, 1.0, 400)
    edge = np.concatenate([np.stack([along, 0 * along]), np.stack([along, 0 * along + 1])], axis=1)
    y = np.concatenate([edge[0], edge[1]]) * warp.photo.height
    x = np.concatenate([edge[1], edge[0]]) * warp.photo.width

    frame_y, frame_x = warp.in_frame(y, x)

    for at, side in ((frame_y, warp.size.height), (frame_x, warp.size.width)):
        assert -0.1 < at.min() < 1.0
        assert side - 1.0 < at.max() < side + 0.1


@given(warp=warps(("inside",)))
def test_the_inner_frame_has_no_empty_corners(warp: Warp) -> None:
    assert warp.fills_frame


@pytest.mark.parametrize(
    ("photo", "angle"),
    [(Size(480, 640), 3.0), (Size(480, 640), 30.0), (Size(300, 300), 45.0), (Size(640, 480), 80.0)],
)
def test_the_inner_frame_of_a_turn_is_the_largest(photo: Size, angle: float) -> None:
    sine, cosine = abs(math.sin(math.radians(angle))), abs(math.cos(math.radians(angle)))
    long, short = max(photo.height, photo.width), min(photo.height, photo.width)
    # The known closed form of the largest upright rectangle in a turned one.
    if short <= 2.0 * sine * cosine * long or abs(sine - cosine) < 1e-10:
        half = short / 2.0
        wide, high = (half / sine, half / cosine)
        if photo.width < photo.height:
            wide, high = half / cosine, half / sine
    else:
        wide = (photo.width * cosine - photo.height * sine) / (cosine**2 - sine**2)
        high = (photo.height * cosine - photo.width * sine) / (cosine**2 - sine**2)

    size = Geometry(angle, frame="inside").warp(photo).size

    assert size.height * size.width == pytest.approx(wide * high, rel=0.01)
    assert size.height * size.width <= wide * high + 1e-6


def test_corners_become_the_corners_of_their_frame() -> None:
    warp = Geometry(corners=CORNERS, frame="corners").warp(PHOTO)
    height, width = warp.size.height, warp.size.width

    places = warp.places([0.0, 0.0, height, height], [0.0, width, width, 0.0])

    # By hand: the mean lengths of opposite sides.
    top, bottom = math.hypot(42, 4), math.hypot(52, 4)
    right, left = math.hypot(6, 36), math.hypot(4, 28)
    assert warp.size == Size(round((left + right) / 2), round((top + bottom) / 2))
    assert places.x == pytest.approx([p.x for p in CORNERS])
    assert places.y == pytest.approx([p.y for p in CORNERS])


def test_straight_lines_of_a_perspective_stay_straight() -> None:
    warp = Geometry(corners=CORNERS).warp(PHOTO)
    share = np.linspace(0.0, 1.0, 9)

    y, x = warp.in_frame(8 + share * (4 - 8), 10 + share * (52 - 10))

    assert np.ptp(y) == pytest.approx(0.0, abs=1e-9)  # the upper side is level
    assert (np.diff(x) > 0).all()


def test_a_lens_is_corrected_by_brown_and_conrady() -> None:
    warp = Geometry(k1=-0.2, k2=0.05).warp(Size(60, 80))
    middle = warp.size.height / 2.0, warp.size.width / 2.0

    # By hand: half the diagonal is 50; at 25 pixels r is 0.5.
    places = warp.places(middle[0], middle[1] + 25.0)

    assert places.x == pytest.approx(40 + 25 * (1 - 0.2 * 0.25 + 0.05 * 0.0625))
    assert places.y == pytest.approx(30.0)


def test_a_lens_that_folds_the_picture_is_refused() -> None:
    with pytest.raises(GeometryError, match="folds the picture"):
        Lens(PHOTO, -0.5, 0.0)


def test_beyond_a_lens_nothing_is_seen() -> None:
    lens = Lens(PHOTO, -0.14, 0.0)
    far = lens.unit * lens.limit * 1.01
    warp = Warp(PHOTO, PHOTO, lens, ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)))

    places = warp.places(24.0, 32.0 + far)

    assert np.isnan(places.x)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"rotation_deg": math.nan}, "finite angle, not nan"),
        ({"k1": math.inf}, "finite numbers, not inf"),
        ({"corners": CORNERS[:3]}, "four corners, not 3"),
        ({"corners": (*CORNERS[:3], Point(1, math.nan))}, "finite numbers"),
        ({"corners": (CORNERS[1], CORNERS[0], *CORNERS[2:])}, "cross or are no convex"),
        ({"corners": CORNERS[::-1]}, "counter-clockwise"),
        ({"corners": (Point(5, 5),) * 4}, "cross or are no convex"),
        ({"corners": (Point(0, 0), Point(9, 0), Point(2, 2), Point(0, 9))}, "no convex"),
        ({"frame": "corners"}, "four corners enclose"),
    ],
)
def test_wrong_values_are_told(wrong: dict, message: str) -> None:
    with pytest.raises(GeometryError, match=message):
        Geometry(**wrong)


@pytest.mark.parametrize("frame", ["whole", "inside"])
def test_a_horizon_within_the_photo_is_told(frame: Frame) -> None:
    corners = (Point(28, 24), Point(36, 24), Point(60, 44), Point(4, 44))

    with pytest.raises(GeometryError, match="horizon"):
        Geometry(corners=corners, frame=frame).warp(PHOTO)


def test_what_the_corners_enclose_needs_no_horizon() -> None:
    corners = (Point(28, 24), Point(36, 24), Point(60, 44), Point(4, 44))

    assert Geometry(corners=corners, frame="corners").warp(PHOTO).fills_frame


@pytest.mark.parametrize("geometry", [Geometry(), Geometry(360.0), Geometry(frame="inside")])
def test_nothing_is_known_as_such(geometry: Geometry) -> None:
    assert geometry.is_identity
    assert geometry.frame_size(PHOTO) == geometry.warp(PHOTO).size == PHOTO


def test_a_rectangle_finds_itself() -> None:
    outline = np.array([[2.0, 3.0], [2.0, 11.0], [7.0, 11.0], [7.0, 3.0]])

    assert largest_rectangle(outline) == pytest.approx((2.0, 3.0, 7.0, 11.0))
