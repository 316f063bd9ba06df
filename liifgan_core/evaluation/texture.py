"""How much texture a picture has and whether it is drawn: what perceptual distances do not judge.

Texture that is sprinkled, grain, has slopes in all directions at every place; texture that is
drawn, hair or cloth, has one. Perceptual distances like both, people only the second. The figures
mean something beside those of the original: a good result is near to them. Measured at x4 on
sixteen photos (strength, coherence): originals 6.7, 0.64; bicubic 1.1, 0.63; LIIF 2.7, 0.80; a
GAN-trained decoder with plainly visible grain 5.6, 0.48.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from liifgan_core.evaluation.metrics import luma

_HIGH_PASS_SIGMA = 1.5
"""Of the Gaussian that is taken off, in pixels."""
_TENSOR_SIGMA = 2.0
"""Of the Gaussian over which directions are compared, in pixels."""
_LEAST_TRACE = 1.0
"""Slopes below one level per pixel are nearly flat: the direction of hardly anything."""
_MOST_WEIGHT = 20.0
"""Levels per pixel; few strong edges would outweigh all texture."""
_BORDER = 8
LEAST_SIDE = 2 * _BORDER + 1
"""Pixels a side of the smallest picture that has the figures."""
_LEVELS = 255.0 / float(luma(np.ones(3)))
"""To full-range luma, 0.299 R + 0.587 G + 0.114 B, in which white is 255."""


@dataclass(frozen=True, slots=True)
class Texture:
    """Both figures."""

    strength: float
    """Mean root of the structure tensor's trace: slope of the high frequencies, in levels of 255
    per pixel."""
    coherence: float
    """Mean of (l1 - l2) / (l1 + l2) of its eigenvalues where there is texture, weighted by its
    strength up to a limit: 0 no direction is preferred, 1 there is only one; NaN where a picture
    has no texture."""


def texture(rgb: NDArray[np.floating]) -> Texture:
    """Return the figures of a picture, RGB (h, w, 3) in [0, 1].

    The high-pass is full-range BT.601 luma minus its Gaussian blur of sigma 1.5, its slopes are by
    Sobel's kernels / 8, and each entry of their structure tensor is blurred by sigma 2. Filters see
    the picture mirrored at its edges; then 8 pixels a side are left out. Raises ValueError when
    nothing is left.
    """
    height, width = rgb.shape[:2]
    if min(height, width) < LEAST_SIDE:
        raise ValueError(
            f"{width}x{height} pixels are too few for texture within a border of {_BORDER}"
        )
    y = luma(rgb) * _LEVELS
    high = y - _blurred(y, _HIGH_PASS_SIGMA)
    rows, cols = _slopes(high)
    yy, yx, xx = (
        _blurred(product, _TENSOR_SIGMA)[_BORDER:-_BORDER, _BORDER:-_BORDER]
        for product in (rows * rows, rows * cols, cols * cols)
    )
    trace = yy + xx
    root = np.sqrt(trace)
    is_texture = trace > _LEAST_TRACE
    if not is_texture.any():
        return Texture(float(root.mean()), float("nan"))
    difference = np.hypot(yy - xx, 2.0 * yx)  # of the eigenvalues
    coherence = difference[is_texture] / trace[is_texture]
    weight = np.minimum(root[is_texture], _MOST_WEIGHT)
    return Texture(float(root.mean()), float(np.average(coherence, weights=weight)))


def _blurred(values: NDArray[np.float64], sigma: float) -> NDArray[np.float64]:
    """Return the Gaussian blur, by a kernel that ends at four sigma."""
    side = 2 * round(4.0 * sigma) + 1
    return np.asarray(cv2.GaussianBlur(values, (side, side), sigma), np.float64)


def _slopes(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the slopes per pixel downwards and to the right, by Sobel's 3x3 kernels."""
    rows = cv2.Sobel(values, cv2.CV_64F, 0, 1, scale=1.0 / 8.0)
    cols = cv2.Sobel(values, cv2.CV_64F, 1, 0, scale=1.0 / 8.0)
    return np.asarray(rows, np.float64), np.asarray(cols, np.float64)
