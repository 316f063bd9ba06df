import math

import numpy as np
import pytest
import torch

from liifgan_core.coords import axis_corners
from liifgan_core.models.feature_networks import build_feature_network
from liifgan_core.models.patch_axis import stack_axes
from liifgan_core.train.grid_phase import grid_phase, high_pass
from liifgan_core.train.losses import (
    PerceptualLoss,
    critic_loss,
    generator_gan_loss,
    local_powers,
    low_pass_loss,
    spectrum_balance_loss,
    spectrum_loss,
)


def test_a_critic_that_knows_nothing_loses_two_ln_two():
    logits = torch.zeros(5, 1)
    assert float(critic_loss(logits, logits)) == pytest.approx(2.0 * math.log(2.0))
    assert float(generator_gan_loss(logits)) == pytest.approx(math.log(2.0))


def test_critic_and_generator_want_the_opposite():
    real, fake = torch.full((4, 1), 2.0), torch.full((4, 1), -2.0)
    assert float(critic_loss(real, fake)) < float(critic_loss(fake, real))
    assert float(generator_gan_loss(fake)) > float(generator_gan_loss(real))


def test_the_perceptual_loss_is_zero_for_equal_patches_and_trains_no_network_of_its_own():
    torch.manual_seed(0)
    loss = PerceptualLoss(build_feature_network("vgg16-shift-tolerant"), {"relu1_2": 1.0})
    result = torch.rand(1, 3, 16, 16, requires_grad=True)
    found, wanted = loss.features(result), loss.features(torch.rand(1, 3, 16, 16))
    assert float(loss(found, found).detach()) == 0.0
    loss(found, wanted).backward()
    assert result.grad is not None
    assert all(p.grad is None for p in loss.parameters())


def test_a_relative_perceptual_loss_does_not_depend_on_the_features_unit():
    torch.manual_seed(0)
    loss = PerceptualLoss(
        build_feature_network("vgg16-shift-tolerant"), {"relu1_2": 1.0}, is_relative=True
    )
    found, wanted = (loss.features(torch.rand(1, 3, 16, 16)) for _ in range(2))
    scaled = [{name: 15.0 * map_ for name, map_ in maps.items()} for maps in (found, wanted)]
    torch.testing.assert_close(loss(found, wanted), loss(*scaled))
    assert float(loss(found, wanted)) > 0.0


def test_the_low_pass_sees_flat_detail_and_not_what_lr_cannot_hold():
    flat = torch.full((1, 3, 48, 48), 0.5)
    assert float(low_pass_loss(flat, 2.0)) == pytest.approx(0.5, abs=1e-5)
    board = torch.from_numpy(np.indices((48, 48)).sum(0) % 2 * 1.0 - 0.5).float()
    assert float(low_pass_loss(board.expand(1, 3, 48, 48), 2.0)) < 0.01


def test_the_low_pass_halves_the_nyquist_frequency_of_lr():
    x = torch.arange(96.0)
    wave = torch.cos(math.pi * x / 4.0).expand(1, 3, 96, 96)
    ratio = float(low_pass_loss(wave, 4.0)) / float(wave.abs().mean())
    assert ratio == pytest.approx(0.5, abs=0.03)


def _axes(scale: float, size: int, num: int = 4):
    starts = np.random.default_rng(0).uniform(1.0, 3.0, (2, num))
    corners = [[axis_corners(s, size / scale, size, 64) for s in axis] for axis in starts]
    return stack_axes(corners[0]), stack_axes(corners[1])


@pytest.mark.parametrize("scale", [2.0, 3.3, 4.0])
def test_a_pattern_locked_to_the_grid_is_seen_and_noise_is_not(scale: float):
    rows, cols = _axes(scale, 64)
    phase_y = torch.remainder(rows.rel_coord_BN[:, 0::2] / 2.0, 1.0)
    phase_x = torch.remainder(cols.rel_coord_BN[:, 0::2] / 2.0, 1.0)
    dots = torch.cos(2 * math.pi * phase_y)[:, :, None] + torch.cos(2 * math.pi * phase_x)[:, None]
    dots = dots[:, None].expand(-1, 3, -1, -1)
    torch.manual_seed(0)
    noise = torch.randn(dots.shape) * 0.1

    locked = grid_phase(dots, rows, cols, num_bins=4)
    free = grid_phase(noise, rows, cols, num_bins=4)
    assert float(locked.mean) > 0.3
    assert float(free.mean) < 0.05
    assert float(free.energy) < 0.1
    modulated = grid_phase(noise * (1.0 + 0.9 * dots), rows, cols, num_bins=4)
    assert float(modulated.energy) > 5.0 * float(free.energy)


def test_a_pattern_in_colour_alone_is_seen():
    rows, cols = _axes(4.0, 64)
    phase = torch.remainder(rows.rel_coord_BN[:, 0::2] / 2.0, 1.0)
    stripes = torch.cos(2 * math.pi * phase)[:, None, :, None].expand(-1, 1, -1, 64) * 0.1
    opposite = torch.cat([stripes, torch.zeros_like(stripes), -stripes], dim=1)
    assert float(grid_phase(opposite, rows, cols, num_bins=4).mean) > 0.3


def test_bins_that_no_pixel_falls_into_do_not_count():
    """At a whole factor of 2 pixels have two phases a side: the figures by hand, in NumPy."""
    starts = torch.zeros(2, 1)
    corners = [[axis_corners(float(s) + 1.0, 8.0, 16, 64) for s in axis] for axis in starts]
    rows, cols = stack_axes(corners[0]), stack_axes(corners[1])
    torch.manual_seed(1)
    layer = torch.randn(1, 3, 16, 16) * 0.02
    found = grid_phase(layer, rows, cols, num_bins=4)
    high = high_pass(layer)[0].clamp(-48 / 255, 48 / 255).double().numpy()
    places = np.array([[high[:, y::2, x::2].reshape(3, -1) for x in (0, 1)] for y in (0, 1)])
    means = places.mean(axis=-1).reshape(4, 3)
    energies = np.square(places).mean(axis=-1).reshape(4, 3)
    mean_energy = energies.mean(axis=0)
    expected_mean = np.sqrt((means**2 / mean_energy).mean())
    expected_energy = np.sqrt(((energies / mean_energy - 1.0) ** 2).mean())
    assert float(found.mean) == pytest.approx(expected_mean, rel=1e-3)
    assert float(found.energy) == pytest.approx(expected_energy, rel=1e-3)


def test_the_grid_phase_has_gradients():
    rows, cols = _axes(3.0, 24)
    layer = torch.randn(4, 3, 24, 24, requires_grad=True)
    phase = grid_phase(layer, rows, cols, num_bins=4)
    (phase.mean + phase.energy).backward()
    assert layer.grad is not None
    assert bool(layer.grad.isfinite().all())
    silent = grid_phase(torch.zeros(4, 3, 24, 24), rows, cols, num_bins=4)
    assert float(silent.mean) < 1e-3


def _spectrum(result: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    return spectrum_loss(local_powers(result), local_powers(target))


def _balance(result: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    return spectrum_balance_loss(local_powers(result), local_powers(target))


def test_the_spectrum_loss_asks_for_the_texture_and_not_for_its_place():
    generator = torch.Generator().manual_seed(0)
    noise, other = (0.2 * torch.randn(8, 3, 64, 64, generator=generator) for _ in range(2))
    stripes = torch.sin(torch.arange(64) * math.pi / 2).expand_as(noise)
    stripes = stripes * noise.std() / stripes.std()
    blur = torch.zeros_like(noise)

    assert float(_spectrum(noise, noise)) == 0.0
    assert float(_spectrum(noise.roll((3, 5), (2, 3)), noise)) < 0.8
    same_kind = float(_spectrum(other, noise))
    assert same_kind < 0.75 * float(_spectrum(blur, noise))
    assert same_kind < 0.75 * float(_spectrum(stripes, noise))


def test_the_spectrum_loss_does_not_see_what_is_fainter_than_rounding():
    faint = torch.full((1, 3, 32, 32), 0.1)
    faint[..., ::2] += 0.2 / 255.0
    loss = _spectrum(faint, torch.full((1, 3, 32, 32), 0.1))
    assert float(loss) < 0.05


def test_the_balance_of_spectra_sees_texture_that_always_leans_to_one_side():
    generator = torch.Generator().manual_seed(0)
    noise, other = (0.1 * torch.randn(8, 3, 64, 64, generator=generator) for _ in range(2))

    def leaning(texture: torch.Tensor) -> torch.Tensor:
        return (texture + texture.roll((1, 1), (2, 3))) / 2.0**0.5

    balanced = float(_balance(other, noise))
    assert balanced < 0.15
    assert float(_balance(leaning(noise), noise)) > 3.0 * balanced
    assert float(_balance(leaning(other).flip(3), leaning(noise))) > 3.0 * balanced
    assert float(_balance(noise, noise)) == 0.0
