"""The curve between scene-linear light and the sRGB-like values that networks are trained on."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

_KNEE = 0.0031308
_SLOPE = 12.92
_GAIN, _OFFSET, _POWER = 1.055, 0.055, 2.4
"""IEC 61966-2-1, the sRGB transfer function."""
_BAND_ROWS = 64
"""Rows that are looked at at a time, so that masks do not count beside the picture."""
_SLOPE_AT_ONE = _GAIN / _POWER
"""Derivative of the sRGB curve at 1, so that the part for highlights goes on without a kink."""


@dataclass(frozen=True, slots=True)
class Tone:
    """The curve of one scene-linear picture: sRGB's up to white, a logarithm beyond, in [0, 1].

    A plain division by the brightest value would leave a picture with a lamp in it nearly black.
    Negative light, as colours outside the primaries have, takes the same curve downwards.
    """

    peak: float = 1.0
    """The brightest linear value, 1 or more; it becomes 1."""

    floor: float = 0.0
    """The lowest linear value, 0 or less; it becomes 0."""

    def encode(self, linear: np.ndarray) -> np.ndarray:
        """Return sRGB-like values in [0, 1] (float32); light beyond the extremes is clipped."""
        low, high = self._range()
        curved = _signed(_curve, np.clip(linear, self.floor, self.peak))
        return np.clip((curved - low) / (high - low), 0.0, 1.0).astype(np.float32)

    def decode(self, values: np.ndarray) -> np.ndarray:
        """Return the linear light of values in [0, 1] (float32); undoes `encode`."""
        low, high = self._range()
        return _signed(_inverse, low + np.asarray(values) * (high - low)).astype(np.float32)

    def _range(self) -> tuple[np.ndarray, np.ndarray]:
        """Return what the extremes become before they become 0 and 1."""
        return -_curve(np.asarray(-self.floor)), _curve(np.asarray(self.peak))


def tone_of(samples: np.ndarray) -> Tone:
    """Return the curve for samples (H, W, ...) that are light, by their extreme finite values."""
    return Tone(brightest(samples), darkest(samples))


def brightest(samples: np.ndarray) -> float:
    """Return the highest finite value of float samples, at least 1; 1 for integers."""
    return max(1.0, _extreme(samples, np.max))


def darkest(samples: np.ndarray) -> float:
    """Return the lowest finite value of float samples, at most 0; 0 for integers."""
    return min(0.0, _extreme(samples, np.min))


def srgb_encode(linear: np.ndarray) -> np.ndarray:
    """Return the sRGB values (float32) of linear light, which is clipped to [0, 1]."""
    return Tone().encode(linear)


def srgb_decode(values: np.ndarray) -> np.ndarray:
    """Return the linear light (float32) of sRGB values in [0, 1]."""
    return Tone().decode(values)


def _extreme(samples: np.ndarray, find: Callable[..., np.floating]) -> float:
    if samples.dtype != np.float32:
        return 0.0
    found = 0.0
    for top in range(0, len(samples), _BAND_ROWS):
        band = samples[top : top + _BAND_ROWS]
        found = float(find(band, initial=found, where=np.isfinite(band)))
    return found


def _signed(curve: Callable[[np.ndarray], np.ndarray], values: np.ndarray) -> np.ndarray:
    return np.copysign(curve(np.abs(values)), values)


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
