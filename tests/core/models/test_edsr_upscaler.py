import re

import pytest
import torch
from torch import Tensor

from liifgan_core.models.edsr_upscaler import EDSRUpscaler, edsr_upscaler_from


def _network(scale: int = 4, num_features: int = 8) -> EDSRUpscaler:
    torch.manual_seed(0)
    network = EDSRUpscaler(num_features=num_features, num_blocks=2, scale=scale)
    return network.requires_grad_(False).eval()


def _basicsr(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the state in BasicSR's names, which has no mean shifts."""
    renamed = {}
    for key, value in state.items():
        name = re.sub(r"^head\.0", "conv_first", key)
        name = re.sub(r"^body\.(\d+)\.body\.0", r"body.\1.conv1", name)
        name = re.sub(r"^body\.(\d+)\.body\.2", r"body.\1.conv2", name)
        name = re.sub(r"^body\.\d+\.(weight|bias)", r"conv_after_body.\1", name)
        name = re.sub(r"^tail\.0\.", "upsample.", name)
        name = re.sub(r"^tail\.1\.", "conv_last.", name)
        if "_mean." not in name:
            renamed[name] = value
    return renamed


def _output(network: EDSRUpscaler) -> Tensor:
    torch.manual_seed(1)
    return network(torch.rand(1, 3, 6, 5))


@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize("in_basicsr_names", [False, True])
def test_a_state_in_either_naming_gives_the_network(scale: int, in_basicsr_names: bool):
    network = _network(scale)
    state = network.state_dict()
    found = edsr_upscaler_from(_basicsr(state) if in_basicsr_names else state)
    assert found is not None
    assert found.scale == scale
    assert _output(network).shape == (1, 3, 6 * scale, 5 * scale)
    torch.testing.assert_close(_output(found), _output(network), rtol=0.0, atol=1e-6)


def test_a_files_own_mean_shift_is_used():
    state = _network().state_dict()
    state["sub_mean.bias"] = torch.zeros(3)
    found = edsr_upscaler_from(state)
    assert found is not None
    assert not torch.allclose(_output(found), _output(_network()), atol=1e-4)


def test_the_mean_shifts_lead_there_and_back():
    network = _network()
    for name, parameter in network.named_parameters():
        if "_mean." not in name:
            parameter.zero_()
    expected = torch.tensor([0.4488, 0.4371, 0.4040]).view(1, 3, 1, 1).expand(1, 3, 24, 20)
    torch.testing.assert_close(_output(network), expected)


def test_only_the_large_network_scales_its_residuals():
    scales = {
        width: [block.residual_scale for block in list(_network(2, width).body)[:-1]]
        for width in (8, 256)
    }
    assert scales == {8: [1.0, 1.0], 256: [0.1, 0.1]}


def test_a_state_of_another_network_is_left_to_others():
    assert edsr_upscaler_from({"conv_first.weight": torch.zeros(1)}) is None
    assert edsr_upscaler_from({}) is None


@pytest.mark.parametrize("damage", ["missing", "left over", "shape", "upsampler"])
def test_an_edsr_that_is_not_whole_is_an_error(damage: str):
    state = dict(_network().state_dict())
    if damage == "missing":
        del state["body.0.body.2.weight"]
    elif damage == "left over":
        state["body.0.body.9.weight"] = torch.zeros(1)
    elif damage == "shape":
        state["tail.1.weight"] = torch.zeros(3, 9, 3, 3)
    else:
        del state["tail.0.2.weight"]
        state["tail.0.0.weight"] = torch.zeros(8 * 5, 8, 3, 3)
    with pytest.raises(ValueError, match=r"body|tail|upsampler"):
        edsr_upscaler_from(state)
