from dataclasses import replace

import numpy as np
import pytest

from app.state.decoding_speeds import DecodingSpeeds
from liifgan_core.geometry import Size, Tile, Viewport
from liifgan_core.render.request import BICUBIC, NEAREST, FrameTile

TILE = FrameTile(
    request_id=1,
    source="plain",
    drawn_by="plain",
    viewport=Viewport.whole(Size(100, 100), Size(200, 200)),
    tile=Tile(0, 0, 20, 50),
    structure=np.zeros((20, 50, 3), np.float32),
    detail=None,
    alpha=None,
    is_final=True,
    seconds=0.1,
)


def test_late_tiles_count_most() -> None:
    speeds = DecodingSpeeds()
    speeds.add(TILE)
    assert speeds.of("plain") == pytest.approx(10_000)
    speeds.add(replace(TILE, seconds=0.05))
    assert speeds.of("plain") == pytest.approx(0.8 * 10_000 + 0.2 * 20_000)
    assert speeds.of("another") is None


@pytest.mark.parametrize(
    "tile",
    [
        replace(TILE, seconds=0.0),
        replace(TILE, drawn_by=BICUBIC),
        replace(TILE, drawn_by=NEAREST),
        replace(TILE, viewport=Viewport.whole(Size(100, 100), Size(60, 60))),
    ],
)
def test_what_was_not_decoded_or_is_a_reduction_tells_nothing(tile: FrameTile) -> None:
    speeds = DecodingSpeeds()
    speeds.add(tile)
    assert speeds.of(tile.drawn_by) is None
