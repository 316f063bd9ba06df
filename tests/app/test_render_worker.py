import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from app.workers.render_worker import RenderWorker
from liifgan_core.errors import OutOfMemoryError
from liifgan_core.geometry import Size, Tile, Viewport
from liifgan_core.render.request import FrameTile, RenderRequest, StandIn
from tests.app.fakes import TIMEOUT_S, FailingOnce, FakeEngine, noise_photo

PHOTO = noise_photo()


def request(
    number: int,
    sources: tuple[str, ...] = ("plain",),
    key: str = "a",
    stand_ins: tuple[StandIn, ...] = (),
) -> RenderRequest:
    viewport = Viewport.whole(PHOTO.image.size, Size(600, 800))
    return RenderRequest(number, key, sources, viewport, Tile(0, 0, 600, 800), stand_ins)


@pytest.fixture
def worker(qtbot: QtBot, engine: FakeEngine) -> Iterator[RenderWorker]:
    worker = RenderWorker(lambda: engine)
    worker.open_image("a", PHOTO.image)
    worker.start()
    yield worker
    engine.go_on.set()
    worker.stop()


def hold(worker: RenderWorker, engine: FakeEngine, first: RenderRequest) -> None:
    """Let the engine hold in the middle of a request."""
    engine.go_on.clear()
    worker.submit(first)
    assert engine.holds.wait(TIMEOUT_S)


def test_a_request_is_rendered_in_the_workers_thread(
    worker: RenderWorker, engine: FakeEngine, qtbot: QtBot
) -> None:
    tiles: list[FrameTile] = []
    worker.tile_ready.connect(tiles.append)
    with qtbot.waitSignal(worker.frame_done) as done:
        worker.submit(request(7))
    assert done.args == [7]
    assert {tile.request_id for tile in tiles} == {7}
    assert engine.thread != threading.get_ident()


def test_the_latest_request_wins(worker: RenderWorker, engine: FakeEngine, qtbot: QtBot) -> None:
    done: list[int] = []
    worker.frame_done.connect(done.append)
    hold(worker, engine, request(1))
    for number in range(2, 40):
        worker.submit(request(number))
    with qtbot.waitSignal(worker.frame_done):
        engine.go_on.set()
    assert done == [39]
    assert [rendered.id for rendered in engine.requests] == [1, 39]


def test_a_frame_is_cancelled_between_tiles(
    worker: RenderWorker, engine: FakeEngine, qtbot: QtBot
) -> None:
    tiles: list[FrameTile] = []
    worker.tile_ready.connect(tiles.append)
    hold(worker, engine, request(1))
    worker.submit(request(2))
    with qtbot.waitSignal(worker.frame_done):
        engine.go_on.set()
    assert {tile.request_id for tile in tiles} == {2}


@pytest.mark.parametrize(
    ("following", "is_abandoned"),
    [
        (request(2), False),
        (request(2, ("plain", "detail-model")), False),
        (request(2, ("detail-model",)), True),
        (request(2, ("detail-model",), stand_ins=(StandIn("detail-model", "plain"),)), False),
    ],
)
def test_encoding_is_given_up_only_for_something_else(
    worker: RenderWorker, engine: FakeEngine, following: RenderRequest, is_abandoned: bool
) -> None:
    hold(worker, engine, request(1))
    running = worker._running
    assert running is not None
    worker.submit(following)
    assert running.cancel.is_cancelled
    assert running.abandon.is_cancelled == is_abandoned


def test_the_engine_is_told_the_newest_request(worker: RenderWorker, engine: FakeEngine) -> None:
    hold(worker, engine, request(1))
    assert engine.following() is None
    worker.submit(request(2))
    worker.submit(request(3))
    newest = engine.following()
    assert newest is not None
    assert newest.id == 3


def test_another_photo_is_opened_once(
    worker: RenderWorker, engine: FakeEngine, qtbot: QtBot
) -> None:
    for number, key in enumerate(["a", "a", "b", "b"]):
        worker.open_image(key, PHOTO.image)
        with qtbot.waitSignal(worker.frame_done):
            worker.submit(request(number, key=key))
    assert engine.opened == ["a", "b"]


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OutOfMemoryError("cuda has no memory left; use cpu"), "cuda has no memory left; use cpu"),
        (RuntimeError("a defect"), "Rendering failed: a defect"),
        (MemoryError("no room"), "Rendering failed: no room"),
    ],
)
def test_the_worker_survives_an_error_and_reports_it(
    worker: RenderWorker, engine: FakeEngine, qtbot: QtBot, error: Exception, message: str
) -> None:
    engine.error = error
    with qtbot.waitSignal(worker.failed) as failed:
        worker.submit(request(1))
    assert failed.args is not None
    assert failed.args[0] == 1
    assert failed.args[1].startswith(message)
    with qtbot.waitSignal(worker.frame_done) as done:
        worker.submit(request(2))
    assert done.args == [2]


def test_an_engine_that_cannot_be_opened_is_tried_again(qtbot: QtBot, engine: FakeEngine) -> None:
    worker = RenderWorker(FailingOnce(engine, num_failures=2))
    worker.open_image("a", PHOTO.image)
    worker.start()
    with qtbot.waitSignal(worker.failed) as failed:
        worker.submit(request(1))
    assert failed.args == [1, "there is no device 'moon'; use cpu"]
    with qtbot.waitSignal(worker.frame_done):
        worker.submit(request(2))
    worker.stop()


def test_another_engine_takes_over(worker: RenderWorker, engine: FakeEngine, qtbot: QtBot) -> None:
    other = FakeEngine()
    with qtbot.waitSignal(worker.frame_done):
        worker.submit(request(1))
    worker.use_engine(lambda: other)
    with qtbot.waitSignal(worker.frame_done):
        worker.submit(request(2))
    assert engine.is_closed
    assert [rendered.id for rendered in other.requests] == [2]
    assert other.opened == ["a"]


def test_stopping_ends_the_thread_in_the_middle_of_a_frame(qtbot: QtBot) -> None:
    engine = FakeEngine()
    worker = RenderWorker(lambda: engine)
    worker.open_image("a", PHOTO.image)
    worker.start()
    hold(worker, engine, request(1))
    threading.Timer(0.05, engine.go_on.set).start()
    worker.stop()
    assert worker.isFinished()
    assert engine.is_closed


def test_a_request_for_an_unknown_photo_is_a_defect(worker: RenderWorker) -> None:
    with pytest.raises(ValueError, match="'z'"):
        worker.submit(request(1, key="z"))
