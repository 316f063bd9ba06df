"""What every decoder keeps of the protocol."""

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from liifgan_core.coords import tile_pixels
from liifgan_core.geometry import Tile, Viewport
from liifgan_core.models.config import FieldConfig
from liifgan_core.models.decoder import RenderDecoder
from liifgan_core.models.field_decoder import FieldDecoder
from liifgan_core.models.mlp_decoder import MLPDecoder
from tests.core.models.test_fast_field import viewports

CPU = torch.device("cpu")


DECODERS = [
    MLPDecoder(4, (8,)),
    FieldDecoder(4, FieldConfig(order=1)),
    FieldDecoder(4, FieldConfig(order=2, num_blocks=2, is_high_pass=True)),
    FieldDecoder(4, FieldConfig(order=1, points=2), (8,)),
]


@pytest.fixture(scope="module", params=["MLP", *(f"field of order {n}" for n in range(3))])
def decoder(request: pytest.FixtureRequest) -> RenderDecoder[Any]:
    if request.param == "MLP":
        return MLPDecoder(4, (8,)).renderer(device=CPU, dtype=torch.float32)
    order = int(request.param[-1])
    return FieldDecoder(4, FieldConfig(order=order)).renderer(device=CPU, dtype=torch.float32)


@given(case=viewports(), data=st.data())
def test_the_span_of_a_run_is_that_of_its_taps(
    case: tuple[tuple[int, int], Viewport], data: st.DataObject, decoder: RenderDecoder[Any]
) -> None:
    (num_latents, _), viewport = case
    first = data.draw(st.integers(0, viewport.size.height - 1))
    count = data.draw(st.integers(1, viewport.size.height - first))
    pixels, _ = tile_pixels(viewport, (num_latents, 1), Tile(first, 0, count, 1))
    assert decoder.span(pixels) == decoder.taps(pixels).span


@pytest.mark.parametrize("decoder", DECODERS)
def test_what_is_kept_has_the_channels_and_the_reach_that_the_decoder_says(
    decoder: MLPDecoder | FieldDecoder,
) -> None:
    feat = torch.randn(1, 4, 15, 15, generator=torch.Generator().manual_seed(0))
    touched = feat.clone()
    touched[..., 7, 7] += 1.0
    with torch.no_grad():
        kept, other = decoder.refined(feat), decoder.refined(touched)
    assert kept.shape == (1, decoder.refined_channels, 15, 15)
    changed = (kept - other).abs().amax(dim=(0, 1)) > 0
    rows = changed.any(dim=1).nonzero().flatten()
    assert int((rows - 7).abs().max()) == decoder.refining_radius


def test_only_tables_that_are_linear_in_the_colour_blend() -> None:
    mlp, *fields = DECODERS
    assert mlp.blend_order is None
    assert [field.blend_order for field in fields] == [1, 2, 1]
    table = torch.zeros(1)
    with pytest.raises(TypeError, match="do not blend"):
        mlp.blended(table, table, 1.0, is_coarse=False)
