"""Graduated and radial masks: shapes with handles, as values. No Qt.

Places are (y, x) in LR pixels of the photo.
"""

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np

from app.state.brush import Floats, Point, cell_places, smooth_step
from liifgan_core.geometry import Size, Tile


@dataclass(frozen=True, slots=True)
class Graduated:
    """The full effect before `start`, none beyond `end`, a soft passage between."""

    start: Point
    end: Point

    @property
    def handles(self) -> tuple[Point, ...]:
        """Where it can be taken; the last one moves all of it."""
        (y0, x0), (y1, x1) = self.start, self.end
        return self.start, self.end, ((y0 + y1) / 2, (x0 + x1) / 2)

    def moved(self, handle: int, to: Point) -> "Graduated":
        """Return the shape with a handle at another place."""
        if handle == 0:
            return Graduated(to, self.end)
        if handle == 1:
            return Graduated(self.start, to)
        dy, dx = _step(self.handles[2], to)
        return Graduated(_shifted(self.start, dy, dx), _shifted(self.end, dy, dx))

    def coverage(self, photo: Size, grid: Size, tile: Tile) -> Floats:
        """Return the coverage on a tile of a mask's grid, (h, w)."""
        y, x = cell_places(photo, grid, tile)
        dy, dx = _step(self.start, self.end)
        length2 = max(dy * dy + dx * dx, 1e-6)
        rows = (y - np.float32(self.start[0])) * np.float32(dy / length2)
        cols = (x - np.float32(self.start[1])) * np.float32(dx / length2)
        return smooth_step(np.asarray(np.float32(1.0) - (rows + cols), np.float32))


@dataclass(frozen=True, slots=True)
class Radial:
    """The full effect around the middle of an ellipse, none beyond it."""

    centre: Point
    height: float
    """Half axes in LR pixels, along rows and columns before the turn."""
    width: float
    angle: float = 0.0
    """Radians, clockwise on the screen."""
    feather: float = 0.5
    """Part of the radius that fades, 0 to 1."""

    @property
    def handles(self) -> tuple[Point, ...]:
        """Ends of both axes, below and right of the middle; the last one moves all of it."""
        down = self._place(self.height, 0.0)
        across = self._place(0.0, self.width)
        return down, across, self.centre

    def moved(self, handle: int, to: Point) -> "Radial":
        """Return the shape with a handle at another place; the end of an axis turns it, too."""
        if handle == 2:
            return replace(self, centre=to)
        dy, dx = _step(self.centre, to)
        length = max(1.0, math.hypot(dy, dx))
        if handle == 0:
            return replace(self, height=length, angle=math.atan2(-dx, dy))
        return replace(self, width=length, angle=math.atan2(dy, dx))

    def coverage(self, photo: Size, grid: Size, tile: Tile) -> Floats:
        """Return the coverage on a tile of a mask's grid, (h, w)."""
        y, x = cell_places(photo, grid, tile)
        y, x = y - np.float32(self.centre[0]), x - np.float32(self.centre[1])
        sin, cos = math.sin(self.angle), math.cos(self.angle)
        across = x * np.float32(cos / self.width) + y * np.float32(sin / self.width)
        down = y * np.float32(cos / self.height) - x * np.float32(sin / self.height)
        distance = np.asarray(cv2.magnitude(across, down), np.float32)
        soft = np.float32(1.0 / max(self.feather, 1e-3))
        return smooth_step((np.float32(1.0) - distance) * soft)

    def _place(self, down: float, across: float) -> Point:
        sin, cos = math.sin(self.angle), math.cos(self.angle)
        return (
            self.centre[0] + down * cos + across * sin,
            self.centre[1] - down * sin + across * cos,
        )


Shape = Graduated | Radial


def _step(start: Point, end: Point) -> tuple[float, float]:
    return end[0] - start[0], end[1] - start[1]


def _shifted(point: Point, dy: float, dx: float) -> Point:
    return point[0] + dy, point[1] + dx
