import pickle

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from liifgan_core.errors import MaskError
from liifgan_core.geometry import Rect, Size, Tile, Viewport
from liifgan_core.images.detail_mask import MAX_SIDE, ONE, DetailMask, grid_size, stored

PHOTO = Size(30, 47)


def random_mask(height: int, width: int, seed: int = 0) -> DetailMask:
    rng = np.random.default_rng(seed)
    return DetailMask(rng.integers(0, 2**16, (height, width), dtype=np.uint16))


@pytest.mark.parametrize(
    ("grid", "size"), [((7, 9), (40, 61)), ((30, 47), (95, 13)), ((1, 1), (3, 4))]
)
def test_strengths_are_bilinear_between_cell_centres(
    grid: tuple[int, int], size: tuple[int, int]
) -> None:
    mask = random_mask(*grid)
    viewport = Viewport.whole(PHOTO, Size(*size))
    ours = mask.strengths(PHOTO, viewport, Tile(0, 0, *size))
    plain = torch.from_numpy(mask.values.astype(np.float64) / ONE)[None, None]
    theirs = torch.nn.functional.interpolate(plain, size, mode="bilinear", align_corners=False)
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, theirs[0, 0].numpy(), atol=1e-6)


@given(
    st.integers(1, 90),
    st.integers(1, 90),
    st.floats(0.0, 20.0),
    st.floats(1.0, 10.0),
    st.integers(1, 40),
)
def test_tiles_equal_the_whole_bit_for_bit(
    height: int, width: int, top: float, region_height: float, side: int
) -> None:
    mask = random_mask(11, 17)
    viewport = Viewport(Rect(top, 3.3, region_height, 40.0), Size(height, width))
    whole = mask.strengths(PHOTO, viewport, Tile(0, 0, height, width))
    for tile in viewport.tiles(side):
        part = mask.strengths(PHOTO, viewport, tile)
        assert np.array_equal(part, whole[tile.top : tile.bottom, tile.left : tile.right])


def test_places_are_as_in_rows_and_columns() -> None:
    mask = random_mask(11, 17)
    viewport = Viewport.whole(PHOTO, Size(60, 94))
    y, x = np.meshgrid((np.arange(60) + 0.5) / 2, (np.arange(94) + 0.5) / 2, indexing="ij")
    expected = mask.strengths(PHOTO, viewport, Tile(0, 0, 60, 94))
    np.testing.assert_allclose(mask.at(PHOTO, y, x), expected, atol=1e-6)


@pytest.mark.parametrize("strength", [0.0, 0.25, 1.0, 1.5])
def test_one_strength_is_exactly_that_everywhere(strength: float) -> None:
    viewport = Viewport.whole(Size(3000, 4000), Size(7001, 9003))
    mask = DetailMask.filled(Size(3000, 4000), strength)
    assert mask.size == Size(1536, 2048)
    found = mask.strengths(Size(3000, 4000), viewport, Tile(6900, 8900, 100, 100))
    assert np.unique(found).tolist() == [np.float32(stored(strength)) / np.float32(ONE)]
    assert found[0, 0] == pytest.approx(strength, abs=0.5 / ONE)
    if strength == 1.0:
        assert found[0, 0] == 1.0


@pytest.mark.parametrize(
    ("photo", "grid"),
    [
        (Size(30, 47), Size(30, 47)),
        (Size(2000, 8000), Size(512, 2048)),
        (Size(1, 90000), Size(1, 2048)),
    ],
)
def test_a_grid_has_the_photos_own_pixels_or_fewer(photo: Size, grid: Size) -> None:
    assert grid_size(photo) == grid
    DetailMask.filled(photo).check_fits(photo)


@pytest.mark.parametrize(
    ("grid", "photo", "fits"),
    [
        ((100, 150), Size(2000, 3000), True),
        ((100, 150), Size(2001, 2998), True),
        ((3, 5), Size(200, 300), True),  # 4.5 rounded
        ((150, 100), Size(2000, 3000), False),
        ((100, 150), Size(2000, 2900), False),
        ((100, 100), Size(100, 150), False),
    ],
)
def test_other_proportions_are_refused(grid: tuple[int, int], photo: Size, fits: bool) -> None:
    mask = random_mask(*grid)
    if fits:
        mask.check_fits(photo)
    else:
        with pytest.raises(MaskError, match=f"{grid[1]}x{grid[0]}.*{photo}"):
            mask.check_fits(photo)


def test_masks_are_values() -> None:
    mask, same, other = random_mask(5, 4), random_mask(5, 4), random_mask(5, 4, seed=1)
    assert mask == same
    assert hash(mask) == hash(same)
    assert mask.digest == same.digest != other.digest
    assert mask != other
    assert mask != DetailMask(mask.values.reshape(4, 5))
    assert mask.digest != DetailMask(mask.values.reshape(4, 5)).digest
    assert pickle.loads(pickle.dumps(mask)) == mask
    with pytest.raises(ValueError, match="read-only"):
        mask.values[0, 0] = 0


def test_a_patch_changes_a_copy() -> None:
    mask = random_mask(5, 4)
    patched = mask.patched(Tile(1, 2, 2, 1), np.array([[7], [8]], np.uint16))
    assert patched.values[1:3, 2].tolist() == [7, 8]
    unchanged = mask.values != patched.values
    assert unchanged.sum() == 2
    assert mask == random_mask(5, 4)


@pytest.mark.parametrize(
    "values",
    [
        np.zeros((2, 3)),
        np.zeros((2, 3, 1), np.uint16),
        np.zeros((0, 3), np.uint16),
        np.zeros((1, MAX_SIDE + 1), np.uint16),
    ],
    ids=["floats", "channels", "empty", "large"],
)
def test_what_is_no_grid_is_no_mask(values: np.ndarray) -> None:
    with pytest.raises(ValueError, match="a mask"):
        DetailMask(values)


@pytest.mark.parametrize("strength", [-0.1, 1.6, float("nan")])
def test_strengths_beyond_the_range_are_refused(strength: float) -> None:
    with pytest.raises(ValueError, match=r"from 0 to 1\.5"):
        stored(strength)
