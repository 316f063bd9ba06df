import logging
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from liifgan_core.coords import make_cell, make_coord
from liifgan_core.errors import LiifganError, OutOfMemoryError
from liifgan_core.geometry import Rect, Size, Tile, Viewport
from liifgan_core.images.image import Image
from liifgan_core.models import mlp_decoder
from liifgan_core.models.decoder import RenderDecoder
from liifgan_core.models.fast_mlp import FastMLPDecoder
from liifgan_core.models.liif import LIIF
from liifgan_core.progress import Cancelled, CancelToken, Progress
from liifgan_core.render import continuous_image, encoded_tiles
from liifgan_core.render.continuous_image import ContinuousImage
from liifgan_core.render.encoded_tiles import EncodedTiles
from tests.conftest import Place
from tests.core.models import reference
from tests.core.render.conftest import MakeImage, WrappedDecoder, wrap_decoders
from tests.core.render.test_encoded_tiles import limit_memory

LR = Size(20, 26)


@pytest.fixture
def small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """LR tiles of 8 pixels and bands of a few rows, so that small pictures have many of both."""
    monkeypatch.setattr(encoded_tiles, "TILE", 8)
    monkeypatch.setattr(continuous_image, "_BAND_BYTES", 5000)
    monkeypatch.setattr(continuous_image, "_WHOLE_BYTES", 5000)


@pytest.fixture(scope="module")
def whole_render(
    detail_network: LIIF, place: Place, make_image: MakeImage
) -> Callable[[Size], np.ndarray]:
    """Render the whole picture at once with default sizes of everything."""
    picture = ContinuousImage.encode(make_image(20, 26), place(detail_network))
    return lambda size: picture.render(Viewport.whole(LR, size))


@pytest.mark.parametrize(
    ("lr", "size"),
    [
        ((20, 26), (74, 96)),
        ((12, 9), (36, 27)),
        ((1, 9), (5, 31)),
        ((9, 1), (9, 1)),
        ((8, 8), (9, 30)),
    ],
)
def test_a_render_equals_the_plain_formula(
    lr: tuple[int, int],
    size: tuple[int, int],
    detail_network: LIIF,
    place: Place,
    make_image: MakeImage,
    device: str,
) -> None:
    image, viewport = make_image(*lr), Viewport.whole(Size(*lr), Size(*size))
    coord = torch.from_numpy(make_coord(viewport, lr)).reshape(1, -1, 2)
    cell = torch.from_numpy(make_cell(viewport, lr)).expand_as(coord)
    lr_BCHW = torch.from_numpy(image.samples).permute(2, 0, 1)[None].float() / 255
    decoded = detail_network.query(detail_network.encode(lr_BCHW), coord, cell)
    expected = ((decoded.blend(0.7) + 1) / 2).clip(0, 1).reshape(*size, 3).numpy()
    found = ContinuousImage.encode(image, place(detail_network, device)).render(
        viewport, detail=0.7
    )
    assert found.dtype == np.float32
    assert np.abs(found - expected).max() < 1e-5


@pytest.mark.parametrize(("lr", "size"), [((9, 11), (3, 4)), ((8, 5), (2, 15)), ((7, 7), (1, 1))])
def test_below_one_pixels_are_means_of_queries(
    lr: tuple[int, int],
    size: tuple[int, int],
    tiny_network: LIIF,
    place: Place,
    make_image: MakeImage,
) -> None:
    image, viewport = make_image(*lr), Viewport.whole(Size(*lr), Size(*size))
    feat = tiny_network.encode(
        torch.from_numpy(image.samples).permute(2, 0, 1)[None].float() / 255
    ).structure_BDHW
    layers = reference.parameters(tiny_network.structure)
    expected = reference.render(layers, feat[0].double().numpy(), viewport)
    found = ContinuousImage.encode(image, place(tiny_network)).render(viewport)
    assert np.abs(found - ((expected + 1) / 2).clip(0, 1)).max() < 1e-5


@pytest.mark.usefixtures("small_tiles")
@pytest.mark.parametrize("size", [Size(20, 26), Size(60, 78), Size(75, 41), Size(9, 100)])
@pytest.mark.parametrize("tile", [7, 32, 500])
def test_tiles_equal_the_whole_render(
    size: Size,
    tile: int,
    detail_network: LIIF,
    place: Place,
    make_image: MakeImage,
    whole_render: Callable[[Size], np.ndarray],
) -> None:
    picture = ContinuousImage.encode(make_image(20, 26), place(detail_network))
    found = np.full((size.height, size.width, 3), np.nan, np.float32)
    for part in picture.render_tiles(Viewport.whole(LR, size), tile=tile):
        where = part.tile
        found[where.top : where.bottom, where.left : where.right] = part.blend()
    assert np.abs(found - whole_render(size)).max() < 1e-5


@pytest.mark.usefixtures("small_tiles")
@pytest.mark.parametrize("size", [Size(20, 26), Size(74, 96), Size(10, 13)])
def test_bands_cover_the_render_from_top_to_bottom(
    size: Size,
    detail_network: LIIF,
    place: Place,
    make_image: MakeImage,
    whole_render: Callable[[Size], np.ndarray],
) -> None:
    picture = ContinuousImage.encode(make_image(20, 26), place(detail_network))
    bands = list(picture.render_bands(Viewport.whole(LR, size)))
    assert len(bands) > 1 or size.height == 10
    assert [band.tile.top for band in bands[1:]] == [band.tile.bottom for band in bands[:-1]]
    found = np.concatenate([band.blend() for band in bands])
    assert np.abs(found - whole_render(size)).max() < 1e-5


@pytest.mark.usefixtures("small_tiles")
@settings(max_examples=25)
@given(
    top=st.integers(0, 19), left=st.integers(0, 25), bottom=st.integers(1, 20),
    right=st.integers(1, 26), factor=st.integers(1, 4),
)  # fmt: skip
def test_a_crop_is_that_part_of_the_whole(
    top: int,
    left: int,
    bottom: int,
    right: int,
    factor: int,
    detail_network: LIIF,
    place: Place,
    make_image: MakeImage,
    whole_render: Callable[[Size], np.ndarray],
) -> None:
    height, width = max(1, bottom - top), max(1, right - left)
    picture = ContinuousImage.encode(make_image(20, 26), place(detail_network))
    viewport = Viewport(Rect(top, left, height, width), Size(height * factor, width * factor))
    rows = slice(top * factor, (top + height) * factor)
    cols = slice(left * factor, (left + width) * factor)
    whole = whole_render(Size(20 * factor, 26 * factor))
    assert np.abs(picture.render(viewport) - whole[rows, cols]).max() < 1e-5


@pytest.mark.usefixtures("small_tiles")
@pytest.mark.parametrize("memory_bytes", [0, 1, 20_000, 10**9])
def test_little_memory_renders_the_same(
    memory_bytes: int,
    detail_network: LIIF,
    place: Place,
    make_image: MakeImage,
    whole_render: Callable[[Size], np.ndarray],
) -> None:
    picture = ContinuousImage.encode(
        make_image(20, 26), place(detail_network), memory_bytes=memory_bytes
    )
    found = picture.render(Viewport.whole(LR, Size(50, 65)))
    assert np.abs(found - whole_render(Size(50, 65))).max() < 1e-5


@pytest.mark.parametrize("tile_rows_in_memory", [2.4, 1.2, 0.5])
@pytest.mark.parametrize("factor", [1, 3, 8])
def test_a_picture_beyond_memory_is_encoded_once(
    factor: int,
    tile_rows_in_memory: float,
    tiny_network: LIIF,
    place: Place,
    make_image: MakeImage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As `encode` promises, also where one row of tiles exceeds the bound.

    Bands are much lower than a tile, so that several in turn lie on two rows of tiles.
    """
    monkeypatch.setattr(encoded_tiles, "TILE", 32)
    monkeypatch.setattr(continuous_image, "_BAND_BYTES", 4 * factor * 128 * 12)
    encoded: list[int] = []
    encode = EncodedTiles._encode

    def count(
        self: EncodedTiles,
        wanted: Tile,
        check: Callable[[], None],
        progress: Progress,
        *,
        area: Tile,
    ) -> object:
        encoded.append(wanted.height * wanted.width)
        return encode(self, wanted, check, progress, area=area)

    monkeypatch.setattr(EncodedTiles, "_encode", count)
    memory_bytes = int(tile_rows_in_memory * 32 * 128 * 8 * 4)
    picture = ContinuousImage.encode(
        make_image(96, 128), place(tiny_network), memory_bytes=memory_bytes
    )
    assert not encoded
    whole = Viewport.whole(Size(96, 128), Size(96 * factor, 128 * factor))
    for _ in picture.render_bands(whole):
        pass
    with_rims = (34 / 32) ** 2
    assert 96 * 128 <= sum(encoded) <= with_rims * 96 * 128


@pytest.mark.usefixtures("small_tiles")
@pytest.mark.parametrize(
    "region", [Rect(-0.1, 0, 5, 5), Rect(0, 0, 20.1, 5), Rect(0, 22, 5, 5), Rect(100, 100, 1, 1)]
)
def test_a_viewport_beyond_the_image_is_refused(
    region: Rect, tiny_network: LIIF, place: Place, make_image: MakeImage
) -> None:
    picture = ContinuousImage.encode(make_image(20, 26), place(tiny_network))
    with pytest.raises(ValueError, match="beyond the image of 26x20 pixels"):
        picture.render(Viewport(region, Size(4, 4)))


def test_the_detail_strength_may_be_a_number_or_one_per_pixel(
    detail_network: LIIF, place: Place, make_image: MakeImage
) -> None:
    picture = ContinuousImage.encode(make_image(8, 9), place(detail_network))
    viewport = Viewport.whole(Size(8, 9), Size(30, 20))
    part = picture.render_tile(viewport, Tile(0, 0, 30, 20))
    assert part.detail is not None
    strength = np.random.default_rng(0).random((30, 20), dtype=np.float32)
    expected = (part.structure + strength[..., None] * part.detail).clip(0, 1)
    assert np.allclose(picture.render(viewport, detail=strength), expected, atol=1e-6)
    assert np.array_equal(picture.render(viewport, detail=0.0), part.structure.clip(0, 1))
    assert np.array_equal(part.blend(0.0), part.structure.clip(0, 1))
    constant = np.full((30, 20), 0.4, np.float32)
    assert np.allclose(picture.render(viewport, detail=0.4), part.blend(constant), atol=1e-6)
    with pytest.raises(ValueError, match="broadcast"):
        picture.render(viewport, detail=np.ones((3, 4), np.float32))


@pytest.mark.usefixtures("small_tiles")
def test_bands_take_their_rows_of_the_detail_strength(
    detail_network: LIIF, place: Place, make_image: MakeImage
) -> None:
    picture = ContinuousImage.encode(make_image(8, 9), place(detail_network))
    viewport = Viewport.whole(Size(8, 9), Size(60, 40))
    strength = np.linspace(0, 1, 60, dtype=np.float32)[:, None].repeat(40, axis=1)
    rendered = picture.render(viewport, detail=strength)
    assert np.allclose(rendered[0], picture.render(viewport, detail=0.0)[0], atol=1e-6)
    assert np.allclose(rendered[-1], picture.render(viewport, detail=1.0)[-1], atol=1e-6)


def test_without_a_detail_layer_the_strength_changes_nothing(
    tiny_network: LIIF, place: Place, make_image: MakeImage
) -> None:
    picture = ContinuousImage.encode(make_image(8, 9), place(tiny_network))
    viewport = Viewport.whole(Size(8, 9), Size(10, 10))
    assert picture.render_tile(viewport, Tile(0, 0, 10, 10)).detail is None
    assert np.array_equal(picture.render(viewport), picture.render(viewport, detail=0.0))


def limit_decoding(
    num_rows: int, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., RenderDecoder[Any]]:
    """Fail as a GPU does for tiles of more rows."""

    def before(*args: object, **_: object) -> None:
        out = args[4]
        assert isinstance(out, torch.Tensor)
        if out.shape[0] > num_rows:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")

    return lambda inner, _: WrappedDecoder(inner, before=before)


def test_out_of_memory_while_decoding_halves_the_tile(
    tiny_network: LIIF,
    place: Place,
    make_image: MakeImage,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    model, image = place(tiny_network), make_image(20, 26)
    viewport = Viewport.whole(LR, Size(75, 60))
    expected = ContinuousImage.encode(image, model).render(viewport)
    wrap_decoders(model, limit_decoding(10, monkeypatch), monkeypatch)
    found = ContinuousImage.encode(image, model).render(viewport)
    assert np.abs(found - expected).max() < 1e-6
    assert "out of memory on cpu" in caplog.text


@pytest.mark.usefixtures("small_tiles")
def test_running_out_of_memory_is_told_once(
    tiny_network: LIIF,
    place: Place,
    make_image: MakeImage,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    model = place(tiny_network)
    wrap_decoders(model, limit_decoding(1, monkeypatch), monkeypatch)
    picture = ContinuousImage.encode(make_image(20, 26), model)
    picture.render(Viewport.whole(LR, Size(75, 60)))
    assert len(caplog.records) == 1


def test_when_no_piece_can_be_decoded_a_way_out_is_named(
    tiny_network: LIIF, place: Place, make_image: MakeImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = place(tiny_network)
    wrap_decoders(model, limit_decoding(0, monkeypatch), monkeypatch)
    picture = ContinuousImage.encode(make_image(20, 26), model)
    with pytest.raises(OutOfMemoryError, match=r"cpu has no memory left to render .* use"):
        picture.render(Viewport.whole(LR, Size(75, 60)))


def test_out_of_memory_while_encoding_late_is_survived_too(
    tiny_network: LIIF, place: Place, make_image: MakeImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, image = place(tiny_network), make_image(60, 50)
    viewport = Viewport.whole(Size(60, 50), Size(66, 70))
    expected = ContinuousImage.encode(image, model).render(viewport)
    limit_memory(model, 1500, monkeypatch)
    found = ContinuousImage.encode(image, model, memory_bytes=0).render(viewport)
    assert np.abs(found - expected).max() < 1e-5


def spoil(dtypes: set[torch.dtype]) -> Callable[..., RenderDecoder[Any]]:
    """Make decoders of these dtypes give a NaN."""

    def wrap(inner: RenderDecoder[Any], dtype: torch.dtype) -> RenderDecoder[Any]:
        def after(*args: object, **_: object) -> None:
            out = args[4]
            assert isinstance(out, torch.Tensor)
            if dtype in dtypes:
                out[-1, -1, -1] = torch.nan

        return WrappedDecoder(inner, after=after)

    return wrap


@pytest.mark.usefixtures("small_tiles")
def test_nan_in_half_precision_is_rendered_again_in_fp32_with_one_warning(
    detail_network: LIIF,
    place: Place,
    make_image: MakeImage,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    whole_render: Callable[[Size], np.ndarray],
) -> None:
    model = place(detail_network, dtype=torch.bfloat16)
    wrap_decoders(model, spoil({torch.bfloat16}), monkeypatch)
    picture = ContinuousImage.encode(make_image(20, 26), model)
    found = picture.render(Viewport.whole(LR, Size(50, 65)))
    assert np.abs(found - whole_render(Size(50, 65))).max() < 1e-5
    assert len(caplog.records) == 1
    assert "float32" in caplog.text


def test_a_real_overflow_of_fp16_is_rendered_again_in_fp32(
    tiny_network: LIIF, place: Place, make_image: MakeImage, caplog: pytest.LogCaptureFixture
) -> None:
    with torch.no_grad():
        network = LIIF(tiny_network.config)
        network.load_state_dict(tiny_network.state_dict())
        first, _, last = network.structure.linears
        first.weight *= 1e6
        first.bias *= 1e6
        last.weight *= 1e-6
    network.requires_grad_(False)
    image, viewport = make_image(8, 8), Viewport.whole(Size(8, 8), Size(20, 20))
    exact = ContinuousImage.encode(image, place(network)).render(viewport)
    assert not caplog.records
    half = ContinuousImage.encode(image, place(network, dtype=torch.float16)).render(viewport)
    assert np.abs(half - exact).max() < 1e-5
    assert len(caplog.records) == 1


@pytest.mark.usefixtures("small_tiles")
@pytest.mark.parametrize("step", ["making", "prepare", "add_colour"])
def test_a_decoder_that_half_precision_is_refused_draws_in_fp32_with_one_warning(
    step: str,
    detail_network: LIIF,
    place: Place,
    make_image: MakeImage,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    whole_render: Callable[[Size], np.ndarray],
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("could not create a primitive\nfor this shape")

    class Refused(FastMLPDecoder):
        def __init__(self, *args: Any, dtype: torch.dtype, **options: Any) -> None:
            super().__init__(*args, dtype=dtype, **options)
            if dtype is torch.bfloat16:
                refuse() if step == "making" else monkeypatch.setattr(self, step, refuse)

    monkeypatch.setattr(mlp_decoder, "FastMLPDecoder", Refused)
    model = place(detail_network, dtype=torch.bfloat16)
    picture = ContinuousImage.encode(make_image(20, 26), model)
    found = picture.render(Viewport.whole(LR, Size(50, 65)))
    assert np.abs(found - whole_render(Size(50, 65))).max() < 1e-5
    assert model.precision == "fp32"
    assert [record.message for record in caplog.records] == [
        "bf16 is refused by cpu (could not create a primitive): going on in float32"
    ]


def test_an_error_of_a_decoder_in_fp32_is_told(
    tiny_network: LIIF, place: Place, make_image: MakeImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("shapes do not match")

    model = place(tiny_network)
    wrap_decoders(model, lambda inner, _: WrappedDecoder(inner, refuse), monkeypatch)
    picture = ContinuousImage.encode(make_image(20, 26), model)
    with pytest.raises(RuntimeError, match="shapes do not match"):
        picture.render(Viewport.whole(LR, Size(40, 40)))


def test_nan_in_fp32_is_an_error_and_no_picture(
    tiny_network: LIIF, place: Place, make_image: MakeImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = place(tiny_network)
    wrap_decoders(model, spoil({torch.float32}), monkeypatch)
    picture = ContinuousImage.encode(make_image(20, 26), model)
    with pytest.raises(LiifganError, match="'tiny' gives values that are not numbers"):
        picture.render(Viewport.whole(LR, Size(40, 40)))


def test_cancelling_stops_before_any_work(
    tiny_network: LIIF, place: Place, make_image: MakeImage
) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        ContinuousImage.encode(make_image(20, 26), place(tiny_network), cancel=token)
    picture = ContinuousImage.encode(make_image(20, 26), place(tiny_network))
    with pytest.raises(Cancelled):
        picture.render(Viewport.whole(LR, Size(40, 40)), cancel=token)


@pytest.mark.usefixtures("small_tiles")
def test_cancelling_stops_between_tiles_of_encoding(
    tiny_network: LIIF, place: Place, make_image: MakeImage
) -> None:
    token, reports = CancelToken(), list[float]()

    def progress(fraction: float) -> None:
        reports.append(fraction)
        if len(reports) == 5:
            token.cancel()

    with pytest.raises(Cancelled):
        ContinuousImage.encode(
            make_image(60, 60), place(tiny_network), progress=progress, cancel=token
        )
    assert 5 <= len(reports) < 64
    assert reports == sorted(reports)


@pytest.mark.usefixtures("small_tiles")
def test_cancelling_stops_between_steps_of_decoding(
    tiny_network: LIIF, place: Place, make_image: MakeImage
) -> None:
    class Third(CancelToken):
        calls = 0

        def check(self) -> None:
            self.calls += 1
            if self.calls == 3:
                self.cancel()
            super().check()

    picture = ContinuousImage.encode(make_image(20, 26), place(tiny_network))
    token = Third()
    with pytest.raises(Cancelled):
        picture.render(Viewport.whole(LR, Size(75, 60)), cancel=token)
    assert token.calls == 3


def test_half_precision_is_close(
    tiny_network: LIIF, place: Place, make_image: MakeImage, device: str
) -> None:
    image, viewport = make_image(20, 26), Viewport.whole(LR, Size(50, 65))
    exact = ContinuousImage.encode(image, place(tiny_network)).render(viewport)
    for dtype, tolerance in ((torch.bfloat16, 0.03), (torch.float16, 0.004)):
        model = place(tiny_network, device, dtype)
        found = ContinuousImage.encode(image, model).render(viewport)
        assert np.abs(found - exact).max() < tolerance


def test_deep_and_float_pictures_are_taken_as_they_are(tiny_network: LIIF, place: Place) -> None:
    rng = np.random.default_rng(0)
    deep = rng.integers(0, 65536, (6, 7, 3), dtype=np.uint16)
    viewport = Viewport.whole(Size(6, 7), Size(13, 14))
    model = place(tiny_network)
    as_float = (deep / np.float32(65535)).astype(np.float32)
    renders = [
        ContinuousImage.encode(Image(samples), model).render(viewport)
        for samples in (deep, as_float)
    ]
    assert np.abs(renders[0] - renders[1]).max() < 1e-6


def test_rendering_logs_nothing_when_all_is_well(
    tiny_network: LIIF, place: Place, make_image: MakeImage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    picture = ContinuousImage.encode(make_image(5, 5), place(tiny_network))
    picture.render(Viewport.whole(Size(5, 5), Size(9, 9)))
    picture.forget_tables()
    assert picture.size == Size(5, 5)
    assert not caplog.records
