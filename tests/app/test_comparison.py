import pytest

from app.state.comparison import CompareMode, Comparison, with_installed
from liifgan_core.render.request import BICUBIC, NEAREST
from tests.app.fakes import model


@pytest.mark.parametrize(
    ("left", "right", "mode", "wanted"),
    [
        ("plain", "plain", "wipe", ("plain",)),
        (BICUBIC, "plain", "side", (BICUBIC, "plain")),
        (BICUBIC, "plain", "difference", (BICUBIC, "plain")),
        (BICUBIC, "plain", "single", ("plain",)),
    ],
)
def test_what_is_shown_is_rendered_once(
    left: str, right: str, mode: CompareMode, wanted: tuple[str, ...]
) -> None:
    assert Comparison(left, right, mode).sources == wanted


@pytest.mark.parametrize(
    ("installed", "wanted"),
    [
        (["detail-model", "plain"], ("plain", "detail-model")),
        (["plain"], ("plain", "plain")),
        (["other"], (NEAREST, "other")),
        ([], (NEAREST, BICUBIC)),
    ],
)
def test_pictures_of_models_that_are_gone_are_replaced(
    installed: list[str], wanted: tuple[str, str]
) -> None:
    before = Comparison("plain", "detail-model", "wipe", 0.2)
    after = with_installed(before, [model(name) for name in installed])
    assert after == Comparison(*wanted, "wipe", 0.2)


def test_the_photo_itself_is_always_there() -> None:
    before = Comparison(NEAREST, BICUBIC)
    assert with_installed(before, [model("plain")]) == before
