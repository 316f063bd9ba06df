"""What a difference of two pictures shows while one of them, or both, are still to come."""

import numpy as np
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from app.qimage import qimage_from_rgb, rgb_from_qimage
from app.state.document import DocumentModel
from app.state.frame_schedule import FrameSchedule
from app.state.frames import Piece
from app.state.showing import has_difference
from app.widgets.canvas_labels import difference_text
from app.widgets.frame_painter import paint_panes
from liifgan_core.geometry import Rect, Size
from liifgan_core.render.request import BICUBIC
from liifgan_core.render.tile_plan import plan
from tests.app.by_hand import MODELS, draw, give, next_request, present_request


def canvas_pixels(schedule: FrameSchedule) -> np.ndarray:
    """Return the middle row of the canvas, from its first to its last column, in red."""
    document = schedule.document
    photo = document.photo
    assert photo is not None
    preview = Piece(qimage_from_rgb(photo.preview), Rect.whole(photo.image.size), is_final=False)
    picture = QImage(402, 300, QImage.Format.Format_RGB32)
    picture.fill(0)
    painter = QPainter(picture)
    paint_panes(painter, schedule, preview, Size(300, 402), up=document.comparison.right)
    painter.end()
    return rgb_from_qimage(picture)[150, :, 0]


def compare(schedule: FrameSchedule, qtbot: QtBot, left: str, right: str) -> None:
    document = schedule.document
    document.set_sources(left, right)
    document.set_mode("difference")
    document.zoom_to(2.56)
    next_request(schedule, qtbot)


VALUES = {"plain-air": 0.2, "detail-air": 0.3, "plain": 0.4, "detail-model": 0.45, BICUBIC: 0.5}
"""Flat pictures: four times their differences are 0.4 (air), 0.2 (chosen), 1.0 (mixed)."""


def draw_values(schedule: FrameSchedule, *, until: int | None = None) -> None:
    for step in list(plan(present_request(schedule)))[:until]:
        give(schedule, step, VALUES[step.drawn_by])


def test_a_difference_of_quick_pictures_is_shown_while_moving(
    schedule: FrameSchedule, qtbot: QtBot
) -> None:
    compare(schedule, qtbot, "plain", "detail-model")
    draw_values(schedule)
    schedule.finish_frame(present_request(schedule).id)
    assert np.abs(canvas_pixels(schedule) / 255 - 0.4).max() < 0.02
    assert difference_text(schedule) == (
        "|plain-air \u2212 detail-air| \u00d7 4, then plain / detail-model"
    )


def test_a_difference_never_mixes_a_refined_side_with_a_quick_one(
    schedule: FrameSchedule, qtbot: QtBot
) -> None:
    compare(schedule, qtbot, "plain", "detail-model")
    draw(schedule)
    schedule.pace.rest()
    request = next_request(schedule, qtbot)
    steps = list(plan(request))
    quick = sum(not step.is_final for step in steps)
    for done in range(quick, len(steps) + 1):
        draw_values(schedule, until=done)
        shown = set((canvas_pixels(schedule) / 255).round(1))
        assert shown <= {0.4, 0.2}
        if done - quick >= 2:
            assert 0.2 in shown
    schedule.finish_frame(request.id)
    assert set((canvas_pixels(schedule) / 255).round(1)) == {0.2}
    assert difference_text(schedule) == "|plain \u2212 detail-model| \u00d7 4"


def test_a_difference_to_bicubic_changes_tile_by_tile(
    schedule: FrameSchedule, qtbot: QtBot
) -> None:
    compare(schedule, qtbot, BICUBIC, "plain")
    draw(schedule)
    schedule.pace.rest()
    request = next_request(schedule, qtbot)
    quick = sum(step.drawn_by != "plain" for step in plan(request))
    draw_values(schedule, until=quick)
    assert set(canvas_pixels(schedule)) == {255}, "4 x (0.5 - 0.2), more than white"
    assert difference_text(schedule) == (
        "|Bicubic \u2212 plain-air| \u00d7 4, refining with plain…"
    )
    draw_values(schedule, until=quick + 1)
    assert set((canvas_pixels(schedule) / 255).round(1)) == {0.4, 1.0}


def test_where_one_quick_model_draws_both_its_picture_is_shown_instead_of_black(
    document: DocumentModel, schedule: FrameSchedule, qtbot: QtBot
) -> None:
    document.set_models([MODELS[0], MODELS[1], MODELS[3]])
    compare(schedule, qtbot, "plain", "detail-model")
    draw_values(schedule)
    assert set((canvas_pixels(schedule) / 255).round(1)) == {0.2}, "plain-air itself"
    assert difference_text(schedule) == "plain-air, then |plain \u2212 detail-model| \u00d7 4"
    schedule.finish_frame(present_request(schedule).id)
    schedule.pace.rest()
    request = next_request(schedule, qtbot)
    quick = sum(not step.is_final for step in plan(request))
    draw_values(schedule, until=quick + 2)
    assert difference_text(schedule) == (
        "plain-air, refining with |plain \u2212 detail-model| \u00d7 4…"
    )
    assert schedule.frames.settled("plain", "detail-model")
    draw_values(schedule)
    schedule.finish_frame(request.id)
    assert has_difference(schedule)
    assert set((canvas_pixels(schedule) / 255).round(1)) == {0.2}, "4 x (0.45 - 0.4)"


def test_a_difference_with_the_map_of_what_was_invented_shows_no_false_colours(
    document: DocumentModel, schedule: FrameSchedule, qtbot: QtBot
) -> None:
    document.set_models(MODELS)
    document.set_sources("plain", "detail-model")
    document.set_mode("difference")
    document.zoom_to(2.56)
    request = next_request(schedule, qtbot)
    for step in plan(request):
        give(schedule, step, VALUES[step.drawn_by], detail=0.1 if step.source != "plain" else None)
    schedule.finish_frame(request.id)
    before = canvas_pixels(schedule)
    document.show_invented(True)
    assert (canvas_pixels(schedule) == before).all()
    document.set_mode("single")
    assert (canvas_pixels(schedule) != before).any()
