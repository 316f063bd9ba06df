import itertools

from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
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
