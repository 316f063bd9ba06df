import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QPalette
from PySide6.QtWidgets import QApplication

from app.design.icon_paths import ICON_PATHS
from app.design.icons import icon


def pixels(picture: QIcon, side: int, ratio: float = 1.0) -> np.ndarray:
    image = picture.pixmap(QSize(side, side), ratio).toImage()
    image = image.convertToFormat(image.Format.Format_RGBA8888)
    bits = np.frombuffer(image.constBits(), np.uint8)
    return bits.reshape(image.height(), image.bytesPerLine() // 4, 4)[:, : image.width()].copy()


@pytest.mark.parametrize("name", ICON_PATHS)
def test_every_icon_is_drawn_within_its_square(qapp: QApplication, name: str) -> None:
    alpha = pixels(icon(name), 96)[..., 3]
    assert (alpha > 0).mean() > 0.02
    border = np.concatenate(
        [alpha[:4].ravel(), alpha[-4:].ravel(), alpha[:, :4].ravel(), alpha[:, -4:].ravel()]
    )
    assert border.max() == 0


def test_icons_have_the_ink_of_the_palette_when_painted(qapp: QApplication) -> None:
    drawn = icon("stop")
    before = qapp.palette()
    try:
        for ink in ("#123456", "#fedcba"):
            palette = QPalette(before)
            palette.setColor(QPalette.ColorRole.ButtonText, QColor(ink))
            qapp.setPalette(palette)
            assert pixels(drawn, 24)[12, 12].tobytes().hex() == ink.removeprefix("#") + "ff"
    finally:
        qapp.setPalette(before)


def test_icons_are_drawn_anew_for_a_finer_screen(qapp: QApplication) -> None:
    coarse, fine = pixels(icon("check"), 16), pixels(icon("check"), 16, 2.0)
    assert fine.shape == (32, 32, 4)
    assert (fine != coarse.repeat(2, axis=0).repeat(2, axis=1)).any()


def test_an_unknown_icon_is_an_error() -> None:
    with pytest.raises(KeyError):
        icon("none such")
