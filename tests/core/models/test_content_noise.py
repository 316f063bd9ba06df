import numpy as np
import pytest
import torch

from liifgan_core.models.config import EDSRConfig
from liifgan_core.models.encoders import EDSR, content_noise


@pytest.fixture
def photo() -> torch.Tensor:
    codes = np.random.default_rng(0).integers(0, 256, (1, 3, 40, 50))
    return torch.from_numpy(codes).float() / 127.5 - 1.0


def test_noise_has_mean_zero_and_variance_one_and_its_maps_differ(photo: torch.Tensor):
    noise = content_noise(photo, 4)
    assert noise.shape == (1, 4, 40, 50)
    assert noise.mean(dim=(0, 2, 3)).abs().max() < 0.1
    assert (noise.std(dim=(0, 2, 3)) - 1.0).abs().max() < 0.05
    correlation = torch.corrcoef(noise[0].flatten(1)) - torch.eye(4)
    assert correlation.abs().max() < 0.1


def test_a_tile_has_the_noise_of_the_whole_photo(photo: torch.Tensor):
    whole = content_noise(photo, 2)
    tile = content_noise(photo[:, :, 5:25, 7:30], 2)
    assert torch.equal(tile[:, :, 1:-1, 1:-1], whole[:, :, 6:24, 8:29])


def test_noise_follows_its_pixels_and_their_neighbours_alone(photo: torch.Tensor):
    changed = photo.clone()
    changed[0, 1, 20, 20] = -changed[0, 1, 20, 20] + 0.5
    is_new = content_noise(photo, 1)[0, 0] != content_noise(changed, 1)[0, 0]
    expected = torch.zeros_like(is_new)
    expected[19:22, 19:22] = True
    assert torch.equal(is_new, expected)


def test_where_pixels_are_equal_the_noise_is_constant():
    noise = content_noise(torch.full((1, 3, 9, 9), 0.3), 3)[:, :, 1:-1, 1:-1]
    assert torch.equal(noise, noise[:, :, :1, :1].expand_as(noise))


def test_values_beyond_the_range_are_taken_as_its_ends():
    over, at_end = torch.full((1, 3, 3, 3), 1.7), torch.ones(1, 3, 3, 3)
    assert torch.equal(content_noise(over, 1), content_noise(at_end, 1))


def test_strengths_say_how_much_noise_each_deep_block_gets(photo: torch.Tensor):
    torch.manual_seed(0)
    config = EDSRConfig(num_features=4, num_blocks=1, num_deep_blocks=2, has_deep_noise=True)
    encoder = EDSR(config).requires_grad_(False)
    assert encoder.noise_strength is not None
    found = encoder(photo, ("trunk", "last"))
    plain = EDSR(EDSRConfig(num_features=4, num_blocks=1, num_deep_blocks=2))
    plain.load_state_dict(encoder.state_dict(), strict=False)
    assert torch.equal(found["last"], plain(photo, ("last",))["last"])

    encoder.noise_strength[1, 2] = 0.5
    noisy = encoder(photo, ("trunk", "last"))
    assert torch.equal(noisy["trunk"], found["trunk"])
    assert not torch.equal(noisy["last"], found["last"])
