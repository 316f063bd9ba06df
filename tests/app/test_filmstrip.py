import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.widgets import filmstrip
from app.workers.task import Task

NUM_PHOTOS = 12


@pytest.fixture
def folder(photo_file: Path) -> Path:
    folder = photo_file.parent / "photos"
    folder.mkdir()
    for number in range(NUM_PHOTOS):
        shutil.copy(photo_file, folder / f"{number:02d}.png")
    return folder


@pytest.fixture
def strip_window(window: MainWindow, qtbot: QtBot, folder: Path) -> MainWindow:
    """The window with a folder of photos whose first is open."""
    with qtbot.waitSignal(window.opener.opened):
        window.open_path(folder)
    return window


def picture(window: MainWindow, place: int) -> object:
    view = window.filmstrip.view
    return view.model().data(view.model().index(place, 0), Qt.ItemDataRole.DecorationRole)


def test_a_folder_has_a_strip_with_thumbnails(strip_window: MainWindow, qtbot: QtBot) -> None:
    strip = strip_window.filmstrip
    assert strip.isVisible()
    assert strip.count.text() == f"1 of {NUM_PHOTOS}"
    assert strip.view.currentIndex().row() == 0
    qtbot.waitUntil(lambda: isinstance(picture(strip_window, 0), QPixmap))
    found = picture(strip_window, 0)
    assert isinstance(found, QPixmap)
    # 80 x 60 within 96 x 64, at two pixels each
    assert found.deviceIndependentSize().toTuple() == pytest.approx((85.0, 64.0), abs=0.5)


def test_one_photo_has_none(window: MainWindow, qtbot: QtBot, photo_file: Path) -> None:
    with qtbot.waitSignal(window.opener.opened):
        window.open_path(photo_file)
    assert not window.filmstrip.isVisible()


def test_next_and_previous_go_round(strip_window: MainWindow, qtbot: QtBot) -> None:
    window, strip = strip_window, strip_window.filmstrip
    for button, number in ((strip.next, 2), (strip.previous, 1), (strip.previous, NUM_PHOTOS)):
        with qtbot.waitSignal(window.opener.opened):
            button.click()
        assert strip.count.text() == f"{number} of {NUM_PHOTOS}"
        assert strip.view.currentIndex().row() == number - 1
        assert window.windowTitle().startswith(f"{number - 1:02d}.png")


def test_arrow_keys_open_photos_and_stay_in_the_strip(
    strip_window: MainWindow, qtbot: QtBot
) -> None:
    window, view = strip_window, strip_window.filmstrip.view
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    view.setFocus()
    for number in (1, 2):
        with qtbot.waitSignal(window.opener.opened):
            qtbot.keyClick(view, Qt.Key.Key_Right)
        assert window.opener.series.place == number
        assert view.hasFocus()


def test_keys_alone_reach_the_strip(strip_window: MainWindow, qtbot: QtBot) -> None:
    window = strip_window
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.document.set_mode("wipe")
    window.canvas.setFocus()
    reached = []
    for _ in range(60):
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        reached.append(window.focusWidget())
    strip = window.filmstrip
    for wanted in (window.canvas.wipe_handle, strip.view, strip.next, strip.export_all):
        assert wanted in reached
    order = [reached.index(w) for w in (window.canvas.wipe_handle, strip.previous, strip.view)]
    assert order == sorted(order)
    assert reached[0] is window.canvas.wipe_handle


def test_all_photos_are_handed_to_the_queue_with_the_views_model(
    strip_window: MainWindow, qtbot: QtBot
) -> None:
    window = strip_window
    window.document.set_sources(":bicubic", "plain")
    with qtbot.waitSignal(window.queue.entries_changed):
        window.filmstrip.export_all.click()
    assert [e.photo.path for e in window.queue.entries] == list(window.opener.series.paths)
    assert window.panels.batch.form.model.currentData() == "plain"
    assert window.panels.batch_dock.isVisible()


def test_thumbnails_are_bounded(
    strip_window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filmstrip, "_KEPT", 3)
    photos = strip_window.filmstrip._photos
    photos.reset()
    qtbot.waitUntil(lambda: photos.num_kept == 3)
    path = strip_window.opener.series.paths[NUM_PHOTOS - 1]
    photos._take(path, QPixmap(4, 4))
    assert photos.num_kept == 3
    assert picture(strip_window, NUM_PHOTOS - 1) is not None


def test_nothing_is_read_after_closing(
    strip_window: MainWindow, qtbot: QtBot, folder: Path
) -> None:
    window, strip = strip_window, strip_window.filmstrip
    window.open_path(folder / "05.png")
    window.close()
    strip.view.settled.timeout.emit()
    QApplication.processEvents()
    assert not Task.running()
