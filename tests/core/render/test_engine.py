from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from liifgan_core.errors import WeightsError
from liifgan_core.geometry import Size, Tile, Viewport
from liifgan_core.images.image import Image
from liifgan_core.images.resample import resample
from liifgan_core.progress import Cancelled, CancelToken
from liifgan_core.render.continuous_image import ContinuousImage
from liifgan_core.render.drawing import APART, STRUCTURE_ONLY, Blended, Drawing, at_strength
from liifgan_core.render.engine import TorchRenderEngine
from liifgan_core.render.placed_model import PlacedModel, load_model
from liifgan_core.render.request import BICUBIC, NEAREST, FrameTile, RenderRequest, StandIn

SIZE = Size(300, 410)
VISIBLE = Tile(20, 30, 270, 350)


@pytest.fixture
def image() -> Image:
    samples = np.random.default_rng(0).integers(0, 256, (60, 82, 3), np.uint8)
    return Image(samples)


@pytest.fixture
def engine(detail_weights: Path, tiny_weights: Path, image: Image) -> TorchRenderEngine:
    engine = TorchRenderEngine(device="cpu", precision="fp32")
    engine.open("photo", image)
    return engine


def request(number: int = 1, sources: tuple[str, ...] = ("tiny-detail",)) -> RenderRequest:
    return RenderRequest(number, "photo", sources, Viewport.whole(Size(60, 82), SIZE), VISIBLE)


def render(engine: TorchRenderEngine, request: RenderRequest) -> list[FrameTile]:
    return list(engine.render(request, cancel=CancelToken(), abandon=CancelToken()))


def assembled(
    tiles: list[FrameTile], source: str, layer: str = "structure", *, visible: Tile = VISIBLE
) -> np.ndarray:
    """Return the visible part's pixels from the final tiles of a source."""
    whole = np.full((SIZE.height, SIZE.width, 3), np.nan, np.float32)
    for tile in tiles:
        if tile.is_final and tile.source == source:
            part = tile.tile
            whole[part.top : part.bottom, part.left : part.right] = getattr(tile, layer)
    return whole[visible.top : visible.bottom, visible.left : visible.right]


def test_tiles_are_the_whole_render(engine: TorchRenderEngine, image: Image) -> None:
    tiles = render(engine, request())
    model = load_model("tiny-detail", device="cpu", precision="fp32")
    picture = ContinuousImage.encode(image, model)
    wanted = picture.render_tile(request().viewport, VISIBLE)
    assert wanted.detail is not None
    assert np.abs(assembled(tiles, "tiny-detail") - wanted.structure).max() < 1e-5
    assert np.abs(assembled(tiles, "tiny-detail", "detail") - wanted.detail).max() < 1e-5


@pytest.mark.parametrize(("source", "method"), [(NEAREST, "nearest"), (BICUBIC, "bicubic")])
def test_resampled_sources_need_no_model(
    engine: TorchRenderEngine, image: Image, source: str, method: str
) -> None:
    tiles = render(engine, request(sources=(source,)))
    wanted = resample(image.rgb, image.size, request().viewport, VISIBLE, method)  # pyright: ignore
    # A tile is resampled from a box whose edges Pillow takes in float32.
    close = np.abs(assembled(tiles, source) - wanted).max(axis=2) < 1e-3
    assert close.mean() > 0.99
    assert all(tile.detail is None for tile in tiles)


def test_tiles_know_where_they_belong(engine: TorchRenderEngine) -> None:
    tiles = render(engine, request(7, ("tiny", "tiny-detail")))
    assert {tile.request_id for tile in tiles} == {7}
    assert {tile.source for tile in tiles} == {"tiny", "tiny-detail"}
    assert all((tile.detail is not None) == (tile.source == "tiny-detail") for tile in tiles)


def test_what_was_rendered_comes_again_without_rendering(engine: TorchRenderEngine) -> None:
    first = render(engine, request(1))
    again = render(engine, request(2))
    assert all(tile.is_final and tile.seconds == 0.0 for tile in again)
    assert {tile.request_id for tile in again} == {2}
    assert (assembled(first, "tiny-detail") == assembled(again, "tiny-detail")).all()


def test_another_photo_under_the_engine_gives_other_pixels(engine: TorchRenderEngine) -> None:
    first = assembled(render(engine, request()), "tiny-detail")
    engine.open("other", Image(np.zeros((60, 82, 3), np.uint8)))
    other = RenderRequest(2, "other", ("tiny-detail",), request().viewport, VISIBLE)
    assert (assembled(render(engine, other), "tiny-detail") != first).any()
    with pytest.raises(ValueError, match="is not open"):
        render(engine, request(3))


def test_cancelling_ends_a_frame_and_the_engine_goes_on(engine: TorchRenderEngine) -> None:
    cancel = CancelToken()
    tiles = engine.render(request(), cancel=cancel, abandon=CancelToken())
    next(tiles)
    cancel.cancel()
    with pytest.raises(Cancelled):
        list(tiles)
    assert not np.isnan(assembled(render(engine, request(2)), "tiny-detail")).any()


@pytest.mark.parametrize("is_abandoned", [True, False])
def test_cancelling_finishes_the_encoding_and_abandoning_does_not(
    engine: TorchRenderEngine, monkeypatch: pytest.MonkeyPatch, is_abandoned: bool
) -> None:
    encoded: list[str] = []
    cancel, abandon = CancelToken(), CancelToken()
    model = load_model("tiny", device="cpu")
    monkeypatch.setattr("liifgan_core.render.engine.load_model", lambda *_a, **_k: model)
    whole_encode = model.encode

    def encode(rgb: np.ndarray, check: object, *_: object) -> object:
        cancel.cancel()
        if is_abandoned:
            abandon.cancel()
        result = whole_encode(rgb, check)  # pyright: ignore[reportArgumentType]
        encoded.append("whole")
        return result

    monkeypatch.setattr(model, "encode", encode)
    with pytest.raises(Cancelled):
        list(engine.render(request(sources=("tiny",)), cancel=cancel, abandon=abandon))
    assert encoded == ([] if is_abandoned else ["whole"])


def panned(number: int, left: int) -> RenderRequest:
    """Return a view at x10 of 60 output pixels a side, as it is moved to the right."""
    whole = Viewport.whole(Size(60, 82), Size(600, 820))
    return RenderRequest(number, "photo", ("tiny",), whole, Tile(0, left, 60, 60))


@pytest.mark.parametrize(
    ("following", "is_wanted"),
    [
        (None, True),
        (panned(2, 0), True),
        (panned(2, 700), False),
        (replace(panned(2, 0), sources=("tiny-detail",)), False),
    ],
)
def test_an_encoding_is_abandoned_where_the_next_view_needs_it_not(
    engine: TorchRenderEngine,
    monkeypatch: pytest.MonkeyPatch,
    following: RenderRequest | None,
    is_wanted: bool,
) -> None:
    monkeypatch.setattr("liifgan_core.render.encoded_tiles.TILE", 16)
    model = load_model("tiny", device="cpu")
    monkeypatch.setattr("liifgan_core.render.engine.load_model", lambda *_a, **_k: model)
    cancel, newest, encoded = CancelToken(), list[RenderRequest | None]([None]), list[str]()
    whole_encode = model.encode

    def encode(rgb: np.ndarray, check: Callable[[], None], *_: object) -> object:
        if len(encoded) == 1:  # in the midst of the second tile
            newest[0] = following
            cancel.cancel()
        result = whole_encode(rgb, check)
        encoded.append("whole")
        return result

    monkeypatch.setattr(model, "encode", encode)
    frame = engine.render(
        panned(1, 0), cancel=cancel, abandon=CancelToken(), following=lambda: newest[0]
    )
    with pytest.raises(Cancelled):
        list(frame)
    assert len(encoded) == (2 if is_wanted else 1)
    newest[0] = None
    render(engine, panned(3, 0))
    kept = len(encoded)
    render(engine, panned(4, 0))
    assert kept == len(encoded) == 4  # what was encoded whole is kept


def test_transparency_comes_with_the_tiles(engine: TorchRenderEngine) -> None:
    samples = np.zeros((60, 82, 3), np.uint8)
    alpha = np.zeros((60, 82), np.uint8)
    alpha[:, 41:] = 255
    engine.open("photo", Image(samples, alpha=alpha))
    for tile in render(engine, request(sources=("tiny", NEAREST))):
        assert tile.alpha is not None
        assert tile.alpha.shape == tile.structure.shape[:2]
        assert 0.0 <= tile.alpha.min() <= tile.alpha.max() <= 1.0


def test_a_model_that_is_not_installed_is_a_users_error(engine: TorchRenderEngine) -> None:
    with pytest.raises(WeightsError, match="nothing"):
        render(engine, request(sources=("nothing",)))
    assert render(engine, request(2))


QUICK = StandIn("tiny-detail", "tiny")
"""Which of the tiny networks is the quick one makes no difference to the engine."""


def drawn_by(tiles: list[FrameTile]) -> list[tuple[str, bool]]:
    return list(dict.fromkeys((tile.drawn_by, tile.is_final) for tile in tiles))


def test_a_stand_in_draws_first_and_the_chosen_model_last(
    engine: TorchRenderEngine, image: Image
) -> None:
    wanted = assembled(render(engine, request()), "tiny-detail")
    engine.open("photo", image)
    tiles = render(engine, replace(request(), stand_ins=(QUICK,)))
    assert drawn_by(tiles) == [("tiny", False), ("tiny-detail", True)]
    assert (assembled(tiles, "tiny-detail") == wanted).all()


def test_while_the_view_moves_the_chosen_model_rests(
    engine: TorchRenderEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[str] = []

    def load(name: str, **options: str) -> PlacedModel:
        loaded.append(name)
        return load_model(name, **options)

    monkeypatch.setattr("liifgan_core.render.engine.load_model", load)
    moving = replace(request(), stand_ins=(QUICK,), refines=False)
    tiles = render(engine, moving)
    assert drawn_by(tiles) == [("tiny", True)]
    assert loaded == ["tiny"]
    own = assembled(render(engine, request(2, ("tiny",))), "tiny")
    assert np.abs(assembled(tiles, "tiny-detail") - own).max() < 1e-5


def test_what_was_refined_stays_so_while_the_view_moves(engine: TorchRenderEngine) -> None:
    resting = replace(request(), stand_ins=(QUICK,))
    refined = assembled(render(engine, resting), "tiny-detail")
    tiles = render(engine, replace(resting, id=2, refines=False))
    assert drawn_by(tiles) == [("tiny-detail", True)]
    assert (assembled(tiles, "tiny-detail") == refined).all()


def test_only_what_is_not_refined_yet_is_drawn_by_the_stand_in(engine: TorchRenderEngine) -> None:
    resting = replace(request(), stand_ins=(QUICK,))
    first = replace(resting, visible=Tile(0, 0, 100, 100))
    render(engine, first)
    tiles = render(engine, replace(resting, id=2))
    known = {tile.tile for tile in tiles if tile.drawn_by == "tiny-detail" and tile.seconds == 0.0}
    assert len(known) == 1
    assert known.isdisjoint(tile.tile for tile in tiles if tile.drawn_by == "tiny")


@pytest.mark.parametrize("drawing", [APART, STRUCTURE_ONLY])
@pytest.mark.parametrize("is_known", [True, False])
def test_a_stand_in_shows_detail_only_where_it_is_asked_for(
    engine: TorchRenderEngine, drawing: Drawing, is_known: bool
) -> None:
    """Also where the layers are there already."""
    if is_known:
        render(engine, request(sources=("tiny-detail",)))
    stand_in = StandIn("tiny", "tiny-detail", drawing)
    tiles = render(engine, replace(request(sources=("tiny",)), stand_ins=(stand_in,)))
    quick = [tile for tile in tiles if tile.drawn_by == "tiny-detail"]
    assert quick
    assert all((tile.detail is not None) == (drawing == APART) for tile in quick)


def test_two_sources_share_what_one_stand_in_draws(engine: TorchRenderEngine) -> None:
    stand_ins = (StandIn("one", "tiny"), StandIn("other", "tiny"))
    both = replace(request(sources=("one", "other")), stand_ins=stand_ins, refines=False)
    tiles = render(engine, both)
    assert all(tile.seconds == 0.0 for tile in tiles if tile.source == "other")
    assert (assembled(tiles, "one") == assembled(tiles, "other")).all()


def test_the_encoding_of_a_refinement_is_given_up_for_the_next_request(
    engine: TorchRenderEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    resting = replace(request(), stand_ins=(QUICK,))
    render(engine, replace(resting, refines=False))
    model, cancel, encoded = load_model("tiny-detail", device="cpu"), CancelToken(), []
    monkeypatch.setattr("liifgan_core.render.engine.load_model", lambda *_a, **_k: model)
    whole_encode = model.encode

    def encode(rgb: np.ndarray, check: Callable[[], None], *_: object) -> object:
        cancel.cancel()
        encoded.append(whole_encode(rgb, check))
        return encoded[0]

    monkeypatch.setattr(model, "encode", encode)
    with pytest.raises(Cancelled):
        list(engine.render(replace(resting, id=2), cancel=cancel, abandon=CancelToken()))
    assert encoded == []


@pytest.fixture
def airy(air_weights: Path, tiny_weights: Path, image: Image) -> TorchRenderEngine:
    engine = TorchRenderEngine(device="cpu", precision="fp32")
    engine.open("photo", image)
    return engine


AIR = StandIn("tiny-air", "tiny-air")


MOVING = Blended(0.7, is_coarse=True)


def moving(number: int = 1, *, drawing: Drawing = MOVING) -> RenderRequest:
    quick = request(number, ("tiny-air",))
    return replace(quick, stand_ins=(replace(AIR, drawing=drawing),), refines=False)


def test_a_block_is_drawn_as_its_tiles_one_by_one(
    airy: TorchRenderEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_by_one = render(airy, moving(drawing=APART))  # the photo is being encoded
    sizes: list[Tile] = []
    render_tile = ContinuousImage.render_tile

    def count(self: ContinuousImage, viewport: Viewport, tile: Tile, **more: object) -> object:
        sizes.append(tile)
        return render_tile(self, viewport, tile, **more)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(ContinuousImage, "render_tile", count)
    other = replace(moving(2), viewport=Viewport.whole(Size(60, 82), Size(301, 410)))
    render(airy, other)  # another viewport: the tiles are forgotten
    sizes.clear()
    block = render(airy, moving(3, drawing=APART))
    assert sizes == [VISIBLE]
    assert [tile.tile for tile in block] == [tile.tile for tile in one_by_one]
    for found, wanted in zip(block, one_by_one, strict=True):
        np.testing.assert_allclose(found.structure, wanted.structure, atol=1e-5)
    assert render(airy, moving(4, drawing=APART))[0].seconds == 0.0


def test_tiles_of_a_photo_that_is_being_encoded_come_one_by_one(
    airy: TorchRenderEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liifgan_core.render.encoded_tiles.TILE", 16)
    model = load_model("tiny-air", device="cpu", precision="fp32")
    monkeypatch.setattr("liifgan_core.render.engine.load_model", lambda *_a, **_k: model)
    encoded, whole_encode = [0], model.encode

    def encode(rgb: np.ndarray, check: Callable[[], None], *_: object) -> object:
        encoded[0] += 1
        return whole_encode(rgb, check)

    monkeypatch.setattr(model, "encode", encode)
    counts = [
        encoded[0] for _ in airy.render(moving(), cancel=CancelToken(), abandon=CancelToken())
    ]
    assert counts[0] < counts[-1]
    once = encoded[0]
    render(airy, replace(moving(2), viewport=Viewport.whole(Size(60, 82), Size(301, 410))))
    assert encoded[0] == once, "each part of the photo is encoded once"


def test_a_blend_serves_its_strength_only_and_layers_serve_all(
    airy: TorchRenderEngine, image: Image
) -> None:
    model = load_model("tiny-air", device="cpu", precision="fp32")
    picture = ContinuousImage.encode(image, model)
    apart = picture.render_tile(request().viewport, VISIBLE)
    assert apart.detail is not None
    for number, strength in enumerate((0.7, 0.0, 1.2, 0.7), start=1):
        tiles = render(airy, moving(number, drawing=at_strength(strength, is_coarse=True)))
        wanted = apart.structure + strength * apart.detail
        assert all(tile.detail is None for tile in tiles)
        assert np.abs(assembled(tiles, "tiny-air") - wanted).max() < 1e-5
    layered = render(airy, moving(7, drawing=APART))
    reused = render(airy, moving(8, drawing=Blended(0.3, is_coarse=True)))
    assert all(tile.seconds == 0.0 for tile in reused)
    assert all(tile.detail is not None for tile in [*layered, *reused])


def test_a_moving_view_may_be_coarse_and_one_at_rest_is_whole(airy: TorchRenderEngine) -> None:
    viewport = Viewport.whole(Size(60, 82), Size(90, 123))
    visible = Tile(0, 0, 90, 123)

    def blend(asked: RenderRequest) -> np.ndarray:
        tiles = render(airy, replace(asked, viewport=viewport, visible=visible))
        blend = assembled(tiles, "tiny-air", visible=visible)
        if tiles[0].detail is not None:
            blend = blend + 0.7 * assembled(tiles, "tiny-air", "detail", visible=visible)
        return blend

    whole = blend(moving(1, drawing=APART))
    # Layers that are there already are whole, and shown.
    np.testing.assert_array_equal(blend(moving(2)), whole)
    render(airy, moving(3))  # another viewport: the tiles are forgotten
    assert np.abs(blend(moving(4)) - whole).max() > 1e-3
    np.testing.assert_allclose(blend(moving(5, drawing=APART)), whole, atol=1e-6)


def test_a_block_can_be_cancelled_and_drawn_later(airy: TorchRenderEngine) -> None:
    cancel = CancelToken()
    tiles = airy.render(moving(), cancel=cancel, abandon=CancelToken())
    next(tiles)
    cancel.cancel()
    with pytest.raises(Cancelled):
        list(tiles)
    assert not np.isnan(assembled(render(airy, moving(2)), "tiny-air")).any()


def test_it_tells_how_much_of_a_frame_is_done(engine: TorchRenderEngine) -> None:
    told: list[float] = []

    def draw(request: RenderRequest) -> list[float]:
        told.clear()
        cancel = CancelToken()
        list(engine.render(request, cancel=cancel, abandon=cancel, progress=told.append))
        return list(told)

    first = draw(request())
    assert len(first) > 3
    assert first == sorted(first)
    assert 0.0 < first[0] < 1.0
    assert first[-1] == pytest.approx(1.0)
    assert draw(request(2)) == [], "all of it is there"
    assert draw(request(3, (NEAREST, BICUBIC))) == [], "no model has work"
    other = Viewport.whole(Size(60, 82), Size(120, 164))
    further = draw(replace(request(4), viewport=other, visible=Tile(0, 0, 120, 164)))
    assert further
    assert further[-1] == pytest.approx(1.0)


def test_the_photo_itself_is_averaged_below_its_size(
    engine: TorchRenderEngine, image: Image
) -> None:
    """Fine stripes become gray; each fourth of their pixels alone would be black or white."""
    stripes = np.zeros((60, 82, 3), np.uint8)
    stripes[:, ::2] = 255
    engine.open("stripes", Image(stripes))
    whole = Viewport.whole(Size(60, 82), Size(15, 20))
    small = RenderRequest(1, "stripes", (NEAREST,), whole, Tile(0, 0, 15, 20))
    [tile] = render(engine, small)
    assert np.abs(tile.structure - 0.5).max() < 0.05
