import numpy as np
import pytest

from liifgan_core.geometry import Size, Tile
from liifgan_core.images.image import Image


@pytest.mark.parametrize(("dtype", "depth"), [(np.uint8, 8), (np.uint16, 16), (np.float32, 32)])
def test_an_image_knows_its_size_and_depth(dtype: type, depth: int) -> None:
    image = Image(np.zeros((4, 7, 3), dtype))
    assert image.size == Size(4, 7)
    assert image.bit_depth == depth


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_full_range_of_integers_becomes_zero_to_one(dtype: type) -> None:
    full = np.iinfo(dtype).max
    samples = np.zeros((2, 2, 3), dtype)
    samples[1, 1] = full
    rgb = Image(samples).rgb(Tile(1, 0, 1, 2))
    assert rgb.dtype == np.float32
    assert rgb.tolist() == [[[0, 0, 0], [1, 1, 1]]]


def test_float_samples_are_clipped_and_nan_is_black() -> None:
    samples = np.array([[[-1.0, 0.5, 7.0], [np.nan, np.inf, -np.inf]]], np.float32)
    assert Image(samples).rgb(Tile(0, 0, 1, 2)).tolist() == [[[0, 0.5, 1], [0, 1, 0]]]


def test_a_tile_is_a_copy_of_its_part(rng: np.random.Generator) -> None:
    samples = rng.integers(0, 256, (6, 8, 3), dtype=np.uint8)
    rgb = Image(samples).rgb(Tile(2, 3, 4, 5))
    assert np.array_equal(np.rint(rgb * 255), samples[2:6, 3:8])
    rgb[:] = 0
    assert samples.any()


def test_an_image_without_alpha_is_opaque() -> None:
    assert (Image(np.zeros((2, 3, 3), np.uint8)).opacity(Tile(0, 0, 2, 3)) == 1).all()


def test_alpha_is_scaled_like_the_colours() -> None:
    image = Image(np.zeros((1, 2, 3), np.uint16), np.array([[0, 65535]], np.uint16))
    assert image.opacity(Tile(0, 0, 1, 2)).tolist() == [[0, 1]]


@pytest.mark.parametrize(
    "tile", [Tile(-1, 0, 2, 2), Tile(0, 0, 3, 1), Tile(0, 2, 1, 2), Tile(0, 0, 0, 1)]
)
def test_a_tile_beyond_the_image_is_refused(tile: Tile) -> None:
    with pytest.raises(ValueError, match="outside"):
        Image(np.zeros((2, 3, 3), np.uint8)).rgb(tile)


@pytest.mark.parametrize(
    ("samples", "alpha"),
    [
        (np.zeros((2, 3), np.uint8), None),
        (np.zeros((2, 3, 4), np.uint8), None),
        (np.zeros((2, 3, 3), np.float64), None),
        (np.zeros((2, 3, 3), np.uint8), np.zeros((3, 2), np.uint8)),
        (np.zeros((2, 3, 3), np.uint8), np.zeros((2, 3), np.uint16)),
    ],
)
def test_arrays_of_a_wrong_shape_or_type_are_refused(
    samples: np.ndarray, alpha: np.ndarray | None
) -> None:
    with pytest.raises(ValueError, match="must be"):
        Image(samples, alpha)
