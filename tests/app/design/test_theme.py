from collections.abc import Iterator

import pytest
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QCheckBox, QDialog, QLabel, QVBoxLayout
from pytestqt.qtbot import QtBot

from app.design import theme as themes
from app.design.control_icons import control_icons
from app.design.tokens import DARK, LIGHT, Theme, ThemeChoice
from app.qimage import rgb_from_qimage
from liifgan_core.resources import resource_path


@pytest.fixture
def dressed(qapp: QApplication) -> Iterator[QApplication]:
    """An application that gets its looks back."""
    palette, font, style = qapp.palette(), qapp.font(), qapp.style().objectName()
    yield qapp
    qapp.setStyleSheet("")
    qapp.setStyle(style)
    qapp.setPalette(palette)
    qapp.setFont(font)
    qapp.setProperty("was-dressed", False)


@pytest.mark.parametrize(("choice", "theme"), [("dark", DARK), ("light", LIGHT)])
def test_a_dialog_wears_the_chosen_theme(
    dressed: QApplication, qtbot: QtBot, choice: ThemeChoice, theme: Theme
) -> None:
    dialog = QDialog()
    qtbot.addWidget(dialog)
    QVBoxLayout(dialog).addWidget(QLabel("text"))
    dialog.resize(200, 100)
    themes.dress(dressed, choice)
    dialog.show()
    pixels = rgb_from_qimage(dialog.grab().toImage())
    assert "#" + pixels[2, 2].tobytes().hex() == theme.window
    assert themes.current() is theme


def test_the_system_theme_is_light_where_the_desktop_says_nothing(dressed: QApplication) -> None:
    themes.dress(dressed, "system")
    assert themes.current() is LIGHT


def test_a_change_of_theme_restyles_what_is_shown(dressed: QApplication, qtbot: QtBot) -> None:
    box = QCheckBox("check")
    qtbot.addWidget(box)
    themes.dress(dressed, "light")
    box.show()
    before = box.grab().toImage()
    themes.dress(dressed, "dark")
    assert box.palette().color(QPalette.ColorRole.WindowText).name() == DARK.text
    assert box.grab().toImage() != before


@pytest.mark.parametrize("choice", ["dark", "light"])
def test_an_empty_check_box_can_be_seen(
    dressed: QApplication, qtbot: QtBot, choice: ThemeChoice
) -> None:
    themes.dress(dressed, choice)
    dialog, box = QDialog(), QCheckBox()
    qtbot.addWidget(dialog)
    QVBoxLayout(dialog).addWidget(box)
    dialog.show()
    colours = {
        pixel.tobytes().hex() for row in rgb_from_qimage(dialog.grab().toImage()) for pixel in row
    }
    assert themes.current().edge.removeprefix("#") in colours


def test_the_marks_in_the_files_are_those_of_the_themes() -> None:
    folder = resource_path("icons", "controls")
    wanted = control_icons()
    assert {path.name for path in folder.iterdir()} == set(wanted), (
        "python -m app.design.control_icons"
    )
    for name, text in wanted.items():
        assert (folder / name).read_text(encoding="utf-8") == text, (
            "python -m app.design.control_icons"
        )
