"""Warped resampling and opacity against Pillow's, NumPy's turns and areas by hand."""

import math

import numpy as np
import pytest

from liifgan_core.geometry import Size, Tile, Viewport
from liifgan_core.images.image import Image
from liifgan_core.images.resample import Method, resample
from liifgan_core.images.warped import warped_opacity, warped_resample
from liifgan_core.warp import Geometry, Point

PHOTO = Size(17, 23)


@pytest.fixture(scope="module")
def photo() -> Image:
    rng = np.random.default_rng(0)
    samples = rng.integers(0, 256, (PHOTO.height, PHOTO.width, 3), dtype=np.uint8)
    alpha = rng.integers(0, 256, (PHOTO.height, PHOTO.width), dtype=np.uint8)
    return Image(samples, alpha)


@pytest.mark.parametrize("method", ["nearest", "bicubic"])
@pytest.mark.parametrize("size", [Size(34, 69), Size(25, 30), Size(17, 23), Size(9, 6)])
def test_no_geometry_equals_pillow(photo: Image, size: Size, method: Method) -> None:
    viewport, tile = Viewport.whole(PHOTO, size), Tile(1, 2, size.height - 1, size.width - 3)

    found = warped_resample(photo.rgb, Geometry().warp(PHOTO), viewport, tile, method)

    expected = resample(photo.rgb, PHOTO, viewport, tile, method)
    assert found == pytest.approx(expected, abs=1e-5)


def test_the_photos_alpha_follows_a_quarter_turn(photo: Image) -> None:
    warp = Geometry(90.0).warp(PHOTO)
    tile = Tile(0, 0, 40, 30)
    plain = resample(photo.opacity, PHOTO, Viewport.whole(PHOTO, Size(30, 40)), Tile(0, 0, 30, 40))

    found = warped_opacity(photo, warp, Viewport.whole(warp.size, Size(40, 30)), tile)

    assert found == pytest.approx(np.rot90(plain), abs=1e-5)


@pytest.mark.parametrize("angle", [3.0, 30.0, 45.0, 171.0])
@pytest.mark.parametrize("scale", [1, 4])
def test_the_covered_area_is_the_photos(angle: float, scale: int) -> None:
    image = Image(np.zeros((PHOTO.height, PHOTO.width, 3), np.uint8))
    warp = Geometry(angle).warp(PHOTO)
    size = Size(warp.size.height * scale, warp.size.width * scale)

    opacity = warped_opacity(
        image, warp, Viewport.whole(warp.size, size), Tile(0, 0, size.height, size.width)
    )

    assert opacity.sum() / scale**2 == pytest.approx(PHOTO.num_pixels, rel=0.01)
    assert opacity[0, 0] == 0.0
    assert opacity[size.height // 2, size.width // 2] == 1.0


def test_tiles_equal_the_whole(photo: Image) -> None:
    corners = (Point(2, 1), Point(20, 3), Point(22, 15), Point(1, 13))
    warp = Geometry(-12.0, corners, k1=-0.1).warp(PHOTO)
    size = Size(warp.size.height * 2, warp.size.width * 2)
    viewport = Viewport.whole(warp.size, size)
    whole = Tile(0, 0, size.height, size.width)
    opacity, rgb = (
        warped_opacity(photo, warp, viewport, whole),
        warped_resample(photo.rgb, warp, viewport, whole),
    )

    for tile in viewport.tiles(11):
        place = np.s_[tile.top : tile.bottom, tile.left : tile.right]
        assert np.array_equal(warped_opacity(photo, warp, viewport, tile), opacity[place])
        found = warped_resample(photo.rgb, warp, viewport, tile)
        assert found == pytest.approx(rgb[place], abs=1e-6)


def test_beyond_the_photo_it_is_zero(photo: Image) -> None:
    warp = Geometry(45.0).warp(PHOTO)
    viewport = Viewport.whole(warp.size, warp.size)

    assert not warped_resample(photo.rgb, warp, viewport, Tile(0, 0, 3, 3)).any()
    assert warped_resample(photo.opacity, warp, viewport, Tile(0, 0, 3, 3)).shape == (3, 3)
    assert not math.isnan(warped_opacity(photo, warp, viewport, Tile(0, 0, 3, 3)).sum())
