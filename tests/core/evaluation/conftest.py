"""Small originals, and methods that cost nothing."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image as PilImage

from liifgan_core.errors import LiifganError
from liifgan_core.geometry import Size, Tile, Viewport
from liifgan_core.images.image import Image
from liifgan_core.images.resample import resample
from liifgan_core.models.edsr_upscaler import EDSRUpscaler


class CountingMethod:
    """Nearest or bicubic, darkened a little, that counts its calls."""

    def __init__(
        self,
        label: str = "fake",
        *,
        fingerprint: str = "1",
        least_scale: float = 0.0,
        darken: float = 0.0,
        fails_on: Callable[[Size], bool] = lambda _size: False,
    ) -> None:
        self.label, self.fingerprint, self.least_scale = label, fingerprint, least_scale
        self.is_gan = False
        self.calls: list[Size] = []
        self.num_forgotten = 0
        self._darken, self._fails_on = darken, fails_on

    def upscale(self, lr: NDArray[np.uint8], size: Size) -> NDArray[np.float32]:
        self.calls.append(size)
        if self._fails_on(size):
            raise LiifganError(f"{self.label} cannot make {size}")
        image = Image(lr)
        whole = Tile(0, 0, size.height, size.width)
        return resample(image.rgb, image.size, Viewport.whole(image.size, size), whole) * (
            1.0 - self._darken
        )

    def forget(self) -> None:
        self.num_forgotten += 1


def save_original(path: Path, width: int, height: int, seed: int = 0) -> None:
    """Write a smooth picture with some noise."""
    rng = np.random.default_rng(seed)
    waves = (
        np.sin(np.arange(width) / 5.0)[None, :, None]
        * np.cos(np.arange(height) / 7.0)[:, None, None]
    )
    rgb = (
        128.0 + 90.0 * waves * np.array([1.0, 0.8, -0.6]) + rng.normal(0.0, 6.0, (height, width, 3))
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    PilImage.fromarray(rgb.clip(0, 255).astype(np.uint8)).save(path)


@pytest.fixture
def originals(tmp_path: Path) -> Path:
    """The folder `photos` with a.png (48 wide, 40 high) and b.png (36 x 36)."""
    folder = tmp_path / "photos"
    save_original(folder / "a.png", 48, 40)
    save_original(folder / "b.png", 36, 36, seed=1)
    return folder


def save_edsr(path: Path, *, scale: int, seed: int = 0) -> EDSRUpscaler:
    """Write a small EDSR in the authors' key names, and return it."""
    torch.manual_seed(seed)
    network = EDSRUpscaler(num_features=8, num_blocks=2, scale=scale)
    torch.save(network.state_dict(), path)
    return network
