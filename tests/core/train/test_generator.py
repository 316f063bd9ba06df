from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from torch import nn

from liifgan_core.errors import WeightsError
from liifgan_core.models.config import EDSRConfig, FieldConfig, LIIFConfig
from liifgan_core.models.field_decoder import FieldDecoder
from liifgan_core.models.liif import LIIF
from liifgan_core.models.mlp_decoder import MLPDecoder
from liifgan_core.train.config import Part
from liifgan_core.train.generator import as_channels_last, build_generator, freeze_parts
from liifgan_core.train.validation import render
from liifgan_core.weights.store import save_weights
from tests.conftest import PROVENANCE, seeded_network

PLAIN = LIIFConfig(encoder=EDSRConfig(num_features=8, num_blocks=2), hidden=(16, 16))
SAME_FEATURES = msgspec.structs.replace(PLAIN, detail_tap="last")
DEEP_ENCODER = msgspec.structs.replace(PLAIN.encoder, num_deep_blocks=2)
DEEP = msgspec.structs.replace(
    PLAIN, encoder=DEEP_ENCODER, structure_tap="trunk", detail_tap="last"
)
PICTURE = np.random.default_rng(0).integers(0, 256, (9, 11, 3), dtype=np.uint8)


def _saved(config: LIIFConfig, folder: Path) -> Path:
    path = folder / "init.safetensors"
    save_weights(path, seeded_network(config, seed=5), PROVENANCE)
    return path


@pytest.mark.parametrize("config", [PLAIN, SAME_FEATURES, DEEP])
def test_training_starts_with_exactly_the_initial_weights_picture(
    config: LIIFConfig, tmp_path: Path
):
    first = render(build_generator(config, _saved(PLAIN, tmp_path), seed=0), PICTURE, 3)
    original = render(as_channels_last(seeded_network(PLAIN, seed=5)), PICTURE, 3)
    np.testing.assert_array_equal(first.result(), original.result())
    assert original.result().std() > 0.05
    assert (first.detail is None) == (config.detail_tap is None)


@pytest.mark.parametrize("config", [SAME_FEATURES, DEEP])
def test_a_network_takes_all_weights_of_its_own_kind(config: LIIFConfig, tmp_path: Path):
    network = build_generator(config, _saved(config, tmp_path), seed=0)
    expected = seeded_network(config, seed=5).state_dict()
    assert all(tensor.equal(expected[name]) for name, tensor in network.state_dict().items())


def test_a_detail_decoder_starts_as_the_structure_decoder_but_silent(tmp_path: Path):
    network = build_generator(SAME_FEATURES, _saved(PLAIN, tmp_path), seed=0)
    assert network.detail is not None
    ours, theirs = network.detail.linears, network.structure.linears
    assert all(a.weight.equal(b.weight) for a, b in zip(ours[:-1], theirs[:-1], strict=True))
    assert not ours[-1].weight.any()
    assert not ours[-1].bias.any()


def test_deep_blocks_start_close_to_the_identity(tmp_path: Path):
    network = build_generator(DEEP, _saved(PLAIN, tmp_path), seed=0).requires_grad_(False)
    features = network.encode(torch.rand(1, 3, 9, 9))
    trunk, last = features.structure_BDHW, features.detail_BDHW
    assert last is not None
    change = float((last - trunk).std() / trunk.std())
    assert 0.0 < change < 0.1


def test_random_networks_are_equal_for_equal_seeds_and_silent():
    first, again, other = (build_generator(DEEP, None, seed=seed) for seed in (1, 1, 2))
    pairs = zip(first.parameters(), again.parameters(), strict=True)
    assert all(a.equal(b) for a, b in pairs)
    assert not first.encoder.head.weight.equal(other.encoder.head.weight)
    detail = render(first, PICTURE, 2).detail
    assert detail is not None
    assert not detail.any()


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (DEEP, PLAIN),
        (DEEP, msgspec.structs.replace(DEEP, encoder=EDSRConfig(num_features=8, num_blocks=2))),
        (PLAIN, msgspec.structs.replace(PLAIN, hidden=(16,))),
        (PLAIN, msgspec.structs.replace(PLAIN, encoder=EDSRConfig(num_features=8, num_blocks=3))),
    ],
)
def test_weights_of_another_size_are_refused_with_both_sizes(
    theirs: LIIFConfig, ours: LIIFConfig, tmp_path: Path
):
    with pytest.raises(WeightsError, match=r"init\.safetensors: its network \(EDSRConfig"):
        build_generator(ours, _saved(theirs, tmp_path), seed=0)


@pytest.mark.parametrize(
    ("trained", "starts"),
    [
        (("encoder",), ("encoder.head", "encoder.blocks", "encoder.tail")),
        (("deep_blocks",), ("encoder.deep_blocks",)),
        (("deep_blocks", "detail"), ("encoder.deep_blocks", "detail")),
        (("structure",), ("structure",)),
    ],
)
def test_only_the_named_parts_are_trained(trained: tuple[Part, ...], starts: tuple[str, ...]):
    network = LIIF(DEEP)
    freeze_parts(network, trained)
    found = {name for name, p in network.named_parameters() if p.requires_grad}
    assert found == {n for n, _ in network.named_parameters() if n.startswith(starts)}
    assert found


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("points", [0, 2])
def test_a_field_of_another_order_takes_the_functions_that_it_has(
    points: int, order: int, tmp_path: Path
):
    """What is taken draws what the file's field draws, but for functions that it lacks."""

    def with_order(number: int) -> LIIFConfig:
        field = FieldConfig(order=number, num_blocks=1, points=points)
        return msgspec.structs.replace(PLAIN, structure_field=field)

    given = seeded_network(with_order(2), seed=3)
    path = tmp_path / "field.safetensors"
    save_weights(path, given, PROVENANCE)
    taken = build_generator(with_order(order), path, seed=0)
    feat = torch.randn(1, PLAIN.encoder.num_features, 4, 5)
    assert isinstance(given.structure, FieldDecoder)
    assert isinstance(taken.structure, FieldDecoder)
    old, new = given.structure.coefficients(feat), taken.structure.coefficients(feat)
    num = 2 * min(order, 2) + 1
    torch.testing.assert_close(new[:, :, :num, :num], old[:, :, :num, :num])
    assert not new[:, :, num:].any()
    assert not new[:, :, :, num:].any()


def test_points_begin_as_the_mlp_and_add_nothing_yet(tmp_path: Path):
    field = FieldConfig(order=1, num_blocks=1, points=2)
    config = msgspec.structs.replace(PLAIN, structure_field=field)
    network = build_generator(config, _saved(PLAIN, tmp_path), seed=0)
    mlp = seeded_network(PLAIN, seed=5).structure
    assert isinstance(mlp, MLPDecoder)
    assert isinstance(network.structure, FieldDecoder)
    points = network.structure.points
    assert points is not None
    for convolutions in points.convolutions:
        torch.testing.assert_close(convolutions[0].weight[:, :, 0, 0], mlp.linears[1].weight)
    assert not points(torch.randn(1, PLAIN.encoder.num_features, 4, 5)).any()


def test_a_structure_stays_the_files_where_a_detail_field_is_added(tmp_path: Path):
    """As in a quick view: the structure layer of one model, deep blocks and detail on top."""
    field = FieldConfig(order=1, num_blocks=1, points=2)
    plain = msgspec.structs.replace(PLAIN, structure_field=field)
    full = msgspec.structs.replace(
        DEEP, structure_field=field, detail_field=FieldConfig(order=2, is_high_pass=True)
    )
    network = build_generator(full, _saved(plain, tmp_path), seed=0)
    assert _same(network.structure, seeded_network(plain, seed=5).structure)
    detail = render(network, PICTURE, 2).detail
    assert detail is not None
    assert not detail.any()


@pytest.mark.parametrize("kind", ["high-pass", "blocks", "other points"])
def test_a_field_of_another_kind_keeps_its_start(kind: str, tmp_path: Path):
    ours = FieldConfig(order=1, num_blocks=1, points=0 if kind == "blocks" else 2)
    theirs = {
        "high-pass": FieldConfig(order=1, num_blocks=1, is_high_pass=True),
        "blocks": FieldConfig(order=1),
        "other points": FieldConfig(order=1, num_blocks=1, points=1),
    }[kind]
    config, given = (msgspec.structs.replace(PLAIN, structure_field=o) for o in (ours, theirs))
    started = build_generator(config, None, seed=0)
    built = build_generator(config, _saved(given, tmp_path), seed=0)
    assert _same(built.structure, started.structure)


def _same(ours: nn.Module, theirs: nn.Module) -> bool:
    pairs = zip(ours.state_dict().items(), theirs.state_dict().items(), strict=True)
    return all(a[0] == b[0] and a[1].equal(b[1]) for a, b in pairs)
