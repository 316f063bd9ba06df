import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from liifgan_core.coords import make_cell, make_coord, tile_pixels
from liifgan_core.geometry import Rect, Size, Tile, Viewport
from liifgan_core.models.liif import LIIF
from liifgan_core.models.mlp_decoder import MLPDecoder
from tests.core.models import reference


@pytest.fixture(scope="module")
def decoder(tiny_network: LIIF) -> MLPDecoder:
    return tiny_network.structure


def features(size: tuple[int, int]) -> torch.Tensor:
    generator = torch.Generator().manual_seed(size[0] * 100 + size[1])
    return torch.randn(1, 8, *size, generator=generator)


def fast(
    decoder: MLPDecoder,
    feat: torch.Tensor,
    viewport: Viewport,
    *,
    device: str = "cpu",
    dtype: torch.dtype = torch.float32,
    max_queries: int = 8192,
) -> np.ndarray:
    """Render the whole viewport from one table."""
    lr_shape = feat.shape[2], feat.shape[3]
    size = viewport.size
    rows, cols = (
        axis.taps() for axis in tile_pixels(viewport, lr_shape, Tile(0, 0, size.height, size.width))
    )
    rendering = decoder.renderer(device=torch.device(device), dtype=dtype)
    with torch.inference_mode():
        out_hwC = torch.zeros(size.height, size.width, 3, device=device)
        rendering.add_colour(
            rendering.prepare(feat.to(device)),
            (0, 0),
            rows.within(0, lr_shape[0]),
            cols.within(0, lr_shape[1]),
            out_hwC,
            max_queries=max_queries,
            check=lambda: None,
        )
        return out_hwC.cpu().numpy()


@st.composite
def viewports(draw: st.DrawFn) -> tuple[tuple[int, int], Viewport]:
    """An LR size and a viewport on it: any region, any two factors, below x1 too."""
    lr = draw(st.tuples(st.integers(1, 6), st.integers(1, 6)))
    factors = st.one_of(st.sampled_from([1.0, 2.0, 3.0, 5.0, 0.5, 1 / 3]), st.floats(0.2, 5.0))
    region = Rect.whole(Size(*lr))
    if draw(st.booleans()):
        top, left = (draw(st.floats(0, 0.8)) * side for side in lr)
        height, width = (draw(st.floats(0.1, 1)) * side for side in (lr[0] - top, lr[1] - left))
        region = Rect(top, left, height, width)
    sides = [max(1, round(draw(factors) * side)) for side in (region.height, region.width)]
    return lr, Viewport(region, Size(*sides))


@settings(max_examples=60)
@given(case=viewports())
@example(case=((1, 1), Viewport.whole(Size(1, 1), Size(1, 1))))
@example(case=((1, 6), Viewport.whole(Size(1, 6), Size(3, 18))))
@example(case=((6, 1), Viewport.whole(Size(6, 1), Size(1, 3))))
@example(case=((5, 5), Viewport.whole(Size(5, 5), Size(1, 1))))
def test_any_viewport_equals_liif_as_published(
    case: tuple[tuple[int, int], Viewport], decoder: MLPDecoder
) -> None:
    lr, viewport = case
    feat = features(lr)
    expected = reference.render(reference.parameters(decoder), feat[0].double().numpy(), viewport)
    assert np.abs(fast(decoder, feat, viewport) - expected).max() < 5e-6


@pytest.mark.parametrize(
    ("lr", "size"),
    [
        ((9, 7), (27, 21)),
        ((8, 8), (30, 25)),
        ((1, 12), (4, 48)),
        ((6, 6), (6, 6)),
        ((7, 5), (36, 9)),
    ],
)
def test_it_equals_the_plain_formula_in_float32(
    lr: tuple[int, int], size: tuple[int, int], decoder: MLPDecoder, device: str
) -> None:
    feat, viewport = features(lr), Viewport.whole(Size(*lr), Size(*size))
    coord = torch.from_numpy(make_coord(viewport, lr)).reshape(1, -1, 2)
    cell = torch.from_numpy(make_cell(viewport, lr)).expand_as(coord)
    plain = decoder(feat, coord, cell).reshape(*size, 3).numpy()
    difference = np.abs(fast(decoder, feat, viewport, device=device) - plain).max()
    assert difference / 2 < 1e-5


def test_below_one_a_pixel_is_the_mean_of_its_queries(decoder: MLPDecoder) -> None:
    feat, lr = features((6, 8)), Size(6, 8)
    small = fast(decoder, feat, Viewport.whole(lr, Size(3, 2)))
    queries = fast(decoder, feat, Viewport.whole(lr, Size(6, 8)))
    means = queries.reshape(3, 2, 2, 4, 3).mean(axis=(1, 3))
    assert np.abs(small - means).max() < 2e-6


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.bfloat16, 0.03), (torch.float16, 0.004)])
def test_half_precision_is_close(
    dtype: torch.dtype, tolerance: float, decoder: MLPDecoder, device: str
) -> None:
    feat, viewport = features((9, 9)), Viewport.whole(Size(9, 9), Size(20, 31))
    single = fast(decoder, feat, viewport)
    half = fast(decoder, feat, viewport, device=device, dtype=dtype)
    assert 0 < np.abs(half - single).max() < tolerance * np.abs(single).max()


@pytest.mark.parametrize("max_queries", [1, 2, 7, 64])
def test_pieces_of_any_size_give_the_same(max_queries: int, decoder: MLPDecoder) -> None:
    feat, viewport = features((4, 5)), Viewport.whole(Size(4, 5), Size(13, 11))
    whole = fast(decoder, feat, viewport)
    pieces = fast(decoder, feat, viewport, max_queries=max_queries)
    assert np.abs(pieces - whole).max() < 2e-6


def test_work_can_be_stopped_between_pieces(decoder: MLPDecoder) -> None:
    rendering = decoder.renderer(device=torch.device("cpu"), dtype=torch.float32)
    rows, cols = (
        axis.taps()
        for axis in tile_pixels(Viewport.whole(Size(3, 3), Size(6, 6)), (3, 3), Tile(0, 0, 6, 6))
    )

    def stop() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        rendering.add_colour(
            rendering.prepare(features((3, 3))),
            (0, 0),
            rows.within(0, 3),
            cols.within(0, 3),
            torch.zeros(6, 6, 3),
            max_queries=4,
            check=stop,
        )


def test_a_decoder_with_a_single_hidden_layer_renders() -> None:
    torch.manual_seed(0)
    decoder = MLPDecoder(8, (6,)).requires_grad_(False)
    feat, viewport = features((3, 4)), Viewport.whole(Size(3, 4), Size(7, 9))
    expected = reference.render(reference.parameters(decoder), feat[0].double().numpy(), viewport)
    assert np.abs(fast(decoder, feat, viewport) - expected).max() < 5e-6
