import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.design.theme import current
from app.main_window import MainWindow
from app.qimage import rgb_from_qimage
from app.state.comparison import COMPARE_MODES
from app.widgets.image_canvas import ImageCanvas
from liifgan_core.render.request import BICUBIC, NEAREST
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
    handle = canvas.wipe_handle
    assert handle.geometry().center().x() == pytest.approx(canvas.width() / 2, abs=1)
    at = QPoint(handle.width() // 2 + 3, 100)
    qtbot.mousePress(handle, Qt.MouseButton.LeftButton, pos=at)
    moved = canvas.width() // 4 - canvas.width() // 2
    qtbot.mouseMove(handle, at + QPoint(moved, 0))
    assert window.document.comparison.wipe == pytest.approx(0.25, abs=0.01)
    qtbot.mouseRelease(handle, Qt.MouseButton.LeftButton)
    qtbot.mouseMove(handle, QPoint(200, 100))
    assert window.document.comparison.wipe == pytest.approx(0.25, abs=0.01)
    qtbot.mouseDClick(handle, Qt.MouseButton.LeftButton)
    assert window.document.comparison.wipe == 0.5


@pytest.mark.parametrize(
    ("key", "wipe"),
    [
        (Qt.Key.Key_Left, 0.49),
        (Qt.Key.Key_Right, 0.51),
        (Qt.Key.Key_PageUp, 0.6),
        (Qt.Key.Key_Home, 0.0),
        (Qt.Key.Key_End, 1.0),
    ],
)
def test_the_wipes_line_can_be_moved_by_keys(
    photo_window: MainWindow, qtbot: QtBot, key: Qt.Key, wipe: float
) -> None:
    photo_window.document.set_mode("wipe")
    handle = photo_window.canvas.wipe_handle
    view = photo_window.document.view
    qtbot.keyClick(handle, key)
    assert photo_window.document.comparison.wipe == pytest.approx(wipe)
    assert photo_window.document.view == view, "the photo stays"


def test_the_handle_is_there_only_while_two_pictures_are_wiped(photo_window: MainWindow) -> None:
    document, handle = photo_window.document, photo_window.canvas.wipe_handle
    document.set_mode("wipe")
    assert handle.isVisible()
    document.peek(True)
    assert not handle.isVisible()
    document.peek(False)
    document.set_mode("side")
    assert not handle.isVisible()


def test_a_moving_line_paints_only_what_changes(photo_window: MainWindow, qtbot: QtBot) -> None:
    canvas = photo_window.canvas
    photo_window.document.set_mode("wipe")
    finish(photo_window, qtbot)
    canvas.fade.wake()
    QApplication.processEvents()
    areas: list[QRect] = []
    watch = PaintWatch(areas)
    canvas.installEventFilter(watch)
    photo_window.document.set_wipe(0.5 + 20 / canvas.width())
    QApplication.processEvents()
    assert areas
    assert all(area.width() < 80 for area in areas)


class PaintWatch(QObject):
    """Takes the areas that are painted."""

    def __init__(self, areas: list[QRect]) -> None:
        super().__init__()
        self._areas = areas

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent):
            self._areas.append(event.rect())
        return False


def test_how_far_a_long_frame_is_is_a_line_at_the_lower_end(
    photo_window: MainWindow, engine: FakeEngine, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, canvas = photo_window, photo_window.canvas
    monkeypatch.setattr("app.state.time_left.SHOWN_AFTER_S", 0.0)
    finish(window, qtbot)
    engine.go_on.clear()
    window.document.zoom_to(20.0)
    qtbot.waitUntil(engine.holds.is_set)
    request = window.schedule.frames.request
    assert request is not None
    window.schedule.take_progress(request.id, 0.5)
    middle = canvas.width() // 2
    line = rgb_from_qimage(canvas.grab().toImage())[-1, middle - 20 : middle + 20]
    accent = QColor(current().accent)
    assert (line[:18] == (accent.red(), accent.green(), accent.blue())).all()
    assert not (line[22:] == (accent.red(), accent.green(), accent.blue())).all(axis=1).any()
    engine.go_on.set()
    finish(window, qtbot)
    line = rgb_from_qimage(canvas.grab().toImage())[-1]
    assert not (line == (accent.red(), accent.green(), accent.blue())).all(axis=1).any()


def shown(canvas: ImageCanvas) -> np.ndarray:
    """Return the canvas's pixels below the labels."""
    return rgb_from_qimage(canvas.grab().toImage())[60:]


def test_the_space_bar_shows_the_original_while_it_is_held(
    photo_window: MainWindow, qtbot: QtBot
) -> None:
    window, canvas = photo_window, photo_window.canvas
    window.document.set_mode("single")
    finish(window, qtbot)
    model = shown(canvas)
    assert (model[model.shape[0] // 2, model.shape[1] // 2] == 178).all()
    with qtbot.waitSignal(window.worker.frame_done):
        qtbot.keyPress(canvas, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.schedule.shows_all_of(NEAREST))
    peeked = shown(canvas)
    qtbot.keyRelease(canvas, Qt.Key.Key_Space)
    assert (shown(canvas) == model).all()
    window.document.set_sources(BICUBIC, NEAREST)
    finish(window, qtbot)
    assert (shown(canvas) == peeked).all()


def test_pressing_and_holding_shows_the_original(photo_window: MainWindow, qtbot: QtBot) -> None:
    document, canvas = photo_window.document, photo_window.canvas
    view = document.view
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(200, 200))
    assert not document.is_peeking
    canvas.hold.timeout.emit()
    assert document.is_peeking
    qtbot.mouseMove(canvas, QPoint(300, 200))
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
    assert not document.is_peeking
    assert document.view == view


def test_dragging_shows_no_original(photo_window: MainWindow, qtbot: QtBot) -> None:
    canvas = photo_window.canvas
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(200, 200))
    qtbot.mouseMove(canvas, QPoint(260, 170))
    assert not canvas.hold.isActive()
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(260, 170))


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
