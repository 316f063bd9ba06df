"""What is told of a picture at every moment, as values; their words are the labels' matter."""

from pytestqt.qtbot import QtBot

from app.state.document import DocumentModel
from app.state.frame_schedule import FrameSchedule
from app.state.showing import Showing, has_difference, showing
from liifgan_core.render.request import BICUBIC, NEAREST
from tests.app.by_hand import MODELS, draw, next_request


def test_a_moving_view_shows_a_quick_model_and_a_resting_one_its_own(
    document: DocumentModel, schedule: FrameSchedule, qtbot: QtBot
) -> None:
    document.zoom_to(2.5)
    next_request(schedule, qtbot)
    assert showing(schedule, "detail-model") == Showing(None, "detail-model", is_refining=False)
    draw(schedule)
    wanted = Showing("detail-air", "detail-model", is_refining=False)
    assert showing(schedule, "detail-model") == wanted
    schedule.pace.rest()
    next_request(schedule, qtbot)
    wanted = Showing("detail-air", "detail-model", is_refining=True)
    assert showing(schedule, "detail-model") == wanted
    draw(schedule)
    assert showing(schedule, "detail-model") == Showing("detail-model", None, is_refining=False)


def test_what_needs_no_model_is_there_at_once(schedule: FrameSchedule) -> None:
    for source in (NEAREST, BICUBIC):
        assert showing(schedule, source) == Showing(source, None, is_refining=False)


def test_two_pictures_by_one_quick_model_have_no_difference_until_both_are_refined(
    document: DocumentModel, schedule: FrameSchedule, qtbot: QtBot
) -> None:
    document.set_models(MODELS[:3])
    document.set_sources("plain", "detail-model")
    document.set_mode("difference")
    document.zoom_to(2.5)
    next_request(schedule, qtbot)
    draw(schedule)
    assert not has_difference(schedule)
    schedule.pace.rest()
    next_request(schedule, qtbot)
    draw(schedule)
    assert has_difference(schedule)
