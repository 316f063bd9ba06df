import numpy as np
import pytest

from liifgan_core.evaluation.methods import Bicubic, Continuous, LayeredModel
from liifgan_core.geometry import Size, Viewport
from liifgan_core.images.image import Image
from liifgan_core.models.liif import LIIF
from liifgan_core.render.continuous_image import ContinuousImage
from tests.conftest import Place


def _lr(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (9, 12, 3), dtype=np.uint8)


@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0, 1.5])
def test_each_strength_equals_the_renderer(strength: float, detail_network: LIIF, place: Place):
    model = place(detail_network)
    lr, size = _lr(), Size(31, 40)
    expected = ContinuousImage.encode(Image(lr), model).render(
        Viewport.whole(Size(9, 12), size), detail=strength
    )
    found = Continuous("m", LayeredModel(model), strength).upscale(lr, size)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_other_strengths_of_a_picture_need_no_rendering(
    detail_network: LIIF, place: Place, monkeypatch: pytest.MonkeyPatch
):
    encodings = []
    encode = ContinuousImage.encode

    def counted(image: Image, model):
        encodings.append(image)
        return encode(image, model)

    monkeypatch.setattr(ContinuousImage, "encode", counted)
    model = LayeredModel(place(detail_network))
    lr = _lr()
    results = [Continuous("m", model, s).upscale(lr, Size(18, 24)) for s in (0.0, 1.0)]
    assert len(encodings) == 1
    assert not np.allclose(*results)
    other = Continuous("m", model, 0.0).upscale(_lr(1), Size(18, 24))
    assert len(encodings) == 2
    assert not np.allclose(other, results[0])
    Continuous("m", model, 0.0).upscale(lr, Size(20, 24))
    assert len(encodings) == 3
    repeated = Continuous("m", model, 0.0)
    repeated.forget()
    repeated.upscale(lr, Size(20, 24))
    assert len(encodings) == 4


def test_fingerprints_tell_strengths_apart_only_where_they_matter(
    tiny_network: LIIF, detail_network: LIIF, place: Place
):
    plain, layered = LayeredModel(place(tiny_network)), LayeredModel(place(detail_network))
    assert Continuous("a", plain, 0.5).fingerprint == Continuous("a", plain, 1.0).fingerprint
    assert Continuous("a", layered, 0.5).fingerprint != Continuous("a", layered, 1.0).fingerprint


def test_bicubic_keeps_a_flat_picture():
    lr = np.full((5, 6, 3), 77, np.uint8)
    np.testing.assert_allclose(Bicubic().upscale(lr, Size(17, 23)), 77.0 / 255.0, atol=1e-6)
