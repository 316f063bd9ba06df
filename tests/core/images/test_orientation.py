import numpy as np
import pytest
from PIL import ExifTags, ImageOps
from PIL import Image as PilImage

from liifgan_core.images.orientation import stored_view, upright_shape


@pytest.mark.parametrize("orientation", range(1, 9))
def test_filling_the_stored_view_turns_the_picture_as_pillow_does(orientation: int) -> None:
    stored = np.arange(15, dtype=np.uint8).reshape(3, 5)
    picture = PilImage.fromarray(stored)
    picture.getexif()[ExifTags.Base.Orientation] = orientation
    upright = np.empty(upright_shape(3, 5, orientation), np.uint8)
    stored_view(upright, orientation)[:] = stored
    assert np.array_equal(upright, np.asarray(ImageOps.exif_transpose(picture)))


@pytest.mark.parametrize("orientation", [0, 9])
def test_an_impossible_orientation_counts_as_upright(orientation: int) -> None:
    upright = np.zeros((3, 5))
    assert stored_view(upright, orientation) is upright
