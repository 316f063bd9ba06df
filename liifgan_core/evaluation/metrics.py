"""Distances between a result and its original, by the field's protocols."""

import cv2
import numpy as np
from numpy.typing import NDArray

_LUMA_WEIGHTS = np.array([65.738, 129.057, 25.064], np.float64) / 256.0
"""ITU-R BT.601 Y from RGB, as the super-resolution literature computes it (without the offset 16,
which a difference does not see)."""
_LUMA_OFFSET = 16.0 / 255.0
"""What SSIM adds to Y: its first term compares means, not differences."""
SSIM_WINDOW = 11
_SSIM_SIGMA = 1.5
"""Side of the window and its Gaussian, in pixels (Wang et al. 2004, section III.C)."""
_SSIM_C1, _SSIM_C2 = 0.01**2, 0.03**2
"""Constants for a data range of 1 (same place)."""


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
    first, second = _inside(sr, hr, border, least=1)
    if on_luma:
        error = luma(first) - luma(second)
    else:
        error = np.asarray(first, np.float64) - np.asarray(second, np.float64)
    mean_square = float(np.mean(np.square(error)))
    return float("inf") if mean_square == 0.0 else -10.0 * float(np.log10(mean_square))


def ssim(
    sr: NDArray[np.floating], hr: NDArray[np.floating], *, border: int, on_luma: bool
) -> float:
    """Return the structural similarity (Wang et al. 2004) of RGB (h, w, 3) in [0, 1].

    Gaussian window of 11 pixels, sigma 1.5, data range 1, mean over all places where the window
    lies inside what is left of the picture after `border` pixels are shaved off each side (as
    published tables have it; torchmetrics also counts windows that reach over the edge). Over the
    three channels, or of BT.601 Y with its offset of 16/255. Raises ValueError when the sizes
    differ or no window fits.
    """
    first, second = _inside(sr, hr, border, least=SSIM_WINDOW)
    if on_luma:
        x, y = luma(first) + _LUMA_OFFSET, luma(second) + _LUMA_OFFSET
    else:
        x, y = np.asarray(first, np.float64), np.asarray(second, np.float64)
    mean_x, mean_y = _windowed(x), _windowed(y)
    var_x = _windowed(x * x) - mean_x * mean_x
    var_y = _windowed(y * y) - mean_y * mean_y
    covariance = _windowed(x * y) - mean_x * mean_y
    numerator = (2.0 * mean_x * mean_y + _SSIM_C1) * (2.0 * covariance + _SSIM_C2)
    denominator = (mean_x * mean_x + mean_y * mean_y + _SSIM_C1) * (var_x + var_y + _SSIM_C2)
    return float(np.mean(numerator / denominator))


def _inside(
    sr: NDArray[np.floating], hr: NDArray[np.floating], border: int, *, least: int
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Return both without the border; at least `least` pixels a side must be left."""
    if sr.shape != hr.shape:
        raise ValueError(f"cannot compare {sr.shape} with {hr.shape}")
    height, width = hr.shape[:2]
    if min(height, width) < 2 * border + least:
        raise ValueError(
            f"fewer than {least} pixels are left of {width}x{height} within a border of {border}"
        )
    inside = (slice(border, height - border), slice(border, width - border))
    return sr[inside], hr[inside]


def _windowed(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the Gaussian means of all whole windows."""
    blurred = cv2.GaussianBlur(values, (SSIM_WINDOW, SSIM_WINDOW), _SSIM_SIGMA)
    half = SSIM_WINDOW // 2
    return np.asarray(blurred, np.float64)[half:-half, half:-half]
