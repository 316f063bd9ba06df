"""The weights in `resources/weights/`: whole, with their cards, and doing what they are for."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage

from liifgan_core.geometry import Size, Tile, Viewport
from liifgan_core.images.image import Image
from liifgan_core.render.continuous_image import ContinuousImage, RenderedTile
from liifgan_core.render.placed_model import load_model
from liifgan_core.resources import resource_path
from liifgan_core.train.card import ModelCard
from liifgan_core.weights.descriptor import describe
from liifgan_core.weights.family import FAMILY
from liifgan_core.weights.registry import file_sha256, read_header

FOLDER = resource_path("weights")
INFOS = {path.stem: describe(path) for path in sorted(FOLDER.glob("*.safetensors"))}
WITH_DETAIL = [name for name, info in INFOS.items() if info.has_detail]
MAX_BYTES = 16_000_000


def shipped(name: str) -> Path:
    return FOLDER / f"{name}.safetensors"


def rendered(weights: Path, sample: str, scale: float) -> RenderedTile:
    """Return a part of a sample at a factor by a model."""
    with PilImage.open(resource_path("samples", f"{sample}.png")) as stored:
        image = Image(np.asarray(stored.convert("RGB"))[60:124, 20:100])
    model = load_model(str(weights), device="cpu", precision="fp32")
    size = Size(round(64 * scale), round(80 * scale))
    picture = ContinuousImage.encode(image, model)
    return picture.render_tile(
        Viewport.whole(image.size, size), Tile(0, 0, size.height, size.width)
    )


def test_all_models_ship_and_nothing_else() -> None:
    assert INFOS.keys() == {*FAMILY}
    assert {path.stem for path in FOLDER.glob("*.json")} == INFOS.keys()


def test_each_is_what_the_family_says_of_its_name() -> None:
    for name, info in INFOS.items():
        known = FAMILY[name]
        assert (info.purpose, info.is_gan) == (known.purpose, known.purpose != "faithful")
        # Only quick views draw in moments: what stands in for others is chosen by that.
        assert info.draws_quickly == (info.group == "quick view")


@pytest.mark.parametrize("name", sorted({*INFOS} - {"liif"}))
def test_each_has_a_card_of_its_own(name: str) -> None:
    path = shipped(name)
    card = json.loads((FOLDER / f"{name}.json").read_bytes())
    assert path.stat().st_size < MAX_BYTES
    assert card["sha256"] == file_sha256(path)
    assert card["steps"] > 0
    assert card["data"]["num_images"] > 0
    assert card["data"]["licences"]
    assert card["init"]["sha256"]
    assert card["weaknesses"]
    assert f"{card['steps']} steps" in read_header(path).provenance.origin


def test_the_public_liif_has_a_card_with_what_is_known_of_it() -> None:
    card = json.loads((FOLDER / "liif.json").read_bytes())
    known = set(ModelCard.__struct_fields__)
    assert card.keys() < known
    # It was not trained here: what only who trained it can tell is not in the card.
    assert not card.keys() & {"recipe", "steps", "hours", "data", "init", "metrics"}
    header = read_header(shipped("liif"))
    assert card["sha256"] == file_sha256(shipped("liif"))
    assert card["architecture"] == header.config
    assert card["weaknesses"]
    assert header.provenance.licence == "BSD-3-Clause, (c) 2020 Yinbo Chen"


@pytest.mark.parametrize("name", WITH_DETAIL)
@pytest.mark.parametrize("sample", ["osprey", "spices"])
def test_the_detail_layer_adds_detail_and_no_tint(name: str, sample: str) -> None:
    tile = rendered(shipped(name), sample, 3.7)
    assert tile.detail is not None
    assert tile.detail.std() > 1 / 255
    # Not of the clipped blend: where colours are as strong as can be, clipping takes from one side.
    # A taught detail has none as far as its teacher's back-projected pictures have none; a picture
    # of its own meets the photo's colours as far as it was taught (the card of `liif-gan-restore`).
    config = INFOS[name].config
    limit = 0.5 if config.detail_trunk is not None else 0.1
    limit = 2.5 if config.detail_is_picture else limit
    assert np.abs(tile.detail.mean(axis=(0, 1))).max() < limit / 255


@pytest.mark.parametrize("name", ["liif-gan-edsr", "liif-gan-sf"])
def test_without_detail_they_are_the_public_liif(name: str, public_weights: Path) -> None:
    structure = rendered(shipped(name), "osprey", 2.5).structure
    public = rendered(public_weights, "osprey", 2.5)
    assert np.abs(structure - public.structure).max() < 3 / 255  # weights rounded to fp16
    assert np.abs(structure - public.structure).mean() < 0.2 / 255
