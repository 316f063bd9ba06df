"""Cards and checkpoints outlast settings that they name."""

from pathlib import Path

import msgspec
import pytest

from liifgan_core.train.card import read_card
from liifgan_core.train.config import TrainConfig
from liifgan_core.train.retired import RetiredError, without_retired

CARDS = Path(__file__).parents[3] / "resources" / "weights"


def test_what_was_not_used_is_left_out(config: TrainConfig):
    plain = msgspec.to_builtins(config)
    before = plain | {"structure_init": None}
    before["loss"] = plain["loss"] | {"artefact": 0.0, "detail_start_step": 0, "gan": None}
    after = without_retired(before)
    assert after == plain | {"loss": plain["loss"] | {"gan": None}}
    assert msgspec.convert(after, TrainConfig).loss.gan is None


@pytest.mark.parametrize("name", ["liif-gan", "liif-gan-fast"])
def test_cards_of_before_are_read_if_their_recipe_can_be(name: str):
    content = (CARDS / f"{name}.json").read_bytes()
    card = read_card(content)
    assert card.architecture == card.recipe.network
    assert card.steps > 0
    plain = msgspec.json.decode(content)
    plain["recipe"]["structure_init"] = "liif-air"
    with pytest.raises(RetiredError, match="uses structure_init, which this version has no more"):
        read_card(msgspec.json.encode(plain))
