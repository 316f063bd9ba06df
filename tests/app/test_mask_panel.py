import pytest
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.state.brush import MAX_SIZE, MIN_SIZE, Brush
from liifgan_core.images.auto_mask import AUTO_MASKS, AutoMask, auto_mask
from tests.app.fakes import model, noise_photo


def test_controls_set_the_editor_and_follow_it(photo_window: MainWindow) -> None:
    panel, editor = photo_window.panels.mask, photo_window.mask_editor
    for slider in (panel.brush_size, panel.hardness, panel.feather, panel.amount, panel.value):
        slider.setValue(100)
    assert editor.brush == Brush(pytest.approx(MAX_SIZE), 1.0, 1.0)
    assert (editor.change.amount, editor.change.value) == (1.0, 1.5)
    panel.brush_size.setValue(0)
    assert editor.brush.size == MIN_SIZE
    panel.effect.buttons()[2].click()
    assert editor.change.effect == "value"
    assert panel.value.isEnabled()
    panel.tool.buttons()[1].click()
    assert editor.tool == "graduated"
    assert not panel.brush_size.isEnabled()
    editor.set_tool("brush")
    editor.set_brush(Brush(63.0, 0.25, 0.5))
    assert panel.tool.value == "brush"
    assert (panel.hardness.value(), panel.feather.value()) == (25, 50)
    assert editor.brush.size == 63.0


def test_undo_and_redo_are_enabled_where_there_is_something(photo_window: MainWindow) -> None:
    panel, editor = photo_window.panels.mask, photo_window.mask_editor
    assert not panel.undo.isEnabled()
    editor.fill()
    assert panel.undo.isEnabled()
    panel.undo.click()
    assert photo_window.document.mask is None
    assert panel.redo.isEnabled()
    assert not panel.undo.isEnabled()


@pytest.mark.parametrize("kind", AUTO_MASKS)
def test_automatic_masks_are_one_step(
    photo_window: MainWindow, qtbot: QtBot, kind: AutoMask
) -> None:
    window = photo_window
    photo = window.document.photo
    assert photo is not None
    window.mask_editor.invert()
    with qtbot.waitSignal(window.mask_editor.edited):
        window.panels.mask.automatic.start(kind)
    expected = auto_mask(photo.image, kind)
    assert window.document.mask in (expected, None)
    window.mask_editor.undo()
    assert window.document.mask is not None
    assert (window.document.mask.values == 0).all()


def test_an_automatic_mask_of_a_photo_that_is_gone_is_dropped(
    photo_window: MainWindow, qtbot: QtBot
) -> None:
    window = photo_window
    automatic = window.panels.mask.automatic
    automatic.start("calm")
    task = automatic._latest
    assert task is not None
    window.document.open(noise_photo(20, 20))
    with qtbot.waitSignal(task.destroyed):
        pass
    assert window.document.mask is None


def test_the_remark_says_what_the_mask_means(photo_window: MainWindow) -> None:
    window, panel = photo_window, photo_window.panels.mask
    assert "times the mask" in panel.remark.text()
    window.document.set_models([model("plain"), model("detail-clean")])
    window.document.set_sources("plain", "plain")
    assert "changes nothing" in panel.remark.text()
    window.document.set_sources("plain", "detail-clean")
    assert "stays as it was taken" in panel.remark.text()


def test_the_menu_has_the_keys(photo_window: MainWindow) -> None:
    window = photo_window
    actions = {
        action.text().replace("&", ""): action
        for menu in window.menuBar().actions()
        if menu.text() == "&Mask" and menu.menu() is not None
        for action in menu.menu().actions()
    }
    assert window.menuBar().actions()[-1].text() == "&Help"
    keys = {name: actions[name].shortcut().toString() for name in actions if name}
    assert keys["Detail brush"] == "B"
    assert keys["Show the mask"] == "O"
    assert keys["Undo"] == "Ctrl+Z"
    assert keys["Redo"] == "Ctrl+Shift+Z"
    actions["Show the mask"].trigger()
    assert window.document.look.shows_mask
    actions["Fill"].trigger()
    assert window.document.mask is not None
    assert actions["Undo"].isEnabled()
    actions["Undo"].trigger()
    assert window.document.mask is None
    assert not actions["Undo"].isEnabled()
