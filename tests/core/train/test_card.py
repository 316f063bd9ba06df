from pathlib import Path

import msgspec
import pytest

from liifgan_core.models.liif import LIIF
from liifgan_core.train.card import facts_of, init_record
from liifgan_core.train.config import TrainConfig
from liifgan_core.train.recipes import find_recipe
from liifgan_core.weights.registry import Facts
from liifgan_core.weights.store import save_weights
from tests.conftest import PROVENANCE


@pytest.mark.parametrize(
    ("recipe", "is_gan", "cleans"),
    [
        ("cpu_liif_air", False, False),
        ("cpu_liif_gan_s", True, False),
        ("cpu_liif_gan_sf", True, False),
        ("cpu_liif_gan", True, False),
        ("cpu_liif_gan_fast", True, False),
        ("cpu_liif_gan_restore", True, True),
        ("cpu_liif_gan_restore_fast", True, True),
    ],
)
def test_what_a_model_does_follows_from_its_recipe(recipe: str, is_gan: bool, cleans: bool) -> None:
    config = find_recipe(recipe)
    assert isinstance(config, TrainConfig)
    assert facts_of(config, None) == Facts(is_gan=is_gan, cleans=cleans)


@pytest.mark.parametrize("is_gan", [True, False])
def test_what_began_as_a_gan_is_one(is_gan: bool, tiny_network: LIIF, tmp_path: Path) -> None:
    path = tmp_path / "start.safetensors"
    save_weights(path, tiny_network, PROVENANCE, facts=Facts(is_gan=is_gan, cleans=False))
    config = find_recipe("cpu_liif_air")
    assert isinstance(config, TrainConfig)
    init = init_record(path)
    assert init is not None
    assert facts_of(config, init).is_gan == is_gan
    assert facts_of(config, None, init).is_gan == is_gan  # as a teacher
    # Cards from before say nothing of it.
    before = {k: v for k, v in msgspec.to_builtins(init).items() if k != "is_gan"}
    assert not msgspec.convert(before, type(init)).is_gan
