import pytest

from app.settings import WhileZooming
from app.state.stand_ins import slow_to_encode, stand_ins, wants_quick
from liifgan_core.render.drawing import APART, STRUCTURE_ONLY, Blended, Drawing
from liifgan_core.render.request import BICUBIC, NEAREST, StandIn
from liifgan_core.weights.descriptor import WeightsInfo
from tests.app.fakes import model, on_a_trunk

ALL = [model(name) for name in ("detail-model", "plain", "detail-air", "plain-air")]
CLEAN = [model("detail-clean"), *ALL[1:]]
CLEAN_AIR = model("detail-clean-air")


@pytest.mark.parametrize(
    ("source", "installed", "wanted"),
    [
        ("detail-model", ALL, StandIn("detail-model", "detail-air")),
        ("plain", ALL, StandIn("plain", "plain-air")),
        ("plain-air", ALL, StandIn("plain-air", "plain-air")),
        ("detail-air", ALL, StandIn("detail-air", "detail-air")),
        ("detail-model", [ALL[0], ALL[3]], StandIn("detail-model", "plain-air")),
        ("plain", [ALL[1], ALL[2]], StandIn("plain", "detail-air", STRUCTURE_ONLY)),
        ("plain", ALL[:2], None),
        ("detail-clean", CLEAN, StandIn("detail-clean", "plain-air")),
        ("detail-clean", CLEAN[:3], StandIn("detail-clean", "detail-air", STRUCTURE_ONLY)),
        ("detail-clean", [*CLEAN, CLEAN_AIR], StandIn("detail-clean", "detail-clean-air")),
        ("detail-clean", CLEAN[:2], None),
        (BICUBIC, ALL, None),
        (NEAREST, ALL, None),
    ],
)
def test_the_quick_model_with_the_same_layers_stands_in(
    source: str, installed: list[WeightsInfo], wanted: StandIn | None
) -> None:
    found = stand_ins([source], installed, are_wanted=True)
    assert found == (() if wanted is None else (wanted,))


def test_sources_whose_encoder_is_slow_are_told() -> None:
    slow = [on_a_trunk(model) for model in ALL[:2]]
    models = [*slow, *ALL[2:]]
    assert slow_to_encode(["plain", "plain-air"], models) == {"plain"}
    assert slow_to_encode([BICUBIC, "plain-air"], models) == frozenset()


def test_unwanted_quick_models_stand_in_for_themselves_only() -> None:
    found = stand_ins(["plain", "plain-air"], ALL, are_wanted=False)
    assert found == (StandIn("plain-air", "plain-air"),)


@pytest.mark.parametrize(
    ("setting", "has_fast_gpu", "wanted"),
    [
        ("auto", False, True),
        ("auto", True, False),
        ("quick", True, True),
        ("chosen", False, False),
    ],
)
def test_the_setting_decides_and_the_device_where_it_leaves_that_open(
    setting: WhileZooming, has_fast_gpu: bool, wanted: bool
) -> None:
    assert wants_quick(setting, has_fast_gpu=has_fast_gpu) == wanted


@pytest.mark.parametrize(
    ("source", "strength", "wanted"),
    [
        ("detail-model", 0.7, Blended(0.7, is_coarse=True)),
        ("detail-air", 0.7, Blended(0.7, is_coarse=True)),
        ("detail-model", 0.0, STRUCTURE_ONLY),
        ("detail-model", None, APART),
        ("plain", 0.7, STRUCTURE_ONLY),
        ("plain", None, STRUCTURE_ONLY),
    ],
)
def test_a_quick_model_with_detail_blends_at_one_strength_or_shows_none(
    source: str, strength: float | None, wanted: Drawing
) -> None:
    [found] = stand_ins([source], [*ALL[:2], ALL[2]], are_wanted=True, strength=strength)
    assert (found.model, found.drawing) == ("detail-air", wanted)


@pytest.mark.parametrize("source", ["detail-model", "plain", "plain-air"])
def test_a_quick_model_without_detail_has_nothing_to_blend(source: str) -> None:
    [found] = stand_ins([source], [*ALL[:2], ALL[3]], are_wanted=True, strength=0.7)
    assert (found.model, found.drawing) == ("plain-air", APART)
