"""Exports of warped photos: what the view shows, in bands, for every kind of picture."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from liifgan_core.errors import GeometryError, LiifganError
from liifgan_core.geometry import Size, Tile, Viewport
from liifgan_core.images.image import Image
from liifgan_core.images.read import read_image
from liifgan_core.images.warped import warped_opacity
from liifgan_core.models.liif import LIIF
from liifgan_core.render import continuous_image
from liifgan_core.render.continuous_image import ContinuousImage
from liifgan_core.render.export import ExportOptions, export_image
from liifgan_core.warp import Geometry, Point
from tests.conftest import Place
from tests.core.render.conftest import MakeImage

CORNERS = (Point(2, 1), Point(11, 2), Point(12, 10), Point(1, 9))
TURNED = ExportOptions(format="png", bit_depth=16, geometry=Geometry(-20.0, CORNERS, k1=-0.05))


@pytest.mark.parametrize("alpha", [False, True])
def test_the_file_holds_what_the_tiles_of_a_view_show(
    alpha: bool,
    detail_network: LIIF,
    place: Place,
    make_image: MakeImage,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(continuous_image, "_WHOLE_BYTES", 9000)
    image, model, path = make_image(11, 13), place(detail_network), tmp_path / "result.png"
    if alpha:
        image = Image(image.samples, image.samples[..., 0].copy())
    warp = TURNED.geometry.warp(image.size)
    size = Size(warp.size.height * 3, warp.size.width * 3)

    export_image(image, path, size, model, replace(TURNED, detail=0.5))

    stored = read_image(path)
    assert stored.size == size
    viewport, picture = Viewport.whole(warp.size, size), ContinuousImage.encode(image, model)
    for tile in viewport.tiles(20):
        place_of_tile = np.s_[tile.top : tile.bottom, tile.left : tile.right]
        opacity = warped_opacity(image, warp, viewport, tile)
        assert stored.alpha is not None
        assert stored.alpha[place_of_tile] / 65535 == pytest.approx(opacity, abs=2e-5)
        shown = picture.render_tile(viewport, tile, warp=warp).blend(0.5)
        assert stored.samples[place_of_tile] / 65535 == pytest.approx(shown, abs=2e-5)


def test_a_gray_photo_stays_gray_but_on_a_coloured_background(
    tiny_network: LIIF, place: Place, tmp_path: Path
) -> None:
    samples = np.full((11, 13, 3), 90, np.uint8)
    image, model = Image(samples, is_gray=True), place(tiny_network)
    size = TURNED.geometry.frame_size(image.size)
    for colour, is_gray in (((1.0, 1.0, 1.0), True), ((1.0, 0.0, 0.0), False)):
        path = tmp_path / f"{is_gray}.png"
        export_image(image, path, size, model, replace(TURNED, background=colour))
        stored = read_image(path)
        assert stored.is_gray == is_gray
        assert stored.samples[0, 0].tolist() == [65535 * c for c in colour]


def test_light_multiplied_by_alpha_fades_out_at_the_photos_edge(
    tiny_network: LIIF, place: Place, tmp_path: Path
) -> None:
    samples = np.full((11, 13, 3), 0.25, np.float32)
    alpha = np.full((11, 13), 0.5, np.float32)
    image = Image(samples, alpha, is_premultiplied=True)
    options = replace(TURNED, format="exr", bit_depth=32)
    warp = options.geometry.warp(image.size)
    path = tmp_path / "result.exr"

    export_image(image, path, warp.size, place(tiny_network), options)

    stored = read_image(path)
    assert stored.alpha is not None
    coverage = warped_opacity(
        Image(samples), warp, Viewport.whole(warp.size, warp.size), _whole(warp.size)
    )
    assert stored.alpha == pytest.approx(0.5 * coverage, abs=1e-3)
    assert not stored.samples[coverage == 0.0].any()


def test_a_turned_result_says_so(
    tiny_network: LIIF, place: Place, make_image: MakeImage, tmp_path: Path
) -> None:
    image, path = make_image(11, 13), tmp_path / "result.png"
    options = replace(TURNED, geometry=Geometry(5.0, frame="inside"), software="LIIF-GAN")

    export_image(image, path, Size(20, 20), place(tiny_network), options)

    assert b"rotation 5; frame inside" in path.read_bytes()


def test_a_band_of_a_warped_view_counts_as_memory(
    tiny_network: LIIF, place: Place, make_image: MakeImage, tmp_path: Path
) -> None:
    image, size = make_image(11, 13), Size(4000, 4000)
    options = replace(TURNED, memory_bytes=620 * 2**20)

    with pytest.raises(LiifganError, match="more than the limit"):
        export_image(image, tmp_path / "a.png", size, place(tiny_network), options)


def test_a_geometry_that_a_photo_cannot_have_leaves_nothing(
    tiny_network: LIIF, place: Place, make_image: MakeImage, tmp_path: Path
) -> None:
    options = replace(TURNED, geometry=Geometry(k1=-0.9))

    with pytest.raises(GeometryError, match="folds"):
        export_image(
            make_image(11, 13), tmp_path / "a.png", Size(9, 9), place(tiny_network), options
        )
    assert not list(tmp_path.iterdir())


def _whole(size: Size) -> Tile:
    return Tile(0, 0, size.height, size.width)
