"""What is asked for while a view moves and when it rests, and when; nobody renders here."""

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from app.state.comparison import COMPARE_MODES, CompareMode
from app.state.document import DocumentModel
from app.state.frame_schedule import FrameSchedule
from liifgan_core.geometry import Rect, Size
from liifgan_core.images.detail_mask import DetailMask
from liifgan_core.render.drawing import APART, STRUCTURE_ONLY, Blended, Drawing, at_strength
from liifgan_core.render.request import BICUBIC, RenderRequest
from liifgan_core.render.tile_plan import plan
from liifgan_core.weights.descriptor import WeightsInfo
from tests.app.by_hand import MODELS, draw, give, next_request, present_request
from tests.app.fakes import noise_photo, on_a_trunk


def drawings(request: RenderRequest) -> list[Drawing]:
    """Return how the request's stand-ins draw."""
    return [found.drawing for found in request.stand_ins]


def test_40_zooms_make_one_request(
    document: DocumentModel, schedule: FrameSchedule, qtbot: QtBot
) -> None:
    requests: list[RenderRequest] = []
    schedule.request_ready.connect(requests.append)
    for step in range(40):
        document.zoom_to(1.0 + step / 10, at=(20.0, 30.0))
    request = next_request(schedule, qtbot)
    assert len(requests) == 1
    assert request.viewport.size == Size(490, 980)


@pytest.mark.parametrize("mode", COMPARE_MODES)
def test_one_request_renders_both_pictures_in_step(
    document: DocumentModel, schedule: FrameSchedule, qtbot: QtBot, mode: CompareMode
) -> None:
    document.set_sources(BICUBIC, "plain")
    document.set_mode(mode)
    document.zoom_to(4.0)
    request = next_request(schedule, qtbot)
    assert request.sources == (("plain",) if mode == "single" else (BICUBIC, "plain"))
    width = 200 if mode == "side" else 402
    assert (request.visible.height, request.visible.width) == (300, width)


def test_blending_asks_for_nothing(
    document: DocumentModel, schedule: FrameSchedule, qtbot: QtBot
) -> None:
    document.set_sources(BICUBIC, "detail-model")
    next_request(schedule, qtbot)
    with qtbot.assertNotEmitted(schedule.request_ready, wait=100):
        for step in range(16):
            document.set_detail(step / 10)
        document.show_invented(True)
    assert document.look.detail == 1.5


def test_a_moving_view_is_quick_and_a_resting_one_refined(
    document: DocumentModel, schedule: FrameSchedule, qtbot: QtBot
) -> None:
    document.zoom_to(2.5)
    moving = next_request(schedule, qtbot)
    assert (moving.models, moving.is_quick) == ({"detail-air"}, True)
    draw(schedule)
    assert schedule.covers_view("detail-model")
    assert not schedule.shows_all_of("detail-model")
    assert not schedule.pace.is_due, "it has not come to rest"
    schedule.pace.rest()
    resting = next_request(schedule, qtbot)
    assert resting.models == {"detail-air", "detail-model"}
    assert resting.viewport == moving.viewport
    draw(schedule)
    assert schedule.shows_all_of("detail-model")


def test_an_opened_photo_is_refined_without_waiting(
    document: DocumentModel, schedule: FrameSchedule, qtbot: QtBot
) -> None:
    document.open(noise_photo())
    assert next_request(schedule, qtbot).refines


def test_the_next_quick_frame_comes_after_the_last_one(
    document: DocumentModel, schedule: FrameSchedule, qtbot: QtBot
) -> None:
    requests: list[RenderRequest] = []
    document.zoom_to(2.0)
    first = next_request(schedule, qtbot)
    schedule.request_ready.connect(requests.append)
    for step in range(20):
        document.zoom_to(2.1 + step / 10)
    qtbot.waitUntil(lambda: schedule.pace._is_waiting)
    assert requests == []
    assert schedule.is_busy
    schedule.finish_frame(first.id)
    [request] = requests
    assert request.viewport.size == Size(400, 800)


def test_after_an_error_the_waiting_frame_is_asked_for(
    document: DocumentModel, schedule: FrameSchedule, qtbot: QtBot
) -> None:
    document.zoom_to(2.0)
    first = next_request(schedule, qtbot)
    document.zoom_to(3.0)
    qtbot.waitUntil(lambda: schedule.pace._is_waiting)
    with qtbot.waitSignal(schedule.request_ready):
        schedule.fail_frame(first.id)


@pytest.mark.parametrize("models", [MODELS[:2], MODELS])
def test_without_quick_models_or_wish_the_chosen_one_draws_at_once(
    document: DocumentModel, schedule: FrameSchedule, qtbot: QtBot, models: list[WeightsInfo]
) -> None:
    document.set_models(models)
    schedule.use_quick_models(len(models) < len(MODELS))
    next_request(schedule, qtbot)
    document.zoom_to(3.0)
    request = next_request(schedule, qtbot)
    assert request.refines
    assert request.models == {"detail-model"}
    draw(schedule)
    with qtbot.assertNotEmitted(schedule.request_ready, wait=60):
        schedule.pace.rest()


def test_a_request_tells_which_models_are_slow_to_encode(
    document: DocumentModel, schedule: FrameSchedule, qtbot: QtBot
) -> None:
    document.set_models([on_a_trunk(one) if one.name == "detail-model" else one for one in MODELS])
    document.set_sources("plain", "detail-model")
    document.set_mode("side")
    assert next_request(schedule, qtbot).slow_to_encode == {"detail-model"}


@pytest.mark.parametrize("are_wanted", [True, False])
def test_a_chosen_quick_model_is_final(
    document: DocumentModel, schedule: FrameSchedule, qtbot: QtBot, are_wanted: bool
) -> None:
    schedule.use_quick_models(are_wanted)
    document.set_sources(BICUBIC, "detail-air")
    document.zoom_to(3.0)
    request = next_request(schedule, qtbot)
    assert request.is_quick
    assert {step.drawn_by for step in plan(request)} == {"detail-air"}
    draw(schedule)
    assert schedule.shows_all_of("detail-air")
    schedule.pace.rest()
    layered = next_request(schedule, qtbot)
    assert drawings(layered) == [APART]
    assert {step.drawn_by for step in plan(layered)} == {"detail-air"}
    draw(schedule)
    with qtbot.assertNotEmitted(schedule.request_ready, wait=60):
        schedule.pace.rest()


def test_what_was_refined_before_is_not_asked_for_again(
    document: DocumentModel, schedule: FrameSchedule, qtbot: QtBot
) -> None:
    document.zoom_to(2.5)
    next_request(schedule, qtbot)
    for step in plan(present_request(schedule)):
        own = replace(step, drawn_by=step.source, tile=step.whole)
        give(schedule, own)
    schedule.finish_frame(present_request(schedule).id)
    assert schedule.shows_all_of("detail-model")
    with qtbot.assertNotEmitted(schedule.request_ready, wait=60):
        schedule.pace.rest()


def test_speed_is_measured_model_by_model_and_not_for_quick_ones(
    document: DocumentModel, schedule: FrameSchedule, qtbot: QtBot
) -> None:
    document.zoom_to(2.5)
    next_request(schedule, qtbot)
    draw(schedule)
    assert schedule.pixels_per_second("detail-model") is None
    assert schedule.pixels_per_second("detail-air") is None
    schedule.pace.rest()
    next_request(schedule, qtbot)
    draw(schedule)
    assert schedule.pixels_per_second("detail-model") == pytest.approx(256 * 256 / 0.01, rel=0.9)


def test_a_moving_view_is_blended_and_a_resting_one_has_its_layers_apart(
    document: DocumentModel, schedule: FrameSchedule, qtbot: QtBot
) -> None:
    document.set_sources(BICUBIC, "detail-air")
    document.set_detail(0.7)
    document.zoom_to(3.0)
    moving = next_request(schedule, qtbot)
    assert drawings(moving) == [Blended(0.7, is_coarse=True)]
    draw(schedule)
    schedule.pace.rest()
    resting = next_request(schedule, qtbot)
    assert drawings(resting) == [APART]
    draw(schedule)
    with qtbot.assertNotEmitted(schedule.request_ready, wait=60):
        document.set_detail(0.9)


@pytest.mark.parametrize("strength", [0.0, 0.7])
@pytest.mark.parametrize("is_drawn", [True, False])
def test_a_blend_is_asked_for_anew_when_the_slider_moves(
    document: DocumentModel, schedule: FrameSchedule, qtbot: QtBot, strength: float, is_drawn: bool
) -> None:
    """Whether its tiles are there or still to come."""
    document.set_detail(strength)
    document.zoom_to(3.0)
    assert drawings(next_request(schedule, qtbot)) == [at_strength(strength, is_coarse=True)]
    if is_drawn:
        draw(schedule)
    else:
        schedule.pace.end()
    document.set_detail(0.4)
    assert drawings(next_request(schedule, qtbot)) == [Blended(0.4, is_coarse=True)]


@pytest.mark.parametrize("strength", [0.0, 1.0])
def test_a_view_that_rests_before_its_blend_is_there_gets_layers_after_it(
    document: DocumentModel, schedule: FrameSchedule, qtbot: QtBot, strength: float
) -> None:
    document.set_sources(BICUBIC, "detail-air")
    document.set_detail(strength)
    document.zoom_to(3.0)
    next_request(schedule, qtbot)
    schedule.pace.rest()
    assert not schedule.pace.is_due, "what has been drawn of the frame is not thrown away"
    draw(schedule)
    assert drawings(next_request(schedule, qtbot)) == [APART]


def test_a_view_that_rests_before_its_frame_fails_is_refined_all_the_same(
    document: DocumentModel, schedule: FrameSchedule, qtbot: QtBot
) -> None:
    document.zoom_to(3.0)
    moving = next_request(schedule, qtbot)
    schedule.pace.rest()
    schedule.fail_frame(moving.id)
    request = next_request(schedule, qtbot)
    assert request.refines
    schedule.fail_frame(request.id)
    assert not schedule.is_busy


def test_the_map_of_what_was_invented_needs_layers_that_are_apart(
    document: DocumentModel, schedule: FrameSchedule, qtbot: QtBot
) -> None:
    document.zoom_to(3.0)
    assert drawings(next_request(schedule, qtbot)) == [Blended(1.0, is_coarse=True)]
    draw(schedule)
    document.show_invented(True)
    assert drawings(next_request(schedule, qtbot)) == [APART]


@pytest.mark.parametrize("name", ["plain", "plain-air"])
def test_without_a_detail_layer_nothing_is_blended(
    document: DocumentModel, schedule: FrameSchedule, qtbot: QtBot, name: str
) -> None:
    document.set_sources(BICUBIC, name)
    document.zoom_to(3.0)
    assert drawings(next_request(schedule, qtbot)) == [APART]


def test_detail_at_strength_0_is_not_drawn_and_comes_with_the_slider(
    document: DocumentModel, schedule: FrameSchedule, qtbot: QtBot
) -> None:
    document.set_detail(0.0)
    document.zoom_to(3.0)
    assert drawings(next_request(schedule, qtbot)) == [STRUCTURE_ONLY]
    draw(schedule)
    document.set_detail(0.5)
    assert drawings(next_request(schedule, qtbot)) == [Blended(0.5, is_coarse=True)]


def test_a_picture_without_detail_follows_every_strength(
    document: DocumentModel, schedule: FrameSchedule, qtbot: QtBot
) -> None:
    """Although what stands in for it draws its structure only."""
    document.set_models([MODELS[1], MODELS[2]])
    document.set_sources(BICUBIC, "plain")
    document.zoom_to(3.0)
    assert drawings(next_request(schedule, qtbot)) == [STRUCTURE_ONLY]
    draw(schedule)
    with qtbot.assertNotEmitted(schedule.request_ready, wait=60):
        document.set_detail(0.9)
    schedule.pace.rest()
    assert next_request(schedule, qtbot).refines
    draw(schedule)
    with qtbot.assertNotEmitted(schedule.request_ready, wait=60):
        schedule.pace.rest()


def test_moving_the_wipe_asks_for_nothing(
    document: DocumentModel, schedule: FrameSchedule, qtbot: QtBot
) -> None:
    document.set_mode("wipe")
    next_request(schedule, qtbot)
    with qtbot.assertNotEmitted(schedule.request_ready, wait=60):
        document.set_wipe(0.2)


def test_without_a_photo_nothing_is_asked_for(qtbot: QtBot) -> None:
    document = DocumentModel()
    schedule = FrameSchedule(document, document)
    with qtbot.assertNotEmitted(schedule.request_ready, wait=50):
        document.set_mode("side")
        document.set_detail(0.3)
        schedule.ask()
    assert not schedule.is_current


def test_tiles_of_another_request_are_dropped(
    document: DocumentModel, schedule: FrameSchedule, qtbot: QtBot
) -> None:
    document.zoom_to(3.0)
    old = next_request(schedule, qtbot)
    schedule.pace.end()
    document.zoom_to(4.0)
    next_request(schedule, qtbot)
    schedule.finish_frame(old.id)
    schedule.fail_frame(old.id)
    assert schedule.is_busy
    assert not schedule.covers_view("detail-model")


def test_with_a_mask_layers_are_drawn_apart_while_the_view_moves(
    document: DocumentModel, schedule: FrameSchedule, qtbot: QtBot
) -> None:
    document.set_sources(BICUBIC, "detail-air")
    document.zoom_to(3.0)
    assert drawings(next_request(schedule, qtbot)) == [Blended(1.0, is_coarse=True)]
    # The tiles of one strength cannot follow, so others are asked for.
    document.set_mask(DetailMask.filled(Size(100, 200), 0.5), None)
    assert drawings(next_request(schedule, qtbot)) == [APART]
    document.zoom_to(4.0)
    assert drawings(next_request(schedule, qtbot)) == [APART]
    document.set_mask(None, None)
    document.zoom_to(5.0)
    assert drawings(next_request(schedule, qtbot)) == [Blended(1.0, is_coarse=True)]


def test_a_changed_part_of_the_mask_asks_for_nothing_and_is_told(
    document: DocumentModel, schedule: FrameSchedule, qtbot: QtBot
) -> None:
    document.set_sources(BICUBIC, "detail-model")
    next_request(schedule, qtbot)
    part = Rect(1.0, 2.0, 3.0, 4.0)
    with (
        qtbot.assertNotEmitted(schedule.request_ready, wait=100),
        qtbot.waitSignal(schedule.part_changed) as told,
    ):
        document.set_mask(DetailMask.filled(Size(100, 200), 0.5), part)
    assert told.args == [part]
