"""A renderer's part, played by hand: a test gives a schedule the tiles that it wants."""

import numpy as np
from pytestqt.qtbot import QtBot

from app.state.frame_schedule import FrameSchedule
from liifgan_core.render.request import FrameTile, RenderRequest
from liifgan_core.render.tile_plan import Step, plan
from tests.app.fakes import model

MODELS = [model(name) for name in ("detail-model", "plain", "detail-air", "plain-air")]
"""Two slow ones and a quick one for each."""


def next_request(schedule: FrameSchedule, qtbot: QtBot) -> RenderRequest:
    """Wait for the request that is due."""
    with qtbot.waitSignal(schedule.request_ready) as ready:
        pass
    assert ready.args is not None
    return ready.args[0]


def present_request(schedule: FrameSchedule) -> RenderRequest:
    request = schedule.frames.request
    assert request is not None
    return request


def give(
    schedule: FrameSchedule, step: Step, value: float = 0.5, *, detail: float | None = None
) -> None:
    """Give a schedule a flat tile, drawn as a step says."""
    shape = (step.tile.height, step.tile.width, 3)
    schedule.add_tile(
        FrameTile(
            request_id=present_request(schedule).id,
            source=step.source,
            drawn_by=step.drawn_by,
            viewport=step.viewport,
            tile=step.tile,
            structure=np.full(shape, value, np.float32),
            detail=None if detail is None else np.full(shape, detail, np.float32),
            alpha=None,
            is_final=step.is_final,
            seconds=0.01,
        )
    )


def draw(schedule: FrameSchedule, *, until: int | None = None) -> None:
    """Give a schedule the first tiles of its request; None: all of them, and the end."""
    for step in list(plan(present_request(schedule)))[:until]:
        give(schedule, step)
    if until is None:
        schedule.finish_frame(present_request(schedule).id)
