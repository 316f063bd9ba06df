"""Exports of warped photos: what the view shows, in bands, for every kind of picture."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from liifgan_core.errors import GeometryError, LiifganError
from liifgan_core.geometry import Size, Tile, Viewport
from liifgan_core.images.gain_map import GainMap
from liifgan_core.images.image import Image
from liifgan_core.images.inspection import inspect_file
from liifgan_core.images.read import read_image
from liifgan_core.images.warped import warped_opacity
from liifgan_core.images.windows import Windows
from liifgan_core.models.liif import LIIF
from liifgan_core.render import continuous_image, export, file_drawing
from liifgan_core.render.continuous_image import ContinuousImage
from liifgan_core.render.export import export_image, export_images
from liifgan_core.render.export_options import ExportOptions, ExportOrder, ExportReport
from liifgan_core.render.file_drawing import FileDrawing
from liifgan_core.render.invented import invented_map
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

    [said] = inspect_file(path).enlarged
    frame = options.geometry.frame_size(image.size)
    assert said.geometry == "rotation 5; frame inside"
    assert said.factor_across == round(20 / frame.width, 6)
    assert (said.source_width, said.source_height) == (13, 11)
    assert b"; rotation 5; frame inside" in path.read_bytes()  # the note


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


@pytest.mark.parametrize("is_kept", [True, False])
def test_sizes_of_a_warped_photo_come_from_one_encoding(
    is_kept: bool,
    detail_network: LIIF,
    place: Place,
    make_image: MakeImage,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    image, model = make_image(60, 50), place(detail_network)
    frame = TURNED.geometry.frame_size(image.size)
    asked = [
        (Size(frame.height * 2, frame.width * 2), TURNED),
        (Size(90, 75), ExportOptions(format="png", bit_depth=16)),
        (frame, replace(TURNED, background=(0.0, 1.0, 0.0))),
        (Size(150, 125), ExportOptions(format="png", bit_depth=16)),
        (frame, replace(TURNED, bit_depth=8, shows="invented")),
    ]
    pictures: list[ContinuousImage] = []
    encode = ContinuousImage.encode

    def counted(*args: Any, **options: Any) -> ContinuousImage:
        pictures.append(encode(*args, **options))
        return pictures[-1]

    monkeypatch.setattr(ContinuousImage, "encode", counted)
    if not is_kept:  # too large for the features: encoded on the way
        monkeypatch.setattr(export, "feature_bytes", lambda *_, **__: 1 << 16)
        assert image.size.num_pixels * model.feature_bytes > 1 << 16
    orders = [ExportOrder(tmp_path / f"{n}.png", *each) for n, each in enumerate(asked)]
    reports = export_images(image, orders, model)
    assert all(isinstance(report, ExportReport) for report in reports)
    assert len(pictures) == 1
    for number, (size, options) in enumerate(asked):
        alone = tmp_path / "alone.png"
        export_image(image, alone, size, model, replace(options, overwrite=True))
        expected, stored = read_image(alone), read_image(orders[number].target)
        # Bands of other heights may round the last bit another way.
        assert np.abs(stored.samples.astype(int) - expected.samples).max() <= (0 if is_kept else 1)
        assert (stored.alpha is None) == (expected.alpha is None)


def test_upright_files_are_drawn_side_by_side_and_warped_ones_alone_behind_them(
    tiny_network: LIIF,
    place: Place,
    make_image: MakeImage,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(export, "feature_bytes", lambda *_, **__: 1 << 16)
    monkeypatch.setattr(file_drawing, "_ROWS_BYTES", 20_000)
    names: dict[int, str] = {}
    steps: list[str] = []
    begin, step = FileDrawing.__init__, FileDrawing.step

    def named(drawing: FileDrawing, image: Image, order: ExportOrder, *args: Any) -> None:
        names[id(drawing)] = order.target.stem
        begin(drawing, image, order, *args)

    def noted(drawing: FileDrawing) -> bool:
        steps.append(names[id(drawing)])
        return step(drawing)

    monkeypatch.setattr(FileDrawing, "__init__", named)
    monkeypatch.setattr(FileDrawing, "step", noted)
    plain = ExportOptions(format="png")
    asked = [("a", TURNED), ("b", plain), ("c", TURNED), ("d", plain)]
    orders = [ExportOrder(tmp_path / f"{n}.png", Size(240, 200), each) for n, each in asked]
    export_images(make_image(60, 50), orders, place(tiny_network))
    upright, warped = steps[: steps.index("a")], steps[steps.index("a") :]
    assert set(upright) == {"b", "d"}
    assert upright[:3] in (["b", "d", "b"], ["b", "d", "d"])
    assert warped == sorted(warped)
    assert set(warped) == {"a", "c"}
    assert warped.count("a") > 2


def test_the_map_of_a_warped_photo_is_warped_and_black_beyond_it(
    detail_network: LIIF, place: Place, make_image: MakeImage, tmp_path: Path
) -> None:
    image, model, path = make_image(20, 16), place(detail_network), tmp_path / "map.png"
    options = ExportOptions("png", detail=0.5, shows="invented", geometry=Geometry(20.0))
    warp = options.geometry.warp(image.size)
    size = Size(warp.size.height * 2, warp.size.width * 2)

    export_image(image, path, size, model, options)

    viewport, whole = Viewport.whole(warp.size, size), _whole(size)
    tile = ContinuousImage.encode(image, model).render_tile(viewport, whole, warp=warp)
    assert tile.detail is not None
    blended = (tile.blend(0.5) * 255 + 0.5).astype(np.uint8)
    stored = read_image(path)
    np.testing.assert_array_equal(stored.samples, invented_map(blended, tile.detail, 0.5))
    assert stored.alpha is None
    beyond = warped_opacity(image, warp, viewport, whole) == 0.0
    assert beyond.any()
    assert stored.samples[beyond].max() <= 3  # the heat of no change is 0, 0, 3 or 4 at 70 %


def test_consistency_of_a_warped_photo_is_refused_before_it_is_encoded(
    tiny_network: LIIF,
    place: Place,
    make_image: MakeImage,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(ContinuousImage, "encode", None)
    options = replace(TURNED, geometry=Geometry(5.0), is_consistent=True)

    with pytest.raises(GeometryError, match=r"\(rotation 5; frame whole\) does not come back"):
        export_image(
            make_image(11, 13), tmp_path / "a.png", Size(60, 60), place(tiny_network), options
        )
    assert not list(tmp_path.iterdir())


def test_what_is_not_warped_along_is_told_as_losses(
    tiny_network: LIIF, place: Place, make_image: MakeImage, tmp_path: Path
) -> None:
    gain_map = GainMap(np.full((4, 5, 3), 99, np.uint8), is_gray=False, xmp=None)
    image = replace(make_image(11, 13), gain_map=gain_map, windows=Windows(0, 0, 0, 0, 13, 11))
    path = tmp_path / "a.jpg"
    options = ExportOptions("jpeg", geometry=Geometry(5.0, frame="inside"))

    report = export_image(image, path, Size(30, 30), place(tiny_network), options)

    assert [loss.code for loss in report.losses] == ["gain-map-warped", "display-window-warped"]
    assert report.losses[0].message == (
        f"{path}: the gain map is left out, as it is not warped along."
    )
    assert {loss.values["file"] for loss in report.losses} == {str(path)}


def _whole(size: Size) -> Tile:
    return Tile(0, 0, size.height, size.width)
