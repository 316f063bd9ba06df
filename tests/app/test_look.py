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


def test_a_mask_multiplies_the_strength_at_each_pixel() -> None:
    rng = np.random.default_rng(3)
    structure = rng.uniform(-0.1, 1.1, (9, 7, 3)).astype(np.float32)
    detail = rng.uniform(-0.3, 0.3, (9, 7, 3)).astype(np.float32)
    mask = rng.uniform(0.0, 1.5, (9, 7)).astype(np.float32)
    expected = np.clip(structure + 0.8 * mask[..., None] * detail, 0.0, 1.0) * 255.0
    found = colours(structure, detail, Look(detail=0.8), mask)
    assert np.abs(found - expected).max() <= 0.5 + 1e-3
    assert np.array_equal(
        colours(structure, detail, Look(detail=0.8), np.ones((9, 7), np.float32)),
        colours(structure, detail, Look(detail=0.8)),
    )


def test_the_tint_says_less_and_more_and_leaves_one_alone() -> None:
    structure = np.full((1, 3, 3), 0.5, np.float32)
    mask = np.array([[0.0, 1.0, 1.5]], np.float32)
    plain = colours(structure, np.zeros_like(structure), Look(), mask)
    tinted = colours(structure, np.zeros_like(structure), Look(shows_mask=True), mask).astype(int)
    assert tinted[0, 0, 0] > tinted[0, 0, 1] + 50
    assert tinted[0, 2, 1] > tinted[0, 2, 0] + 50
    assert (tinted[0, 1] == plain[0, 1]).all()
