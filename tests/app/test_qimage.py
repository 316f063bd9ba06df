import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage

from app.qimage import image_from_qimage, qimage_from_rgb, rgb_from_qimage


@pytest.mark.parametrize("width", [1, 3, 4, 5, 64])
def test_pixels_survive_the_way_to_qt_and_back(width: int) -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (7, width, 3), np.uint8)
    assert (rgb_from_qimage(qimage_from_rgb(rgb)) == rgb).all()


def test_a_picture_owns_its_bytes() -> None:
    rgb = np.full((4, 4, 3), 200, np.uint8)
    picture = qimage_from_rgb(rgb)
    rgb[:] = 0
    assert picture.pixelColor(1, 1) == QColor(200, 200, 200)


def test_opacity_reaches_qt() -> None:
    rgb, alpha = np.full((2, 2, 3), 255, np.uint8), np.array([[0, 255], [128, 255]], np.uint8)
    picture = qimage_from_rgb(rgb, alpha)
    assert picture.pixelColor(0, 0).alpha() == 0
    assert picture.pixelColor(0, 1).alpha() == 128


def test_a_pasted_picture_keeps_its_opacity() -> None:
    picture = QImage(3, 2, QImage.Format.Format_ARGB32)
    picture.fill(QColor(10, 20, 30, 40))
    image = image_from_qimage(picture)
    assert image.samples[0, 0].tolist() == [10, 20, 30]
    assert image.alpha is not None
    assert image.alpha[1, 2] == 40


def test_an_opaque_pasted_picture_has_no_alpha() -> None:
    picture = QImage(3, 2, QImage.Format.Format_ARGB32)
    picture.fill(QColor(10, 20, 30))
    assert image_from_qimage(picture).alpha is None
