"""Colours for pixels that nobody sees, so that they do not fringe those that are seen."""

import cv2
import numpy as np

RADIUS = 40
"""How far colours bleed, in pixels: beyond the receptive radius of the encoders (34)."""


def bled(colour: np.ndarray, opacity: np.ndarray) -> np.ndarray:
    """Return `colour` (h, w, 3) float32 with visible colours spread under transparent pixels.

    `opacity` is (h, w). Each ring of transparent pixels around visible ones takes the mean of its
    neighbours that are known by then, `RADIUS` times; what lies farther keeps its values. A result
    depends on pixels within `RADIUS` only, so a tile read with that margin equals the whole.
    """
    known = opacity > 0
    if known.all() or not known.any():
        return colour
    filled = np.where(known[..., None], colour, np.float32(0.0))
    weight = known.astype(np.float32)
    for _ in range(RADIUS):
        if weight.all():
            break
        sums = _box_sum(filled)
        counts = _box_sum(weight)
        ring = (weight == 0) & (counts > 0.5)
        filled[ring] = sums[ring] / counts[ring][:, None]
        weight[ring] = 1.0
    return np.where(weight[..., None] > 0, filled, colour)


def _box_sum(values: np.ndarray) -> np.ndarray:
    return cv2.boxFilter(values, -1, (3, 3), normalize=False, borderType=cv2.BORDER_CONSTANT)
