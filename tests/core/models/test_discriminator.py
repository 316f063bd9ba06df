import pytest
import torch

from liifgan_core.models.discriminator import DiscriminatorConfig, build_discriminator


@pytest.mark.parametrize("norm", ["none", "batch", "group"])
@pytest.mark.parametrize("side", [16, 48, 50])
def test_the_vgg_critic_gives_one_logit_per_patch_of_any_size(norm, side: int):
    critic = build_discriminator(DiscriminatorConfig(num_features=8, num_stages=3, norm=norm))
    assert critic(torch.randn(2, 3, side, side)).shape == (2, 1)


@pytest.mark.parametrize("num_stages", [2, 4])
def test_the_smallest_patch_is_the_smallest(num_stages: int):
    config = DiscriminatorConfig(num_features=8, num_stages=num_stages, norm="none")
    critic, side = build_discriminator(config), config.min_side
    assert critic(torch.randn(1, 3, side, side)).isfinite().all()
    with pytest.raises(RuntimeError):
        critic(torch.randn(1, 3, side - 1, side - 1))


def test_critics_learn_to_tell_noise_from_gray():
    torch.manual_seed(0)
    critic = build_discriminator(DiscriminatorConfig(num_features=8, num_stages=2))
    optimiser = torch.optim.Adam(critic.parameters(), 3e-3)
    for _ in range(15):
        noise, gray = torch.randn(4, 3, 16, 16) * 0.2, torch.zeros(4, 3, 16, 16)
        loss = torch.nn.functional.softplus(-critic(noise)).mean()
        loss = loss + torch.nn.functional.softplus(critic(gray)).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert float(loss.detach()) < 0.8
