import numpy as np
import pytest

from app.look import Look, colours, opacity_bytes
from liifgan_core.render.invented import HEAT_FULL, heat_colours

RNG = np.random.default_rng(0)
STRUCTURE = RNG.uniform(-0.2, 1.2, (20, 30, 3)).astype(np.float32)
DETAIL = RNG.uniform(-0.5, 0.5, (20, 30, 3)).astype(np.float32)


@pytest.mark.parametrize("strength", [0.0, 0.3, 1.0, 1.5])
def test_colours_are_those_of_an_8_bit_export(strength: float) -> None:
    blended = np.clip(STRUCTURE + np.float32(strength) * DETAIL, 0, 1)
    exported = (blended * 255 + 0.5).astype(np.uint8)
    shown = colours(STRUCTURE, DETAIL, Look(strength))
    assert np.abs(shown.astype(int) - exported).max() <= 1
    assert (shown == exported).mean() > 0.999


def test_without_detail_the_strength_changes_nothing() -> None:
    assert (colours(STRUCTURE, None, Look(0.0)) == colours(STRUCTURE, None, Look(1.5))).all()


def test_the_heat_map_grows_with_the_change() -> None:
    levels = np.linspace(0, HEAT_FULL, 9, dtype=np.float32)[None]
    brightness = heat_colours(levels).astype(int).sum(axis=2)[0]
    assert (np.diff(brightness) > 0).all()


def test_the_overlay_marks_where_detail_is() -> None:
    structure = np.full((1, 2, 3), 0.2, np.float32)
    detail = np.zeros((1, 2, 3), np.float32)
    detail[0, 1] = HEAT_FULL
    plain, marked = colours(structure, detail, Look(1.0, shows_invented=True))[0].astype(int)
    assert marked.sum() > plain.sum() + 200


def test_opacity_is_rounded() -> None:
    values = opacity_bytes(np.array([[0.0, 0.5, 1.0]], np.float32))
    assert values.tolist() == [[0, 128, 255]]
