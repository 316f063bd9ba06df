"""The largest upright rectangle inside an outline: how a turned photo is cropped."""

import numpy as np
from numpy.typing import NDArray

_COLUMNS = 512
"""Places along an axis where a side may lie, at first and in each refinement."""
_REFINEMENTS = 2
"""The last places are a 512 x 8^2th of the outline apart."""
_ZOOM = 8


def largest_rectangle(outline_N2: NDArray[np.float64]) -> tuple[float, float, float, float]:
    """Return (top, left, bottom, right) of an upright rectangle inside a closed outline.

    The outline is a polygon of (y, x) that does not cross itself. The rectangle is the largest up
    to a 30,000th of the outline's width where upright lines meet the outline twice, as they do for
    photos that are turned, seen at an angle or drawn out of a barrel; else it is inside all the
    same.
    """
    left, right = outline_N2[:, 1].min(), outline_N2[:, 1].max()
    starts = ends = np.linspace(left, right, _COLUMNS)
    step = (right - left) / (_COLUMNS - 1)
    best = (0.0, 0.0, 0.0, 0.0)
    for _ in range(_REFINEMENTS + 1):
        best = _best_of(outline_N2, starts, ends)
        around = np.linspace(-step, step, 2 * _ZOOM + 1)
        starts = np.clip(best[1] + around, left, right)
        ends = np.clip(best[3] + around, left, right)
        step /= _ZOOM
    return best


def _best_of(
    outline_N2: NDArray[np.float64], starts: NDArray[np.float64], ends: NDArray[np.float64]
) -> tuple[float, float, float, float]:
    """Return the largest of the rectangles that begin and end at some columns."""
    inner = np.linspace(starts[0], ends[-1], _COLUMNS)
    corners = outline_N2[:, 1]
    # The interval between two columns is narrowest at one of them or at a corner between.
    columns = np.unique(np.concatenate([starts, ends, inner, corners]))
    columns = columns[(columns >= starts[0]) & (columns <= ends[-1])]
    top, bottom = _extents(outline_N2, columns)
    best, best_area = (0.0, 0.0, 0.0, 0.0), -1.0
    last = np.searchsorted(columns, ends)
    for start in starts:
        first = int(np.searchsorted(columns, start))
        highest = np.maximum.accumulate(top[first:])
        lowest = np.minimum.accumulate(bottom[first:])
        usable = last >= first
        place = last[usable] - first
        heights = np.maximum(lowest[place] - highest[place], 0.0)
        areas = heights * (ends[usable] - start)
        if len(areas) and areas.max() > best_area:
            k = int(areas.argmax())
            best_area = float(areas[k])
            best = (
                float(highest[place[k]]),
                float(start),
                float(lowest[place[k]]),
                float(ends[usable][k]),
            )
    return best


def _extents(
    outline_N2: NDArray[np.float64], columns: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return top and bottom of the longest piece of each column that is inside; equal for none."""
    begin, end = outline_N2, np.roll(outline_N2, -1, axis=0)
    tops, bottoms = np.zeros(len(columns)), np.zeros(len(columns))
    # At the outline's very end no edge goes on: there a column is looked at just before it.
    end_x = begin[:, 1].max() - 1e-12 * np.ptp(begin[:, 1])
    for place in range(0, len(columns), 64):
        x = np.minimum(columns[place : place + 64, None], end_x)
        low, high = np.minimum(begin[:, 1], end[:, 1]), np.maximum(begin[:, 1], end[:, 1])
        meets = (low <= x) & (x < high)
        width = np.where(meets, end[:, 1] - begin[:, 1], 1.0)
        share = (x - begin[:, 1]) / width
        y = np.where(meets, begin[:, 0] + share * (end[:, 0] - begin[:, 0]), np.inf)
        y.sort(axis=1)
        y = y[:, : max(2, int(meets.sum(axis=1).max()) // 2 * 2)]
        y = np.where(np.isfinite(y), y, 0.0)
        lengths = y[:, 1::2] - y[:, 0::2]
        longest = lengths.argmax(axis=1)[:, None]
        tops[place : place + 64] = np.take_along_axis(y[:, 0::2], longest, 1)[:, 0]
        bottoms[place : place + 64] = np.take_along_axis(y[:, 1::2], longest, 1)[:, 0]
    return tops, bottoms
