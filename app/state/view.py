"""Where the view looks: zoom and centre as plain values, and what follows from them.

A pane is the part of the canvas that shows one picture; panes are measured in device pixels, the
photo in LR pixels. A zoom of 1 shows a photo's pixel as one device pixel.
"""

import math
from dataclasses import dataclass, replace

from liifgan_core.geometry import Size, Tile, Viewport

MIN_ZOOM = 0.02
"""The whole of a gigapixel in a window. A photo that fits only below has that as its
own bound."""
MAX_ZOOM = 32.0
_PRECISION = 10_000
"""Zooms are whole multiples of 1/10,000, so that the number shown is the factor used."""


@dataclass(frozen=True, slots=True)
class View:
    """A position over a photo. Change it with the functions below, which keep it in bounds."""

    centre_y: float
    """LR pixel row in the middle of the pane."""
    centre_x: float
    zoom: float
    """Device pixels per LR pixel, up to MAX_ZOOM; down to MIN_ZOOM, or to where the photo fits."""
    pane: Size
    """Device pixels."""


def output_size(photo: Size, zoom: float) -> Size:
    """Return the size of the whole photo at a zoom; an export by that factor has it too."""
    return Size(max(1, round(photo.height * zoom)), max(1, round(photo.width * zoom)))


def fit_zoom(photo: Size, pane: Size) -> float:
    """Return the zoom at which the whole photo just fits into the pane, MAX_ZOOM at most."""
    exact = min(pane.height / photo.height, pane.width / photo.width)
    return min(max(math.floor(exact * _PRECISION), 1) / _PRECISION, MAX_ZOOM)


def fitted(photo: Size, pane: Size) -> View:
    """Return the view of the whole photo."""
    return View(photo.height / 2, photo.width / 2, fit_zoom(photo, pane), pane)


def zoomed(view: View, photo: Size, zoom: float, at: tuple[float, float] | None = None) -> View:
    """Return the view at another zoom; the photo's point under pane pixel `at` (y, x) stays there.

    None is the pane's middle.
    """
    lowest = min(MIN_ZOOM, fit_zoom(photo, view.pane))
    zoom = min(max(round(zoom * _PRECISION) / _PRECISION, lowest), MAX_ZOOM)
    offset_y, offset_x = 0.0, 0.0
    if at is not None:
        offset_y, offset_x = at[0] - view.pane.height / 2, at[1] - view.pane.width / 2
    shift = 1.0 / view.zoom - 1.0 / zoom
    centre_y, centre_x = view.centre_y + offset_y * shift, view.centre_x + offset_x * shift
    return _in_bounds(replace(view, centre_y=centre_y, centre_x=centre_x, zoom=zoom), photo)


def panned(view: View, photo: Size, dy: float, dx: float) -> View:
    """Return the view after the picture was moved by (dy, dx) device pixels."""
    centre_y, centre_x = view.centre_y - dy / view.zoom, view.centre_x - dx / view.zoom
    return _in_bounds(replace(view, centre_y=centre_y, centre_x=centre_x), photo)


def resized(view: View, photo: Size, pane: Size) -> View:
    """Return the view in a pane of another size, with the same middle."""
    return _in_bounds(replace(view, pane=pane), photo)


def origin(view: View, photo: Size) -> tuple[int, int]:
    """Return the pane's pixel (y, x) at which the output of the whole photo begins."""
    size = output_size(photo, view.zoom)
    return (
        round(view.pane.height / 2 - view.centre_y * size.height / photo.height),
        round(view.pane.width / 2 - view.centre_x * size.width / photo.width),
    )


def photo_point(view: View, photo: Size, at: tuple[float, float]) -> tuple[float, float]:
    """Return the place of the photo, (y, x) in LR pixels, under a pane's pixel; also outside."""
    top, left = origin(view, photo)
    down, across = viewport(view, photo).scale
    return (at[0] - top) / down, (at[1] - left) / across


def pane_point(view: View, photo: Size, place: tuple[float, float]) -> tuple[float, float]:
    """Return the pane's pixel (y, x) at which a place of the photo is seen."""
    top, left = origin(view, photo)
    down, across = viewport(view, photo).scale
    return top + place[0] * down, left + place[1] * across


def viewport(view: View, photo: Size) -> Viewport:
    """Return the whole photo at the view's zoom."""
    return Viewport.whole(photo, output_size(photo, view.zoom))


def visible(view: View, photo: Size) -> Tile:
    """Return the output pixels that lie in the pane; there is always one."""
    size = output_size(photo, view.zoom)
    top, left = origin(view, photo)
    rows = _overlap(top, size.height, view.pane.height)
    cols = _overlap(left, size.width, view.pane.width)
    return Tile(rows[0], cols[0], rows[1] - rows[0], cols[1] - cols[0])


def _overlap(start: int, length: int, pane: int) -> tuple[int, int]:
    first = min(max(0, -start), length - 1)
    return first, max(first + 1, min(length, pane - start))


def _in_bounds(view: View, photo: Size) -> View:
    """Return the view moved so that the photo fills the pane, or is centred where it is smaller."""
    return replace(
        view,
        centre_y=_axis_in_bounds(view.centre_y, photo.height, view.pane.height / view.zoom),
        centre_x=_axis_in_bounds(view.centre_x, photo.width, view.pane.width / view.zoom),
    )


def _axis_in_bounds(centre: float, length: int, shown: float) -> float:
    if shown >= length or not math.isfinite(centre):
        return length / 2
    return min(max(centre, shown / 2), length - shown / 2)
