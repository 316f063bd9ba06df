"""Rotation, perspective and lens distortion as values, composed into one map.

From the photo to the result: the lens is corrected, then the perspective, then the picture is
turned, then framed. Rendering asks the other way round, so the map leads from a place in the frame
to the place of the photo that is seen there, with its derivative.

A frame has a size in whole pixels like a photo's, and takes its place: size rules, viewports and
tiles refer to it. One pixel of the frame is about one of the photo: exactly where it is only
turned, at the picture's centre where the lens is corrected, and on average along the sides of the
four corners. Positions are (y, x), float64, pixel centres at + 0.5.
"""

import math
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from liifgan_core.errors import GeometryError
from liifgan_core.geometry import MAX_OUTPUT_SIDE, Size
from liifgan_core.inner_rectangle import largest_rectangle
from liifgan_core.lens import Lens

Frame = Literal["whole", "inside", "corners"]
"""What the result shows: "whole", the smallest upright frame around all of the photo, with empty
corners; "inside", the largest one without them; "corners", what the four corners enclose."""

_SLACK = 1e-6
"""Pixels by which a photo may miss its frame's edge and still fill it."""
_OUTLINE_POINTS = 128
"""Points along each side of a photo's outline where a lens bends it: between them a side of 4000
pixels is off its chord by 0.01 pixels at k1 = 0.1."""
_LONGEST_FRAME = 100.0
"""Side of a frame in sides of the photo, beyond which a perspective is as good as its horizon."""


class Point(NamedTuple):
    """A place in a photo, in pixels from its left and upper edge."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Geometry:
    """What is done to a photo's geometry, whatever its size. Nothing, by default.

    Raises GeometryError for numbers that are not finite, for other than four corners, and for
    corners that are no convex quadrilateral in the right order.
    """

    rotation_deg: float = 0.0
    """Angle by which the picture is turned counter-clockwise, in degrees."""
    corners: tuple[Point, ...] | None = None
    """What shall become an upright rectangle, in the photo's pixels: its top left, top right,
    bottom right and bottom left corner. Its sides get the mean length of opposite ones."""
    k1: float = 0.0
    """Coefficients of the lens that took the photo, which is corrected (`liifgan_core.lens`)."""
    k2: float = 0.0
    frame: Frame = "whole"

    def __post_init__(self) -> None:
        if not math.isfinite(self.rotation_deg):
            raise GeometryError(f"a rotation needs a finite angle, not {self.rotation_deg}")
        if not (math.isfinite(self.k1) and math.isfinite(self.k2)):
            raise GeometryError(f"a distortion needs finite numbers, not {self.k1},{self.k2}")
        if self.corners is not None:
            _check_corners(self.corners)
        elif self.frame == "corners":
            raise GeometryError(
                "the frame 'corners' is what four corners enclose; give them, or another frame"
            )

    @property
    def is_identity(self) -> bool:
        """Whether the photo stays as it is."""
        is_turned = self.rotation_deg % 360.0 != 0.0
        return not (is_turned or self.corners is not None or self.k1 or self.k2)

    def __str__(self) -> str:
        """Say what is done, such as "rotation 3; frame inside"; nothing for nothing."""
        if self.is_identity:
            return ""
        parts: list[str] = []
        if self.rotation_deg % 360.0:
            parts.append(f"rotation {self.rotation_deg:g}")
        if self.corners is not None:
            parts.append("perspective " + ",".join(f"{at:g}" for p in self.corners for at in p))
        if self.k1 or self.k2:
            parts.append(f"distortion {self.k1:g},{self.k2:g}")
        return "; ".join([*parts, f"frame {self.frame}"])

    def frame_size(self, photo: Size) -> Size:
        """Return the size of the frame for a photo of that size; raises as `warp` does."""
        return photo if self.is_identity else self.warp(photo).size

    def warp(self, photo: Size) -> "Warp":
        """Return the map for a photo of that size.

        Raises GeometryError where the photo reaches to the perspective's horizon or the lens folds
        it, and where nothing is left inside. Takes up to a fifth of a second.
        """
        lens = Lens(photo, self.k1, self.k2)
        plane, rectangle = self._plane(photo, lens)
        turned = plane @ _turn(self.rotation_deg, (rectangle[0] / 2.0, rectangle[1] / 2.0))
        if self.frame == "corners":
            top, left, size = 0.0, 0.0, Size(*map(round, rectangle))
        else:
            top, left, size = self._framed(photo, lens, turned)
        shift = np.array([[1.0, 0.0, top], [0.0, 1.0, left], [0.0, 0.0, 1.0]])
        found = _warp(photo, size, lens, turned @ shift)
        # A curved edge may reach in between two points of the outline.
        while self.frame == "inside" and min(size.height, size.width) > 2 and not found.fills_frame:
            size = Size(size.height - 2, size.width - 2)
            shift[:2, 2] += 1.0
            found = _warp(photo, size, lens, turned @ shift)
        return found

    def _plane(self, photo: Size, lens: Lens) -> tuple[NDArray[np.float64], tuple[float, float]]:
        """Return the map from the plane where the corners are a rectangle, and that one's sides."""
        if self.corners is None:
            return np.eye(3), (float(photo.height), float(photo.width))
        y, x = lens.undistorted([p.y for p in self.corners], [p.x for p in self.corners])
        if np.isnan(y).any():
            raise GeometryError("a corner of the perspective is beyond what the lens shows")
        _check_corners(tuple(Point(*p) for p in zip(x.tolist(), y.tolist(), strict=True)))
        sides = np.hypot(np.diff(y, append=y[0]), np.diff(x, append=x[0]))
        width = float(max(1, round((sides[0] + sides[2]) / 2.0)))
        height = float(max(1, round((sides[1] + sides[3]) / 2.0)))
        if max(height, width) > MAX_OUTPUT_SIDE:
            raise GeometryError(
                f"the perspective's corners are {max(height, width):.6g} pixels apart; "
                f"at most {MAX_OUTPUT_SIDE} are possible"
            )
        rectangle = np.array([[0.0, 0.0], [0.0, width], [height, width], [height, 0.0]])
        return _homography(rectangle, np.stack([y, x], axis=1)), (height, width)

    def _framed(
        self, photo: Size, lens: Lens, turned: NDArray[np.float64]
    ) -> tuple[float, float, Size]:
        """Return (top, left) of the frame in the turned plane, and its size."""
        y, x = lens.undistorted(*_outline(photo, 1 if lens.is_flat else _OUTLINE_POINTS))
        seen = np.linalg.inv(turned) @ np.stack([y, x, np.ones_like(y)])
        with np.errstate(divide="ignore", invalid="ignore"):
            outline = (seen[:2] / seen[2]).T
        longest = np.ptp(outline, axis=0).max() if (seen[2] > 0.0).all() else math.inf
        if not longest <= _LONGEST_FRAME * max(photo.height, photo.width):
            raise GeometryError(
                "the photo reaches to the horizon of this perspective, or nearly so; frame what "
                "the corners enclose ('corners')"
            )
        (top, left), (bottom, right) = outline.min(axis=0), outline.max(axis=0)
        if self.frame == "inside":
            top, left, bottom, right = largest_rectangle(outline)
            height, width = (math.floor(side + _SLACK) for side in (bottom - top, right - left))
            if min(height, width) < 1:
                raise GeometryError("no pixel of the photo is inside the frame; frame the whole")
        else:
            height, width = (math.ceil(side - _SLACK) for side in (bottom - top, right - left))
        size = Size(height, width)
        return (top + bottom - height) / 2.0, (left + right - width) / 2.0, size


AS_IT_IS = Geometry()
"""Nothing is done."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where places of a frame are in the photo. Derivatives may have fewer entries: all equal."""

    y: NDArray[np.float64]
    """NaN, and so is `x`, for places that show nothing: beyond the horizon or the lens."""
    x: NDArray[np.float64]
    dy_dy: NDArray[np.float64]
    """Derivative of the photo's y by the frame's y; the others likewise."""
    dy_dx: NDArray[np.float64]
    dx_dy: NDArray[np.float64]
    dx_dx: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Warp:
    """The map from a frame to a photo of one size; made by `Geometry.warp`."""

    photo: Size
    size: Size
    """Of the frame."""
    lens: Lens = field(repr=False)
    matrix: tuple[tuple[float, ...], ...] = field(repr=False)
    """From the frame to the photo without its lens' distortion: rows for y, x and the divisor."""

    @property
    def is_affine(self) -> bool:
        """Whether the derivative is the same everywhere."""
        return self.lens.is_flat and self.matrix[2] == (0.0, 0.0, 1.0)

    @property
    def fills_frame(self) -> bool:
        """Whether the frame shows the photo everywhere."""
        places = self.places(*_outline(self.size, _OUTLINE_POINTS))
        sides = ((places.y, self.photo.height), (places.x, self.photo.width))
        # Beyond the horizon nothing is shown; comparisons with NaN are false.
        return all(bool(((at >= -_SLACK) & (at <= side + _SLACK)).all()) for at, side in sides)

    def places(self, y: ArrayLike, x: ArrayLike) -> Places:
        """Return where the frame's places are in the photo, and the derivative there."""
        y, x = np.asarray(y, np.float64), np.asarray(x, np.float64)
        (ayy, ayx, ay), (axy, axx, ax), (awy, awx, aw) = self.matrix
        flat_y, flat_x = ayy * y + ayx * x + ay, axy * y + axx * x + ax
        if awy == 0.0 and awx == 0.0:
            partials = tuple(map(np.asarray, (ayy, ayx, axy, axx)))
        else:
            divisor = awy * y + awx * x + aw
            divisor = np.where(divisor > 0.0, divisor, np.nan)
            flat_y, flat_x = flat_y / divisor, flat_x / divisor
            partials = (
                (ayy - flat_y * awy) / divisor,
                (ayx - flat_y * awx) / divisor,
                (axy - flat_x * awy) / divisor,
                (axx - flat_x * awx) / divisor,
            )
        if self.lens.is_flat:
            return Places(flat_y, flat_x, *partials)
        return self._through_lens(flat_y, flat_x, *partials)

    def _through_lens(
        self,
        y: NDArray[np.float64],
        x: NDArray[np.float64],
        yy: NDArray[np.float64],
        yx: NDArray[np.float64],
        xy: NDArray[np.float64],
        xx: NDArray[np.float64],
    ) -> Places:
        (middle_y, middle_x), unit = self.lens.centre, self.lens.unit
        q_y, q_x = (y - middle_y) / unit, (x - middle_x) / unit
        squared = q_y * q_y + q_x * q_x
        growth, slope = self.lens.growth(squared)
        growth = np.where(squared < self.lens.limit**2, growth, np.nan)
        lens_yy = growth + 2.0 * slope * q_y * q_y
        lens_xx = growth + 2.0 * slope * q_x * q_x
        lens_yx = 2.0 * slope * q_y * q_x
        return Places(
            y=middle_y + unit * q_y * growth,
            x=middle_x + unit * q_x * growth,
            dy_dy=lens_yy * yy + lens_yx * xy,
            dy_dx=lens_yy * yx + lens_yx * xx,
            dx_dy=lens_yx * yy + lens_xx * xy,
            dx_dx=lens_yx * yx + lens_xx * xx,
        )

    def in_frame(
        self, y: ArrayLike, x: ArrayLike
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return where the photo's places (y, x) are in the frame; NaN where they are not seen."""
        flat_y, flat_x = self.lens.undistorted(y, x)
        by, bx, bw = np.linalg.inv(np.array(self.matrix)) @ np.stack(
            [flat_y.ravel(), flat_x.ravel(), np.ones(flat_y.size)]
        )
        bw = np.where(bw > 0.0, bw, np.nan)
        return (by / bw).reshape(flat_y.shape), (bx / bw).reshape(flat_y.shape)


def _warp(photo: Size, size: Size, lens: Lens, matrix: NDArray[np.float64]) -> Warp:
    # The divisor's sign stays: it is positive where there is something to see.
    scaled = matrix / np.abs(matrix[2]).max()
    return Warp(photo, size, lens, tuple(map(tuple, scaled.tolist())))


def _check_corners(corners: tuple[Point, ...]) -> None:
    if len(corners) != 4:
        raise GeometryError(f"a perspective needs four corners, not {len(corners)}")
    points = np.array(corners, np.float64)
    told = ", ".join(f"({x:g}, {y:g})" for x, y in corners)
    if not np.isfinite(points).all():
        raise GeometryError(f"a perspective's corners need finite numbers, not {told}")
    sides = np.roll(points, -1, axis=0) - points
    following = np.roll(sides, -1, axis=0)
    # Clockwise on the screen, where y goes down; areas below a hundredth of a pixel are a line.
    turns = sides[:, 0] * following[:, 1] - sides[:, 1] * following[:, 0]
    if (turns < -0.01).all():
        raise GeometryError(
            f"the perspective's corners {told} run counter-clockwise; begin at the top left and go "
            "clockwise: top right, bottom right, bottom left"
        )
    if not (turns > 0.01).all():
        raise GeometryError(
            f"the perspective's corners {told} cross or are no convex shape; give its top left, "
            "top right, bottom right and bottom left corner"
        )


def _turn(angle_deg: float, pivot: tuple[float, float]) -> NDArray[np.float64]:
    """Return the map from the turned plane back, about a pivot (y, x) that stays; (y, x, 1)."""
    angle_deg %= 360.0
    quarters = angle_deg / 90.0
    if quarters == int(quarters):  # exact, so that quarter turns read pixels' centres
        cosine, sine = [(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)][int(quarters) % 4]
    else:
        cosine, sine = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
    linear = np.array([[cosine, sine], [-sine, cosine]])
    back = np.eye(3)
    back[:2, :2] = linear
    back[:2, 2] = np.array(pivot) - linear @ np.array(pivot)
    return back


def _homography(
    before_42: NDArray[np.float64], after_42: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the perspective map (3, 3) that takes four points to four others."""
    rows: list[list[float]] = []
    for (y, x), (to_y, to_x) in zip(before_42.tolist(), after_42.tolist(), strict=True):
        rows.append([y, x, 1.0, 0.0, 0.0, 0.0, -y * to_y, -x * to_y])
        rows.append([0.0, 0.0, 0.0, y, x, 1.0, -y * to_x, -x * to_x])
    found = np.linalg.solve(np.array(rows), after_42.reshape(-1))
    return np.append(found, 1.0).reshape(3, 3)


def _outline(size: Size, num_points: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (y, x) of points along the edge of a picture, so many a side, from the top left."""
    along = np.arange(num_points) / num_points
    zero, one = np.zeros(num_points), np.ones(num_points)
    y = np.concatenate([zero, along, one, 1.0 - along]) * size.height
    x = np.concatenate([along, one, 1.0 - along, zero]) * size.width
    return y, x
