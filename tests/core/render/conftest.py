"""Pictures, and models that fail on purpose."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from liifgan_core.images.image import Image
from liifgan_core.models.decoder import RenderDecoder
from liifgan_core.render.placed_model import Layer, PlacedModel

MakeImage = Callable[[int, int], Image]


@pytest.fixture(scope="session")
def make_image() -> MakeImage:
    """Return random pictures of a height and width, the same for each size."""

    def make(height: int, width: int) -> Image:
        rng = np.random.default_rng(height * 1000 + width)
        return Image(rng.integers(0, 256, (height, width, 3), dtype=np.uint8))

    return make


class WrappedDecoder:
    """A decoder with something done before and after `add_colour`."""

    def __init__(
        self,
        inner: RenderDecoder[Any],
        before: Callable[..., None] = lambda *_, **__: None,
        after: Callable[..., None] = lambda *_, **__: None,
    ) -> None:
        self.inner, self.before, self.after = inner, before, after
        self.max_queries = inner.max_queries
        self.table_bytes = inner.table_bytes
        self.prepare = inner.prepare
        self.taps = inner.taps
        self.at_points = inner.at_points

    def add_colour(self, *args: Any, **options: Any) -> None:
        self.before(*args, **options)
        self.inner.add_colour(*args, **options)
        self.after(*args, **options)


def wrap_decoders(
    model: PlacedModel,
    wrap: Callable[[RenderDecoder[Any], torch.dtype], RenderDecoder[Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Make a model's decoders pass through `wrap`, which is told their dtype."""
    original = model.decoder

    def decoder(layer: Layer, dtype: torch.dtype) -> RenderDecoder[Any]:
        return wrap(original(layer, dtype), dtype)

    monkeypatch.setattr(model, "decoder", decoder)
