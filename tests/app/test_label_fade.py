import pytest
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.state.showing import is_final
from app.widgets.label_fade import FADE_MS, FAINT, REST_MS, LabelFade
from tests.app.fakes import FakeEngine
from tests.app.waits import finish


@pytest.fixture
def fade(qtbot: QtBot) -> LabelFade:
    return LabelFade()


def rest(fade: LabelFade) -> None:
    """Let all the time pass."""
    fade.rest.timeout.emit()
    fade.animation.setCurrentTime(FADE_MS)


def test_names_fade_after_a_rest_on_a_final_picture(fade: LabelFade) -> None:
    fade.follow(True)
    assert (fade.rest.isActive(), fade.rest.interval()) == (True, REST_MS)
    assert fade.opacity == 1.0
    rest(fade)
    assert fade.opacity == pytest.approx(FAINT)


@pytest.mark.parametrize("wake", [LabelFade.wake, lambda fade: fade.follow(False)])
def test_the_mouse_or_a_change_brings_them_back(fade: LabelFade, wake: object) -> None:
    fade.follow(True)
    rest(fade)
    wake(fade)  # type: ignore[operator]
    assert fade.opacity == 1.0


def test_while_something_is_to_come_they_stay(fade: LabelFade) -> None:
    fade.wake()
    assert not fade.rest.isActive()
    assert fade.opacity == 1.0


def test_a_finished_view_is_final(
    photo_window: MainWindow, engine: FakeEngine, qtbot: QtBot
) -> None:
    window = photo_window
    finish(window, qtbot)
    qtbot.waitUntil(lambda: is_final(window.schedule))
    engine.go_on.clear()
    window.document.zoom_to(7.0)
    qtbot.waitUntil(lambda: not is_final(window.schedule))
    assert window.canvas.fade.opacity == 1.0
    engine.go_on.set()


def test_faint_names_are_painted_fainter(photo_window: MainWindow, qtbot: QtBot) -> None:
    finish(photo_window, qtbot)
    canvas = photo_window.canvas
    canvas.fade.wake()
    strong = canvas.grab().toImage()
    rest(canvas.fade)
    assert canvas.grab().toImage() != strong
