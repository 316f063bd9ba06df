"""The map of what was invented: where, and how much, a detail layer has changed a picture.

One home for the app's view and for exported maps; no torch.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]

HEAT_FULL = 0.2
"""Change of a channel, as a part of its range, at which the heat map ends. Chosen by eye."""
_HEAT_SHARE = 0.7
"""Share of the heat map in the overlay; the rest is the picture in gray, to see where one is."""


def change_of(detail: Floats, strength: float | Floats) -> Floats:
    """Return how much a detail layer (h, w, 3) at a strength changes each pixel, (h, w).

    It is the largest change of a channel, as a part of its range. `strength` may be one per pixel.
    """
    return np.abs(detail).max(axis=2) * np.asarray(strength, np.float32)


def heat_colours(change: Floats) -> Bytes:
    """Return (h, w, 3) RGB for changes (h, w): black is none, yellow is HEAT_FULL or more."""
    level = np.clip(change * (255.0 / HEAT_FULL), 0, 255).astype(np.uint8)
    return _bytes(cv2.cvtColor(cv2.applyColorMap(level, cv2.COLORMAP_INFERNO), cv2.COLOR_BGR2RGB))


def invented_map(blended: Bytes, detail: Floats, strength: float | Floats) -> Bytes:
    """Return (h, w, 3) RGB: the heat of what was invented over the picture in gray.

    `blended` is the picture, (h, w, 3) RGB, and `detail` its detail layer before the strength.
    """
    gray = cv2.cvtColor(cv2.cvtColor(blended, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    heat = heat_colours(change_of(detail, strength))
    return _bytes(cv2.addWeighted(heat, _HEAT_SHARE, gray, 1.0 - _HEAT_SHARE, 0.0))


def _bytes(pixels: object) -> Bytes:
    """Return OpenCV's array under its real type, which its annotations leave open."""
    return np.asarray(pixels, np.uint8)
