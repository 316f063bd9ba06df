import itertools

from PySide6.QtCore import QLocale, Qt
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.state.document import DocumentModel
from app.widgets.detail_bar import DetailBar
from liifgan_core.render.request import BICUBIC
from tests.app.fakes import FakeEngine
from tests.app.waits import finish


def test_blending_calls_no_engine(
    photo_window: MainWindow, engine: FakeEngine, qtbot: QtBot
) -> None:
    window = photo_window
    finish(window, qtbot)
    before = engine.num_tiles, len(engine.requests)
    pictures = []
    for strength in (0, 75, 150):
        window.detail_bar.slider.setValue(strength)
        pictures.append(window.canvas.grab().toImage())
    window.detail_bar.invented.click()
    pictures.append(window.canvas.grab().toImage())
    assert all(a != b for a, b in itertools.pairwise(pictures))
    assert (engine.num_tiles, len(engine.requests)) == before


def test_without_a_detail_layer_the_slider_says_why(photo_window: MainWindow) -> None:
    photo_window.document.set_sources(BICUBIC, "plain")
    assert not photo_window.detail_bar.isEnabled()
    assert "detail layer" in photo_window.detail_bar.slider.toolTip()


def test_the_value_has_the_decimal_mark_of_the_language(qtbot: QtBot) -> None:
    before = QLocale()
    QLocale.setDefault(QLocale("de_DE"))
    try:
        document = DocumentModel()
        bar = DetailBar(document)
        qtbot.addWidget(bar)
        document.set_detail(1.25)
        assert bar.value.text() == "1,25"
    finally:
        QLocale.setDefault(before)


def test_a_double_click_resets(qtbot: QtBot) -> None:
    document = DocumentModel()
    bar = DetailBar(document)
    qtbot.addWidget(bar)
    document.set_detail(0.2)
    bar.slider.setEnabled(True)
    bar.setEnabled(True)
    qtbot.mouseDClick(bar.slider, Qt.MouseButton.LeftButton)
    assert document.look.detail == 1.0
    assert bar.slider.value() == 100
