"""Distances between a result and its original, by the field's protocols."""

import numpy as np
from numpy.typing import NDArray

_LUMA_WEIGHTS = np.array([65.738, 129.057, 25.064], np.float64) / 256.0
"""ITU-R BT.601 Y from RGB, as the super-resolution literature computes it (without the offset 16,
which a difference does not see)."""


def luma(rgb: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return BT.601 Y without its offset, (h, w), of RGB (h, w, 3) in the same units."""
    return np.asarray(rgb, np.float64) @ _LUMA_WEIGHTS


def psnr(
    sr: NDArray[np.floating], hr: NDArray[np.floating], *, border: int, on_luma: bool
) -> float:
    """Return the peak signal-to-noise ratio in dB of RGB (h, w, 3) in [0, 1].

    `border` pixels are shaved off each side first. `on_luma` compares BT.601 Y (published tables'
    "Y channel"; its peak counts as 255 of 255 although Y spans 219), else all three channels.
    Infinite for equal images. Raises ValueError when the sizes differ or nothing is left.
    """
    if sr.shape != hr.shape:
        raise ValueError(f"cannot compare {sr.shape} with {hr.shape}")
    height, width = hr.shape[:2]
    if min(height, width) <= 2 * border:
        raise ValueError(f"nothing is left of {width}x{height} pixels within a border of {border}")
    inside = (slice(border, height - border), slice(border, width - border))
    first, second = sr[inside], hr[inside]
    if on_luma:
        error = luma(first) - luma(second)
    else:
        error = np.asarray(first, np.float64) - np.asarray(second, np.float64)
    mean_square = float(np.mean(np.square(error)))
    return float("inf") if mean_square == 0.0 else -10.0 * float(np.log10(mean_square))
