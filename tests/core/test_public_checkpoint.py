"""The public checkpoint's quality, against values recorded with this code."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image as PilImage

from liifgan_core.coords import make_cell, make_coord
from liifgan_core.evaluation.metrics import psnr
from liifgan_core.geometry import Size, Viewport
from liifgan_core.images.image import Image
from liifgan_core.render.continuous_image import ContinuousImage
from liifgan_core.render.placed_model import PlacedModel, load_model
from liifgan_core.resources import resource_path
from liifgan_core.weights.store import load_weights

RECORDED_DB = {
    ("osprey", 2): 37.483,
    ("osprey", 3): 33.651,
    ("osprey", 4): 31.491,
    ("spices", 4): 20.370,
}
"""Y channel, border = scale; LR by Pillow's bicubic through 8 bits. torch 2.13 on a CPU, fp32."""


def degraded(name: str, scale: int) -> tuple[Image, np.ndarray]:
    """Return the LR picture and its original, RGB in [0, 1]."""
    with PilImage.open(resource_path("samples", f"{name}.png")) as stored:
        hr = stored.convert("RGB")
    hr = hr.crop((0, 0, hr.width - hr.width % scale, hr.height - hr.height % scale))
    lr = hr.resize((hr.width // scale, hr.height // scale), PilImage.Resampling.BICUBIC)
    return Image(np.asarray(lr)), np.asarray(hr, np.float32) / 255


@pytest.fixture(scope="module")
def model(public_weights: Path) -> PlacedModel:
    return load_model(str(public_weights), device="cpu", precision="fp32")


def quality(name: str, scale: int, model: PlacedModel) -> float:
    image, hr = degraded(name, scale)
    viewport = Viewport.whole(image.size, Size(*hr.shape[:2]))
    sr = ContinuousImage.encode(image, model).render(viewport)
    return psnr(sr, hr, border=scale, on_luma=True)


@pytest.mark.parametrize(("name", "scale"), RECORDED_DB)
def test_the_quality_is_that_recorded(name: str, scale: int, model: PlacedModel) -> None:
    assert quality(name, scale, model) == pytest.approx(RECORDED_DB[name, scale], abs=0.01)


def test_bf16_is_within_a_hundredth_of_a_decibel(public_weights: Path) -> None:
    half = load_model(str(public_weights), device="cpu", precision="bf16")
    assert quality("osprey", 3, half) == pytest.approx(RECORDED_DB["osprey", 3], abs=0.01)


@pytest.mark.parametrize("scale", [3, 4])
def test_the_render_equals_the_plain_formula(
    scale: int, model: PlacedModel, public_weights: Path
) -> None:
    image, _ = degraded("osprey", scale)
    part = Image(np.ascontiguousarray(image.samples[:30, :40]))
    viewport = Viewport.whole(part.size, Size(30 * scale, 40 * scale))
    network = load_weights(public_weights).network
    lr_shape = (30, 40)
    coord = torch.from_numpy(make_coord(viewport, lr_shape)).reshape(1, -1, 2)
    cell = torch.from_numpy(make_cell(viewport, lr_shape)).expand_as(coord)
    lr_BCHW = torch.from_numpy(part.samples).permute(2, 0, 1)[None].float() / 255
    with torch.inference_mode():
        plain = network.query(network.encode(lr_BCHW), coord, cell).blend()
    expected = ((plain + 1) / 2).clip(0, 1).reshape(30 * scale, 40 * scale, 3).numpy()
    found = ContinuousImage.encode(part, model).render(viewport)
    assert np.abs(found - expected).max() < 1e-5


def test_the_shipped_file_is_the_converted_public_one(public_weights: Path) -> None:
    loaded = load_weights(public_weights)
    provenance = loaded.info.header.provenance
    assert provenance.source_sha256.startswith("1cf77e16f33ee17b")
    assert provenance.licence.startswith("BSD-3-Clause")
    assert loaded.network.receptive_radius == 34
