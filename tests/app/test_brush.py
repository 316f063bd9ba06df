import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.state.brush import Brush, Change, changed, segment_coverage, segment_tile
from liifgan_core.geometry import Size, Tile
from liifgan_core.images.detail_mask import ONE

PHOTO = GRID = Size(40, 60)
WHOLE = Tile(0, 0, 40, 60)


def test_a_dab_is_full_inside_fades_and_ends() -> None:
    brush = Brush(size=20.0, hardness=0.5, feather=0.5)
    found = segment_coverage(brush, (20.5, 30.5), (20.5, 30.5), PHOTO, GRID, WHOLE)
    y, x = np.mgrid[:40, :60]
    distance = np.hypot(y - 20, x - 30)
    assert (found[distance <= 5.0] == 1.0).all()
    assert (found[distance >= 15.0] == 0.0).all()
    # Between 5 and 15 a smooth step: half way at 10.
    assert found[20, 40] == pytest.approx(0.5)
    assert (np.diff(found[20, 30:]) <= 0.0).all()


@given(
    st.tuples(st.floats(-20, 60), st.floats(-20, 80)),
    st.tuples(st.floats(-20, 60), st.floats(-20, 80)),
    st.floats(2.0, 50.0),
    st.floats(0.0, 1.0),
)
def test_the_tile_of_a_stroke_holds_all_of_it(
    start: tuple[float, float], end: tuple[float, float], size: float, feather: float
) -> None:
    brush = Brush(size, 0.5, feather)
    grid = Size(17, 31)
    whole = segment_coverage(brush, start, end, PHOTO, grid, Tile(0, 0, 17, 31))
    tile = segment_tile(brush, start, end, PHOTO, grid)
    if tile is None:
        assert not whole.any()
        return
    inside = np.zeros(whole.shape, bool)
    inside[tile.top : tile.bottom, tile.left : tile.right] = True
    assert not whole[~inside].any()
    part = segment_coverage(brush, start, end, PHOTO, grid, tile)
    within = whole[tile.top : tile.bottom, tile.left : tile.right]
    np.testing.assert_allclose(part, within, atol=1e-6)


def test_a_line_covers_what_its_dabs_do_and_what_is_between() -> None:
    brush, ends = Brush(8.0, 0.4), ((10.0, 10.0), (22.0, 41.0))
    line = segment_coverage(brush, *ends, PHOTO, GRID, WHOLE)
    dabs = np.zeros_like(line)
    for t in np.linspace(0.0, 1.0, 2000):
        at = tuple(a + t * (b - a) for a, b in zip(*ends, strict=True))
        np.maximum(dabs, segment_coverage(brush, at, at, PHOTO, GRID, WHOLE), out=dabs)
    np.testing.assert_allclose(line, dabs, atol=1e-3)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (Change("less", 1.0), (1.0, 0.5, 0.0)),
        (Change("less", 0.4), (1.0, 0.8, 0.6)),
        (Change("more", 1.0), (1.0, 1.5, 1.5)),
        (Change("more", 0.25), (1.0, 1.125, 1.25)),
        (Change("value", 1.0, 0.3), (1.0, 0.65, 0.3)),
        (Change("value", 0.5, 1.4), (1.0, 1.1, 1.2)),
    ],
)
def test_changes_lead_where_they_say(change: Change, expected: tuple[float, ...]) -> None:
    values = np.full((1, 3), ONE, np.uint16)
    after = changed(values, np.array([[0.0, 0.5, 1.0]], np.float32), change)
    np.testing.assert_allclose(after[0] / ONE, expected, atol=2e-5)
