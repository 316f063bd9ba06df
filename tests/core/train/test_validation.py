import numpy as np
import pytest
from PIL import Image as PilImage

from liifgan_core.geometry import Viewport
from liifgan_core.images.image import Image
from liifgan_core.render.continuous_image import ContinuousImage
from liifgan_core.render.placed_model import load_model
from liifgan_core.sizing import Size
from liifgan_core.train.config import TrainConfig, ValidationConfig
from liifgan_core.train.generator import build_generator
from liifgan_core.train.image_folder import read_rgb
from liifgan_core.train.validation import ValidationSet, render, validate
from liifgan_core.weights.registry import Provenance
from liifgan_core.weights.store import save_weights


@pytest.fixture
def lr() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (11, 14, 3), dtype=np.uint8)


def test_training_renders_what_the_product_renders(config: TrainConfig, lr: np.ndarray, tmp_path):
    network = build_generator(config.network, None, seed=0).requires_grad_(False)
    assert network.detail is not None
    network.detail.linears[-1].weight.normal_(std=0.05)
    provenance = Provenance(licence="none", origin="a test", trained_scales=(1.0, 4.0))
    save_weights(tmp_path / "m.safetensors", network, provenance)
    model = load_model(str(tmp_path / "m.safetensors"), device="cpu", precision="fp32")

    ours = render(network, lr, 3)
    picture = ContinuousImage.encode(Image(lr), model)
    theirs = picture.render(Viewport.whole(picture.size, Size(33, 42)))
    assert ours.detail is not None
    np.testing.assert_allclose(ours.structure + ours.detail, theirs, atol=1e-5)


def test_measures_are_means_over_the_images(config: TrainConfig, tmp_path):
    network = build_generator(config.network, None, seed=0).requires_grad_(False)
    rng = np.random.default_rng(0)
    for name in ("a.png", "b.png"):
        pixels = rng.integers(0, 255, (70, 90, 3), dtype=np.uint8)
        PilImage.fromarray(pixels).save(tmp_path / name)
    paths = [tmp_path / "a.png", tmp_path / "b.png"]
    images = ValidationSet.of(paths, read_rgb, 61)
    assert [crop.shape for crop in images.crops] == [(61, 61, 3)] * 2

    settings = ValidationConfig(scales=(2, 3), num_pictures=1)
    both = validate(network, images, settings, distance=None, pictures_folder=tmp_path / "out")
    single = [
        validate(network, ValidationSet((n,), (c,)), settings, distance=None)
        for n, c in zip(images.names, images.crops, strict=True)
    ]
    name = "val/x3/psnr"
    assert both[name] == pytest.approx(np.mean([values[name] for values in single]))
    assert {n.split("/")[2] for n in both} == {
        "psnr",
        "structure_psnr",
        "grid_energy",
        "grid_mean",
    }
    [picture] = (tmp_path / "out").iterdir()
    assert read_rgb(picture).shape == (60, 4 * 60, 3)
