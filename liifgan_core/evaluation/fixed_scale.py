"""Networks of one whole factor as rows at any larger one.

The paper's rule (section 4.2): the input is first resized by bicubic to the target's size divided
by the network's factor, then the network runs.
"""

import math
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from liifgan_core.geometry import Rect, Size, Tile, Viewport
from liifgan_core.images.image import Image
from liifgan_core.images.resample import resample

_MAX_TILE_SIDE = 512
"""Input pixels a side that a network sees at once; an RRDB of 64 features takes some 3 GB then."""
_HALO = 32
"""Input pixels around a tile that are computed and thrown away. The receptive field of such
networks is larger, so that tiles of very large pictures may differ from the whole in the last bits
of 8."""


class FixedScaleNetwork(Protocol):
    """A network of one whole factor."""

    @property
    def scale(self) -> int:
        """The factor."""
        ...

    @property
    def fingerprint(self) -> str:
        """Tells apart what would give other numbers."""
        ...

    def run(self, rgb_HWC: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (H * scale, W * scale, 3) of RGB in [0, 1]; values may leave that range."""
        ...


class FixedScale:
    """A fixed-scale network as a method. Below its own factor it has no results."""

    def __init__(self, label: str, network: FixedScaleNetwork, *, is_gan: bool = False) -> None:
        """`is_gan`: the network is known to be trained against a discriminator."""
        self.label = label
        self.is_gan = is_gan
        self._network = network

    @property
    def fingerprint(self) -> str:
        """The network's."""
        return self._network.fingerprint

    @property
    def least_scale(self) -> float:
        """The network's factor."""
        return float(self._network.scale)

    def upscale(self, lr: NDArray[np.uint8], size: Size) -> NDArray[np.float32]:
        factor = self._network.scale
        rgb = resized_for(lr, size, factor)
        height, width = rgb.shape[:2]
        result = np.empty((height * factor, width * factor, 3), np.float32)
        within = Size(height, width)
        for tile in Viewport.whole(within, within).tiles(_MAX_TILE_SIDE):
            grown = tile.grown(_HALO, within)
            part = self._network.run(rgb[grown.top : grown.bottom, grown.left : grown.right])
            top, left = (tile.top - grown.top) * factor, (tile.left - grown.left) * factor
            inner = part[top : top + tile.height * factor, left : left + tile.width * factor]
            rows = slice(tile.top * factor, tile.bottom * factor)
            result[rows, tile.left * factor : tile.right * factor] = inner
        return result[: size.height, : size.width].clip(0.0, 1.0)

    def forget(self) -> None:
        """Do nothing: nothing is kept."""


def resized_for(lr: NDArray[np.uint8], size: Size, factor: int) -> NDArray[np.float32]:
    """Return the input (H', W', 3) whose pixels have `factor` pixels of the target's size a side.

    A target that is no multiple of the factor needs some target pixels beyond its right and lower
    edge, where the LR picture's outermost pixels go on; they are cut off afterwards. So nothing is
    resized a second time, and all stays in its place.
    """
    height, width = (math.ceil(side / factor) for side in (size.height, size.width))
    lr_size = Size(*lr.shape[:2])
    if (height, width) == (lr_size.height, lr_size.width):
        return lr.astype(np.float32) / np.float32(255.0)
    pitch_y, pitch_x = factor * lr_size.height / size.height, factor * lr_size.width / size.width
    beyond = [
        math.ceil(count * pitch - side - 1e-9)
        for count, pitch, side in (
            (height, pitch_y, lr_size.height),
            (width, pitch_x, lr_size.width),
        )
    ]
    image = Image(np.pad(lr, ((0, beyond[0]), (0, beyond[1]), (0, 0)), mode="edge"))
    region = Rect(0.0, 0.0, height * pitch_y, width * pitch_x)
    whole = Tile(0, 0, height, width)
    return resample(image.rgb, image.size, Viewport(region, Size(height, width)), whole)
