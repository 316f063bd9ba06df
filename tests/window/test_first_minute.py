"""From the empty window to an exported file, as somebody does it who has never seen the app."""

import shutil
from pathlib import Path

import numpy as np
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.qimage import rgb_from_qimage
from app.state import view as views
from liifgan_core.images.read import read_image
from liifgan_core.render.request import NEAREST
from tests.window.conftest import TIMEOUT_MS, finish, on_screen


def drop(widget: QWidget, *paths: Path) -> None:
    """Let go of files over a widget, as a file manager does."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    action, button, key = (
        Qt.DropAction.CopyAction,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    middle = widget.rect().center()
    QApplication.sendEvent(widget, QDragEnterEvent(middle, action, data, button, key))
    QApplication.sendEvent(widget, QDropEvent(QPointF(middle), action, data, button, key))


def opened(window: MainWindow, qtbot: QtBot, *paths: Path) -> None:
    with qtbot.waitSignal(window.opener.opened, timeout=TIMEOUT_MS):
        drop(window.welcome if window.welcome.isVisible() else window, *paths)


def picture_of(window: MainWindow, source: str) -> np.ndarray:
    flat = window.schedule.frames.flat(source)
    assert flat is not None
    return rgb_from_qimage(flat.picture)


def seen(window: MainWindow) -> np.ndarray:
    """Return the rows of the screen that show the photo, without labels, from side to side."""
    photo, view = window.document.photo, window.document.view
    assert photo is not None
    assert view is not None
    top, left = views.origin(view, photo.image.size)
    part = views.visible(view, photo.image.size)
    pixels = on_screen(window.canvas)[top : top + part.height, left : left + part.width]
    return pixels[60:200]


def test_a_photo_is_dropped_wiped_peeked_at_and_exported(
    window: MainWindow, qtbot: QtBot, photo_file: Path, tmp_path: Path
) -> None:
    document, canvas = window.document, window.canvas
    opened(window, qtbot, photo_file)
    assert (document.comparison.mode, document.comparison.left) == ("wipe", NEAREST)
    best = document.models[0].name
    assert document.comparison.right == best
    finish(window, qtbot)

    before, after = picture_of(window, NEAREST)[60:200], picture_of(window, best)[60:200]
    width = before.shape[1]
    part = slice(width // 4 + 20, width // 2 - 20)
    assert (before[:, part] != after[:, part]).any()
    shown = seen(window)
    assert (shown[:, part] == before[:, part]).all(), "left of the line: the photo itself"
    assert (shown[:, width // 2 + 20 :] == after[:, width // 2 + 20 :]).all(), "right: the model"

    handle = canvas.wipe_handle
    grip = QPoint(handle.width() // 2, handle.height() // 2)
    QTest.mousePress(handle, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, grip)
    QTest.mouseMove(handle, grip - QPoint(canvas.width() // 2 - canvas.width() // 4, 0))
    QTest.mouseRelease(handle, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: abs(document.comparison.wipe - 0.25) < 0.01)
    assert (seen(window)[:, part] == after[:, part]).all()

    canvas.setFocus()
    native = window.windowHandle()
    QTest.keyPress(native, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: document.is_peeking)
    assert (seen(window) == before).all()
    QTest.keyRelease(native, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not document.is_peeking)
    assert (seen(window)[:, part] == after[:, part]).all()

    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(canvas.width() - 60, 300))
    qtbot.waitUntil(lambda: document.is_peeking)
    assert (seen(window) == before).all()
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(canvas.width() - 60, 300))
    assert not document.is_peeking

    QTest.keyClick(native, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    finish(window, qtbot)
    QTest.keyClick(native, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    twice = picture_of(window, best)
    qtbot.waitUntil(lambda: QGuiApplication.clipboard().image().width() == twice.shape[1])

    window.side.options.set_folder(tmp_path / "results")
    with qtbot.waitSignal(window.queue.finished, timeout=TIMEOUT_MS):
        QTest.keyClick(native, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    notice = window.notice
    assert notice.isVisible()
    assert notice.open.isVisible()
    assert notice.show_folder.isVisible()
    [entry] = window.queue.entries
    assert entry.target is not None
    assert entry.target.parent == tmp_path / "results"
    written = read_image(entry.target).samples
    assert written.shape == twice.shape
    assert np.abs(written.astype(int) - twice).max() <= 1


def test_a_folder_has_a_strip_that_keys_walk_through(
    window: MainWindow, qtbot: QtBot, photo_file: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "trip"
    folder.mkdir()
    for number in range(5):
        shutil.copy(photo_file, folder / f"{number}.png")
    opened(window, qtbot, folder)
    strip = window.filmstrip
    assert strip.isVisible()
    native = window.windowHandle()
    with qtbot.waitSignal(window.opener.opened, timeout=TIMEOUT_MS):
        QTest.keyClick(native, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert strip.count.text() == "2 of 5"
    cell = strip.view.visualRect(strip.view.model().index(4, 0))
    qtbot.waitUntil(lambda: len(np.unique(on_screen(strip.view.viewport(), cell))) > 60)
    with qtbot.waitSignal(window.opener.opened, timeout=TIMEOUT_MS):
        QTest.mouseClick(strip.view.viewport(), Qt.MouseButton.LeftButton, pos=cell.center())
    assert strip.count.text() == "5 of 5"
    with qtbot.waitSignal(window.queue.entries_changed, timeout=TIMEOUT_MS):
        strip.export_all.click()
    assert len(window.queue.entries) == 5
