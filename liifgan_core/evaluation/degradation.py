"""`--degrade`: damage done to the LR picture, so that cleaning is judged with a known original.

Every step takes an 8-bit picture and gives one, clipped and rounded, as if each were done by
another program that writes a file: JPEG works on 8 bits, and so do the photos that are meant.
"""

import io
import re
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from liifgan_core.errors import LiifganError

Kind = Literal["noise", "jpeg", "blur"]

_WORD = re.compile(r"(noise|jpeg|blur)(\d+(?:\.\d+)?)", re.ASCII)
_RANGES: dict[str, tuple[float, float]] = {
    "noise": (0.1, 255.0),
    "jpeg": (1.0, 100.0),
    "blur": (0.1, 10.0),
}
"""Least and most. A tenth already does nothing to 8-bit pictures; JPEG's are Pillow's."""
_GRAMMAR = (
    "write noiseN (0.1 to 255), jpegQ (a whole number from 1 to 100) and blurS (0.1 to 10), joined "
    "by '+' in the order in which they are applied, such as blur0.8+noise10+jpeg60"
)
LEGEND = (
    "noiseN: Gaussian noise of sigma N/255 on each channel, seeded by the picture's number in its "
    "folder; jpegQ: JPEG of quality Q, 4:2:0; blurS: Gaussian blur of sigma S LR pixels; in the "
    "written order, each rounded to 8 bits"
)


@dataclass(frozen=True, slots=True)
class DegradationStep:
    """One word of a chain."""

    kind: Kind
    amount: float
    """Noise: sigma in levels of 255; JPEG: quality; blur: sigma in LR pixels."""

    def __str__(self) -> str:
        return f"{self.kind}{repr(self.amount).removesuffix('.0')}"


@dataclass(frozen=True, slots=True)
class Degradation:
    """A chain of steps; an empty one leaves pictures as they are."""

    steps: tuple[DegradationStep, ...] = ()

    def __str__(self) -> str:
        """Return the chain as it can be written, equal for equal chains: "" or "blur0.8+jpeg60"."""
        return "+".join(str(step) for step in self.steps)

    @property
    def is_random(self) -> bool:
        """Whether a picture's number matters."""
        return any(step.kind == "noise" for step in self.steps)


CLEAN = Degradation()


def parse_degradation(text: str) -> Degradation:
    """Return the chain of a user's text; raises LiifganError for a word that is none."""
    return Degradation(tuple(_parse_word(word.strip(), text) for word in text.split("+")))


def degrade(
    lr_HWC: NDArray[np.uint8], degradation: Degradation, *, number: int
) -> NDArray[np.uint8]:
    """Return the degraded picture, 8-bit RGB (H, W, 3), of the same size.

    All noise of a chain comes from one NumPy generator, seeded by `number`. The blur's kernel ends
    at four sigma and sees the picture mirrored at its edges.
    """
    rng = np.random.default_rng(number)
    for step in degradation.steps:
        if step.kind == "noise":
            lr_HWC = _to_8_bits(lr_HWC + rng.normal(0.0, step.amount, lr_HWC.shape))
        elif step.kind == "blur":
            lr_HWC = _blurred(lr_HWC, step.amount)
        else:
            lr_HWC = _compressed(lr_HWC, int(step.amount))
    return lr_HWC


def _parse_word(word: str, text: str) -> DegradationStep:
    match = _WORD.fullmatch(word)
    if match is not None:
        kind: Kind = match[1]  # pyright: ignore[reportAssignmentType]
        amount = float(match[2])
        low, high = _RANGES[kind]
        if low <= amount <= high and (kind != "jpeg" or amount.is_integer()):
            return DegradationStep(kind, amount)
    raise LiifganError(f"--degrade {text!r}: {word!r} is no degradation; {_GRAMMAR}")


def _blurred(image: NDArray[np.uint8], sigma: float) -> NDArray[np.uint8]:
    side = 2 * round(4.0 * sigma) + 1
    # Of 8-bit pictures OpenCV would blur with kernels of rounded weights.
    blurred = cv2.GaussianBlur(image.astype(np.float64), (side, side), sigma)
    return _to_8_bits(np.asarray(blurred, np.float64))


def _compressed(image: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    content = io.BytesIO()
    picture = PillowImage.fromarray(image)
    picture.save(content, format="JPEG", quality=quality, subsampling="4:2:0")
    content.seek(0)
    with PillowImage.open(content) as decoded:
        return np.asarray(decoded)


def _to_8_bits(values: NDArray[np.floating]) -> NDArray[np.uint8]:
    return np.round(np.clip(values, 0.0, 255.0)).astype(np.uint8)
