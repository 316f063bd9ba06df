"""Radial lens distortion by two coefficients: Brown-Conrady's model.

Brown 1971, "Close-range camera calibration": a lens without fault would show a point at distance r
from the picture's centre; the lens shows it at r (1 + k1 r^2 + k2 r^4). Distances are in units of
half the picture's diagonal, so coefficients do not depend on its size. Negative k1 is a barrel,
positive a cushion.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from liifgan_core.errors import GeometryError
from liifgan_core.geometry import Size

_STEPS = 60
"""Halvings of the inverse: the interval ends at a float64's step."""


@dataclass(frozen=True, slots=True)
class Lens:
    """The distortion of a photo of `photo` pixels. Positions are (y, x) in its pixels.

    Raises GeometryError where the model folds the picture within its corners: there one place of
    the photo would be shown twice.
    """

    photo: Size
    k1: float = 0.0
    k2: float = 0.0

    def __post_init__(self) -> None:
        limit = self.limit
        if math.isfinite(limit) and self._shown_at(limit) <= 1.0:
            raise GeometryError(
                f"the distortion {self.k1:g},{self.k2:g} folds the picture before its corners; "
                "give smaller numbers, such as -0.1,0"
            )

    @property
    def is_flat(self) -> bool:
        """Whether nothing is distorted."""
        return self.k1 == 0.0 and self.k2 == 0.0

    @property
    def centre(self) -> tuple[float, float]:
        """The photo's centre."""
        return self.photo.height / 2.0, self.photo.width / 2.0

    @property
    def unit(self) -> float:
        """Half the photo's diagonal, in pixels."""
        return math.hypot(self.photo.height, self.photo.width) / 2.0

    @property
    def limit(self) -> float:
        """The distance, in units, at which the model turns back; infinite where it never does."""
        # The slope is 1 + 3 k1 s + 5 k2 s^2 with s = r^2.
        roots = np.roots([5.0 * self.k2, 3.0 * self.k1, 1.0])
        positive = [root.real for root in roots if abs(root.imag) < 1e-12 and root.real > 0.0]
        return math.sqrt(min(positive)) if positive else math.inf

    def growth(self, squared: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return 1 + k1 s + k2 s^2 and its derivative by s, of squared distances s in units."""
        s = np.asarray(squared, np.float64)
        return 1.0 + s * (self.k1 + s * self.k2), self.k1 + 2.0 * self.k2 * s

    def undistorted(
        self, y: ArrayLike, x: ArrayLike
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return where a lens without fault would show what the photo shows at (y, x).

        NaN for places so far outside of the photo that nothing is shown there.
        """
        y, x = np.asarray(y, np.float64), np.asarray(x, np.float64)
        if self.is_flat:
            return y, x
        offset_y, offset_x = y - self.centre[0], x - self.centre[1]
        shown = np.hypot(offset_y, offset_x) / self.unit
        limit = self.limit
        if not math.isfinite(limit):
            limit = 1.0
            while self._shown_at(limit) < float(shown.max(initial=1.0)):
                limit *= 2.0
        low, high = np.zeros_like(shown), np.full_like(shown, limit)
        for _ in range(_STEPS):
            middle = (low + high) / 2.0
            is_below = middle * self.growth(middle**2)[0] < shown
            low, high = np.where(is_below, middle, low), np.where(is_below, high, middle)
        ratio = np.where(shown > 0.0, high / np.where(shown > 0.0, shown, 1.0), 1.0)
        ratio = np.where(shown <= self._shown_at(limit), ratio, np.nan)
        return self.centre[0] + offset_y * ratio, self.centre[1] + offset_x * ratio

    def _shown_at(self, distance: float) -> float:
        return distance * float(self.growth(distance**2)[0])
