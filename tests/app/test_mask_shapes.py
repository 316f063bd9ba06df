import math

import numpy as np
import pytest

from app.state.mask_shapes import Graduated, Radial
from liifgan_core.geometry import Size, Tile

PHOTO = Size(100, 200)
GRID = Size(50, 100)


def test_a_graduated_mask_falls_from_its_start_to_its_end() -> None:
    found = Graduated((0.0, 60.0), (0.0, 140.0)).coverage(PHOTO, GRID, Tile(0, 0, 50, 100))
    assert (found[:, :30] == 1.0).all()
    assert (found[:, 70:] == 0.0).all()
    assert found[7, 49] == pytest.approx(1.0 - found[7, 50], abs=1e-6)
    assert (found == found[:1]).all()


def test_a_radial_mask_is_full_in_the_middle_and_none_outside() -> None:
    shape = Radial((50.0, 100.0), 20.0, 60.0, feather=0.5)
    found = shape.coverage(PHOTO, GRID, Tile(0, 0, 50, 100))
    y, x = (np.mgrid[:50, :100] + 0.5) * 2
    radius = np.hypot((y - 50) / 20, (x - 100) / 60)
    assert (found[radius <= 0.5] == 1.0).all()
    assert (found[radius >= 1.0] == 0.0).all()
    assert 0.0 < found[(radius > 0.7) & (radius < 0.8)].min() < 1.0


def test_a_turned_radial_mask_is_the_turned_picture() -> None:
    square = Size(81, 81)
    whole = Tile(0, 0, 81, 81)
    plain = Radial((40.5, 40.5), 12.0, 33.0).coverage(square, square, whole)
    turned = Radial((40.5, 40.5), 12.0, 33.0, angle=math.pi / 2).coverage(square, square, whole)
    np.testing.assert_allclose(turned, np.rot90(plain), atol=1e-5)


@pytest.mark.parametrize(
    "shape",
    [
        Graduated((10.0, 20.0), (60.0, 90.0)),
        Radial((50.0, 70.0), 20.0, 40.0),
        Radial((50.0, 70.0), 20.0, 40.0, angle=0.7),
    ],
)
@pytest.mark.parametrize("handle", [0, 1, 2])
def test_a_handle_goes_where_it_is_put(shape: Graduated | Radial, handle: int) -> None:
    moved = shape.moved(handle, (33.0, 44.0))
    assert moved.handles[handle] == pytest.approx((33.0, 44.0))
    if handle == 2:  # all of it
        offsets = [np.subtract(a, b) for a, b in zip(moved.handles, shape.handles, strict=True)]
        np.testing.assert_allclose(offsets, [offsets[2]] * 3)
