"""Exports by a detail mask, against layers blended by hand."""

from pathlib import Path

import numpy as np
import pytest

from liifgan_core.errors import MaskError
from liifgan_core.geometry import Size, Tile, Viewport
from liifgan_core.images.detail_mask import ONE, DetailMask
from liifgan_core.images.read import read_image
from liifgan_core.models.liif import LIIF
from liifgan_core.render import continuous_image
from liifgan_core.render.continuous_image import ContinuousImage
from liifgan_core.render.export import ExportOptions, export_image
from liifgan_core.render.placed_model import load_model
from liifgan_core.warp import Geometry
from tests.conftest import Place
from tests.core.render.conftest import MakeImage

LR, SIZE = Size(11, 13), Size(40, 48)


@pytest.fixture(autouse=True)
def short_bands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(continuous_image, "_BAND_BYTES", 5000)


def ramp() -> DetailMask:
    """0 at the left edge, 1.5 at the right one."""
    return DetailMask(np.linspace(0, 65535, 13).astype(np.uint16)[None].repeat(11, 0))


def test_the_strength_at_a_place_is_the_overall_one_times_the_masks(
    detail_network: LIIF, place: Place, make_image: MakeImage, tmp_path: Path
) -> None:
    image, model, path = make_image(11, 13), place(detail_network), tmp_path / "a.png"
    options = ExportOptions(format="png", bit_depth=16, detail=0.8, detail_mask=ramp())
    export_image(image, path, SIZE, model, options)
    viewport = Viewport.whole(LR, SIZE)
    whole = ContinuousImage.encode(image, model).render_tile(viewport, Tile(0, 0, 40, 48))
    assert whole.detail is not None
    # By hand: cells 1 LR pixel apart, 0 and 1.5 at the centres of the outermost.
    x = np.clip((np.arange(48) + 0.5) * 13 / 48 - 0.5, 0, 12)
    strength = 0.8 * 1.5 * x / 12
    expected = np.clip(whole.structure + strength[None, :, None] * whole.detail, 0.0, 1.0)
    difference = np.abs(read_image(path).samples.astype(float) - expected * 65535)
    assert difference.max() <= 3.0  # the mask's own 16 bits


@pytest.mark.parametrize("weights", ["detail_weights", "air_weights"])
def test_a_mask_of_one_changes_nothing_and_one_of_zero_leaves_the_structure(
    weights: str, make_image: MakeImage, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    model, image = (
        load_model(str(request.getfixturevalue(weights)), device="cpu"),
        make_image(11, 13),
    )
    for strength in (0.0, 1.0):
        by_mask = ExportOptions(format="png", detail_mask=DetailMask.filled(LR, strength))
        export_image(image, tmp_path / f"mask{strength}.png", SIZE, model, by_mask)
        plain = ExportOptions(format="png", detail=strength)
        export_image(image, tmp_path / f"plain{strength}.png", SIZE, model, plain)
        pair = [
            read_image(tmp_path / f"{name}{strength}.png").samples for name in ("mask", "plain")
        ]
        # Fields blend one strength in their tables, in another order of additions.
        assert np.abs(pair[0].astype(int) - pair[1]).max() <= (
            0 if weights == "detail_weights" else 1
        )


def test_without_a_detail_layer_a_mask_changes_nothing(
    tiny_network: LIIF, place: Place, make_image: MakeImage, tmp_path: Path
) -> None:
    image, model = make_image(11, 13), place(tiny_network)
    for name, mask in (("a.png", ramp()), ("b.png", None)):
        export_image(
            image, tmp_path / name, SIZE, model, ExportOptions(format="png", detail_mask=mask)
        )
    assert np.array_equal(
        read_image(tmp_path / "a.png").samples, read_image(tmp_path / "b.png").samples
    )


def test_a_mask_of_other_proportions_is_refused_before_anything_is_written(
    detail_network: LIIF, place: Place, make_image: MakeImage, tmp_path: Path
) -> None:
    options = ExportOptions(format="png", detail_mask=DetailMask(np.full((13, 11), ONE, np.uint16)))
    with pytest.raises(MaskError, match=r"11x13.*13x11"):
        export_image(make_image(11, 13), tmp_path / "a.png", SIZE, place(detail_network), options)
    assert not list(tmp_path.iterdir())


def test_a_mask_follows_a_turned_photo(
    detail_network: LIIF, place: Place, make_image: MakeImage, tmp_path: Path
) -> None:
    image, model = make_image(11, 13), place(detail_network)
    quarter = Geometry(rotation_deg=90.0)
    turned_size = Size(48, 40)
    upright = ExportOptions(format="png", detail_mask=ramp())
    turned = ExportOptions(format="png", detail_mask=ramp(), geometry=quarter)
    export_image(image, tmp_path / "a.png", SIZE, model, upright)
    export_image(image, tmp_path / "b.png", turned_size, model, turned)
    expected = np.rot90(read_image(tmp_path / "a.png").samples).astype(int)
    found = read_image(tmp_path / "b.png").samples
    assert np.abs(found - expected).max() <= 1


def test_the_map_of_what_was_invented_has_the_mask(
    detail_network: LIIF, place: Place, make_image: MakeImage, tmp_path: Path
) -> None:
    image, model = make_image(11, 13), place(detail_network)
    mask = np.full((11, 13), ONE, np.uint16)
    mask[:, :6] = 0
    options = ExportOptions(format="png", detail_mask=DetailMask(mask), shows="invented")
    export_image(image, tmp_path / "a.png", SIZE, model, options)
    red, green, blue = np.moveaxis(read_image(tmp_path / "a.png").samples.astype(int), 2, 0)
    # Nothing was invented in the left part: black under gray.
    assert np.abs(red - blue)[:, :19].max() <= 4
    assert np.abs(red - blue)[:, 24:].max() > 30
    assert green.shape == (40, 48)
