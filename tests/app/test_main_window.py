import dataclasses
import itertools
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.state.document import COMPARE_MODES
from app.state.settings_store import SettingsStore
from app.widgets.zoom_bar import step_of_zoom, zoom_of_step
from app.workers.task import Task
from liifgan_core.errors import OutOfMemoryError
from liifgan_core.render.request import BICUBIC
from liifgan_core.resources import user_config_path
from tests.app.fakes import FakeEngine, noise_photo


def finish(window: MainWindow, qtbot: QtBot) -> None:
    """Wait until the view is complete."""
    document = window.document
    qtbot.waitUntil(
        lambda: all(document.shows_all_of(source) for source in document.comparison.sources)
    )


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


def test_a_zoom_storm_ends_in_one_frame_of_the_last_request(
    photo_window: MainWindow, engine: FakeEngine, qtbot: QtBot
) -> None:
    window, done = photo_window, []
    finish(window, qtbot)
    engine.go_on.clear()
    window.worker.frame_done.connect(done.append)
    for step in range(40):
        window.document.zoom_to(1.0 + 0.1 * step)
        QTest.qWait(5)
    qtbot.waitUntil(lambda: window.document.is_current)
    assert done == []
    with qtbot.waitSignal(window.worker.frame_done):
        engine.go_on.set()
    finish(window, qtbot)
    request = window.document.frames.request
    assert request is not None
    assert done == [request.id]
    assert request.viewport.scale == pytest.approx((4.9, 4.9))
    assert len(engine.requests) < 40


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


@pytest.mark.parametrize("mode", COMPARE_MODES)
def test_every_comparison_is_painted(
    photo_window: MainWindow, engine: FakeEngine, qtbot: QtBot, mode: str
) -> None:
    window = photo_window
    window.document.set_sources(BICUBIC, "detail-model")
    window.compare_bar.mode.setCurrentIndex(COMPARE_MODES.index(mode))
    window.compare_bar.mode.activated.emit(COMPARE_MODES.index(mode))
    finish(window, qtbot)
    assert window.document.comparison.mode == mode
    assert not window.canvas.grab().isNull()


def test_both_sides_show_the_same_place(
    photo_window: MainWindow, engine: FakeEngine, qtbot: QtBot
) -> None:
    window = photo_window
    window.document.set_mode("side")
    wheel(window, 8, QPoint(500, 100))
    window.document.pan(31.0, -17.0)
    finish(window, qtbot)
    pieces = [window.document.frames.flat(s) for s in window.document.comparison.sources]
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


def test_zoom_controls_and_view_agree(photo_window: MainWindow) -> None:
    window, bar = photo_window, photo_window.status_row.zoom_bar
    bar.factor.setValue(3.1416)
    assert window.document.zoom == 3.1416
    assert bar.slider.value() == step_of_zoom(3.1416)
    bar.slider.setValue(0)
    assert window.document.zoom == pytest.approx(0.1)
    assert bar.factor.value() == pytest.approx(0.1)
    bar.fit.click()
    assert window.document.is_fitted


def test_slider_steps_are_equal_factors() -> None:
    assert zoom_of_step(0) == pytest.approx(0.1)
    assert zoom_of_step(1000) == pytest.approx(32)
    assert zoom_of_step(500) ** 2 == pytest.approx(3.2)
    assert all(step_of_zoom(zoom_of_step(step)) == step for step in range(1001))


@pytest.mark.parametrize(("key", "zoom"), [("1", 1.0), ("2", 2.0), ("4", 4.0)])
def test_keys_set_the_usual_factors(
    photo_window: MainWindow, qtbot: QtBot, key: str, zoom: float
) -> None:
    window = photo_window
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    number = {"1": Qt.Key.Key_1, "2": Qt.Key.Key_2, "4": Qt.Key.Key_4}[key]
    qtbot.keyClick(window, number, Qt.KeyboardModifier.ControlModifier)
    assert window.document.zoom == zoom
    qtbot.keyClick(window, Qt.Key.Key_0)
    assert window.document.is_fitted


def test_an_engines_error_is_shown_and_the_next_frame_comes(
    photo_window: MainWindow, engine: FakeEngine, qtbot: QtBot
) -> None:
    window = photo_window
    finish(window, qtbot)
    engine.error = OutOfMemoryError("cuda has no memory left; use --device cpu")
    window.document.zoom_to(9.0)
    qtbot.waitUntil(lambda: "no memory left" in window.messages.text)
    qtbot.waitUntil(lambda: not window.document.is_busy)
    window.document.zoom_to(10.0)
    finish(window, qtbot)


def test_a_bad_file_gives_a_message_and_keeps_the_photo(
    photo_window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"nothing")
    before = photo_window.document.photo
    photo_window.open_path(bad)
    qtbot.waitUntil(lambda: str(bad) in photo_window.messages.text)
    assert photo_window.document.photo is before


def test_a_dropped_photo_is_opened_and_listed(
    window: MainWindow, qtbot: QtBot, photo_file: Path
) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(photo_file))])
    event = QDropEvent(
        QPointF(50, 50),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    with qtbot.waitSignal(window.opener.opened):
        window.dropEvent(event)
    assert window.windowTitle().startswith("photo.png")
    assert window.store.settings.recent == (str(photo_file),)
    assert [action.toolTip() for action in window.actions_.recent.actions()] == [str(photo_file)]


def test_another_device_opens_another_engine(
    photo_window: MainWindow, engine: FakeEngine, qtbot: QtBot
) -> None:
    finish(photo_window, qtbot)
    with qtbot.waitSignal(photo_window.worker.frame_done):
        photo_window.store.change(device="cpu")
    assert engine.is_closed
    assert len(engine.opened) == 2


def test_the_view_is_copied_without_labels(photo_window: MainWindow, qtbot: QtBot) -> None:
    photo_window.document.set_mode("single")
    photo_window.document.zoom_to(2.0)
    finish(photo_window, qtbot)
    photo_window.copy_view()
    copied = QGuiApplication.clipboard().image()
    assert (copied.width(), copied.height()) == (160, 120)


def test_device_pixels_count(photo_window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    canvas = photo_window.canvas
    monkeypatch.setattr(type(canvas), "devicePixelRatioF", lambda _self: 1.5)
    size = canvas.device_size()
    assert size.width == round(canvas.width() * 1.5)
    photo_window.document.set_canvas(size)
    view = photo_window.document.view
    assert view is not None
    assert view.pane.height == size.height
    assert not canvas.grab().isNull()


def test_no_model_gives_the_way_to_one(window: MainWindow, qtbot: QtBot) -> None:
    window.list_models()  # the data folder is empty
    qtbot.waitUntil(lambda: "Install LIIF-GAN again" in window.messages.text)
    with qtbot.waitSignal(window.worker.frame_done):
        window.document.open(noise_photo())


def test_closing_ends_all_threads(photo_window: MainWindow, engine: FakeEngine) -> None:
    photo_window.close()
    assert photo_window.worker.isFinished()
    assert engine.is_closed


def test_closing_ends_a_batch_that_is_paused(
    window: MainWindow, qtbot: QtBot, photo_file: Path
) -> None:
    form = window.panels.batch.form
    form.folder.setText(str(photo_file.parent / "out"))
    with qtbot.waitSignal(window.batch.entries_changed):
        window.batch.add([photo_file])
    window.panels.batch.start.click()
    window.panels.batch.pause.click()
    assert window.batch.state == "paused"
    window.close()
    assert all(task.isFinished() for task in window.findChildren(Task))


def test_long_texts_do_not_widen_the_window(photo_window: MainWindow) -> None:
    window = photo_window
    before = window.minimumSizeHint().width()
    window.document.open(noise_photo(name="y" * 300 + ".png"))
    window.messages.show_message("x" * 900 + ": cannot be read")
    assert window.messages.text.startswith("x" * 900)
    assert window.minimumSizeHint().width() <= max(before, 800)
    assert not window.grab().isNull()


def test_a_replaced_model_is_loaded_anew(
    photo_window: MainWindow, engine: FakeEngine, qtbot: QtBot
) -> None:
    finish(photo_window, qtbot)
    models = photo_window.document.models
    photo_window._take_models((list(models), []))
    assert not engine.is_closed
    replaced = dataclasses.replace(models[0], sha256="1" * 64)
    with qtbot.waitSignal(photo_window.worker.frame_done):
        photo_window._take_models(([replaced, *models[1:]], []))
    assert engine.is_closed


def test_the_window_comes_back_as_it_was_left(
    window: MainWindow, store: SettingsStore, qtbot: QtBot
) -> None:
    window.document.set_mode("wipe")
    window.panels.batch_dock.show()
    window.close()
    again = MainWindow(window._services, SettingsStore(user_config_path("app.toml")))
    qtbot.addWidget(again)
    again.show()
    assert again.size() == window.size()
    assert again.panels.batch_dock.isVisible()
    assert not again.panels.trainer_dock.isVisible()
    assert again.document.comparison.mode == "wipe"
    again.close()
