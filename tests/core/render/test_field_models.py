"""Models with fields as decoders, alone and beside an MLP, through everything that renders."""

from collections.abc import Callable
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from liifgan_core.evaluation.methods import LayeredModel
from liifgan_core.geometry import Rect, Size, Tile, Viewport
from liifgan_core.images.image import Image
from liifgan_core.images.read import read_image
from liifgan_core.models.config import EDSRConfig, FieldConfig, LIIFConfig
from liifgan_core.models.field_decoder import FieldDecoder
from liifgan_core.models.liif import LIIF
from liifgan_core.progress import CancelToken
from liifgan_core.render import continuous_image, encoded_tiles
from liifgan_core.render.continuous_image import ContinuousImage
from liifgan_core.render.drawing import APART, STRUCTURE_ONLY, Blended, Drawing, at_strength
from liifgan_core.render.encoded_tiles import EncodedTiles
from liifgan_core.render.engine import TorchRenderEngine
from liifgan_core.render.export import ExportOptions, export_image
from liifgan_core.render.placed_model import PlacedModel
from liifgan_core.render.request import RenderRequest
from liifgan_core.weights.store import save_weights
from tests.conftest import PROVENANCE, Place, seeded_network
from tests.core.render.conftest import MakeImage, WrappedDecoder, wrap_decoders
from tests.core.render.test_encoded_tiles import limit_memory

LR = Size(20, 26)
ENCODER = EDSRConfig(num_features=8, num_blocks=2, num_deep_blocks=1, has_deep_noise=True)
WITH_BLOCKS, PLAIN = FieldConfig(order=2, num_blocks=2), FieldConfig(order=2)
HIGH_PASS = FieldConfig(order=2, is_high_pass=True)
WITH_POINTS = FieldConfig(order=1, num_blocks=1, points=2)
CONFIGS = {
    "two fields": LIIFConfig(
        encoder=ENCODER,
        structure_tap="trunk",
        detail_tap="last",
        structure_field=WITH_BLOCKS,
        detail_field=HIGH_PASS,
    ),
    "one field": LIIFConfig(encoder=ENCODER, structure_field=PLAIN),
    "a field with points and one without": LIIFConfig(
        encoder=ENCODER,
        hidden=(8, 6),
        structure_tap="trunk",
        detail_tap="last",
        structure_field=WITH_POINTS,
        detail_field=HIGH_PASS,
    ),
    "a field of a picture of its own": LIIFConfig(
        encoder=ENCODER,
        hidden=(8, 6),
        structure_tap="trunk",
        detail_tap="last",
        structure_field=WITH_POINTS,
        detail_field=WITH_BLOCKS,
        detail_is_picture=True,
    ),
    "an MLP and a field on one tap": LIIFConfig(
        encoder=ENCODER, hidden=(16,), detail_tap="last", detail_field=PLAIN
    ),
    "a field and an MLP": LIIFConfig(
        encoder=ENCODER, hidden=(16,), detail_tap=1, structure_field=WITH_BLOCKS
    ),
}


@pytest.fixture(scope="module", params=list(CONFIGS))
def network(request: pytest.FixtureRequest) -> LIIF:
    return field_network(request.param)


@pytest.fixture(scope="module")
def two_fields() -> LIIF:
    return field_network("two fields")


def field_network(name: str) -> LIIF:
    network = seeded_network(CONFIGS[name], seed=3)
    for decoder in (network.structure, network.detail):
        if hasattr(decoder, "readout"):
            decoder.readout.weight *= 0.2  # colours near [-1, 1]
    return network


@pytest.fixture
def small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """LR tiles of 8 pixels and bands of a few rows, so that small pictures have many of both."""
    monkeypatch.setattr(encoded_tiles, "TILE", 8)
    monkeypatch.setattr(continuous_image, "_BAND_BYTES", 5000)
    monkeypatch.setattr(continuous_image, "_WHOLE_BYTES", 5000)


def by_the_direct_formula(network: LIIF, image: Image, viewport: Viewport) -> np.ndarray:
    """Return structure and detail, (2, h, w, 3), at factors of at least 1, in float64."""
    double = LIIF(network.config).double()
    double.load_state_dict(network.state_dict())
    lr = image.size
    rgb = torch.from_numpy(image.rgb(Tile(0, 0, lr.height, lr.width))).double()
    region, size = viewport.region, viewport.size
    scale_y, scale_x = viewport.scale
    y = (region.top + (np.arange(size.height) + 0.5) / scale_y) * 2 / lr.height - 1
    x = (region.left + (np.arange(size.width) + 0.5) / scale_x) * 2 / lr.width - 1
    coord = torch.from_numpy(np.stack(np.meshgrid(y, x, indexing="ij"), axis=-1)).view(1, -1, 2)
    cell = torch.tensor([2 / scale_y / lr.height, 2 / scale_x / lr.width], dtype=torch.float64)
    with torch.inference_mode():
        features = double.encode(rgb.permute(2, 0, 1)[None])
        found = double.query(features, coord, cell.expand_as(coord))
    structure = (found.structure_BQC + 1) / 2
    detail = torch.zeros_like(structure) if found.detail_BQC is None else found.detail_BQC / 2
    return torch.cat([structure, detail]).view(2, size.height, size.width, 3).numpy()


@pytest.mark.usefixtures("small_tiles")
@pytest.mark.parametrize("size", [Size(20, 26), Size(74, 96), Size(80, 78)])
def test_a_render_equals_the_direct_formula(
    size: Size, network: LIIF, place: Place, make_image: MakeImage
) -> None:
    image, viewport = make_image(20, 26), Viewport.whole(LR, size)
    picture = ContinuousImage.encode(image, place(network))
    found = picture.render_tile(viewport, Tile(0, 0, size.height, size.width))
    structure, detail = by_the_direct_formula(network, image, viewport)
    assert np.abs(found.structure - structure).max() < 1e-5
    assert (found.detail is None) == (network.detail is None)
    if found.detail is not None:
        assert np.abs(found.detail - detail).max() < 1e-5


@settings(max_examples=10)
@given(
    lr_tile=st.integers(3, 24), tile=st.integers(5, 90), height=st.integers(5, 90),
    width=st.integers(5, 90), memory_bytes=st.sampled_from([0, 60_000, 10**8]),
)  # fmt: skip
def test_tiles_bands_and_strips_equal_the_whole_render(
    lr_tile: int,
    tile: int,
    height: int,
    width: int,
    memory_bytes: int,
    network: LIIF,
    place: Place,
    make_image: MakeImage,
) -> None:
    """At factors below 1 too, whatever the LR tiles and the memory."""
    model, size = place(network), Size(height, width)
    viewport, everything = Viewport.whole(LR, size), Tile(0, 0, height, width)
    whole = ContinuousImage.encode(make_image(20, 26), model).render_tile(viewport, everything)
    with (
        mock.patch.object(encoded_tiles, "TILE", lr_tile),
        mock.patch.object(continuous_image, "_BAND_BYTES", 6000),
    ):
        picture = ContinuousImage.encode(make_image(20, 26), model, memory_bytes=memory_bytes)
        bands = list(picture.render_bands(viewport))
        tiles = list(picture.render_tiles(viewport, tile=tile))
    for part in (*bands, *tiles):
        where = part.tile
        inside = np.s_[where.top : where.bottom, where.left : where.right]
        assert np.abs(part.structure - whole.structure[inside]).max() < 1e-5
        if whole.detail is not None:
            assert part.detail is not None
            assert np.abs(part.detail - whole.detail[inside]).max() < 1e-5


def test_a_factor_below_one_is_an_area_average(
    two_fields: LIIF, place: Place, make_image: MakeImage
) -> None:
    picture = ContinuousImage.encode(make_image(20, 26), place(two_fields))
    region = Rect(1.25, 2.5, 15.0, 20.0)
    small = picture.render_tile(Viewport(region, Size(6, 8)), Tile(0, 0, 6, 8))
    large = picture.render_tile(Viewport(region, Size(60, 80)), Tile(0, 0, 60, 80))
    for found, whole in ((small.structure, large.structure), (small.detail, large.detail)):
        assert found is not None
        assert whole is not None
        means = whole.reshape(6, 10, 8, 10, 3).mean(axis=(1, 3))
        assert np.abs(found - means).max() < 1e-5


def test_what_a_field_reads_is_shared_or_its_own(place: Place) -> None:
    model = place(field_network("an MLP and a field on one tap"))
    assert model.layer_maps == {"structure": "last", "detail": "last"}
    assert model.feature_bytes == 8 * 4
    assert model.table_bytes == 4 * (16 + 3 * 5 * 5)
    model = place(field_network("two fields"))
    assert model.layer_maps == {"structure": "structure", "detail": "detail"}
    assert model.feature_bytes == 2 * 8 * 4
    # Head, two blocks, tail; then the decoder's two blocks, more than the encoder's deep one.
    assert model.receptive_radius == 1 + 2 * 2 + 1 + 2 * 2
    model = place(field_network("a field with points and one without"))
    # Kept are the coefficients of the one, the features of the other.
    assert model.feature_bytes == (3 * 3 * 3 + 8) * 4
    assert model.receptive_radius == 1 + 2 * 2 + 1 + 2 + 1


def test_encoding_can_be_stopped_between_a_fields_blocks(two_fields: LIIF, place: Place) -> None:
    calls: list[None] = []
    place(two_fields).encode(np.full((6, 7, 3), 0.5, np.float32), lambda: calls.append(None))
    assert len(calls) == 2 + 1 + 2


def test_encoding_can_be_stopped_between_a_fields_points(place: Place) -> None:
    calls: list[None] = []
    model = place(field_network("a field with points and one without"))
    model.encode(np.full((6, 7, 3), 0.5, np.float32), lambda: calls.append(None))
    assert len(calls) == 2 + 1 + 4 + 1


def test_out_of_memory_goes_on_in_halves(
    two_fields: LIIF, place: Place, make_image: MakeImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    image, model = make_image(60, 50), place(two_fields)
    viewport = Viewport.whole(Size(60, 50), Size(75, 60))
    expected = ContinuousImage.encode(image, model).render(viewport)

    def before(*args: object, **_: object) -> None:
        out = args[4]
        assert isinstance(out, torch.Tensor)
        if out.shape[0] > 10:
            raise MemoryError

    limit_memory(model, 1800, monkeypatch)
    wrap_decoders(model, lambda inner, _: WrappedDecoder(inner, before=before), monkeypatch)
    found = ContinuousImage.encode(image, model).render(viewport)
    assert np.abs(found - expected).max() < 1e-5


@pytest.mark.usefixtures("small_tiles")
@pytest.mark.parametrize(("memory_bytes", "times"), [(10**8, 1), (0, 2)])
def test_tables_that_fit_into_memory_are_made_once(
    memory_bytes: int,
    times: int,
    two_fields: LIIF,
    place: Place,
    make_image: MakeImage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model, made = place(two_fields), list[object]()
    prepare = model.prepare

    def count(*args: object) -> torch.Tensor:
        made.append(args[0])
        return prepare(*args)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(model, "prepare", count)
    picture = ContinuousImage.encode(make_image(20, 26), model, memory_bytes=memory_bytes)
    for _ in range(2):
        list(picture.render_bands(Viewport.whole(LR, Size(70, 90))))
    tables = 2 * 3 * 4  # layers, tiles
    assert len(made) == tables if times == 1 else len(made) > 2 * tables


def test_tables_may_take_what_features_leave(
    two_fields: LIIF, place: Place, make_image: MakeImage
) -> None:
    model, image = place(two_fields), make_image(20, 26)
    features = 20 * 26 * model.feature_bytes
    assert model.table_bytes > model.feature_bytes
    assert not EncodedTiles(image, model, features).tables_fit_in_memory
    assert EncodedTiles(image, model, features * 12).tables_fit_in_memory


def test_an_export_and_an_evaluation_give_the_renders_pixels(
    network: LIIF, place: Place, make_image: MakeImage, tmp_path: Path
) -> None:
    image, model, size = make_image(20, 26), place(network), Size(43, 61)
    viewport = Viewport.whole(LR, size)
    rendered = ContinuousImage.encode(image, model).render(viewport, detail=0.5)
    options = ExportOptions(format="png", detail=0.5)
    export_image(image, tmp_path / "a.png", size, model, options)
    stored = read_image(tmp_path / "a.png").samples
    assert np.abs(stored - rendered * 255.0).max() <= 0.5 + 1e-2
    layers = LayeredModel(model).layers(image.samples, size)
    assert np.abs(layers.blend(0.5) - rendered).max() < 1e-5


def test_the_views_tiles_are_the_whole_render(
    two_fields: LIIF, make_image: MakeImage, data_dir: Path
) -> None:
    save_weights(data_dir / "weights" / "air.safetensors", two_fields, PROVENANCE)
    engine = TorchRenderEngine(device="cpu", precision="fp32")
    image, visible = make_image(70, 60), Tile(20, 30, 230, 200)
    engine.open("photo", image)
    viewport = Viewport.whole(image.size, Size(263, 231))
    request = RenderRequest(1, "photo", ("air",), viewport, visible)
    found = np.full((263, 231, 3), np.nan, np.float32)
    for part in engine.render(request, cancel=CancelToken(), abandon=CancelToken()):
        if part.is_final:
            where = part.tile
            found[where.top : where.bottom, where.left : where.right] = part.structure
    expected, _ = by_the_direct_formula(two_fields, image, viewport)
    inside = np.s_[20:250, 30:230]
    assert np.abs(found[inside] - expected[inside]).max() < 1e-5


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_is_close(
    dtype: torch.dtype, network: LIIF, place: Place, make_image: MakeImage
) -> None:
    viewport = Viewport.whole(LR, Size(50, 65))
    render: Callable[[torch.dtype], np.ndarray] = lambda wanted: ContinuousImage.encode(  # noqa: E731
        make_image(20, 26), place(network, dtype=wanted)
    ).render(viewport)
    difference = np.abs(render(dtype) - render(torch.float32))
    assert 0.0 < difference.mean() < 0.5 / 255.0
    assert difference.max() < 6.0 / 255.0


@pytest.mark.usefixtures("small_tiles")
@pytest.mark.parametrize("memory_bytes", [0, 10**8])
@pytest.mark.parametrize("strength", [0.0, 0.7, 1.5])
def test_a_blend_is_drawn_as_the_layers_blended(
    strength: float, memory_bytes: int, network: LIIF, place: Place, make_image: MakeImage
) -> None:
    """Also after another strength, and where a model cannot blend before it draws."""
    model, viewport = place(network), Viewport.whole(LR, Size(74, 96))
    picture = ContinuousImage.encode(make_image(20, 26), model, memory_bytes=memory_bytes)
    whole = Tile(0, 0, 74, 96)
    apart = picture.render_tile(viewport, whole)
    for other in (0.3, strength):
        found = picture.render_tile(viewport, whole, drawing=at_strength(other))
    assert (found.detail is None) == (model.can_blend or strength == 0.0 or apart.detail is None)
    np.testing.assert_allclose(found.blend(strength), apart.blend(strength), atol=1e-5)
    rendered = picture.render(viewport, detail=strength)
    np.testing.assert_allclose(rendered, apart.blend(strength), atol=1e-5)


@pytest.mark.usefixtures("small_tiles")
@pytest.mark.parametrize(
    ("size", "is_coarse"), [((30, 39), True), ((39, 51), True), ((40, 52), False)]
)
def test_a_moving_view_at_low_factors_lacks_the_functions_of_one_layer(
    size: tuple[int, int], is_coarse: bool, place: Place, make_image: MakeImage
) -> None:
    """It is drawn as by a model without them, and the resting view before and after is whole."""
    network = field_network("a field with points and one without")
    picture = ContinuousImage.encode(make_image(20, 26), place(network))
    viewport, whole = Viewport.whole(LR, Size(*size)), Tile(0, 0, *size)
    before = picture.render_tile(viewport, whole, drawing=Blended(0.7))
    moving = picture.render_tile(viewport, whole, drawing=Blended(0.7, is_coarse=True))
    after = picture.render_tile(viewport, whole, drawing=Blended(0.7))
    np.testing.assert_array_equal(before.structure, after.structure)

    assert isinstance(network.detail, FieldDecoder)
    if is_coarse:
        assert np.abs(moving.structure - before.structure).max() > 1e-3
        with torch.no_grad():  # order 2 has five functions an axis, order 1 the first three
            readout = network.detail.readout.weight.unflatten(0, (3, 5, 5))
            readout[:, 3:] = 0.0
            readout[:, :, 3:] = 0.0
    coarse = ContinuousImage.encode(make_image(20, 26), place(network))
    wanted = coarse.render_tile(viewport, whole, drawing=Blended(0.7))
    np.testing.assert_allclose(moving.structure, wanted.structure, atol=1e-5)


def test_views_that_move_keep_one_strengths_tables_both_kinds(
    place: Place, make_image: MakeImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So a zoom to and fro makes each once."""
    model = place(field_network("a field with points and one without"))
    picture = ContinuousImage.encode(make_image(20, 26), model)
    made = blends_made(model, monkeypatch)
    for height in (30, 60, 30, 60):
        viewport = Viewport.whole(LR, Size(height, height * 26 // 20))
        picture.render_tile(viewport, Tile(0, 0, 30, 30), drawing=Blended(0.7, is_coarse=True))
    assert made == [0.7, 0.7]
    # The structure's three functions an axis, and the detail's five.
    assert model.blend_bytes == 4 * 3 * (3**2 + 5**2)


@pytest.mark.parametrize(
    ("structure_order", "detail_order", "wanted"), [(2, 3, 3.0), (1, 4, 2.0), (2, 2, 0), (3, 2, 0)]
)
def test_only_what_the_detail_alone_has_may_be_left_out(
    structure_order: int, detail_order: int, wanted: float, place: Place
) -> None:
    config = LIIFConfig(
        encoder=ENCODER,
        structure_field=FieldConfig(order=structure_order),
        detail_tap="last",
        detail_field=FieldConfig(order=detail_order),
    )
    assert place(seeded_network(config, seed=1)).coarse_below == wanted


@pytest.mark.parametrize(
    ("name", "drawing", "scale", "wanted"),
    [
        ("a field with points and one without", Blended(0.7), 1.2, Blended(0.7)),
        (
            "a field with points and one without",
            Blended(0.7, is_coarse=True),
            1.99,
            Blended(0.7, is_coarse=True),
        ),
        ("a field with points and one without", Blended(0.7, is_coarse=True), 2.0, Blended(0.7)),
        ("a field with points and one without", STRUCTURE_ONLY, 1.2, STRUCTURE_ONLY),
        ("a field with points and one without", APART, 1.2, APART),
        ("an MLP and a field on one tap", Blended(0.7, is_coarse=True), 1.2, APART),
        ("an MLP and a field on one tap", STRUCTURE_ONLY, 1.2, STRUCTURE_ONLY),
    ],
)
def test_what_is_asked_for_is_drawn_as_far_as_a_model_can(
    name: str, drawing: Drawing, scale: float, wanted: Drawing, place: Place
) -> None:
    assert place(field_network(name)).possible(drawing, scale) == wanted


def test_a_model_with_an_mlp_has_no_coarse_blend(place: Place) -> None:
    assert place(field_network("an MLP and a field on one tap")).coarse_below == 0.0


def blends_made(model: PlacedModel, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return a list that takes the strength of every blended table that a model makes."""
    made: list[float] = []
    blend = model.blend

    def count(structure: torch.Tensor, detail: torch.Tensor, wanted: Blended) -> torch.Tensor:
        made.append(wanted.strength)
        return blend(structure, detail, wanted)

    monkeypatch.setattr(model, "blend", count)
    return made


def test_a_resting_view_leaves_a_moving_ones_tables_where_not_all_fit(
    two_fields: LIIF, place: Place, make_image: MakeImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, viewport = place(two_fields), Viewport.whole(LR, Size(74, 96))
    features, tables = model.feature_bytes, model.table_bytes
    num_pixels = LR.height * LR.width
    # A quarter more than the features' bound: room for the layers' tables or the blend's.
    room = num_pixels * (features + tables + model.blend_bytes // 2) - num_pixels * features // 4
    picture = ContinuousImage.encode(make_image(20, 26), model, memory_bytes=room)
    made = blends_made(model, monkeypatch)
    for drawing in (Blended(1.0), APART, Blended(1.0), APART, Blended(1.0)):
        picture.render_tile(viewport, Tile(0, 0, 30, 30), drawing=drawing)
    assert made == [1.0]


def test_nor_does_it_keep_its_own_in_their_stead(
    place: Place, make_image: MakeImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A zoom to and fro over the factor of coarse blends, with rests between, makes each once."""
    model = place(field_network("a field with points and one without"))
    features, tables = model.feature_bytes, model.table_bytes + model.blend_bytes
    # Room for four fifths of all tables.
    room = int(LR.height * LR.width * (features + 0.8 * tables) / 1.25)
    picture = ContinuousImage.encode(make_image(20, 26), model, memory_bytes=room)
    made = blends_made(model, monkeypatch)
    for height in (30, 60, 30, 60):
        viewport = Viewport.whole(LR, Size(height, height * 26 // 20))
        for drawing in (APART, Blended(0.7, is_coarse=True)):
            picture.render_tile(viewport, Tile(0, 0, 30, 30), drawing=drawing)
    assert made == [0.7, 0.7]


def test_tables_of_one_blend_are_kept_and_no_others(
    two_fields: LIIF, place: Place, make_image: MakeImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, viewport = place(two_fields), Viewport.whole(LR, Size(74, 96))
    picture = ContinuousImage.encode(make_image(20, 26), model)
    made = blends_made(model, monkeypatch)
    prepared: list[object] = []
    prepare = model.prepare
    monkeypatch.setattr(model, "prepare", lambda *args: prepared.append(args) or prepare(*args))
    for strength in (1.0, 1.0, 0.5, 1.0):
        picture.render_tile(viewport, Tile(0, 0, 30, 30), drawing=Blended(strength))
    assert made == [1.0, 0.5, 1.0]
    assert len(prepared) == 2, "each layer's table once"
