import itertools
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from liifgan_core.coords import AxisPixels, make_coord, tile_pixels
from liifgan_core.geometry import Rect, Size, Tile, Viewport
from liifgan_core.models import fast_field
from liifgan_core.models.config import FieldConfig
from liifgan_core.models.field_decoder import FieldDecoder
from liifgan_core.models.field_taps import LEAD, field_taps

CPU = torch.device("cpu")
PLENTY = 1 << 17


def seeded_decoder(order: int, *, points: int = 0) -> FieldDecoder:
    generator = torch.Generator().manual_seed(order)
    decoder = FieldDecoder(4, FieldConfig(order=order, points=points), hidden=(8, 6))
    for parameter in decoder.parameters():
        fan_in = max(1, parameter[0].numel())
        values = torch.randn(parameter.shape, generator=generator) / fan_in**0.5
        parameter.data = values / decoder.num_functions
    return decoder.requires_grad_(False)


@pytest.fixture(scope="module", params=[(0, 0), (2, 0), (1, 2)])
def decoder(request: pytest.FixtureRequest) -> FieldDecoder:
    order, points = request.param
    return seeded_decoder(order, points=points)


def features(size: tuple[int, int]) -> torch.Tensor:
    generator = torch.Generator().manual_seed(size[0] * 100 + size[1])
    return torch.randn(1, 4, *size, generator=generator)


def direct(decoder: FieldDecoder, feat: torch.Tensor, viewport: Viewport) -> np.ndarray:
    """Return the direct formula's result in float64."""
    lr = feat.shape[2], feat.shape[3]
    scale_y, scale_x = viewport.scale
    region, size = viewport.region, viewport.size
    # Not `make_coord`: its float32 coordinates are the plain formula's, and less exact.
    y = (region.top + (np.arange(size.height) + 0.5) / scale_y) * 2 / lr[0] - 1
    x = (region.left + (np.arange(size.width) + 0.5) / scale_x) * 2 / lr[1] - 1
    coord = torch.from_numpy(np.stack(np.meshgrid(y, x, indexing="ij"), axis=-1)).view(1, -1, 2)
    cell = torch.tensor([2 / scale_y / lr[0], 2 / scale_x / lr[1]], dtype=torch.float64)
    colour = decoder.double()(feat.double(), coord, cell.expand_as(coord))
    decoder.float()
    return colour.view(size.height, size.width, 3).numpy()


def fast(
    decoder: FieldDecoder,
    feat: torch.Tensor,
    viewport: Viewport,
    *,
    tile: Tile | None = None,
    device: str = "cpu",
    max_queries: int = PLENTY,
) -> np.ndarray:
    """Render the viewport, or a tile of it, from one table."""
    lr = feat.shape[2], feat.shape[3]
    tile = tile or Tile(0, 0, viewport.size.height, viewport.size.width)
    rendering = decoder.renderer(device=torch.device(device), dtype=torch.float32)
    rows, cols = map(rendering.taps, tile_pixels(viewport, lr, tile))
    with torch.inference_mode():
        out_hwC = torch.zeros(tile.height, tile.width, 3, device=device)
        rendering.add_colour(
            rendering.prepare(decoder.refined(feat).to(device)),
            (0, 0),
            rows.within(0, lr[0]),
            cols.within(0, lr[1]),
            out_hwC,
            max_queries=max_queries,
            check=lambda: None,
        )
        return out_hwC.cpu().numpy()


@st.composite
def viewports(draw: st.DrawFn) -> tuple[tuple[int, int], Viewport]:
    """An LR size and a viewport on it: any region, any two factors, below x1 too."""
    lr = draw(st.tuples(st.integers(1, 12), st.integers(1, 12)))
    known = st.sampled_from([1.0, 2.0, 3.0, 4.0, 5.0, 8.0, 0.5, 0.25, 1 / 3])
    factors = st.one_of(known, st.floats(0.1, 6.0))
    region = Rect.whole(Size(*lr))
    if draw(st.booleans()):
        top, left = (draw(st.floats(0, 0.8)) * side for side in lr)
        height, width = (draw(st.floats(0.05, 1)) * side for side in (lr[0] - top, lr[1] - left))
        region = Rect(top, left, height, width)
    sides = [max(1, round(draw(factors) * side)) for side in (region.height, region.width)]
    return lr, Viewport(region, Size(*sides))


@settings(max_examples=80)
@given(case=viewports(), slab_rows=st.integers(1, 12), max_queries=st.sampled_from([1, 60, PLENTY]))
@example(case=((1, 1), Viewport.whole(Size(1, 1), Size(1, 1))), slab_rows=32, max_queries=1)
@example(case=((1, 9), Viewport.whole(Size(1, 9), Size(3, 27))), slab_rows=32, max_queries=PLENTY)
@example(case=((9, 9), Viewport.whole(Size(9, 9), Size(1, 1))), slab_rows=2, max_queries=PLENTY)
@example(
    case=((5, 5), Viewport(Rect(2.5, 2.4999, 1e-5, 1e-4), Size(7, 9))), slab_rows=5, max_queries=9
)
def test_any_viewport_equals_the_direct_formula(
    case: tuple[tuple[int, int], Viewport], slab_rows: int, max_queries: int, decoder: FieldDecoder
) -> None:
    lr, viewport = case
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fast_field, "SLAB_ROWS", slab_rows)
        found = fast(decoder, features(lr), viewport, max_queries=max_queries)
    assert np.abs(found - direct(decoder, features(lr), viewport)).max() < 1e-5


@pytest.mark.parametrize("size", [(36, 28), (33, 26), (5, 3), (9, 70)])
def test_it_equals_the_direct_formula_on_every_device(
    size: tuple[int, int], decoder: FieldDecoder, device: str
) -> None:
    feat, viewport = features((9, 7)), Viewport.whole(Size(9, 7), Size(*size))
    found = fast(decoder, feat, viewport, device=device)
    assert np.abs(found - direct(decoder, feat, viewport)).max() < 1e-5


@settings(max_examples=40)
@given(case=viewports(), divisor=st.tuples(st.integers(1, 5), st.integers(1, 5)))
def test_a_lower_factor_is_the_area_average_of_a_higher_one(
    case: tuple[tuple[int, int], Viewport], divisor: tuple[int, int], decoder: FieldDecoder
) -> None:
    """So a result below x1 is what a resampler by area makes of a result above it."""
    lr, low = case
    height, width = low.size.height, low.size.width
    high = replace(low, size=Size(height * divisor[0], width * divisor[1]))
    means = fast(decoder, features(lr), high)
    means = means.reshape(height, divisor[0], width, divisor[1], 3).mean(axis=(1, 3))
    assert np.abs(fast(decoder, features(lr), low) - means).max() < 1e-5


@settings(max_examples=40)
@given(case=viewports(), data=st.data())
def test_a_tile_of_the_output_is_that_part_of_the_whole(
    case: tuple[tuple[int, int], Viewport], data: st.DataObject, decoder: FieldDecoder
) -> None:
    lr, viewport = case
    top = data.draw(st.integers(0, viewport.size.height - 1))
    left = data.draw(st.integers(0, viewport.size.width - 1))
    height = data.draw(st.integers(1, viewport.size.height - top))
    width = data.draw(st.integers(1, viewport.size.width - left))
    whole = fast(decoder, features(lr), viewport)
    part = fast(decoder, features(lr), viewport, tile=Tile(top, left, height, width))
    assert np.abs(part - whole[top : top + height, left : left + width]).max() < 1e-5


def test_a_constant_field_is_constant_up_to_the_border(decoder: FieldDecoder) -> None:
    """The windows of neighbours add up to 1, and the border is repeated beyond the image."""
    constant = FieldDecoder(4, FieldConfig(order=decoder.order)).requires_grad_(False)
    constant.readout.weight.zero_()
    bias = constant.readout.bias
    assert bias is not None
    bias.zero_()
    bias[:: decoder.num_functions**2] = torch.tensor([0.1, -0.2, 0.3])
    for size in (Size(3, 2), Size(5, 8), Size(31, 17)):
        found = fast(constant, features((5, 4)), Viewport.whole(Size(5, 4), size))
        assert np.abs(found - np.array([0.1, -0.2, 0.3])).max() < 1e-6


def test_work_can_be_stopped_between_pieces(decoder: FieldDecoder) -> None:
    class StopError(Exception):
        pass

    def stop() -> None:
        raise StopError

    rendering = decoder.renderer(device=CPU, dtype=torch.float32)
    rows, cols = map(
        rendering.taps,
        tile_pixels(Viewport.whole(Size(3, 3), Size(6, 6)), (3, 3), Tile(0, 0, 6, 6)),
    )
    with pytest.raises(StopError):
        rendering.add_colour(
            rendering.prepare(decoder.refined(features((3, 3)))),
            (0, 0), rows, cols, torch.zeros(6, 6, 3),
            max_queries=PLENTY, check=stop,
        )  # fmt: skip


def test_a_table_takes_what_it_says(decoder: FieldDecoder) -> None:
    rendering = decoder.renderer(device=CPU, dtype=torch.float32)
    table = rendering.prepare(decoder.refined(features((32, 7))))
    assert table.nbytes == 32 * 7 * rendering.table_bytes


@pytest.mark.parametrize("num_pixels", [100_000, 99_999, 25_000, 40_001])
def test_huge_images_are_exact(num_pixels: int) -> None:
    """The windows of the two or more LR pixels around a pixel against exact positions."""
    num_latents = 25_000
    places = [0, 1, num_pixels // 3, num_pixels // 2, num_pixels - 1]
    for pixel in places:
        taps = field_taps(AxisPixels(0.0, num_latents, num_pixels, num_latents, pixel, 1), 1)
        extent = Fraction(num_latents, num_pixels)
        start = pixel * extent - Fraction(1, 2)
        for latent in range(int(taps.first[0]), int(taps.last[0]) + 1):
            if not 1 <= latent < num_latents - 1:
                continue  # the border's also has its repetition's share
            lower, upper = (min(max(t, -1), 1) for t in (start - latent, start + extent - latent))
            area = [float(t) / 2 + np.sin(np.pi * float(t)) / (2 * np.pi) for t in (lower, upper)]
            expected = (area[1] - area[0]) / float(extent)
            found = taps.means[0, latent - taps.first[0], 0]
            assert found == pytest.approx(expected, abs=1e-7)


@settings(max_examples=100)
@given(case=viewports(), start=st.integers(0, 11), stop=st.integers(1, 12))
def test_cuts_of_taps_lose_nothing(
    case: tuple[tuple[int, int], Viewport], start: int, stop: int
) -> None:
    (num_latents, _), viewport = case
    start, stop = min(start, num_latents), min(stop, num_latents)
    start, stop = min(start, stop), max(start, stop)
    pixels, _ = tile_pixels(
        viewport, (num_latents, 1), Tile(0, 0, viewport.size.height, viewport.size.width)
    )
    taps = field_taps(pixels, 1)
    dense = np.zeros((pixels.count, num_latents, 3))
    edges = sorted({0, start, stop, num_latents})
    for low, high in itertools.pairwise(edges):
        part = taps.within(low, high)
        for index in range(len(part)):
            for tap, means in enumerate(part.means[index]):
                latent = part.first[index] + tap
                assert part.first[index] >= low - LEAD
                if not low <= latent < high:
                    assert not means.any()
                else:
                    dense[part.pixel + index, latent] += means
    assert np.abs(dense[..., 0].sum(axis=1) - 1.0).max() < 1e-6
    reads = np.flatnonzero(np.abs(dense).max(axis=(0, 2)) > 1e-6)
    assert taps.span[0] <= reads[0]
    assert reads[-1] <= taps.span[1]


def test_at_integer_factors_nothing_is_left_out_by_a_copy() -> None:
    for factor in (1, 2, 3, 4, 8):
        pixels = AxisPixels(0.0, 30.0, 30 * factor, 30, 0, 30 * factor)
        windows = field_taps(pixels, 2).windows(torch.device("cpu"))
        selection = windows.selection(0, len(windows.weights), torch.device("cpu"))
        assert isinstance(selection, slice)


def test_coordinates_of_the_plain_formula_do_too(decoder: FieldDecoder) -> None:
    lr, viewport = (6, 5), Viewport.whole(Size(6, 5), Size(15, 20))
    coord = torch.from_numpy(make_coord(viewport, lr)).reshape(1, -1, 2)
    cell = torch.tensor([2.0 / 15, 2.0 / 20]).expand_as(coord)
    plain = decoder(features(lr), coord, cell).view(15, 20, 3).numpy()
    assert np.abs(fast(decoder, features(lr), viewport) - plain).max() < 2e-5


@pytest.mark.parametrize(("structure_order", "detail_order"), [(1, 3), (3, 1), (2, 2)])
def test_a_blended_tables_render_is_the_blend_of_both_renders(
    structure_order: int, detail_order: int
) -> None:
    decoders = [seeded_decoder(order) for order in (structure_order, detail_order)]
    feat, viewport = features((9, 7)), Viewport.whole(Size(9, 7), Size(33, 25))
    structure, detail = (fast(decoder, feat, viewport) for decoder in decoders)
    fields = [decoder.renderer(device=CPU, dtype=torch.float32) for decoder in decoders]
    table = fast_field.blended_tables(*(field.prepare(feat) for field in fields), strength=0.7)
    finer = max(fields, key=lambda field: field.table_bytes)
    rows, cols = map(finer.taps, tile_pixels(viewport, (9, 7), Tile(0, 0, 33, 25)))
    found = torch.zeros(33, 25, 3)
    finer.add_colour(table, (0, 0), rows, cols, found, max_queries=PLENTY, check=lambda: None)
    np.testing.assert_allclose(found.numpy(), structure + 0.7 * detail, atol=1e-5)
