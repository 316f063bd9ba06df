"""What is written over a picture: what is shown of it, and what is to come."""

from pytestqt.qtbot import QtBot

from app.state.document import DocumentModel
from app.state.frame_schedule import FrameSchedule
from app.state.showing import Showing, showing
from app.widgets.canvas_labels import shown_text
from liifgan_core.render.request import BICUBIC
from liifgan_core.render.tile_plan import plan
from tests.app.by_hand import draw, next_request, present_request


def test_the_label_says_what_is_shown_at_every_moment(
    document: DocumentModel, schedule: FrameSchedule, qtbot: QtBot
) -> None:
    def label() -> str:
        return shown_text(showing(schedule, "detail-model"))

    assert label() == "Preview, refining with detail-model…"
    document.zoom_to(2.5)
    assert label() == "Preview, then detail-model"
    next_request(schedule, qtbot)
    draw(schedule, until=1)
    assert label() == "detail-air, then detail-model"
    draw(schedule)
    assert label() == "detail-air, then detail-model"
    schedule.pace.rest()
    assert label() == "detail-air, then detail-model"
    next_request(schedule, qtbot)
    assert label() == "detail-air, refining with detail-model…"
    draw(schedule, until=len(list(plan(present_request(schedule)))) - 1)
    assert label() == "detail-air, refining with detail-model…"
    draw(schedule)
    assert label() == "detail-model"


def test_the_label_promises_nothing_after_an_error(
    document: DocumentModel, schedule: FrameSchedule, qtbot: QtBot
) -> None:
    document.zoom_to(2.5)
    next_request(schedule, qtbot)
    draw(schedule)
    schedule.pace.rest()
    request = next_request(schedule, qtbot)
    draw(schedule, until=2)
    schedule.fail_frame(request.id)
    assert shown_text(showing(schedule, "detail-model")) == "detail-air"


def test_without_quick_models_the_label_names_the_coarse_pass(
    document: DocumentModel, schedule: FrameSchedule, qtbot: QtBot
) -> None:
    schedule.use_quick_models(False)
    document.zoom_to(2.5)
    next_request(schedule, qtbot)
    draw(schedule, until=1)
    label = shown_text(showing(schedule, "detail-model"))
    assert label == "Bicubic, refining with detail-model…"
    assert shown_text(Showing("plain", "plain", is_refining=True)) == "plain, still refining…"
    assert shown_text(showing(schedule, BICUBIC)) == "Bicubic"


def test_a_chosen_quick_model_promises_nothing_once_it_is_seen(
    document: DocumentModel, schedule: FrameSchedule, qtbot: QtBot
) -> None:
    document.set_sources(BICUBIC, "detail-air")
    document.zoom_to(3.0)
    next_request(schedule, qtbot)
    label = shown_text(showing(schedule, "detail-air"))
    assert label == "Preview, refining with detail-air…"
    draw(schedule, until=1)
    assert shown_text(showing(schedule, "detail-air")) == "detail-air"
