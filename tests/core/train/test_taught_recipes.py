import pytest
import torch

from liifgan_core.models.field_decoder import FieldDecoder
from liifgan_core.resources import resource_path
from liifgan_core.train.generator import build_generator, freeze_parts
from liifgan_core.train.taught_recipes import TAUGHT_RECIPES
from liifgan_core.weights.store import load_weights
from liifgan_core.weights.trunk_store import load_trunk
from liifgan_core.weights.trunks import NETWORKS, network_named


@pytest.mark.parametrize("recipe", TAUGHT_RECIPES)
def test_a_recipe_starts_from_shipped_weights_and_draws_their_picture_first(recipe):
    config = recipe()
    assert config.init == "liif-air"
    path = resource_path("weights", "liif-air.safetensors")
    network = build_generator(config.network, path, trunk_start=config.trunk_start, seed=0)
    shipped = load_weights(path).network
    for name, tensor in shipped.state_dict().items():
        assert torch.equal(network.state_dict()[name], tensor)
    assert isinstance(network.detail, FieldDecoder)
    assert not network.detail.readout.weight.any()

    teacher = network_named(config.taught.lessons.teacher)
    assert network.detail_encoder is not None
    blocks = None if config.trunk_start is None else config.trunk_start.blocks
    expected = load_trunk(teacher.sha256, blocks=blocks).state_dict()
    for name, tensor in network.detail_encoder.state_dict().items():
        assert torch.equal(tensor, expected[name])

    freeze_parts(network, config.trained_parts)
    trained = {name.partition(".")[0] for name, p in network.named_parameters() if p.requires_grad}
    is_stored = not config.network.detail_trunk.sha256
    assert trained == ({"detail", "detail_encoder"} if is_stored else {"detail"})


def test_teachers_are_for_clean_or_for_damaged_photos():
    for recipe in TAUGHT_RECIPES:
        lessons = recipe().taught.lessons
        is_clean = lessons.teacher == "realsr"
        assert lessons.teacher in NETWORKS
        assert (lessons.degradation is None) == is_clean
        assert (lessons.target == "back-projected") == is_clean


def test_what_cleans_draws_a_picture_where_its_trunk_has_one() -> None:
    drawn = {recipe().name: recipe().network.detail_is_picture for recipe in TAUGHT_RECIPES}
    assert [name for name, is_picture in drawn.items() if is_picture] == ["cpu_liif_gan_restore"]
