import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.qimage import rgb_from_qimage
from app.state.brush import Brush, Change
from liifgan_core.images.detail_mask import ONE
from tests.app.waits import finish


@pytest.fixture
def painting(photo_window: MainWindow, qtbot: QtBot) -> MainWindow:
    """A window that shows a photo of 80x60 by one model, its brush taken up."""
    window = photo_window
    window.document.set_mode("single")
    window.panels.mask_dock.show()
    qtbot.waitUntil(lambda: window.mask_editor.is_active)
    finish(window, qtbot)
    return window


def at(window: MainWindow, y: float, x: float) -> QPoint:
    """Return where a place of the photo is on the canvas."""
    position = window.canvas.position((y, x))
    assert position is not None
    return position.toPoint()


def drag(window: MainWindow, qtbot: QtBot, *places: tuple[float, float], **options) -> None:
    canvas = window.canvas
    left = Qt.MouseButton.LeftButton
    qtbot.mousePress(canvas, left, pos=at(window, *places[0]), **options)
    for place in places[1:]:
        _move(window, at(window, *place))
    qtbot.mouseRelease(canvas, left, pos=at(window, *places[-1]))


def _move(window: MainWindow, to: QPoint) -> None:
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent
    from PySide6.QtWidgets import QApplication

    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(to),
        QPointF(window.canvas.mapToGlobal(to)),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(window.canvas, event)


def test_a_stroke_is_seen_where_it_was_painted_and_undone(
    painting: MainWindow, qtbot: QtBot
) -> None:
    window = painting
    window.mask_editor.set_brush(Brush(10.0, 1.0))
    drag(window, qtbot, (20.0, 20.0), (20.0, 60.0))
    mask = window.document.mask
    assert mask is not None
    assert (mask.values[20, 20:60] == 0).all()
    assert (mask.values[40:] == ONE).all()
    flat = window.schedule.frames.flat("detail-model")
    assert flat is not None
    pixels = rgb_from_qimage(flat.picture)
    scale = pixels.shape[0] / 60
    # The engine's model gives 0.5 of structure and 0.2 of detail everywhere.
    assert (pixels[round(20 * scale), round(40 * scale)] == 128).all()
    assert (pixels[round(40 * scale), round(40 * scale)] == 178).all()
    window.mask_editor.undo()
    flat = window.schedule.frames.flat("detail-model")
    assert flat is not None
    assert (rgb_from_qimage(flat.picture) == 178).all()


def test_what_is_painted_anew_in_part_is_as_painted_at_once(
    painting: MainWindow, qtbot: QtBot
) -> None:
    window = painting
    window.mask_editor.set_brush(Brush(17.0, 0.2, 0.5))
    drag(window, qtbot, (10.3, 12.9), (33.0, 60.0), (50.0, 20.0))
    in_parts = window.schedule.frames.flat("detail-model")
    window.schedule.frames.set_mask(window.document.mask, window.document.photo.image.size, None)
    at_once = window.schedule.frames.flat("detail-model")
    assert in_parts is not None
    assert at_once is not None
    assert len(np.unique(rgb_from_qimage(at_once.picture))) > 20
    assert np.array_equal(rgb_from_qimage(in_parts.picture), rgb_from_qimage(at_once.picture))


def test_the_canvas_paints_and_pans_by_its_buttons(painting: MainWindow, qtbot: QtBot) -> None:
    window, canvas = painting, painting.canvas
    window.document.zoom_to(30.0)
    before = window.document.view
    drag(window, qtbot, (30.0, 40.0), (32.0, 42.0))
    assert window.document.view == before
    assert window.document.mask is not None
    middle = Qt.MouseButton.MiddleButton
    qtbot.mousePress(canvas, middle, pos=QPoint(200, 200))
    qtbot.mouseMove(canvas, QPoint(240, 220))
    qtbot.mouseRelease(canvas, middle, pos=QPoint(240, 220))
    assert before is not None
    assert window.document.view is not None
    window.panels.mask_dock.hide()
    qtbot.waitUntil(lambda: not window.mask_editor.is_active)
    mask = window.document.mask
    drag(window, qtbot, (30.0, 40.0), (31.0, 41.0))
    assert window.document.mask is mask
    assert window.document.view != before


def test_shift_paints_the_opposite(painting: MainWindow, qtbot: QtBot) -> None:
    window = painting
    window.mask_editor.set_change(Change("less"))
    drag(window, qtbot, (30.0, 40.0), stateKey=Qt.KeyboardModifier.ShiftModifier)
    mask = window.document.mask
    assert mask is not None
    assert mask.values[30, 40] == 65535
    assert window.mask_editor.change.effect == "less"


@pytest.mark.parametrize(
    ("key", "modifier", "brush"),
    [
        (Qt.Key.Key_BracketRight, Qt.KeyboardModifier.NoModifier, Brush(80.0 * 2**0.25, 0.5)),
        (Qt.Key.Key_BracketLeft, Qt.KeyboardModifier.NoModifier, Brush(80.0 / 2**0.25, 0.5)),
        (Qt.Key.Key_BraceRight, Qt.KeyboardModifier.ShiftModifier, Brush(80.0, 0.6)),
        (Qt.Key.Key_BracketLeft, Qt.KeyboardModifier.ShiftModifier, Brush(80.0, 0.4)),
    ],
)
def test_keys_change_the_brush(
    key: Qt.Key,
    modifier: Qt.KeyboardModifier,
    brush: Brush,
    painting: MainWindow,
    qtbot: QtBot,
) -> None:
    qtbot.keyClick(painting.canvas, key, modifier)
    found = painting.mask_editor.brush
    assert found.size == pytest.approx(brush.size)
    assert found.hardness == pytest.approx(brush.hardness)


def test_a_graduated_mask_is_dragged_changed_by_its_handles_and_kept(
    painting: MainWindow, qtbot: QtBot
) -> None:
    window, editor = painting, painting.mask_editor
    editor.set_tool("graduated")
    drag(window, qtbot, (30.0, 20.0), (30.0, 60.0))
    first, shape = window.document.mask, editor.shape
    assert shape is not None
    assert first is not None
    assert (first.values[:, :15] == 0).all()
    assert (first.values[:, 65:] == ONE).all()
    drag(window, qtbot, (30.0, 60.0), (30.0, 70.0))
    assert editor.shape is not None
    assert editor.shape.handles[1][1] == pytest.approx(70.0, abs=0.5)
    assert window.document.mask != first
    qtbot.keyClick(window.canvas, Qt.Key.Key_Return)
    assert editor.shape is None
    editor.undo()
    assert window.document.mask is None


def test_the_brushs_ring_and_handles_are_painted(painting: MainWindow, qtbot: QtBot) -> None:
    window = painting
    before = rgb_from_qimage(window.canvas.grab().toImage())
    window.mask_editor.set_tool("radial")
    window.mask_editor.place_shape(window.mask_editor.begin_shape((30.0, 40.0), (45.0, 60.0)))
    window.mask_editor.set_change(Change("more", 0.0))  # nothing changes but the marks
    after = rgb_from_qimage(window.canvas.grab().toImage())
    handle = at(window, 30.0, 60.0)
    around = slice(handle.y() - 5, handle.y() + 6), slice(handle.x() - 5, handle.x() + 6)
    assert (after[around] == 255).any()
    assert (before[around] == 178).all()


def test_the_mask_is_shown_as_a_tint(painting: MainWindow, qtbot: QtBot) -> None:
    window = painting
    window.mask_editor.fill()
    window.document.show_mask(True)
    flat = window.schedule.frames.flat("detail-model")
    assert flat is not None
    red, green, blue = rgb_from_qimage(flat.picture)[5, 5].astype(int)
    assert red > green + 60
    assert red > blue + 60
