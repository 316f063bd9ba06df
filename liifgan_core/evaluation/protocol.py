"""How an original becomes a pair to compare: what is cut, how it is reduced, what counts."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from liifgan_core.errors import LiifganError
from liifgan_core.evaluation.degradation import CLEAN, Degradation, degrade
from liifgan_core.geometry import Size

MAX_SCALE = 64.0
"""LIIF's tables end at x30."""


@dataclass(frozen=True, slots=True)
class Protocol:
    """One of the field's conventions. Numbers of two protocols belong in two tables."""

    name: str
    channels: str
    """"rgb" or "y": what "psnr" and "ssim" mean."""
    border_text: str
    """The border in words, for reports."""
    border: Callable[[float], int]
    """From a scale to the pixels that PSNR and SSIM leave out at each side."""


PROTOCOLS = {
    protocol.name: protocol
    for protocol in (
        # Published tables of Set5, Set14, BSD100 and Urban100 (Chen et al. 2021, table 2).
        Protocol("y", "y", "scale", math.ceil),
        Protocol("rgb", "rgb", "scale", math.ceil),
        # LIIF's own table of DIV2K (its test.py: shave = scale + 6).
        Protocol("div2k", "rgb", "scale + 6", lambda scale: math.ceil(scale) + 6),
    )
}
REDUCTION = (
    "the original is cut to round(floor(side / scale) * scale) pixels a side, then reduced to "
    "floor(side / scale) by Pillow's antialiased bicubic filter and rounded to 8 bits; results are "
    "clipped to [0, 1] and not rounded"
)


@dataclass(frozen=True, slots=True)
class Pair:
    """An original and what a model gets to see of it."""

    scale: float
    """As asked; whole sizes may differ from it by less than a pixel a side."""
    lr: NDArray[np.uint8]
    """(H, W, 3) RGB, degraded where that is asked for."""
    hr: NDArray[np.float32]
    """(h, w, 3) RGB in [0, 1]."""

    @property
    def size(self) -> Size:
        """Size of the original, which results must have."""
        return Size(*self.hr.shape[:2])


def find_protocol(name: str) -> Protocol:
    """Return the protocol; raises LiifganError for an unknown name."""
    if name not in PROTOCOLS:
        raise LiifganError(f"there is no protocol {name!r}; use one of: {', '.join(PROTOCOLS)}")
    return PROTOCOLS[name]


def make_pair(
    hr: NDArray[np.uint8],
    scale: float,
    *,
    degradation: Degradation = CLEAN,
    number: int = 0,
) -> Pair:
    """Return the pair of an 8-bit original (h, w, 3) at a scale; see `REDUCTION`.

    `degradation` damages the reduced picture; `number` is the picture's, which seeds noise. Raises
    ValueError when not one LR pixel is left.
    """
    # A side of 3.0000000001 is meant to be 3: scales such as 4.1 are not exact.
    height, width = (math.floor(side / scale + 1e-9) for side in hr.shape[:2])
    if min(height, width) < 1:
        raise ValueError(f"{hr.shape[1]}x{hr.shape[0]} pixels are too few for x{scale:g}")
    cut = np.ascontiguousarray(hr[: round(height * scale), : round(width * scale)])
    small = PillowImage.fromarray(cut).resize((width, height), PillowImage.Resampling.BICUBIC)
    lr = degrade(np.asarray(small), degradation, number=number)
    return Pair(scale, lr, cut.astype(np.float32) / np.float32(255.0))
