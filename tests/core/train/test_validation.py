import numpy as np
import pytest
from PIL import Image as PilImage

from liifgan_core.evaluation.texture import texture
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
    assert network.detail is not None
    network.detail.linears[-1].weight.normal_(std=2.0)  # or there would be no texture
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
        "texture_strength",
        "texture_coherence",
        "original_texture_strength",
        "original_texture_coherence",
    }
    cut = [crop[:60, :60].astype(np.float32) / 255.0 for crop in images.crops]
    expected = np.mean([texture(crop).strength for crop in cut])
    assert both["val/x3/original_texture_strength"] == pytest.approx(expected)
    lr = PilImage.fromarray(images.crops[0][:60, :60]).resize((20, 20), PilImage.Resampling.BICUBIC)
    drawn = texture(render(network, np.asarray(lr), 3).result())
    assert single[0]["val/x3/texture_strength"] == pytest.approx(drawn.strength)
    assert single[0]["val/x3/texture_coherence"] == pytest.approx(drawn.coherence)
    [picture] = (tmp_path / "out").iterdir()
    assert read_rgb(picture).shape == (60, 4 * 60, 3)


def test_a_picture_without_texture_is_in_no_mean_of_coherence(config: TrainConfig):
    network = build_generator(config.network, None, seed=0).requires_grad_(False)
    flat = np.full((48, 48, 3), 90, np.uint8)
    noise = np.random.default_rng(0).integers(0, 255, (48, 48, 3), dtype=np.uint8)
    settings = ValidationConfig(scales=(2,))
    both = validate(network, ValidationSet(("a", "b"), (flat, noise)), settings, distance=None)
    alone = validate(network, ValidationSet(("b",), (noise,)), settings, distance=None)
    name = "val/x2/original_texture_coherence"
    assert both[name] == alone[name]
    assert "val/x2/original_texture_coherence" not in validate(
        network, ValidationSet(("a",), (flat,)), settings, distance=None
    )
    strength = "val/x2/original_texture_strength"
    assert both[strength] == pytest.approx(alone[strength] / 2.0)
