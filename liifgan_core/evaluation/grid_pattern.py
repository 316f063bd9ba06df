"""How much of a picture's texture repeats with the LR grid: what perceptual distances hardly see.

A decoder that sees relative coordinates may print the same dots or lines into every LR pixel. Then
the high frequencies of its output depend on the place within the LR pixel, the phase; those of
photos do not. Measured at x4 on eight photos (energy, mean): originals 0.03, 0.01; bicubic 0.46,
0.02; LIIF 0.06, 0.01; a GAN-trained decoder with plainly visible dots 0.23, 0.31.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from liifgan_core.evaluation.metrics import luma

_SIGMA = 1.0
"""Of the Gaussian that is taken off, in output pixels."""
_LIMIT = 24.0 / 255.0
"""Edges beyond it are clipped: few strong ones would outweigh all texture."""
_BORDER = 8


@dataclass(frozen=True, slots=True)
class GridPattern:
    """Both figures; 0 is a picture that knows nothing of the grid."""

    energy: float
    """Standard deviation over the phases of the mean squared high-pass / its mean."""
    mean: float
    """Root mean square over the phases of the signed mean high-pass / root mean square of all."""


def least_side(factor: int) -> int:
    """Return the pixels a side of the smallest picture that has the figures."""
    return 2 * _BORDER + factor


def grid_pattern(sr: NDArray[np.floating], factor: int) -> GridPattern:
    """Return the pattern of a result, RGB (h, w, 3) in [0, 1], of a whole factor.

    Pixel (0, 0) must lie at an LR pixel's corner. Small pictures have few pixels per phase, and the
    figures of pure noise grow as 1 / their root: use at least 128 pixels a side. A picture without
    high frequencies gives zeros. Raises ValueError when a phase would have no pixel.
    """
    height, width = sr.shape[:2]
    if factor < 1 or min(height, width) < least_side(factor):
        raise ValueError(
            f"{width}x{height} pixels are too few for x{factor} within a border of {_BORDER}"
        )
    phases = _by_phase(_high_pass(sr), factor)
    signed = np.array([phase.mean() for phase in phases])
    energy = np.array([np.square(phase).mean() for phase in phases])
    total = float(np.square(np.concatenate(phases)).mean())
    if total == 0.0:
        return GridPattern(0.0, 0.0)
    return GridPattern(
        energy=float(energy.std() / energy.mean()),
        mean=float(np.sqrt(np.square(signed).mean() / total)),
    )


def _high_pass(sr: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return luma minus its blur, clipped, without the border."""
    y = luma(sr)
    high = np.clip(y - cv2.GaussianBlur(y, (0, 0), _SIGMA), -_LIMIT, _LIMIT)
    return high[_BORDER:-_BORDER, _BORDER:-_BORDER]


def _by_phase(high: NDArray[np.float64], factor: int) -> list[NDArray[np.float64]]:
    """Return the pixels of each phase, flat. Cropping only renames the phases."""
    return [high[i::factor, j::factor].ravel() for i in range(factor) for j in range(factor)]
