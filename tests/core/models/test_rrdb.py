import numpy as np
import pytest
import torch
import torch.nn.functional as F

from liifgan_core.models.config import RRDBConfig
from liifgan_core.models.rrdb import RRDBNet, RRDBTrunk

CONFIG = RRDBConfig(num_features=6, num_growth=3, num_blocks=2)


def _trunk(config: RRDBConfig = CONFIG, seed: int = 0) -> RRDBTrunk:
    torch.manual_seed(seed)
    return RRDBTrunk(config).double().requires_grad_(False)


def test_features_have_the_images_height_and_width():
    trunk = _trunk()
    for size in ((1, 1), (1, 9), (8, 5)):
        features = trunk(torch.rand(2, 3, *size, dtype=torch.float64))
        assert features.shape == (2, trunk.out_channels, *size)


def test_the_receptive_radius_is_exact():
    trunk = _trunk(RRDBConfig(num_features=2, num_growth=2, num_blocks=1))
    for parameter in trunk.parameters():
        parameter.abs_()  # no change can be lost
    radius = trunk.receptive_radius
    side = 2 * radius + 5
    centre = side // 2
    image = torch.rand(1, 3, side, side, dtype=torch.float64)
    changed = image.clone()
    changed[0, :, centre, centre] += 1e6  # far away little arrives
    difference = (trunk(changed) - trunk(image))[0].abs().amax(0)
    distance = np.abs(np.arange(side) - centre)
    is_near = torch.from_numpy(np.maximum(distance[:, None], distance[None]) <= radius)
    assert (difference[is_near] > 0).all()
    assert (difference[~is_near] == 0).all()


@pytest.mark.parametrize(("num_blocks", "radius"), [(1, 17), (6, 92), (23, 347)])
def test_the_receptive_radius_grows_by_fifteen_a_block(num_blocks: int, radius: int):
    with torch.device("meta"):
        trunk = RRDBTrunk(RRDBConfig(num_blocks=num_blocks))
    assert trunk.receptive_radius == radius


def test_the_defaults_have_the_published_number_of_parameters():
    with torch.device("meta"):
        network = RRDBNet(RRDBConfig())
    factors = 23
    published = 16_697_987  # ESRGAN's, as its authors' code counts them
    assert sum(p.numel() for p in network.parameters()) - factors == published


def test_a_block_is_three_dense_blocks_within_a_factor():
    """Against the formula written out with plain convolutions."""
    trunk = _trunk()
    trunk.block_factors.copy_(torch.tensor([0.5, -1.25]))
    image = torch.rand(1, 3, 7, 6, dtype=torch.float64)
    state = trunk.state_dict()

    def conv(x: torch.Tensor, name: str) -> torch.Tensor:
        return F.conv2d(x, state[f"{name}.weight"], state[f"{name}.bias"], padding=1)

    first = feat = conv(image, "conv_first")
    for block, factor in enumerate((0.5, -1.25)):
        inner = feat
        for dense in range(3):
            name, seen = f"blocks.{block}.dense.{dense}", [inner]
            for number in range(4):
                grown = conv(torch.cat(seen, 1), f"{name}.convs.{number}")
                seen.append(torch.where(grown > 0, grown, 0.2 * grown))
            inner = inner + 0.2 * conv(torch.cat(seen, 1), f"{name}.conv_last")
        feat = feat + factor * inner
    torch.testing.assert_close(trunk(image), first + conv(feat, "conv_body"))


def test_chosen_blocks_keep_their_weights_and_factors():
    trunk = _trunk(RRDBConfig(num_features=4, num_growth=2, num_blocks=3))
    trunk.block_factors.copy_(torch.tensor([0.1, 0.2, 0.3], dtype=torch.float64))
    image = torch.rand(1, 3, 5, 5, dtype=torch.float64)
    assert torch.equal(trunk.with_blocks(range(3))(image), trunk(image))
    short = trunk.with_blocks([2, 0])
    assert short.config.num_blocks == 2
    assert short.block_factors.tolist() == [0.3, 0.1]
    assert torch.equal(
        short.blocks[0].dense[1].conv_last.weight, trunk.blocks[2].dense[1].conv_last.weight
    )
    before = trunk(image)
    for parameter in short.parameters():
        parameter.zero_()
    assert torch.equal(trunk(image), before)


@pytest.mark.parametrize("numbers", [[], [3], [-1], [0, 23]])
def test_blocks_that_are_not_there_are_an_error(numbers: list[int]):
    with pytest.raises(ValueError, match=r"are not one or more of 0\.\.1"):
        _trunk().with_blocks(numbers)


def test_every_parameter_learns():
    torch.manual_seed(0)
    network = RRDBNet(CONFIG)
    network(torch.rand(1, 3, 6, 6)).square().mean().backward()
    assert all(p.grad is not None and bool(p.grad.any()) for p in network.parameters())


def test_bfloat16_weights_give_nearly_the_same_features():
    trunk = _trunk().float()
    image = torch.rand(1, 3, 16, 16)
    expected = trunk(image)
    half = trunk.to(torch.bfloat16, memory_format=torch.channels_last)
    found = half(image.to(torch.bfloat16).contiguous(memory_format=torch.channels_last))
    assert found.dtype == torch.bfloat16
    torch.testing.assert_close(found.float(), expected, rtol=0.02, atol=0.02)


def test_channels_last_stays_channels_last():
    network = RRDBNet(CONFIG).to(memory_format=torch.channels_last).requires_grad_(False)
    image = torch.rand(2, 3, 8, 8).contiguous(memory_format=torch.channels_last)
    assert network.trunk(image).is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(network(image), network(image.contiguous()))


def test_it_can_be_stopped_before_every_dense_block():
    trunk = _trunk()
    calls: list[int] = []
    trunk(torch.rand(1, 3, 4, 4, dtype=torch.float64), between_blocks=lambda: calls.append(1))
    assert len(calls) == 6

    def stop() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        trunk(torch.rand(1, 3, 4, 4, dtype=torch.float64), between_blocks=stop)


def test_lowered_it_keeps_colours_and_sums_in_float32():
    trunk = _trunk().float().to(memory_format=torch.channels_last)
    image = torch.rand(1, 3, 16, 16)
    expected = trunk(image)
    trunk.lower(torch.bfloat16)
    assert trunk.conv_first.weight.dtype == trunk.block_factors.dtype == torch.float32
    assert {p.dtype for p in trunk.blocks.parameters()} == {torch.bfloat16}
    found = trunk(image)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, expected, rtol=0.02, atol=0.02)
    whole = _trunk().to(torch.bfloat16)(image.to(torch.bfloat16)).float()
    assert (found - expected).square().mean() < 0.5 * (whole - expected).square().mean()


def test_autocast_gives_nearly_the_same_features_and_gradients():
    trunk = _trunk().float().requires_grad_(True)
    image = torch.rand(1, 3, 12, 12)
    expected = trunk(image)
    with torch.autocast("cpu", torch.bfloat16):
        found = trunk(image)
    torch.testing.assert_close(found.float(), expected, rtol=0.02, atol=0.02)
    first = trunk.blocks[0].dense[0].convs[0].weight
    (wanted,) = torch.autograd.grad(expected.square().sum(), first)
    (gradient,) = torch.autograd.grad(found.float().square().sum(), first)
    assert (gradient - wanted).norm() < 0.05 * wanted.norm()
