"""The curve between scene-linear light and the sRGB-like values that networks are trained on."""

from dataclasses import dataclass

import numpy as np

_KNEE = 0.0031308
_SLOPE = 12.92
_GAIN, _OFFSET, _POWER = 1.055, 0.055, 2.4
"""IEC 61966-2-1, the sRGB transfer function."""
_SLOPE_AT_ONE = _GAIN / _POWER
"""Derivative of the sRGB curve at 1, so that the part for highlights goes on without a kink."""


@dataclass(frozen=True, slots=True)
class Tone:
    """The curve of one scene-linear picture: sRGB's up to white, a logarithm beyond, in [0, 1].

    A plain division by the brightest value would leave a picture with a lamp in it nearly black.
    """

    peak: float = 1.0
    """The brightest linear value, 1 or more; it becomes 1."""

    def encode(self, linear: np.ndarray) -> np.ndarray:
        """Return sRGB-like values in [0, 1] (float32); negative light counts as none."""
        clipped = np.clip(linear, 0.0, self.peak)
        return (_curve(clipped) / _curve(np.asarray(self.peak))).astype(np.float32)

    def decode(self, values: np.ndarray) -> np.ndarray:
        """Return the linear light of values in [0, 1] (float32); undoes `encode`."""
        return _inverse(np.asarray(values) * _curve(np.asarray(self.peak))).astype(np.float32)


def srgb_encode(linear: np.ndarray) -> np.ndarray:
    """Return the sRGB values (float32) of linear light, which is clipped to [0, 1]."""
    return Tone().encode(linear)


def srgb_decode(values: np.ndarray) -> np.ndarray:
    """Return the linear light (float32) of sRGB values in [0, 1]."""
    return Tone().decode(values)


def _curve(linear: np.ndarray) -> np.ndarray:
    toe = linear * _SLOPE
    middle = _GAIN * np.maximum(linear, _KNEE) ** (1.0 / _POWER) - _OFFSET
    highlights = 1.0 + _SLOPE_AT_ONE * np.log(np.maximum(linear, 1.0))
    return np.where(linear > 1.0, highlights, np.where(linear > _KNEE, middle, toe))


def _inverse(values: np.ndarray) -> np.ndarray:
    toe = values / _SLOPE
    middle = ((np.maximum(values, _KNEE * _SLOPE) + _OFFSET) / _GAIN) ** _POWER
    highlights = np.exp((np.maximum(values, 1.0) - 1.0) / _SLOPE_AT_ONE)
    return np.where(values > 1.0, highlights, np.where(values > _KNEE * _SLOPE, middle, toe))
