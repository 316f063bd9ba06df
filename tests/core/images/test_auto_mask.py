from io import BytesIO

import numpy as np
import pytest
from PIL import Image as PilImage
from PIL import ImageDraw, ImageFont

from liifgan_core.geometry import Size
from liifgan_core.images.auto_mask import (
    AUTO_MASKS,
    CALM_STRENGTH,
    TEXT_STRENGTH,
    AutoMask,
    auto_mask,
)
from liifgan_core.images.detail_mask import ONE
from liifgan_core.images.image import Image
from liifgan_core.images.read import read_image
from liifgan_core.resources import resource_path


def strengths(picture: np.ndarray, kind: AutoMask) -> np.ndarray:
    return auto_mask(Image(picture), kind).values / ONE


def test_calm_areas_have_less_and_texture_keeps_all() -> None:
    rng = np.random.default_rng(0)
    picture = np.full((120, 200, 3), 120.0)
    picture[:, :100] += rng.normal(0.0, 1.0, (120, 100, 1))  # a noisy sky
    picture[:, 100:] += rng.normal(0.0, 20.0, (120, 100, 1))
    found = strengths(picture.clip(0, 255).astype(np.uint8), "calm")
    assert found[:, :75].max() < CALM_STRENGTH + 0.05
    assert found[:, 125:].min() > 0.95


def page(*, is_dark: bool, quality: int | None = None) -> np.ndarray:
    """A page with text on the left half."""
    ground, ink = (25, 235) if is_dark else (250, 20)
    picture = PilImage.new("L", (440, 200), ground)
    draw = ImageDraw.Draw(picture)
    for row in range(9):
        draw.text((10, 10 + 20 * row), "The quick brown fox jumps", ink, ImageFont.load_default(14))
    if quality is not None:
        stream = BytesIO()
        picture.save(stream, "JPEG", quality=quality)
        picture = PilImage.open(stream)
    return np.asarray(picture)[..., None].repeat(3, 2)


@pytest.mark.parametrize("is_dark", [False, True])
@pytest.mark.parametrize("quality", [None, 90])
def test_text_has_less_and_the_empty_page_keeps_all(is_dark: bool, quality: int | None) -> None:
    found = strengths(page(is_dark=is_dark, quality=quality), "text")
    assert found[20:170, 20:150].max() < TEXT_STRENGTH + 0.15
    assert found[:, 300:].min() > 0.95


def test_a_lone_edge_and_texture_are_no_text() -> None:
    picture = np.full((100, 200, 3), 30, np.uint8)
    picture[:, 100:] = 220
    assert strengths(picture, "text").min() > 0.99
    noise = np.random.default_rng(0).integers(0, 256, (100, 200, 1), dtype=np.uint8).repeat(3, 2)
    assert strengths(noise, "text").min() > 0.99


def test_photos_are_no_text() -> None:
    found = auto_mask(read_image(resource_path("samples", "osprey.png")), "text").values / ONE
    assert found.mean() > 0.9


@pytest.mark.parametrize("kind", AUTO_MASKS)
@pytest.mark.parametrize("size", [(1, 1), (1, 70), (3, 2)])
def test_the_smallest_pictures_have_masks(size: tuple[int, int], kind: AutoMask) -> None:
    found = strengths(np.zeros((*size, 3), np.uint8), kind)
    assert found.shape == size
    assert ((found >= 0.0) & (found <= 1.0)).all()


@pytest.mark.parametrize("kind", AUTO_MASKS)
def test_a_large_photo_has_a_mask_on_its_grid(kind: AutoMask) -> None:
    photo = Image(np.zeros((40, 5000, 3), np.uint8))
    assert auto_mask(photo, kind).size == Size(16, 2048)
