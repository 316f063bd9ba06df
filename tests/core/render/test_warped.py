"""Warped renders against separable ones, the plain formulas, and one another."""

import copy

import msgspec
import numpy as np
import pytest
import torch

from liifgan_core.footprints import footprints
from liifgan_core.geometry import Rect, Size, Tile, Viewport
from liifgan_core.models.config import EDSRConfig, FieldConfig, LIIFConfig
from liifgan_core.render.continuous_image import ContinuousImage
from liifgan_core.render.drawing import at_strength
from liifgan_core.render.placed_model import PlacedModel
from liifgan_core.warp import Geometry, Point
from tests.conftest import Place, seeded_network
from tests.core.render.conftest import MakeImage

PHOTO = Size(21, 27)
CORNERS = (Point(4, 3), Point(22, 2), Point(25, 18), Point(2, 16))
GEOMETRIES = [
    Geometry(25.0),
    Geometry(-160.0, frame="inside"),
    Geometry(corners=CORNERS),
    Geometry(7.0, CORNERS, k1=-0.08, k2=0.01, frame="inside"),
]


KINDS = ["mlp", "mlp and detail", "field", "field and detail", "field and picture"]


@pytest.fixture(scope="module", params=KINDS)
def model(request: pytest.FixtureRequest, place: Place) -> PlacedModel:
    encoder = EDSRConfig(num_features=8, num_blocks=2)
    configs = {
        "mlp": LIIFConfig(encoder=encoder, hidden=(16, 16)),
        "mlp and detail": LIIFConfig(encoder=encoder, hidden=(16, 16), detail_tap=1),
        "field": LIIFConfig(encoder=encoder, structure_field=FieldConfig(order=2)),
        "field and detail": LIIFConfig(
            encoder=encoder,
            hidden=(16, 16),
            structure_field=FieldConfig(order=1, points=2),
            detail_tap="last",
            detail_field=FieldConfig(order=3),
        ),
    }
    configs["field and picture"] = msgspec.structs.replace(
        configs["field and detail"], detail_is_picture=True
    )
    return place(seeded_network(configs[request.param], seed=4))


@pytest.fixture
def picture(model: PlacedModel, make_image: MakeImage) -> ContinuousImage:
    return ContinuousImage.encode(make_image(PHOTO.height, PHOTO.width), model)


@pytest.mark.parametrize("size", [Size(21, 27), Size(84, 108), Size(77, 90), Size(9, 8)])
def test_no_geometry_equals_the_separable_renderer(picture: ContinuousImage, size: Size) -> None:
    viewport = Viewport.whole(PHOTO, size)

    plain = picture.render(viewport)
    warped = picture.render(viewport, warp=Geometry().warp(PHOTO))

    assert warped == pytest.approx(plain, abs=1e-4)


@pytest.mark.parametrize("quarters", [1, 2, 3])
@pytest.mark.parametrize("scale", [3.7, 0.6])
def test_quarter_turns_equal_the_turned_render(
    picture: ContinuousImage, quarters: int, scale: float
) -> None:
    size = Size(round(PHOTO.height * scale), round(PHOTO.width * scale))
    expected = np.rot90(picture.render(Viewport.whole(PHOTO, size)), quarters)
    warp = Geometry(90.0 * quarters).warp(PHOTO)

    turned = picture.render(Viewport.whole(warp.size, Size(*expected.shape[:2])), warp=warp)

    assert turned == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_every_pixel_is_the_plain_formula_at_its_place(
    model: PlacedModel, make_image: MakeImage, geometry: Geometry
) -> None:
    image, warp = make_image(PHOTO.height, PHOTO.width), geometry.warp(PHOTO)
    # At least 2.5 output pixels per LR pixel: one sample each.
    size = Size(warp.size.height * 4, warp.size.width * 4)
    viewport = Viewport.whole(warp.size, size)
    picture = ContinuousImage.encode(image, model)
    drawn = picture.render_tile(viewport, Tile(0, 0, size.height, size.width), warp=warp)

    areas = footprints(warp, viewport, Tile(0, 0, size.height, size.width)).areas
    centres_in_photo = (
        (areas.y > -0.5)
        & (areas.x > -0.5)
        & (areas.y < PHOTO.height - 0.5)
        & (areas.x < PHOTO.width - 0.5)
    )
    asked = np.flatnonzero(centres_in_photo)[::7]
    sides = [np.broadcast_to(side, len(areas))[asked] for side in areas.sides]
    assert max(side.max() for side in sides) < 1.0
    lr = np.array([PHOTO.height, PHOTO.width])
    coord = (np.stack([areas.y[asked], areas.x[asked]], axis=1) + 0.5) / lr * 2.0 - 1.0
    cell = np.stack(sides, axis=1) / lr * 2.0
    network = copy.deepcopy(model._network).double()
    rgb = torch.from_numpy(image.rgb(Tile(0, 0, PHOTO.height, PHOTO.width))).double()
    features = network.encode(rgb.permute(2, 0, 1)[None])
    query = network.query(features, torch.from_numpy(coord)[None], torch.from_numpy(cell)[None])

    pixels = areas.pixel[asked]
    expected = query.structure_BQC[0].numpy() / 2.0 + 0.5
    assert drawn.structure.reshape(-1, 3)[pixels] == pytest.approx(expected, abs=1e-4)
    if drawn.detail is not None:
        expected = query.detail_BQC[0].numpy() / 2.0
        assert drawn.detail.reshape(-1, 3)[pixels] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("geometry", GEOMETRIES)
@pytest.mark.parametrize("scale", [2.3, 0.7])
def test_tiles_equal_the_whole(picture: ContinuousImage, geometry: Geometry, scale: float) -> None:
    warp = geometry.warp(PHOTO)
    size = Size(round(warp.size.height * scale), round(warp.size.width * scale))
    viewport = Viewport.whole(warp.size, size)
    whole = picture.render_tile(viewport, Tile(0, 0, size.height, size.width), warp=warp)

    for tile in viewport.tiles(13):
        part = picture.render_tile(viewport, tile, warp=warp)
        place = np.s_[tile.top : tile.bottom, tile.left : tile.right]
        assert part.structure == pytest.approx(whole.structure[place], abs=1e-5)
        if part.detail is not None:
            assert whole.detail is not None
            assert part.detail == pytest.approx(whole.detail[place], abs=1e-5)


@pytest.mark.parametrize("geometry", GEOMETRIES[2:])
@pytest.mark.parametrize("scale", [2.3, 0.4])
def test_photos_in_many_tiles_equal_those_in_one(
    model: PlacedModel,
    make_image: MakeImage,
    monkeypatch: pytest.MonkeyPatch,
    geometry: Geometry,
    scale: float,
) -> None:
    image, warp = make_image(PHOTO.height, PHOTO.width), geometry.warp(PHOTO)
    size = Size(round(warp.size.height * scale), round(warp.size.width * scale))
    viewport = Viewport.whole(warp.size, size)
    whole = ContinuousImage.encode(image, model).render(viewport, warp=warp)

    monkeypatch.setattr("liifgan_core.render.encoded_tiles.TILE", 8)
    monkeypatch.setattr("liifgan_core.render.encoded_tiles.LOWEST_TILE", 6)
    monkeypatch.setattr("liifgan_core.render.warped.BLOCK", 11)
    for memory_bytes in (1 << 24, 10_000):  # tables kept, and made strip by strip
        tiled = ContinuousImage.encode(image, model, memory_bytes=memory_bytes)
        assert tiled.render(viewport, warp=warp) == pytest.approx(whole, abs=1e-5)


def test_a_blend_drawn_as_one_equals_its_layers(
    model: PlacedModel, picture: ContinuousImage
) -> None:
    warp = GEOMETRIES[3].warp(PHOTO)
    viewport = Viewport.whole(warp.size, Size(warp.size.height * 3, warp.size.width * 3))
    tile = Tile(5, 2, 30, 40)
    apart = picture.render_tile(viewport, tile, warp=warp)

    for strength in (0.0, 0.6, 1.5):
        as_one = picture.render_tile(viewport, tile, warp=warp, drawing=at_strength(strength))
        assert (as_one.detail is None) == (
            model.can_blend or strength == 0.0 or apart.detail is None
        )
        assert as_one.blend(strength) == pytest.approx(apart.blend(strength), abs=1e-5)


def test_beyond_the_photo_it_is_black(picture: ContinuousImage) -> None:
    warp = Geometry(45.0).warp(PHOTO)
    viewport = Viewport.whole(warp.size, warp.size)

    drawn = picture.render(viewport, warp=warp)

    assert not drawn[:4, :4].any()
    assert drawn[warp.size.height // 2, warp.size.width // 2].any()


@pytest.mark.parametrize(("angle", "scale", "bound"), [(2.0, 1.0, 0.05), (20.0, 3.0, 0.005)])
def test_a_box_is_nearly_the_mean_over_the_turned_pixel(
    place: Place, make_image: MakeImage, angle: float, scale: float, bound: float
) -> None:
    config = LIIFConfig(
        encoder=EDSRConfig(num_features=8, num_blocks=2), structure_field=FieldConfig(order=2)
    )
    picture = ContinuousImage.encode(
        make_image(PHOTO.height, PHOTO.width), place(seeded_network(config, seed=4))
    )
    warp = Geometry(angle, frame="inside").warp(PHOTO)
    size = Size(int(warp.size.height * scale), int(warp.size.width * scale))
    fine = Size(size.height * 8, size.width * 8)

    drawn = picture.render_tile(
        Viewport.whole(warp.size, size), Tile(0, 0, size.height, size.width), warp=warp
    ).structure
    # 64 boxes of an eighth of a side tile the turned pixel.
    exact = picture.render_tile(
        Viewport.whole(warp.size, fine), Tile(0, 0, fine.height, fine.width), warp=warp
    ).structure
    exact = exact.reshape(size.height, 8, size.width, 8, 3).mean(axis=(1, 3))

    spread = exact.std()
    assert np.sqrt(np.mean((drawn - exact) ** 2)) < bound * spread


def test_tiles_that_a_view_needs_are_told(picture: ContinuousImage) -> None:
    warp = Geometry(30.0).warp(PHOTO)
    viewport = Viewport.whole(warp.size, warp.size)

    assert picture.encoded_tiles(viewport, Tile(12, 12, 4, 4), warp=warp) == [(0, 0)]
    assert picture.encoded_tiles(viewport, Tile(0, 0, 2, 2), warp=warp) == []


def test_a_warp_of_another_photo_and_a_region_beyond_the_frame_are_refused(
    picture: ContinuousImage,
) -> None:
    warp = Geometry(30.0).warp(PHOTO)

    with pytest.raises(ValueError, match="not for an image"):
        picture.render(Viewport.whole(PHOTO, PHOTO), warp=Geometry(30.0).warp(Size(9, 9)))
    with pytest.raises(ValueError, match="reaches beyond"):
        picture.render(Viewport(Rect(0, 0, warp.size.height + 1, 5), Size(5, 5)), warp=warp)
