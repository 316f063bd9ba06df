"""Chromaticities of red, green, blue and white, and what follows from them."""

from dataclasses import dataclass

import numpy as np

Point = tuple[float, float]
"""CIE 1931 chromaticity (x, y)."""

D50 = np.array([0.9642, 1.0, 0.8249])
"""CIE XYZ of the white that ICC profiles refer to (ICC.1:2022, 7.2.16)."""

_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)
"""From CIE XYZ to the responses in which whites are exchanged (ICC.1:2022, annex E)."""
_SAME = 5e-4
"""Chromaticities that differ less are the same: files give three to five decimals."""


@dataclass(frozen=True, slots=True)
class Primaries:
    """The colours that samples (1, 0, 0), (0, 1, 0), (0, 0, 1) and (1, 1, 1) stand for."""

    red: Point
    green: Point
    blue: Point
    white: Point

    def to_xyz(self) -> np.ndarray:
        """Return the matrix (3, 3) from light to CIE XYZ with Y = 1 for white.

        Raises ValueError when the primaries span no colours.
        """
        columns = np.array([(x, y, 1.0 - x - y) for x, y in (self.red, self.green, self.blue)]).T
        if not np.isfinite(columns).all() or abs(np.linalg.det(columns)) < 1e-6:
            raise ValueError("the primaries span no colours")
        return columns * np.linalg.solve(columns, self._white_xyz())

    def adaptation(self) -> np.ndarray:
        """Return the matrix (3, 3) that turns XYZ under this white into XYZ under D50."""
        own, d50 = _BRADFORD @ self._white_xyz(), _BRADFORD @ D50
        return np.linalg.inv(_BRADFORD) @ np.diag(d50 / own) @ _BRADFORD

    def to_d50(self) -> np.ndarray:
        """Return the matrix (3, 3) from light to CIE XYZ under D50, as ICC profiles have it."""
        return self.adaptation() @ self.to_xyz()

    def is_like(self, other: "Primaries") -> bool:
        """Whether all four points agree as far as files tell them."""
        return bool(np.abs(np.subtract(self._points(), other._points())).max() < _SAME)

    def _white_xyz(self) -> np.ndarray:
        x, y = self.white
        if not y > 0:
            raise ValueError("the white point is no colour")
        return np.array([x / y, 1.0, (1.0 - x - y) / y])

    def _points(self) -> tuple[Point, ...]:
        return self.red, self.green, self.blue, self.white


def primaries_of(to_d50: np.ndarray, adaptation: np.ndarray) -> Primaries:
    """Return the chromaticities behind a profile's matrix and its adaptation to D50.

    Undoes `Primaries.to_d50`. Raises ValueError when they are none.
    """
    try:
        own = np.linalg.inv(adaptation) @ to_d50
    except np.linalg.LinAlgError as error:
        raise ValueError("the adaptation cannot be undone") from error
    columns = np.column_stack((own, own.sum(axis=1)))
    totals = columns.sum(axis=0)
    if not np.isfinite(columns).all() or np.abs(totals).min() < 1e-6:
        raise ValueError("the matrix has no chromaticities")
    red, green, blue, white = ((float(x), float(y)) for x, y in (columns[:2] / totals).T)
    return Primaries(red, green, blue, white)


_D65: Point = (0.3127, 0.3290)
SRGB = Primaries((0.640, 0.330), (0.300, 0.600), (0.150, 0.060), _D65)
"""BT.709 and IEC 61966-2-1."""
BT2020 = Primaries((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), _D65)
DISPLAY_P3 = Primaries((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), _D65)
