from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage

from liifgan_core.errors import ImageReadError, MaskError
from liifgan_core.geometry import Size
from liifgan_core.images.detail_mask import ONE
from liifgan_core.images.image import Image
from liifgan_core.images.mask_file import mask_of, read_mask


@pytest.mark.parametrize("bits", [8, 16])
def test_black_is_0_white_1_and_gray_between(bits: int, tmp_path: Path) -> None:
    full = 2**bits - 1
    samples = np.array([[0, full // 5, full]], np.uint8 if bits == 8 else np.uint16)
    PilImage.fromarray(samples).save(tmp_path / "mask.png")
    values = read_mask(tmp_path / "mask.png").values
    assert values.tolist() == [[0, round(ONE / 5), ONE]]


def test_equal_channels_are_gray(tmp_path: Path) -> None:
    samples = np.full((3, 2, 3), 255, np.uint8)
    PilImage.fromarray(samples).save(tmp_path / "mask.png")
    assert (read_mask(tmp_path / "mask.png").values == ONE).all()


def test_a_large_picture_is_reduced_by_the_mean_over_areas() -> None:
    samples = np.zeros((4, 8192, 3), np.uint8)
    samples[:, 2::4] = 255  # one of four columns
    mask = mask_of(Image(samples, is_gray=True))
    assert mask.size == Size(1, 2048)
    assert np.abs(mask.values / ONE - 0.25).max() < 0.002


@pytest.mark.parametrize(
    ("image", "told"),
    [
        (Image(np.full((2, 2, 3), (9, 9, 8), np.uint8)), "colours; save it as grayscale"),
        (
            Image(np.zeros((2, 2, 3), np.uint8), alpha=np.zeros((2, 2), np.uint8)),
            "transparent places",
        ),
        (Image(np.zeros((2, 2, 3), np.float32), is_gray=True), "floating-point"),
    ],
    ids=["colours", "alpha", "floats"],
)
def test_what_is_not_gray_of_8_or_16_bits_is_refused(image: Image, told: str) -> None:
    with pytest.raises(MaskError, match=told):
        mask_of(image)


def test_the_file_is_named(tmp_path: Path) -> None:
    PilImage.new("RGB", (2, 2), "red").save(tmp_path / "red.png")
    with pytest.raises(MaskError, match=r"red\.png is no mask: it has colours"):
        read_mask(tmp_path / "red.png")
    with pytest.raises(ImageReadError):
        read_mask(tmp_path / "none.png")
