import numpy as np
import pytest
import torch

from liifgan_core.models.config import SRVGGConfig
from liifgan_core.models.srvgg import SRVGGNet, SRVGGTrunk

CONFIG = SRVGGConfig(num_features=5, num_convs=3)


def test_the_defaults_have_the_published_number_of_parameters():
    with torch.device("meta"):
        network = SRVGGNet(SRVGGConfig())
    # First convolution, 32 of 64 to 64 channels, 33 PReLUs, and the last to 48.
    expected = (27 * 64 + 64) + 32 * (576 * 64 + 64) + 33 * 64 + (576 * 48 + 48)
    assert sum(p.numel() for p in network.parameters()) == expected == 1_213_296


def test_the_receptive_radius_is_exact():
    torch.manual_seed(0)
    trunk = SRVGGTrunk(CONFIG).double().requires_grad_(False)
    for parameter in trunk.parameters():
        parameter.abs_()  # no change can be lost
    radius = trunk.receptive_radius
    side = 2 * radius + 5
    centre = side // 2
    image = torch.rand(1, 3, side, side, dtype=torch.float64)
    changed = image.clone()
    changed[0, :, centre, centre] += 1.0
    difference = (trunk(changed) - trunk(image))[0].abs().amax(0)
    distance = np.abs(np.arange(side) - centre)
    is_near = torch.from_numpy(np.maximum(distance[:, None], distance[None]) <= radius)
    assert radius == 4
    assert (difference[is_near] > 0).all()
    assert (difference[~is_near] == 0).all()


def test_without_a_residual_the_picture_is_the_input_repeated():
    network = SRVGGNet(CONFIG).requires_grad_(False)
    network.conv_last.weight.zero_()
    network.conv_last.bias.zero_()  # pyright: ignore[reportOptionalMemberAccess]
    image = torch.rand(2, 3, 3, 5)
    expected = image.repeat_interleave(4, dim=2).repeat_interleave(4, dim=3)
    assert torch.equal(network(image), expected)


def test_bfloat16_weights_and_channels_last_give_nearly_the_same_features():
    torch.manual_seed(0)
    trunk = SRVGGTrunk(CONFIG).requires_grad_(False)
    image = torch.rand(1, 3, 16, 16)
    expected = trunk(image)
    half = trunk.to(torch.bfloat16, memory_format=torch.channels_last)
    found = half(image.to(torch.bfloat16).contiguous(memory_format=torch.channels_last))
    assert found.is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(found.float(), expected, rtol=0.02, atol=0.02)


def test_it_can_be_stopped_before_every_convolution():
    trunk = SRVGGTrunk(CONFIG)
    calls: list[int] = []
    trunk(torch.rand(1, 3, 4, 4), between_blocks=lambda: calls.append(1))
    assert len(calls) == 4

    def stop() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        trunk(torch.rand(1, 3, 4, 4), between_blocks=stop)


def test_lowered_it_keeps_colours_in_float32():
    torch.manual_seed(0)
    trunk = SRVGGTrunk(CONFIG).requires_grad_(False)
    image = torch.rand(1, 3, 16, 16)
    expected = trunk(image)
    trunk.lower(torch.bfloat16)
    assert {p.dtype for p in trunk.layers[0].parameters()} == {torch.float32}
    assert {p.dtype for p in trunk.layers[1:].parameters()} == {torch.bfloat16}
    torch.testing.assert_close(trunk(image).float(), expected, rtol=0.02, atol=0.02)
