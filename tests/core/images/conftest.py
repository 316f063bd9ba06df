"""Small pictures and the ways in which tests save them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage
from PIL import ImageCms

from liifgan_core.geometry import Size
from liifgan_core.images.write import open_writer


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.fixture(scope="session")
def srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@pytest.fixture
def photo(rng: np.random.Generator) -> PilImage.Image:
    """37 high, 23 wide, smooth enough that lossy formats keep it nearly."""
    small = PilImage.fromarray(rng.integers(0, 256, (5, 4, 3), dtype=np.uint8))
    return small.resize((23, 37), PilImage.Resampling.BICUBIC)


@pytest.fixture
def save() -> Callable[..., None]:
    """Write integer samples (H, W, 3) and alpha (H, W) through the writer, a few rows at a time."""

    def save(
        path: Path, samples: np.ndarray, alpha: np.ndarray | None = None, **options: object
    ) -> None:
        full = np.float32(np.iinfo(samples.dtype).max)
        depth = samples.dtype.itemsize * 8
        size = Size(*samples.shape[:2])
        is_transparent = alpha is not None
        options = {"bit_depth": depth, **options}
        with open_writer(path, size, alpha=is_transparent, **options) as writer:
            for top in range(0, size.height, 5):
                rows = slice(top, top + 5)
                writer.write_rows(
                    samples[rows] / full, None if alpha is None else alpha[rows] / full
                )

    return save
