import threading
from collections.abc import Callable, Iterator

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from pytestqt.qtbot import QtBot

from app.state.crop_samples import FACTOR, PIECE, CropSamples, is_slow, piece_of
from app.state.document import DocumentModel
from app.state.frame_schedule import FrameSchedule
from app.state.photo import make_photo
from liifgan_core.errors import WeightsError
from liifgan_core.geometry import Size
from liifgan_core.images.image import Image
from tests.app.fakes import TIMEOUT_S, model, noise_photo, on_a_trunk, with_network

Bytes = NDArray[np.uint8]


class FakeRender:
    def __init__(self) -> None:
        self.calls: list[tuple[tuple[int, ...], Size, str]] = []
        self.go_on = threading.Event()
        self.go_on.set()
        self.broken = ""

    def __call__(self, rgb: Bytes, size: Size, name: str) -> Bytes:
        assert self.go_on.wait(TIMEOUT_S)
        self.calls.append((rgb.shape, size, name))
        if name == self.broken:
            raise WeightsError("it is damaged")
        return np.full((size.height, size.width, 3), len(self.calls), np.uint8)

    def names(self) -> list[str]:
        return [name for _, _, name in self.calls]


@pytest.fixture
def render() -> FakeRender:
    return FakeRender()


@pytest.fixture
def samples(schedule: FrameSchedule, render: FakeRender) -> Iterator[CropSamples]:
    samples = CropSamples(schedule, render)
    samples._rest.setInterval(0)
    yield samples
    render.go_on.set()
    samples.shut_down()


FAST, OTHER = model("detail-a"), model("plain")
SLOW = on_a_trunk(model("detail-slow"))


def be_still(schedule: FrameSchedule) -> None:
    """Complete the frame that is asked for; others may follow from what has changed before."""
    request = schedule.frames.request
    assert request is not None
    if schedule.is_busy or schedule.pace.is_moving:
        schedule.finish_frame(request.id)
        schedule.pace.rest()


def wait_until(schedule: FrameSchedule, qtbot: QtBot, is_so: Callable[[], bool]) -> None:
    """Wait for something that comes while the view is still."""

    def is_so_by_now() -> bool:
        be_still(schedule)
        return is_so()

    qtbot.waitUntil(is_so_by_now)


def test_pieces_come_while_the_view_is_still_and_not_before(
    schedule: FrameSchedule, samples: CropSamples, render: FakeRender, qtbot: QtBot
) -> None:
    schedule.document.set_models([FAST, OTHER])
    qtbot.waitUntil(lambda: schedule.is_busy)
    samples._draw_next()
    assert render.calls == []
    assert samples.picture(FAST) is None
    wait_until(
        schedule,
        qtbot,
        lambda: samples.picture(FAST) is not None and samples.picture(OTHER) is not None,
    )
    assert sorted(render.names()) == ["detail-a", "plain"]
    picture = samples.picture(FAST)
    assert picture is not None
    assert picture.shape == (FACTOR * PIECE, FACTOR * PIECE, 3)


def test_a_slow_model_draws_when_it_is_asked_or_chosen(
    schedule: FrameSchedule, samples: CropSamples, render: FakeRender, qtbot: QtBot
) -> None:
    assert is_slow(SLOW)
    assert not is_slow(msgspec.structs.replace(SLOW, pace="quick"))
    schedule.document.set_models([OTHER, SLOW])
    qtbot.waitUntil(lambda: schedule.is_busy)
    wait_until(schedule, qtbot, lambda: samples.picture(OTHER) is not None)
    assert samples.is_on_demand(SLOW)
    assert not samples.is_on_demand(OTHER)
    samples.ask("detail-slow")
    wait_until(schedule, qtbot, lambda: samples.picture(SLOW) is not None)
    assert not samples.is_on_demand(SLOW)
    assert render.names() == ["plain", "detail-slow"]


def test_a_piece_of_a_photo_that_is_gone_is_not_shown(
    schedule: FrameSchedule, samples: CropSamples, render: FakeRender, qtbot: QtBot
) -> None:
    document: DocumentModel = schedule.document
    document.set_models([FAST])
    qtbot.waitUntil(lambda: schedule.is_busy)
    render.go_on.clear()
    wait_until(schedule, qtbot, lambda: samples._task is not None)
    document.open(noise_photo(100, 200))
    render.go_on.set()
    qtbot.waitUntil(lambda: samples._task is None)
    assert samples.picture(FAST) is None


def test_a_model_that_fails_is_tried_once(
    schedule: FrameSchedule, samples: CropSamples, render: FakeRender, qtbot: QtBot
) -> None:
    render.broken = "detail-a"
    schedule.document.set_models([FAST, OTHER, with_network(model("gan-b"), is_installed=False)])
    qtbot.waitUntil(lambda: schedule.is_busy)
    wait_until(
        schedule, qtbot, lambda: samples.picture(OTHER) is not None and samples._task is None
    )
    samples._draw_next()
    assert sorted(render.names()) == ["detail-a", "plain"]


@pytest.mark.parametrize("place", [(30, 40), (300, 520), (599, 799)])
def test_the_piece_is_where_there_is_something_to_see(place: tuple[int, int]) -> None:
    samples = np.full((600, 800, 3), 128, np.uint8)
    row, column = (min(max(at, 6), side - 6) for at, side in zip(place, (600, 800), strict=True))
    samples[row - 6 : row + 6 : 4, column - 6 : column + 6] = 250
    piece = piece_of(make_photo(Image(samples), name="dots"))
    assert piece.max() == 250
    assert piece.shape[0] == piece.shape[1] > PIECE


def test_a_photo_smaller_than_a_piece_is_taken_whole() -> None:
    photo = noise_photo(20, 300)
    assert piece_of(photo).shape == (20, 72, 3)
