import numpy as np
import pytest
import torch

from liifgan_core.models.config import EDSRConfig, Tap
from liifgan_core.models.encoders import EDSR, ResidualBlock


@pytest.fixture(scope="module")
def encoder() -> EDSR:
    torch.manual_seed(0)
    built = EDSR(EDSRConfig(num_features=6, num_blocks=3)).double()
    with torch.no_grad():
        # Positive everywhere: no change can be lost in a ReLU.
        for parameter in built.parameters():
            parameter.abs_()
    return built.requires_grad_(False)


TAPS: list[Tap] = [1, 2, 3, "last"]


@pytest.mark.parametrize("taps", [(1,), (3,), ("last",), (2, "last"), ("last", 1, 3)])
@pytest.mark.parametrize("size", [(1, 1), (1, 9), (8, 5)])
def test_each_tap_has_the_images_height_and_width(
    taps: tuple[Tap, ...], size: tuple[int, int], encoder: EDSR
) -> None:
    found = encoder(torch.rand(2, 3, *size, dtype=torch.float64), taps)
    assert tuple(found) == taps
    assert all(feat.shape == (2, encoder.out_channels, *size) for feat in found.values())


@pytest.mark.parametrize("tap", TAPS)
def test_a_tap_is_the_same_alone_or_among_others(tap: Tap, encoder: EDSR) -> None:
    image = torch.rand(1, 3, 7, 6, dtype=torch.float64)
    assert torch.equal(encoder(image, (tap,))[tap], encoder(image, TAPS)[tap])


@pytest.mark.parametrize("tap", TAPS)
def test_the_receptive_radius_is_exact(tap: Tap, encoder: EDSR) -> None:
    radius = encoder.receptive_radius([tap])
    side = 2 * radius + 7
    centre = side // 2
    image = torch.rand(1, 3, side, side, dtype=torch.float64)
    changed = image.clone()
    changed[0, :, centre, centre] += 0.5
    difference = (encoder(changed, (tap,))[tap] - encoder(image, (tap,))[tap])[0].abs().amax(0)
    distance = np.abs(np.arange(side) - centre)
    is_near = torch.from_numpy(np.maximum(distance[:, None], distance[None]) <= radius)
    assert (difference[is_near] > 0).all()
    assert (difference[~is_near] == 0).all()


def test_the_radius_of_several_taps_is_that_of_the_deepest(encoder: EDSR) -> None:
    assert [encoder.receptive_radius([tap]) for tap in TAPS] == [3, 5, 7, 8]
    assert encoder.receptive_radius([1, 3]) == 7
    assert encoder.receptive_radius(["last", 1]) == 8


@pytest.mark.parametrize("tap", [0, -1, 4])
def test_a_block_that_is_not_there_is_refused(tap: int, encoder: EDSR) -> None:
    with pytest.raises(ValueError, match=rf"tap {tap} is not in 1\.\.3, 'trunk' or 'last'"):
        encoder.receptive_radius([tap])


def test_blocks_beyond_the_last_tap_are_not_run(encoder: EDSR) -> None:
    calls: list[None] = []
    encoder(
        torch.rand(1, 3, 4, 4, dtype=torch.float64), (1,), between_blocks=lambda: calls.append(None)
    )
    assert len(calls) == 1


def test_work_can_be_stopped_between_blocks(encoder: EDSR) -> None:
    calls: list[None] = []

    def stop() -> None:
        calls.append(None)
        if len(calls) == 2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        encoder(torch.rand(1, 3, 4, 4, dtype=torch.float64), TAPS, between_blocks=stop)


def test_the_residual_scale_scales_the_residual() -> None:
    torch.manual_seed(0)
    encoder = EDSR(EDSRConfig(num_features=4, num_blocks=1, residual_scale=0.0))
    image = torch.rand(1, 3, 5, 5)
    assert torch.equal(encoder(image, (1,))[1], encoder.head(image))


def test_a_block_may_be_wider_inside_and_leak() -> None:
    torch.manual_seed(0)
    block = ResidualBlock(3, 0.5, width=7, slope=0.1).double().requires_grad_(False)
    feat = torch.randn(1, 3, 6, 5, dtype=torch.float64)
    hidden = block.conv1(feat)
    assert hidden.shape[1] == 7
    hidden = torch.where(hidden > 0, hidden, 0.1 * hidden)
    torch.testing.assert_close(block(feat), feat + 0.5 * block.conv2(hidden))
