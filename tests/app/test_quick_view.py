"""The whole way of a moving view, from the window to the engine and back."""

import numpy as np
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.qimage import rgb_from_qimage
from app.state.photo import make_photo
from liifgan_core.errors import OutOfMemoryError
from liifgan_core.images.image import Image
from tests.app.by_hand import MODELS
from tests.app.fakes import FakeEngine, never_rest
from tests.app.waits import finish


def test_the_window_zooms_by_the_quick_model_and_refines(
    photo_window: MainWindow, engine: FakeEngine, qtbot: QtBot
) -> None:
    window, document = photo_window, photo_window.document
    schedule = window.schedule
    document.set_mode("single")
    finish(window, qtbot)
    document.set_models(MODELS)
    never_rest(schedule)
    engine.structure = {"detail-air": 0.2, "detail-model": 0.7}
    for zoom in (2.0, 3.0, 4.0):
        document.zoom_to(zoom)
        qtbot.waitUntil(lambda: schedule.covers_view("detail-model"))
    assert engine.requests[-1].models == {"detail-air"}
    before = window.canvas.grab().toImage()
    window.side.panel.detail.slider.setValue(0)

    def shows(value: int) -> bool:
        flat = schedule.frames.flat("detail-model")
        return flat is not None and bool((rgb_from_qimage(flat.picture) == value).all())

    qtbot.waitUntil(lambda: schedule.covers_view("detail-model") and shows(51))
    assert window.canvas.grab().toImage() != before, "quick pictures follow the slider, too"
    schedule.pace.rest()
    finish(window, qtbot)
    assert shows(178)


def test_an_error_of_the_quick_model_is_shown_and_the_next_frame_comes(
    photo_window: MainWindow, engine: FakeEngine, qtbot: QtBot
) -> None:
    window, document = photo_window, photo_window.document
    schedule = window.schedule
    finish(window, qtbot)
    document.set_models(MODELS)
    finish(window, qtbot)
    never_rest(schedule)
    engine.error = OutOfMemoryError("no memory left; close other programs")
    document.zoom_to(9.0)
    qtbot.waitUntil(lambda: "no memory left" in window.messages.text)
    document.zoom_to(10.0)
    qtbot.waitUntil(lambda: schedule.covers_view("detail-model"))


def test_a_transparent_photo_is_shown_by_the_quick_model(
    photo_window: MainWindow, qtbot: QtBot
) -> None:
    document, schedule = photo_window.document, photo_window.schedule
    document.set_models(MODELS)
    samples = np.zeros((60, 80, 3), np.uint8)
    image = Image(samples, alpha=np.full((60, 80), 128, np.uint8))
    document.open(make_photo(image, name="glass"))
    document.set_mode("difference")
    document.set_sources("plain", "detail-model")
    document.zoom_to(3.0)
    qtbot.waitUntil(lambda: schedule.covers_view("plain"))
    finish(photo_window, qtbot)
    pixels = rgb_from_qimage(photo_window.canvas.grab().toImage())
    middle = pixels[pixels.shape[0] // 2, pixels.shape[1] // 2]
    assert np.abs(middle / 255 - 4 * (0.7 - 0.5)).max() < 0.02
