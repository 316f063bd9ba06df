import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.qimage import rgb_from_qimage
from app.state.comparison import COMPARE_MODES
from liifgan_core.render.request import BICUBIC
from tests.app.fakes import FakeEngine
from tests.app.waits import finish


def wheel(window: MainWindow, notches: int, at: QPoint) -> None:
    canvas = window.canvas
    event = QWheelEvent(
        QPointF(at),
        QPointF(canvas.mapToGlobal(at)),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, event)


@pytest.mark.parametrize("mode", COMPARE_MODES)
def test_every_comparison_is_painted(
    photo_window: MainWindow, engine: FakeEngine, qtbot: QtBot, mode: str
) -> None:
    window = photo_window
    window.document.set_sources(BICUBIC, "detail-model")
    window.canvas.blink._timer.setInterval(10**6)
    window.compare_bar.mode.buttons()[COMPARE_MODES.index(mode)].click()
    finish(window, qtbot)
    assert window.document.comparison.mode == mode
    pixels = rgb_from_qimage(window.canvas.grab().toImage())
    height, width, _ = pixels.shape
    left, right = pixels[height // 2, width // 4], pixels[height // 2, 3 * width // 4]
    # The engine's model gives 0.5 + 0.2 everywhere; the photo, bicubic, is noise.
    assert (tuple(right) == (178, 178, 178)) == (mode != "difference")
    assert (tuple(left) == (178, 178, 178)) == (mode in ("single", "blink"))


def test_both_sides_show_the_same_place(
    photo_window: MainWindow, engine: FakeEngine, qtbot: QtBot
) -> None:
    window = photo_window
    window.document.set_mode("side")
    wheel(window, 8, QPoint(500, 100))
    window.document.pan(31.0, -17.0)
    finish(window, qtbot)
    pieces = [window.schedule.frames.flat(s) for s in window.document.comparison.sources]
    assert len(pieces) == 2
    assert pieces[0] is not None
    assert pieces[1] is not None
    assert pieces[0].region == pieces[1].region


def test_the_wheel_zooms_about_the_cursor(photo_window: MainWindow) -> None:
    window = photo_window
    window.document.set_mode("single")
    window.document.zoom_to(20.0)
    before = window.document.view
    wheel(window, 2, QPoint(100, 50))
    after = window.document.view
    assert before is not None
    assert after is not None
    assert after.zoom == pytest.approx(20.0 * 2**0.5, abs=1e-4)
    at = 100 - before.pane.width / 2
    assert before.centre_x + at / before.zoom == pytest.approx(after.centre_x + at / after.zoom)


def test_dragging_pans(photo_window: MainWindow, qtbot: QtBot) -> None:
    window = photo_window
    window.document.set_mode("single")
    window.document.zoom_to(30.0)
    before = window.document.view
    assert before is not None
    canvas = window.canvas
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(200, 200))
    qtbot.mouseMove(canvas, QPoint(260, 170))
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(260, 170))
    after = window.document.view
    assert after is not None
    assert after.centre_x == pytest.approx(before.centre_x - 2.0)
    assert after.centre_y == pytest.approx(before.centre_y + 1.0)


def test_the_wipes_line_can_be_dragged(photo_window: MainWindow, qtbot: QtBot) -> None:
    window, canvas = photo_window, photo_window.canvas
    window.document.set_mode("wipe")
    middle = canvas.width() // 2
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(middle, 100))
    qtbot.mouseMove(canvas, QPoint(canvas.width() // 4, 100))
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton)
    assert window.document.comparison.wipe == pytest.approx(0.25, abs=0.01)


def test_device_pixels_count(photo_window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    canvas = photo_window.canvas
    photo_window.document.set_mode("single")
    monkeypatch.setattr(type(canvas), "devicePixelRatioF", lambda _self: 1.5)
    size = canvas.device_size()
    assert size.width == round(canvas.width() * 1.5)
    photo_window.document.set_canvas(size)
    view = photo_window.document.view
    assert view is not None
    assert view.pane.height == size.height
    assert view.zoom == pytest.approx(min(size.height / 60, size.width / 80), abs=1e-4)
    assert len(np.unique(rgb_from_qimage(canvas.grab().toImage()))) > 100, "the noise is painted"
