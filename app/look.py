"""From a tile's layers to the colours on the screen: the blend, and the map of what was invented.

Cheap enough for every step of a slider: 5 ms for 1920x1080 on two CPU cores (November 2026).
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from liifgan_core.render.invented import invented_map

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Look:
    """How layers become colours."""

    detail: float = 1.0
    """Strength of the detail layer, 0 to MAX_DETAIL."""
    shows_invented: bool = False
    """Whether the heat map of |detail| lies over the picture."""


def colours(structure: Floats, detail: Floats | None, look: Look) -> Bytes:
    """Return (h, w, 3) RGB of structure + strength * detail, rounded as an 8-bit export does."""
    if detail is None:
        return _bytes(cv2.addWeighted(structure, 255.0, structure, 0.0, 0.0, dtype=cv2.CV_8U))
    strength = 255.0 * look.detail
    blended = cv2.addWeighted(structure, 255.0, detail, strength, 0.0, dtype=cv2.CV_8U)
    if not look.shows_invented:
        return _bytes(blended)
    return invented_map(_bytes(blended), detail, look.detail)


def opacity_bytes(alpha: Floats) -> Bytes:
    """Return (h, w) opacity in 0 to 255."""
    return (np.clip(alpha, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)


def _bytes(pixels: object) -> Bytes:
    """Return OpenCV's array under its real type, which its annotations leave open."""
    return np.asarray(pixels, np.uint8)
