from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDropEvent, QGuiApplication, QWheelEvent
from PySide6.QtWidgets import QApplication, QComboBox, QMessageBox
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.qimage import rgb_from_qimage
from app.state.comparison import Comparison
from app.state.settings_store import SettingsStore
from app.state.training_plan import TrainingPlan
from app.workers.task import Task
from liifgan_core.errors import OutOfMemoryError
from liifgan_core.render.request import NEAREST
from liifgan_core.resources import user_config_path
from tests.app.fakes import FakeEngine, noise_photo
from tests.app.waits import finish


def test_a_zoom_storm_ends_in_one_frame_of_the_last_request(
    photo_window: MainWindow, engine: FakeEngine, qtbot: QtBot
) -> None:
    window, done = photo_window, []
    finish(window, qtbot)
    engine.go_on.clear()
    window.worker.frame_done.connect(done.append)
    for step in range(40):
        window.document.zoom_to(1.0 + 0.1 * step)
        if step % 8 == 0:  # so that several requests are made, and all but the last given up
            with qtbot.waitSignal(window.schedule.request_ready):
                pass
    qtbot.waitUntil(lambda: window.schedule.is_current)
    assert done == []
    with qtbot.waitSignal(window.worker.frame_done):
        engine.go_on.set()
    finish(window, qtbot)
    request = window.schedule.frames.request
    assert request is not None
    assert done == [request.id]
    assert request.viewport.scale == pytest.approx((4.9, 4.9))
    assert len(engine.requests) < 40


def test_menus_show_the_present_mode(photo_window: MainWindow) -> None:
    def checked() -> list[str]:
        actions = photo_window.findChildren(QAction)
        return [action.text() for action in actions if action.isCheckable() and action.isChecked()]

    photo_window.document.set_mode("wipe")
    assert checked() == ["Wipe"]
    photo_window.document.set_mode("side")
    photo_window.document.show_invented(True)
    assert checked() == ["Side by side", "Show what was &invented"]


@pytest.mark.parametrize("others", [["batch"], ["trainer"], ["batch", "trainer"]])
def test_a_panel_that_is_asked_for_comes_to_the_front(
    window: MainWindow, qtbot: QtBot, others: list[str]
) -> None:
    docks = {"batch": window.panels.batch_dock, "trainer": window.panels.trainer_dock}
    for name in others:
        docks[name].toggleViewAction().trigger()
    for name in docks.keys() - set(others):
        docks[name].toggleViewAction().trigger()
        qtbot.waitUntil(lambda name=name: not docks[name].visibleRegion().isEmpty())


def test_the_wheel_changes_no_list(photo_window: MainWindow, qtbot: QtBot) -> None:
    window = photo_window
    window.panels.batch_dock.show()
    window.panels.trainer_dock.show()
    window.show_settings()
    window.export()
    lists = window.findChildren(QComboBox)
    assert len(lists) > 10
    for box in lists:
        if box.count() < 2:
            continue
        box.setCurrentIndex(0)
        at = QPointF(box.rect().center())
        event = QWheelEvent(
            at,
            QPointF(box.mapToGlobal(at)),
            QPoint(),
            QPoint(0, -120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(box, event)
        assert box.currentIndex() == 0, box.accessibleName()


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
    qtbot.waitUntil(lambda: not window.schedule.is_busy)
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


def test_a_preview_is_copied_too_and_said_to_be_one(
    photo_window: MainWindow, engine: FakeEngine, qtbot: QtBot
) -> None:
    window = photo_window
    window.document.set_mode("single")
    finish(window, qtbot)
    QGuiApplication.clipboard().clear()
    engine.go_on.clear()
    window.document.open(noise_photo(30, 40))
    window.document.zoom_to(2.0)
    window.copy_view()
    copied = QGuiApplication.clipboard().image()
    assert (copied.width(), copied.height()) == (80, 60)
    assert len(np.unique(rgb_from_qimage(copied))) > 100, "it is the photo's noise"
    assert "preview" in window.status_row.accessibleDescription()
    engine.go_on.set()
    finish(window, qtbot)
    window.copy_view()
    assert window.status_row.accessibleDescription() == "Copied"
    assert (rgb_from_qimage(QGuiApplication.clipboard().image()) == 178).all()


def test_the_map_of_what_was_invented_is_not_offered_in_a_difference(
    photo_window: MainWindow,
) -> None:
    [action] = photo_window.actions_.needs_detail
    photo_window.document.set_mode("wipe")
    assert action.isEnabled()
    photo_window.document.set_mode("difference")
    assert not action.isEnabled()


def test_the_first_view_is_before_and_after(
    window: MainWindow, qtbot: QtBot, photo_file: Path
) -> None:
    with qtbot.waitSignal(window.opener.opened):
        window.open_path(photo_file)
    assert window.document.comparison == Comparison(NEAREST, "detail-model", "wipe", 0.5)
    assert window.canvas.wipe_handle.isVisible()
    finish(window, qtbot)
    middle = rgb_from_qimage(window.canvas.grab().toImage())[window.canvas.height() // 3]
    width = len(middle)
    assert (middle[3 * width // 4] == 178).all(), "the engine's 0.5 with 0.2 of detail"
    assert (middle[width // 4] == 128).all(), "its 0.5 for all that needs no model"


def test_no_model_gives_the_way_to_one(window: MainWindow, qtbot: QtBot) -> None:
    window.list_models()  # the data folder is empty
    qtbot.waitUntil(lambda: "Install LIIF-GAN again" in window.messages.text)
    with qtbot.waitSignal(window.worker.frame_done):
        window.document.open(noise_photo())


def test_closing_ends_all_threads(photo_window: MainWindow, engine: FakeEngine) -> None:
    photo_window.close()
    assert photo_window.worker.isFinished()
    assert engine.is_closed


def test_closing_asks_about_a_batch_and_then_ends_it(
    window: MainWindow, qtbot: QtBot, photo_file: Path
) -> None:
    form = window.panels.batch.form
    form.folder.setText(str(photo_file.parent / "out"))
    with qtbot.waitSignal(window.queue.entries_changed):
        window.queue.add_photos([photo_file])
    window.panels.batch.start.click()
    window.panels.batch.pause.click()
    assert window.queue.state == "paused"
    window.close()
    assert window.isVisible()
    question = window.closer.question
    assert question is not None
    assert "1 export is not done" in question.text()
    press(question, "Keep working")
    assert window.closer.question is None
    assert window.isVisible()
    assert window.queue.state == "paused"
    window.close()
    assert window.closer.question is not None
    press(window.closer.question, "Close")
    qtbot.waitUntil(lambda: not window.isVisible())
    assert not Task.running()
    assert not (photo_file.parent / "out" / photo_file.name).exists()
    again = MainWindow(window._services, SettingsStore(user_config_path("app.toml")))
    qtbot.addWidget(again)
    again.queue.restore()
    assert [entry.photo.path for entry in again.queue.entries] == [photo_file]
    assert again.queue.state == "paused"
    assert "1 export" in again.notice.text.text()
    again.queue.resume()
    qtbot.waitUntil(lambda: again.queue.state == "idle")
    assert again.queue.entries[0].status == "done"
    assert not again.notice.isHidden()
    again.close()


def press(question: QMessageBox, text: str) -> None:
    """Press a button of a question, as a user does."""
    next(button for button in question.buttons() if button.text() == text).click()


def test_closing_waits_for_the_training_without_holding_the_window(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.training.start(TrainingPlan(name="mine", photos="/photos", recipe="fake"))
    qtbot.waitUntil(lambda: window.training.stop_step == 100, timeout=20_000)
    window.close()
    if window.training.is_alive:  # it may have been quicker
        assert window.isVisible()
        assert "training is saved first" in window.messages.text
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=20_000)
    assert not window.training.is_alive
    assert TrainingPlan(name="mine", photos="/photos", recipe="fake").has_checkpoint


def test_long_texts_do_not_widen_the_window(photo_window: MainWindow) -> None:
    window = photo_window
    before = window.minimumSizeHint().width()
    window.document.open(noise_photo(name="y" * 300 + ".png"))
    window.messages.show_message("x" * 900 + ": cannot be read")
    assert window.messages.text.startswith("x" * 900)
    assert window.minimumSizeHint().width() <= max(before, 800)


def test_a_replaced_model_is_loaded_anew(
    photo_window: MainWindow, engine: FakeEngine, qtbot: QtBot
) -> None:
    finish(photo_window, qtbot)
    models = photo_window.document.models
    photo_window._take_models((list(models), []))
    assert not engine.is_closed
    replaced = msgspec.structs.replace(models[0], sha256="1" * 64)
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
