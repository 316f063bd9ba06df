"""What a row of the table is: something that gives an LR picture another size."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from liifgan_core.geometry import Size, Tile, Viewport
from liifgan_core.images.image import Image
from liifgan_core.images.resample import resample
from liifgan_core.render.continuous_image import ContinuousImage, RenderedTile
from liifgan_core.render.placed_model import PlacedModel


class Method(Protocol):
    """A way to upscale. For one thread."""

    @property
    def label(self) -> str:
        """Name of the row."""
        ...

    @property
    def fingerprint(self) -> str:
        """Tells apart what would give other numbers: weights, precision."""
        ...

    @property
    def least_scale(self) -> float:
        """Smallest factor that it is for; below, its row is empty."""
        ...

    @property
    def is_gan(self) -> bool:
        """Whether it is known to be trained against a discriminator."""
        ...

    def upscale(self, lr: NDArray[np.uint8], size: Size) -> NDArray[np.float32]:
        """Return the picture at `size`, (h, w, 3) in [0, 1], of an LR one (H, W, 3)."""
        ...

    def forget(self) -> None:
        """Drop what is kept of the last picture, so that the next call does all of its work."""
        ...


class Bicubic:
    """Pillow's bicubic filter on floats."""

    fingerprint = "pillow"
    least_scale = 0.0
    is_gan = False

    def __init__(self, label: str = "bicubic") -> None:
        self.label = label

    def upscale(self, lr: NDArray[np.uint8], size: Size) -> NDArray[np.float32]:
        image = Image(lr)
        whole = Tile(0, 0, size.height, size.width)
        return resample(image.rgb, image.size, Viewport.whole(image.size, size), whole)

    def forget(self) -> None:
        """Do nothing: nothing is kept."""


class LayeredModel:
    """A LIIF or LIIF-GAN whose last layers are kept, so that other strengths need no rendering."""

    def __init__(self, model: PlacedModel) -> None:
        self._model = model
        self._last: tuple[NDArray[np.uint8], Size, RenderedTile] | None = None

    @property
    def has_detail(self) -> bool:
        """Whether the detail strength changes the result."""
        return self._model.has_detail

    @property
    def is_gan(self) -> bool:
        """Whether it is known to be trained against a discriminator."""
        return self._model.info.is_gan

    @property
    def fingerprint(self) -> str:
        """The weights' SHA-256 and the hidden layers' number format."""
        return f"{self._model.info.sha256} {str(self._model.dtype).removeprefix('torch.')}"

    def layers(self, lr: NDArray[np.uint8], size: Size) -> RenderedTile:
        """Return both layers of the whole picture."""
        if self._last is not None and self._last[0] is lr and self._last[1] == size:
            return self._last[2]
        image = Image(lr)
        viewport = Viewport.whole(image.size, size)
        picture = ContinuousImage.encode(image, self._model)
        whole = Tile(0, 0, size.height, size.width)
        self.forget()  # the old layers' memory is free before the new ones are made
        self._last = lr, size, picture.render_tile(viewport, whole)
        return self._last[2]

    def forget(self) -> None:
        """Drop the layers."""
        self._last = None


class Continuous:
    """One strength of detail of a model."""

    least_scale = 0.0

    def __init__(self, label: str, model: LayeredModel, detail: float) -> None:
        self.label = label
        self._model = model
        self._detail = detail

    @property
    def fingerprint(self) -> str:
        """The model's, and the strength where it matters."""
        strength = f" detail {self._detail:g}" if self._model.has_detail else ""
        return self._model.fingerprint + strength

    @property
    def is_gan(self) -> bool:
        """The model's; without its detail layer's share it is the plain structure."""
        return self._model.is_gan and (self._detail > 0 or not self._model.has_detail)

    def upscale(self, lr: NDArray[np.uint8], size: Size) -> NDArray[np.float32]:
        return self._model.layers(lr, size).blend(self._detail)

    def forget(self) -> None:
        self._model.forget()
