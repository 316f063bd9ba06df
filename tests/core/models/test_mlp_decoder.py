import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from liifgan_core.coords import make_cell, make_coord
from liifgan_core.geometry import Rect, Size, Viewport
from liifgan_core.models.mlp_decoder import MLPDecoder
from tests.core.models import reference


@pytest.fixture(scope="module")
def decoder() -> MLPDecoder:
    torch.manual_seed(3)
    return MLPDecoder(2, (7, 5)).double().requires_grad_(False)


def plain(decoder: MLPDecoder, feat_DHW: np.ndarray, viewport: Viewport) -> np.ndarray:
    lr_shape = feat_DHW.shape[1:]
    coord = torch.from_numpy(make_coord(viewport, lr_shape)).double().reshape(1, -1, 2)
    cell = torch.from_numpy(make_cell(viewport, lr_shape)).double().expand_as(coord)
    colours = decoder(torch.from_numpy(feat_DHW)[None], coord, cell)
    return colours.reshape(viewport.size.height, viewport.size.width, 3).numpy()


@settings(max_examples=40)
@given(
    lr=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    factor=st.tuples(st.floats(1, 5), st.floats(1, 5)),
)
def test_the_plain_formula_is_liif_as_published(
    lr: tuple[int, int], factor: tuple[float, float], decoder: MLPDecoder
) -> None:
    feat = np.random.default_rng(lr[0]).standard_normal((2, *lr))
    size = Size(*(max(side, round(side * f)) for side, f in zip(lr, factor, strict=True)))
    viewport = Viewport.whole(Size(*lr), size)
    expected = reference.render(reference.parameters(decoder), feat, viewport)
    assert np.abs(plain(decoder, feat, viewport) - expected).max() < 2e-5


@pytest.mark.parametrize("side", [3, 5])
def test_the_last_row_and_column_of_odd_factors_keep_both_weights(
    side: int, decoder: MLPDecoder
) -> None:
    feat = np.random.default_rng(0).standard_normal((2, 3, 3))
    viewport = Viewport.whole(Size(3, 3), Size(3 * side, 3 * side))
    expected = reference.render(reference.parameters(decoder), feat, viewport)
    assert np.abs(plain(decoder, feat, viewport) - expected).max() < 2e-5


def test_a_region_is_that_part_of_the_whole(decoder: MLPDecoder) -> None:
    feat = np.random.default_rng(0).standard_normal((2, 6, 8))
    whole = plain(decoder, feat, Viewport.whole(Size(6, 8), Size(24, 32)))
    part = plain(decoder, feat, Viewport(Rect(1, 2, 3, 5), Size(12, 20)))
    assert np.abs(part - whole[4:16, 8:28]).max() < 2e-5


def test_each_image_of_a_batch_is_its_own(decoder: MLPDecoder) -> None:
    feat = torch.randn(2, 2, 4, 4, dtype=torch.float64, generator=torch.manual_seed(0))
    coord = torch.rand(2, 9, 2, dtype=torch.float64) * 2 - 1
    cell = torch.full_like(coord, 0.2)
    both = decoder(feat, coord, cell)
    for number in range(2):
        alone = decoder(*(part[number : number + 1] for part in (feat, coord, cell)))
        assert torch.allclose(both[number], alone[0], atol=1e-12)


def test_it_can_be_trained() -> None:
    decoder = MLPDecoder(2, (4,))
    feat = torch.randn(1, 2, 3, 3, requires_grad=True)
    decoder(feat, torch.zeros(1, 1, 2), torch.full((1, 1, 2), 0.1)).sum().backward()
    assert feat.grad is not None
    assert feat.grad.abs().sum() > 0
