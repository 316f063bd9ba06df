"""The window fits small screens, in every language. Sizes are logical pixels: at 200 % a screen of
1920x1080 has 960x540 of them."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, QSize, QTranslator
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from app.design.theme import dress
from app.main_window import MainWindow, first_size
from app.state.services import Services
from app.state.settings_store import SettingsStore
from liifgan_core.resources import resource_path
from tests.app.fakes import model, noise_photo

SMALL = QSize(960, 540)


@pytest.fixture(params=["en", "de"])
def language(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[str]:
    """A dressed app that speaks a language."""
    before = QLocale()
    QLocale.setDefault(QLocale(request.param))
    translator = QTranslator()
    if request.param != "en":
        path = resource_path("translations", f"liifgan_{request.param}.qm")
        assert translator.load(str(path))
        qapp.installTranslator(translator)
    palette, font = qapp.palette(), qapp.font()
    dress(qapp, "dark")
    yield request.param
    qapp.removeTranslator(translator)
    qapp.setStyleSheet("")
    qapp.setPalette(palette)
    qapp.setFont(font)
    qapp.setProperty("was-dressed", False)
    QLocale.setDefault(before)


@pytest.fixture
def small_window(
    language: str, services: Services, store: SettingsStore, qtbot: QtBot
) -> Iterator[MainWindow]:
    window = MainWindow(services, store)
    qtbot.addWidget(window)
    window.show()
    window.document.set_models([model("liif-gan"), model("liif-gan-fast")])
    yield window
    window.close()


def fits(size: QSize) -> bool:
    return size.width() <= SMALL.width() and size.height() <= SMALL.height()


def test_the_empty_window_fits(small_window: MainWindow) -> None:
    small_window.welcome.show_recent([f"/nowhere/{n}.png" for n in range(10)])
    assert len(small_window.welcome.recent.buttons) == 5
    assert fits(small_window.minimumSizeHint()), small_window.minimumSizeHint()


@pytest.mark.parametrize("panel", ["none", "batch", "trainer", "mask"])
def test_the_window_with_a_comparison_and_a_panel_fits(
    small_window: MainWindow, qtbot: QtBot, panel: str
) -> None:
    window = small_window
    window.document.open(noise_photo())
    window.document.set_mode("side")
    if panel != "none":
        getattr(window.panels, f"{panel}_dock").show()
    assert fits(window.minimumSizeHint()), window.minimumSizeHint()
    window.resize(SMALL)
    assert window.size() == SMALL


def test_the_window_with_a_filmstrip_fits(
    small_window: MainWindow, qtbot: QtBot, photo_file: Path
) -> None:
    shutil.copy(photo_file, photo_file.with_name("other.png"))
    with qtbot.waitSignal(small_window.opener.opened):
        small_window.open_path(photo_file.parent)
    assert small_window.filmstrip.isVisible()
    qtbot.waitUntil(lambda: fits(small_window.minimumSizeHint()))


def test_every_dialog_fits(small_window: MainWindow, qtbot: QtBot) -> None:
    window = small_window
    window.document.open(noise_photo())
    for show in (window.show_models, window.show_settings, window.show_about):
        show()
    dialogs = window.findChildren(QDialog)
    assert len(dialogs) == 3
    for dialog in dialogs:
        assert fits(dialog.minimumSizeHint()), dialog
        assert fits(dialog.size()), dialog


@pytest.mark.parametrize(
    ("screen", "size"),
    [
        (QSize(2560, 1440), QSize(1280, 820)),
        (QSize(1280, 720), QSize(1152, 648)),
        (QSize(960, 540), QSize(864, 486)),
    ],
)
def test_the_first_window_is_smaller_than_the_screen(screen: QSize, size: QSize) -> None:
    assert first_size(screen) == size
