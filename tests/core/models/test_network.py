from typing import Any

import pytest
import torch

from liifgan_core.errors import WeightsError
from liifgan_core.models.network import build_network

HUGE = 10**12


def test_the_defaults_are_edsr_baseline_liif() -> None:
    network = build_network("liif", {}, where="a file")
    assert network.encoder.out_channels == 64
    assert network.receptive_radius == 34
    assert [layer.in_features for layer in network.structure.linears] == [580, 256, 256, 256, 256]
    assert sum(parameter.numel() for parameter in network.parameters()) == 1_567_299
    assert network.detail is None


def test_a_network_is_built_without_memory() -> None:
    network = build_network("liif", {"detail_tap": 8}, where="a file")
    assert {parameter.device for parameter in network.parameters()} == {torch.device("meta")}


def test_an_unknown_architecture_names_the_file_and_what_is_known() -> None:
    with pytest.raises(WeightsError, match=r"a file: unknown architecture 'dall-e'.*knows 'liif'"):
        build_network("dall-e", {}, where="a file")


@pytest.mark.parametrize(
    "config",
    [
        None,
        [],
        5,
        {"layers": 3},
        {"encoder": {"num_features": "64"}},
        {"encoder": {"num_features": True}},
        {"hidden": "256"},
        {"hidden": [2.5]},
        {"structure_tap": "LAST"},
        {"structure_tap": 0},
        {"structure_tap": 17},
        {"detail_tap": -1},
        {"detail_tap": 8, "detail_is_picture": True},
        {"detail_tap": 8, "detail_field": {}, "detail_is_picture": True},
        {"encoder": {"num_features": -1}},
        {"hidden": [-5]},
        {"hidden": []},
        {"hidden": [0]},
        {"encoder": {"num_features": 0}},
        {"encoder": {"num_blocks": -1}},
        {"encoder": {"num_features": HUGE}},
        {"encoder": {"num_features": 10**30}},
        {"hidden": [HUGE, HUGE]},
        {"encoder": {"num_blocks": 20_000}},
        {"hidden": [1] * 20_000},
    ],
    ids=lambda config: str(config)[:50],
)
def test_a_configuration_that_cannot_be_is_refused(config: Any) -> None:
    with pytest.raises(WeightsError, match="a file: the configuration is not valid"):
        build_network("liif", config, where="a file")
