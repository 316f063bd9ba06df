"""A view that moves is drawn by a quick model; what rests is refined; labels say which it is."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.qimage import qimage_from_rgb, rgb_from_qimage
from app.state.document import DocumentModel, Showing
from app.state.frames import Piece
from app.state.photo import make_photo
from app.widgets.canvas_labels import difference_text, shown_text
from app.widgets.frame_painter import paint_panes
from liifgan_core.errors import OutOfMemoryError
from liifgan_core.geometry import Rect, Size
from liifgan_core.images.image import Image
from liifgan_core.render.request import BICUBIC, FrameTile, RenderRequest
from liifgan_core.render.tile_plan import Step, plan
from liifgan_core.weights.descriptor import WeightsInfo
from tests.app.fakes import FakeEngine, model, never_rest, noise_photo
from tests.app.test_main_window import finish

MODELS = [model(name) for name in ("detail-model", "plain", "detail-air", "plain-air")]


@pytest.fixture
def document(qtbot: QtBot) -> Iterator[DocumentModel]:
    """A document that shows `detail-model` and rests only when told; nobody renders."""
    document = DocumentModel()
    never_rest(document)
    document.set_canvas(Size(300, 402))
    document.set_models(MODELS)
    document.set_mode("single")
    document.use_quick_models(True)
    with qtbot.waitSignal(document.request_ready):
        document.open(noise_photo(100, 200))
    document.pace.end()
    yield document
    document.pace.stop()


def next_request(document: DocumentModel, qtbot: QtBot) -> RenderRequest:
    with qtbot.waitSignal(document.request_ready) as ready:
        pass
    assert ready.args is not None
    return ready.args[0]


def present_request(document: DocumentModel) -> RenderRequest:
    request = document.frames.request
    assert request is not None
    return request


def give(document: DocumentModel, step: Step, value: float = 0.5) -> None:
    shape = (step.tile.height, step.tile.width, 3)
    document.add_tile(
        FrameTile(
            request_id=present_request(document).id,
            source=step.source,
            drawn_by=step.drawn_by,
            viewport=step.viewport,
            tile=step.tile,
            structure=np.full(shape, value, np.float32),
            detail=None,
            alpha=None,
            is_final=step.is_final,
            seconds=0.01,
        )
    )


def draw(document: DocumentModel, *, until: int | None = None) -> None:
    """Give a document the first tiles of its request; None: all of them, and the end."""
    for step in list(plan(present_request(document)))[:until]:
        give(document, step)
    if until is None:
        document.finish_frame(present_request(document).id)


def test_a_moving_view_is_quick_and_a_resting_one_refined(
    document: DocumentModel, qtbot: QtBot
) -> None:
    document.zoom_to(2.5)
    moving = next_request(document, qtbot)
    assert (moving.models, moving.is_quick) == ({"detail-air"}, True)
    draw(document)
    assert document.covers_view("detail-model")
    assert not document.shows_all_of("detail-model")
    assert not document.pace.is_due, "it has not come to rest"
    document.pace.rest()
    resting = next_request(document, qtbot)
    assert resting.models == {"detail-air", "detail-model"}
    assert resting.viewport == moving.viewport
    draw(document)
    assert document.shows_all_of("detail-model")


def test_an_opened_photo_is_refined_without_waiting(document: DocumentModel, qtbot: QtBot) -> None:
    document.open(noise_photo())
    assert next_request(document, qtbot).refines


def test_the_next_quick_frame_comes_after_the_last_one(
    document: DocumentModel, qtbot: QtBot
) -> None:
    requests: list[RenderRequest] = []
    document.zoom_to(2.0)
    first = next_request(document, qtbot)
    document.request_ready.connect(requests.append)
    for step in range(20):
        document.zoom_to(2.1 + step / 10)
    qtbot.waitUntil(lambda: document.pace._is_waiting)
    assert requests == []
    assert document.is_busy
    document.finish_frame(first.id)
    [request] = requests
    assert request.viewport.size == Size(400, 800)


def test_after_an_error_the_waiting_frame_is_asked_for(
    document: DocumentModel, qtbot: QtBot
) -> None:
    document.zoom_to(2.0)
    first = next_request(document, qtbot)
    document.zoom_to(3.0)
    qtbot.waitUntil(lambda: document.pace._is_waiting)
    with qtbot.waitSignal(document.request_ready):
        document.fail_frame(first.id)


@pytest.mark.parametrize("models", [MODELS[:2], MODELS])
def test_without_quick_models_or_wish_the_chosen_one_draws_at_once(
    document: DocumentModel, qtbot: QtBot, models: list[WeightsInfo]
) -> None:
    document.set_models(models)
    document.use_quick_models(len(models) < len(MODELS))
    next_request(document, qtbot)
    document.zoom_to(3.0)
    request = next_request(document, qtbot)
    assert request.refines
    assert request.models == {"detail-model"}
    draw(document)
    with qtbot.assertNotEmitted(document.request_ready, wait=60):
        document.pace.rest()


@pytest.mark.parametrize("are_wanted", [True, False])
def test_a_chosen_quick_model_is_final(
    document: DocumentModel, qtbot: QtBot, are_wanted: bool
) -> None:
    document.use_quick_models(are_wanted)
    document.set_sources(BICUBIC, "detail-air")
    document.zoom_to(3.0)
    request = next_request(document, qtbot)
    assert request.is_quick
    assert {step.drawn_by for step in plan(request)} == {"detail-air"}
    assert shown_text(document.showing("detail-air")) == "Preview, refining with detail-air…"
    draw(document, until=1)
    assert shown_text(document.showing("detail-air")) == "detail-air"
    draw(document)
    assert document.shows_all_of("detail-air")
    document.pace.rest()
    layered = next_request(document, qtbot)
    assert layered.blended_at is None
    assert {step.drawn_by for step in plan(layered)} == {"detail-air"}
    draw(document)
    with qtbot.assertNotEmitted(document.request_ready, wait=60):
        document.pace.rest()


def test_what_was_refined_before_is_not_asked_for_again(
    document: DocumentModel, qtbot: QtBot
) -> None:
    document.zoom_to(2.5)
    next_request(document, qtbot)
    for step in plan(present_request(document)):
        own = replace(step, drawn_by=step.source, tile=step.whole)
        give(document, own)
    document.finish_frame(present_request(document).id)
    assert document.shows_all_of("detail-model")
    with qtbot.assertNotEmitted(document.request_ready, wait=60):
        document.pace.rest()


def test_speed_is_measured_model_by_model_and_not_for_quick_ones(
    document: DocumentModel, qtbot: QtBot
) -> None:
    document.zoom_to(2.5)
    next_request(document, qtbot)
    draw(document)
    assert document.pixels_per_second("detail-model") is None
    assert document.pixels_per_second("detail-air") is None
    document.pace.rest()
    next_request(document, qtbot)
    draw(document)
    assert document.pixels_per_second("detail-model") == pytest.approx(256 * 256 / 0.01, rel=0.9)


def test_the_label_says_what_is_shown_at_every_moment(
    document: DocumentModel, qtbot: QtBot
) -> None:
    def label() -> str:
        return shown_text(document.showing("detail-model"))

    assert label() == "Preview, refining with detail-model…"
    document.zoom_to(2.5)
    assert label() == "Preview, then detail-model"
    next_request(document, qtbot)
    draw(document, until=1)
    assert label() == "detail-air, then detail-model"
    draw(document)
    assert label() == "detail-air, then detail-model"
    document.pace.rest()
    assert label() == "detail-air, then detail-model"
    next_request(document, qtbot)
    assert label() == "detail-air, refining with detail-model…"
    draw(document, until=len(list(plan(present_request(document)))) - 1)
    assert label() == "detail-air, refining with detail-model…"
    draw(document)
    assert label() == "detail-model"


def test_the_label_promises_nothing_after_an_error(document: DocumentModel, qtbot: QtBot) -> None:
    document.zoom_to(2.5)
    next_request(document, qtbot)
    draw(document)
    document.pace.rest()
    request = next_request(document, qtbot)
    draw(document, until=2)
    document.fail_frame(request.id)
    assert shown_text(document.showing("detail-model")) == "detail-air"


def test_without_quick_models_the_label_names_the_coarse_pass(
    document: DocumentModel, qtbot: QtBot
) -> None:
    document.use_quick_models(False)
    document.zoom_to(2.5)
    next_request(document, qtbot)
    draw(document, until=1)
    label = shown_text(document.showing("detail-model"))
    assert label == "Bicubic, refining with detail-model…"
    assert shown_text(Showing("plain", "plain", is_refining=True)) == "plain, still refining…"
    assert shown_text(document.showing(BICUBIC)) == "Bicubic"


def canvas_pixels(document: DocumentModel) -> np.ndarray:
    """Return the middle row of the canvas, from its first to its last column, in red."""
    photo = document.photo
    assert photo is not None
    preview = Piece(qimage_from_rgb(photo.preview), Rect.whole(photo.image.size), is_final=False)
    picture = QImage(402, 300, QImage.Format.Format_RGB32)
    picture.fill(0)
    painter = QPainter(picture)
    paint_panes(painter, document, preview, Size(300, 402))
    painter.end()
    return rgb_from_qimage(picture)[150, :, 0]


def compare(document: DocumentModel, qtbot: QtBot, left: str, right: str) -> None:
    document.set_sources(left, right)
    document.set_mode("difference")
    document.zoom_to(2.56)
    next_request(document, qtbot)


VALUES = {"plain-air": 0.2, "detail-air": 0.3, "plain": 0.4, "detail-model": 0.45, BICUBIC: 0.5}
"""Flat pictures: four times their differences are 0.4 (air), 0.2 (chosen), 1.0 (mixed)."""


def draw_values(document: DocumentModel, *, until: int | None = None) -> None:
    for step in list(plan(present_request(document)))[:until]:
        give(document, step, VALUES[step.drawn_by])


def test_a_difference_of_quick_pictures_is_shown_while_moving(
    document: DocumentModel, qtbot: QtBot
) -> None:
    compare(document, qtbot, "plain", "detail-model")
    draw_values(document)
    document.finish_frame(present_request(document).id)
    assert np.abs(canvas_pixels(document) / 255 - 0.4).max() < 0.02
    assert difference_text(document) == (
        "|plain-air \u2212 detail-air| \u00d7 4, then plain / detail-model"
    )


def test_a_difference_never_mixes_a_refined_side_with_a_quick_one(
    document: DocumentModel, qtbot: QtBot
) -> None:
    compare(document, qtbot, "plain", "detail-model")
    draw(document)
    document.pace.rest()
    request = next_request(document, qtbot)
    steps = list(plan(request))
    quick = sum(not step.is_final for step in steps)
    for done in range(quick, len(steps) + 1):
        draw_values(document, until=done)
        shown = set((canvas_pixels(document) / 255).round(1))
        assert shown <= {0.4, 0.2}
        if done - quick >= 2:
            assert 0.2 in shown
    document.finish_frame(request.id)
    assert set((canvas_pixels(document) / 255).round(1)) == {0.2}
    assert difference_text(document) == "|plain \u2212 detail-model| \u00d7 4"


def test_where_one_quick_model_draws_both_its_picture_is_shown_instead_of_black(
    document: DocumentModel, qtbot: QtBot
) -> None:
    document.set_models([MODELS[0], MODELS[1], MODELS[3]])
    compare(document, qtbot, "plain", "detail-model")
    draw_values(document)
    assert set((canvas_pixels(document) / 255).round(1)) == {0.2}, "plain-air itself"
    assert difference_text(document) == "plain-air, then |plain \u2212 detail-model| \u00d7 4"
    document.finish_frame(present_request(document).id)
    document.pace.rest()
    request = next_request(document, qtbot)
    quick = sum(not step.is_final for step in plan(request))
    draw_values(document, until=quick + 2)
    assert difference_text(document) == (
        "plain-air, refining with |plain \u2212 detail-model| \u00d7 4…"
    )
    assert document.frames.settled("plain", "detail-model")
    draw_values(document)
    document.finish_frame(request.id)
    assert document.has_difference
    assert set((canvas_pixels(document) / 255).round(1)) == {0.2}, "4 x (0.45 - 0.4)"


def test_a_difference_to_bicubic_changes_tile_by_tile(
    document: DocumentModel, qtbot: QtBot
) -> None:
    compare(document, qtbot, BICUBIC, "plain")
    draw(document)
    document.pace.rest()
    request = next_request(document, qtbot)
    quick = sum(step.drawn_by != "plain" for step in plan(request))
    draw_values(document, until=quick)
    assert set(canvas_pixels(document)) == {255}, "4 x (0.5 - 0.2), more than white"
    assert difference_text(document) == (
        "|Bicubic \u2212 plain-air| \u00d7 4, refining with plain…"
    )
    draw_values(document, until=quick + 1)
    assert set((canvas_pixels(document) / 255).round(1)) == {0.4, 1.0}


def test_the_window_zooms_by_the_quick_model_and_refines(
    photo_window: MainWindow, engine: FakeEngine, qtbot: QtBot
) -> None:
    window, document = photo_window, photo_window.document
    document.set_mode("single")
    finish(window, qtbot)
    document.set_models(MODELS)
    never_rest(document)
    engine.structure = {"detail-air": 0.2, "detail-model": 0.7}
    for zoom in (2.0, 3.0, 4.0):
        document.zoom_to(zoom)
        qtbot.waitUntil(lambda: document.covers_view("detail-model"))
    assert engine.requests[-1].models == {"detail-air"}
    before = window.canvas.grab().toImage()
    window.detail_bar.slider.setValue(0)

    def shows(value: int) -> bool:
        flat = document.frames.flat("detail-model")
        return flat is not None and bool((rgb_from_qimage(flat.picture) == value).all())

    qtbot.waitUntil(lambda: document.covers_view("detail-model") and shows(51))
    assert window.canvas.grab().toImage() != before, "quick pictures follow the slider, too"
    document.pace.rest()
    finish(window, qtbot)
    assert shows(178)


def test_an_error_of_the_quick_model_is_shown_and_the_next_frame_comes(
    photo_window: MainWindow, engine: FakeEngine, qtbot: QtBot
) -> None:
    window, document = photo_window, photo_window.document
    finish(window, qtbot)
    document.set_models(MODELS)
    finish(window, qtbot)
    never_rest(document)
    engine.error = OutOfMemoryError("no memory left; close other programs")
    document.zoom_to(9.0)
    qtbot.waitUntil(lambda: "no memory left" in window.messages.text)
    document.zoom_to(10.0)
    qtbot.waitUntil(lambda: document.covers_view("detail-model"))


def test_a_transparent_photo_is_shown_by_the_quick_model(
    photo_window: MainWindow, qtbot: QtBot
) -> None:
    document = photo_window.document
    document.set_models(MODELS)
    samples = np.zeros((60, 80, 3), np.uint8)
    image = Image(samples, alpha=np.full((60, 80), 128, np.uint8))
    document.open(make_photo(image, name="glass"))
    document.set_mode("difference")
    document.set_sources("plain", "detail-model")
    document.zoom_to(3.0)
    qtbot.waitUntil(lambda: document.covers_view("plain"))
    assert not photo_window.canvas.grab().isNull()
    finish(photo_window, qtbot)


def test_a_moving_view_is_blended_and_a_resting_one_has_its_layers_apart(
    document: DocumentModel, qtbot: QtBot
) -> None:
    document.set_sources(BICUBIC, "detail-air")
    document.set_detail(0.7)
    document.zoom_to(3.0)
    moving = next_request(document, qtbot)
    assert moving.blended_at == 0.7
    draw(document)
    document.pace.rest()
    resting = next_request(document, qtbot)
    assert resting.blended_at is None
    draw(document)
    with qtbot.assertNotEmitted(document.request_ready, wait=60):
        document.set_detail(0.9)


@pytest.mark.parametrize("strength", [0.0, 0.7])
@pytest.mark.parametrize("is_drawn", [True, False])
def test_a_blend_is_asked_for_anew_when_the_slider_moves(
    document: DocumentModel, qtbot: QtBot, strength: float, is_drawn: bool
) -> None:
    """Whether its tiles are there or still to come."""
    document.set_detail(strength)
    document.zoom_to(3.0)
    assert next_request(document, qtbot).blended_at == strength
    if is_drawn:
        draw(document)
    else:
        document.pace.end()
    document.set_detail(0.4)
    assert next_request(document, qtbot).blended_at == 0.4


@pytest.mark.parametrize("strength", [0.0, 1.0])
def test_a_view_that_rests_before_its_blend_is_there_gets_layers_after_it(
    document: DocumentModel, qtbot: QtBot, strength: float
) -> None:
    document.set_sources(BICUBIC, "detail-air")
    document.set_detail(strength)
    document.zoom_to(3.0)
    next_request(document, qtbot)
    document.pace.rest()
    assert not document.pace.is_due, "what has been drawn of the frame is not thrown away"
    draw(document)
    assert next_request(document, qtbot).blended_at is None


def test_a_view_that_rests_before_its_frame_fails_is_refined_all_the_same(
    document: DocumentModel, qtbot: QtBot
) -> None:
    document.zoom_to(3.0)
    moving = next_request(document, qtbot)
    document.pace.rest()
    document.fail_frame(moving.id)
    request = next_request(document, qtbot)
    assert request.refines
    document.fail_frame(request.id)
    assert not document.is_busy


def test_the_map_of_what_was_invented_needs_layers_that_are_apart(
    document: DocumentModel, qtbot: QtBot
) -> None:
    document.zoom_to(3.0)
    assert next_request(document, qtbot).blended_at == 1.0
    draw(document)
    document.show_invented(True)
    assert next_request(document, qtbot).blended_at is None


@pytest.mark.parametrize("name", ["plain", "plain-air"])
def test_without_a_detail_layer_nothing_is_blended(
    document: DocumentModel, qtbot: QtBot, name: str
) -> None:
    document.set_sources(BICUBIC, name)
    document.zoom_to(3.0)
    assert next_request(document, qtbot).blended_at is None
