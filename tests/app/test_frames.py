from dataclasses import replace

import numpy as np
import pytest

from app.look import Look
from app.qimage import rgb_from_qimage
from app.state.frames import Frames
from liifgan_core.geometry import Size, Tile, Viewport
from liifgan_core.render.request import FrameTile, RenderRequest

WHOLE = Viewport.whole(Size(10, 10), Size(20, 20))
PART = Tile(0, 0, 20, 20)


def request(number: int, viewport: Viewport = WHOLE, visible: Tile = PART) -> RenderRequest:
    return RenderRequest(number, "photo", ("model",), viewport, visible)


def tile(
    number: int,
    part: Tile,
    value: float,
    *,
    viewport: Viewport = WHOLE,
    is_final: bool = True,
    detail: float | None = None,
) -> FrameTile:
    shape = (part.height, part.width, 3)
    return FrameTile(
        request_id=number,
        source="model",
        drawn_by="model",
        viewport=viewport,
        tile=part,
        structure=np.full(shape, value, np.float32),
        detail=None if detail is None else np.full(shape, detail, np.float32),
        alpha=None,
        is_final=is_final,
        seconds=0.0,
    )


def shown(frames: Frames) -> np.ndarray:
    flat = frames.flat("model")
    assert flat is not None
    return rgb_from_qimage(flat.picture)


@pytest.fixture
def frames() -> Frames:
    frames = Frames()
    frames.begin(request(1))
    return frames


def test_final_tiles_lie_over_coarse_ones_whatever_comes_first(frames: Frames) -> None:
    small = Viewport.whole(Size(10, 10), Size(5, 5))
    frames.add(tile(1, Tile(0, 0, 20, 10), 1.0))
    frames.add(tile(1, Tile(0, 0, 5, 5), 0.0, viewport=small, is_final=False))
    pixels = shown(frames)
    assert (pixels[:, :10] == 255).all()
    assert (pixels[:, 10:] == 0).all()


def test_a_tile_of_an_old_request_is_dropped(frames: Frames) -> None:
    frames.begin(request(2))
    assert not frames.add(tile(1, PART, 1.0))
    assert frames.flat("model") is None


def test_the_last_frame_is_shown_until_the_next_one_comes(frames: Frames) -> None:
    frames.add(tile(1, PART, 1.0))
    larger = Viewport.whole(Size(10, 10), Size(40, 40))
    frames.begin(request(2, larger, Tile(0, 0, 20, 20)))
    [backdrop] = frames.pieces("model")
    assert backdrop.region.height == 10
    assert not backdrop.is_final


def test_a_finished_frame_has_only_final_tiles(frames: Frames) -> None:
    frames.add(tile(1, PART, 0.0, is_final=False))
    frames.add(tile(1, PART, 1.0))
    frames.finish(1)
    assert [piece.is_final for piece in frames.pieces("model")] == [True]
    assert frames.is_finished


def test_the_look_recombines_the_layers(frames: Frames) -> None:
    frames.add(tile(1, PART, 0.5, detail=0.25))
    assert shown(frames)[0, 0, 0] == 191
    frames.set_look(Look(0.0))
    assert shown(frames)[0, 0, 0] in (127, 128)
    frames.set_look(Look(1.5))
    assert shown(frames)[0, 0, 0] == 223


def test_pieces_of_a_source_that_is_not_shown_are_none(frames: Frames) -> None:
    assert list(frames.pieces("another")) == []


def test_a_transparent_picture_is_put_together_once(frames: Frames) -> None:
    first = replace(tile(1, Tile(0, 0, 20, 10), 0.2, detail=0.2), alpha=np.ones((20, 10), "f4"))
    second = replace(tile(1, Tile(0, 10, 20, 10), 0.6), alpha=np.ones((20, 10), "f4"))
    frames.add(first)
    half = frames.flat("model")
    assert frames.flat("model") is half
    frames.add(second)
    whole = frames.flat("model")
    assert frames.flat("model") is whole
    assert (shown(frames)[:, 10:] == 153).all()
    assert (shown(frames)[:, :10] == 102).all()
    frames.set_look(Look(detail=0.0))
    assert (shown(frames)[:, :10] == 51).all()
