import pytest

from app.state.models import best_pair
from liifgan_core.render.request import BICUBIC, NEAREST
from tests.app.fakes import model


@pytest.mark.parametrize(
    ("names", "pair"),
    [
        ([], (NEAREST, BICUBIC)),
        (["plain"], (BICUBIC, "plain")),
        (["detail-gan"], (BICUBIC, "detail-gan")),
        (["detail-gan", "plain"], ("plain", "detail-gan")),
        (["detail-gan", "plain-gan-s", "plain", "plain-air"], ("plain", "detail-gan")),
        (["detail-gan", "plain-gan-s"], (BICUBIC, "detail-gan")),
    ],
)
def test_the_best_model_starts_beside_plain_liif_or_bicubic(
    names: list[str], pair: tuple[str, str]
) -> None:
    assert best_pair([model(name) for name in names]) == pair
