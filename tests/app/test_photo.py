from pathlib import Path

import numpy as np
import pytest

from app.state import photo as photos
from app.state.photo import make_photo, read_photo
from liifgan_core.images.image import Image


def gradient(height: int, width: int) -> Image:
    rows = np.linspace(0, 255, height).astype(np.uint8)
    return Image(np.broadcast_to(rows[:, None, None], (height, width, 3)).copy())


def test_a_small_photo_is_its_own_preview() -> None:
    image = gradient(40, 30)
    photo = make_photo(image, name="small")
    assert (photo.preview == image.samples).all()
    assert photo.preview_alpha is None


def test_a_large_photos_preview_is_smaller_and_made_in_strips(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(photos, "PREVIEW_PIXELS", 300 * 150)
    image = Image(gradient(1200, 600).samples, alpha=np.full((1200, 600), 51, np.uint8))
    photo = make_photo(image, name="large")
    assert photo.preview.shape == (300, 150, 3)
    middle = photo.preview[:, 75, 0].astype(int)
    assert (np.diff(middle) >= 0).all(), "no seam between strips"
    assert np.abs(middle - np.linspace(0, 255, 300)).max() <= 2
    assert photo.preview_alpha is not None
    assert (photo.preview_alpha == 51).all()


def test_every_opening_has_a_key_of_its_own(photo_file: Path) -> None:
    first, second = read_photo(photo_file), read_photo(photo_file)
    assert first.key != second.key
    assert (first.name, first.path) == ("photo.png", photo_file)
