import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from liifgan_core.coords import axis_corners
from liifgan_core.models.config import FieldConfig
from liifgan_core.models.field_decoder import (
    FieldDecoder,
    axis_basis,
    draw_patch,
    draw_whole,
    field_means,
)
from liifgan_core.models.patch_axis import stack_axes
from tests.core.models.patches import LR, PATCH, patch_axes, patch_queries

ORDER = 3


def _functions(t: Tensor) -> Tensor:
    """The functions at points, written out: a window, and the window times cosines and sines."""
    window = torch.where(t.abs() < 1, torch.cos(math.pi * t / 2) ** 2, 0.0)
    found = [window]
    for k in range(1, ORDER + 1):
        found += [window * torch.cos(math.pi * k * t), window * torch.sin(math.pi * k * t)]
    return torch.stack(found, dim=-1)


@given(st.floats(-3.0, 3.0), st.floats(0.01, 3.0))
def test_means_are_those_of_the_functions(offset: float, extent: float):
    points = offset + extent * ((torch.arange(20_000, dtype=torch.double) + 0.5) / 20_000 - 0.5)
    numeric = _functions(points).mean(dim=0)
    exact = field_means(
        torch.tensor(offset, dtype=torch.double),
        torch.tensor(extent, dtype=torch.double),
        order=ORDER,
    )
    torch.testing.assert_close(exact, numeric, atol=1e-6, rtol=0)


@given(st.floats(-0.5, 6.5), st.floats(0.05, 4.0))
def test_a_constant_field_is_constant_at_every_place_and_factor(position: float, extent: float):
    latent, basis = axis_basis(torch.tensor([position]), torch.tensor([extent]), LR, order=ORDER)
    assert float(basis[..., 0].sum()) == pytest.approx(1.0, abs=1e-9)
    assert 0 <= int(latent.min()) <= int(latent.max()) < LR


def test_a_pixel_is_the_mean_of_the_pixels_within_it():
    fine, coarse = 0.15, 0.6
    centre = torch.tensor([2.37], dtype=torch.double)

    def matrix(position: Tensor, extent: float) -> Tensor:
        latent, basis = axis_basis(position, torch.full_like(position, extent), LR, order=ORDER)
        dense = torch.zeros(len(position), LR, basis.shape[-1], dtype=torch.double)
        return dense.scatter_add_(1, latent.unsqueeze(-1).expand_as(basis), basis)

    parts = matrix(centre + fine * (torch.arange(4) - 1.5), fine)
    torch.testing.assert_close(parts.mean(dim=0, keepdim=True), matrix(centre, coarse))


@pytest.mark.parametrize("scale", [1.0, 2.0, 3.7])
@pytest.mark.parametrize("points", [0, 2])
def test_patches_equal_the_direct_formula_with_gradients(points: int, scale: float):
    torch.manual_seed(0)
    decoder = FieldDecoder(8, FieldConfig(order=ORDER, num_blocks=1, points=points), (16, 16))
    feat = torch.randn(2, 8, LR, LR, requires_grad=True)
    patch = decoder.patch(feat, *patch_axes(scale))
    direct = decoder(feat, *patch_queries(scale)).mT.unflatten(2, (PATCH, PATCH))
    torch.testing.assert_close(patch, direct, atol=1e-5, rtol=0)

    target = torch.randn(direct.shape)
    wanted = [feat, *decoder.parameters()]
    ours = torch.autograd.grad((patch - target).square().mean(), wanted)
    theirs = torch.autograd.grad((direct - target).square().mean(), wanted)
    for our, their in zip(ours, theirs, strict=True):
        torch.testing.assert_close(our, their, atol=1e-5, rtol=0)


def test_the_border_repeats_the_last_pixels_coefficients():
    torch.manual_seed(0)
    decoder = FieldDecoder(4, FieldConfig(order=1))
    with torch.no_grad():
        decoder.readout.weight.zero_()  # every LR pixel has the same coefficients
    colours = [
        decoder(
            torch.zeros(1, 4, side, side),
            torch.full((1, 1, 2), centre / side * 2.0 - 1.0),
            torch.full((1, 1, 2), 2.0 / side / 3.0),
        )
        for side, centre in ((5, 0.2), (9, 4.2))
    ]
    torch.testing.assert_close(*colours)


@pytest.mark.parametrize("num_blocks", [0, 2])
def test_a_high_pass_field_draws_nothing_where_features_repeat(num_blocks: int):
    torch.manual_seed(0)
    config = FieldConfig(order=ORDER, num_blocks=num_blocks, is_high_pass=True)
    decoder = FieldDecoder(4, config)
    radius = decoder.receptive_radius
    side = 2 * radius + 3
    feat = torch.randn(1, 4, 1, 1).expand(1, 4, side, side)
    coefficients = decoder.coefficients(feat)[..., radius:-radius, radius:-radius]
    assert float(coefficients.detach().abs().max()) < 1e-6

    feat = feat + torch.randn(1, 4, side, side)
    assert float(decoder.coefficients(feat).detach().abs().max()) > 1e-3


@pytest.mark.parametrize(
    ("num_blocks", "is_high_pass", "points"),
    [(0, False, 0), (0, True, 0), (2, True, 0), (0, False, 2), (2, False, 1)],
)
def test_the_receptive_radius_is_exact(num_blocks: int, is_high_pass: bool, points: int):
    torch.manual_seed(0)
    config = FieldConfig(order=1, num_blocks=num_blocks, is_high_pass=is_high_pass, points=points)
    decoder = FieldDecoder(4, config, (8, 8)).double()
    radius, middle = decoder.receptive_radius, 8
    feat = torch.randn(1, 4, 17, 17, dtype=torch.double, requires_grad=True)
    decoder.coefficients(feat)[..., middle, middle].abs().sum().backward()
    assert feat.grad is not None
    reached = feat.grad.abs().sum(dim=(0, 1)) > 0
    rows = torch.nonzero(reached.any(dim=1)).flatten()
    assert (int(rows.min()), int(rows.max())) == (middle - radius, middle + radius)


@pytest.mark.parametrize("factor", [1, 2, 3, 4, 7])
def test_a_whole_picture_is_a_patch_over_all(factor: int) -> None:
    coefficients = torch.randn(2, 3, 7, 7, 5, 6, generator=torch.Generator().manual_seed(0))
    rows, cols = (
        stack_axes([axis_corners(0.0, float(side), side * factor, side)] * 2) for side in (5, 6)
    )
    expected = draw_patch(coefficients, rows, cols)
    torch.testing.assert_close(draw_whole(coefficients, factor), expected, rtol=1e-4, atol=1e-4)
