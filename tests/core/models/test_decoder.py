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
from liifgan_core.models.fast_field import FastFieldDecoder
from liifgan_core.models.fast_mlp import FastMLPDecoder
from liifgan_core.models.field_decoder import FieldDecoder
from liifgan_core.models.mlp_decoder import MLPDecoder
from tests.core.models.test_fast_field import viewports

CPU = torch.device("cpu")


@pytest.fixture(scope="module", params=["MLP", *(f"field of order {n}" for n in range(3))])
def decoder(request: pytest.FixtureRequest) -> RenderDecoder[Any]:
    if request.param == "MLP":
        return FastMLPDecoder(MLPDecoder(4, (8,)), device=CPU, dtype=torch.float32)
    order = int(request.param[-1])
    return FastFieldDecoder(FieldDecoder(4, FieldConfig(order=order)), device=CPU)


@given(case=viewports(), data=st.data())
def test_the_span_of_a_run_is_that_of_its_taps(
    case: tuple[tuple[int, int], Viewport], data: st.DataObject, decoder: RenderDecoder[Any]
) -> None:
    (num_latents, _), viewport = case
    first = data.draw(st.integers(0, viewport.size.height - 1))
    count = data.draw(st.integers(1, viewport.size.height - first))
    pixels, _ = tile_pixels(viewport, (num_latents, 1), Tile(first, 0, count, 1))
    assert decoder.span(pixels) == decoder.taps(pixels).span
