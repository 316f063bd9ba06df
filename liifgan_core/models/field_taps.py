"""Which LR pixels' functions a run of output pixels averages along one axis, and with what weight.

Shapes: P output pixels, T LR pixels that reach one of them at most, N functions per axis.
"""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from liifgan_core.coords import AxisPixels
from liifgan_core.models.field_functions import field_means

LEAD = 2
"""How many LR pixels before those of a tile a window may begin: at factors of at least 1 an output
pixel reads three, so the first of a tile's may begin two before it."""
_WINDOW_ROWS = 4
"""Output pixels that one small matrix product should make. With fewer, packing its other operand
costs more than multiplying; with more, most of its weights are zero."""


@dataclass(frozen=True, slots=True)
class Windows:
    """Output pixels in groups, each of which reads a window of LR pixels.

    Windows lie `step` LR pixels apart. A group's pixels are rows of its weights, after or before
    rows of zeros where it has fewer than others.
    """

    weights: Tensor
    """(windows, rows, LR pixels x N), float32."""
    base: int
    """First LR pixel of the first window."""
    step: int
    edges: NDArray[np.int64]
    """Window k makes the pixels from edges[k] to edges[k + 1]."""
    row: NDArray[np.int64]
    """Row of each pixel, counted through all windows."""

    def selection(self, first: int, last: int, device: torch.device) -> slice | Tensor:
        """Return which rows of windows first..last - 1, counted from theirs, hold pixels."""
        begin, end = int(self.edges[first]), int(self.edges[last])
        skipped = first * self.weights.shape[1]
        top, bottom = int(self.row[begin]) - skipped, int(self.row[end - 1]) - skipped + 1
        if bottom - top == end - begin:
            return slice(top, bottom)
        return torch.from_numpy(self.row[begin:end] - skipped).to(device)


@dataclass(slots=True, eq=False)
class FieldTaps:
    """A run of output pixels along one axis with the functions' means over each; not changed.

    Cuts and windows are kept, since both layers of a model and many tiles ask for the same.
    """

    pixel: int
    """Place of the first pixel of the run."""
    first: NDArray[np.int64]
    """(P,) first LR pixel of `means`, never falling."""
    last: NDArray[np.int64]
    """(P,) last LR pixel that is read, never falling."""
    means: NDArray[np.float32]
    """(P, T, N)."""
    _cuts: dict[tuple[int, int], "FieldTaps"] = field(default_factory=dict)
    _windows: dict[torch.device, Windows] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.first)

    @property
    def span(self) -> tuple[int, int]:
        """First and last LR pixel of the image that is read."""
        return max(0, int(self.first[0])), int(self.last[-1])

    def within(self, start: int, stop: int) -> "FieldTaps":
        """Return what LR pixels [start, stop) give, for the output pixels that they reach."""
        if (start, stop) not in self._cuts:
            self._cuts[start, stop] = self._cut(start, stop)
        return self._cuts[start, stop]

    def _cut(self, start: int, stop: int) -> "FieldTaps":
        begin = int(np.searchsorted(self.last, start, side="left"))
        end = int(np.searchsorted(self.first, stop, side="left"))
        if end <= begin:
            empty = np.empty(0, np.int64)
            return FieldTaps(self.pixel, empty, empty, self.means[:0])
        first = np.maximum(self.first[begin:end], start - LEAD)
        last = np.minimum(self.last[begin:end], stop - 1)
        num_taps = int((last - first).max()) + 1
        latent = first[:, None] + np.arange(num_taps)
        if self.first[begin] >= first[0]:
            means = self.means[begin:end, :num_taps].copy()
            means[(latent < start) | (latent >= stop)] = 0.0
        else:  # the first pixels' taps move to the front
            tap = latent - self.first[begin:end, None]
            is_there = tap < self.means.shape[1]
            means = np.take_along_axis(
                self.means[begin:end], np.where(is_there, tap, 0)[..., None], axis=1
            )
            means[(latent < start) | (latent >= stop) | ~is_there] = 0.0
        return FieldTaps(self.pixel + begin, first, last, means)

    def windows(self, device: torch.device) -> Windows:
        """Return the pixels in groups of nearly equal size; there must be one."""
        if device not in self._windows:
            self._windows[device] = self._grouped(device)
        return self._windows[device]

    def _grouped(self, device: torch.device) -> Windows:
        count, num_taps, num_functions = self.means.shape
        base = int(self.first[0])
        total = int(self.last.max()) - base + 1
        # LR pixels per output pixel times the pixels wanted.
        step = max(1, round(_WINDOW_ROWS * (int(self.first[-1]) - base + 1) / count))
        size = step - 1 + num_taps
        if size >= total:
            step = size = total
        group = (self.first - base) // step
        num_groups = int(group[-1]) + 1
        edges = np.searchsorted(group, np.arange(num_groups + 1))
        lengths = np.diff(edges)
        rows = int(lengths.max())
        slot = np.arange(count) - edges[group]
        # Zeros before the first group's pixels: then all are in one piece if the others are full.
        slot[: lengths[0]] += rows - lengths[0]
        weights = np.zeros((num_groups, rows, size, num_functions), np.float32)
        place = (self.first - base - group * step)[:, None] + np.arange(num_taps)
        inside = np.broadcast_to(place < size, place.shape)
        pixel = np.nonzero(inside)[0]
        weights[group[pixel], slot[pixel], place[inside]] = self.means[inside]
        return Windows(
            weights=torch.from_numpy(weights).flatten(2).to(device),
            base=base,
            step=step,
            edges=edges,
            row=group * rows + slot,
        )


@lru_cache(maxsize=8)
def field_taps(pixels: AxisPixels, order: int) -> FieldTaps:
    """Return the means over a run of output pixels; beyond the image its border is repeated.

    The means are computed in float64: those of small pixels are differences of nearly equal
    numbers. Few are kept, for both layers of a model and neighbouring tiles.
    """
    boxes = pixels.boxes()
    num_taps = int((boxes.last - boxes.first).max()) + 1
    offset = boxes.start[:, None] - np.arange(num_taps) + boxes.extent / 2.0
    extent = torch.full(offset.shape, boxes.extent, dtype=torch.float64)
    means = field_means(torch.from_numpy(offset), extent, order=order).numpy()
    latent = boxes.first[:, None] + np.arange(num_taps)
    means[latent > boxes.last[:, None]] = 0.0

    first, last = boxes.first.copy(), boxes.last.clip(0, pixels.num_latents - 1)
    before, behind = latent == -1, latent == pixels.num_latents
    for beyond, towards in ((before, 1), (behind, -1)):
        pixel, tap = np.nonzero(beyond)
        means[pixel, tap + towards] += means[pixel, tap]
        means[pixel, tap] = 0.0
    return FieldTaps(0, first, last, means.astype(np.float32))
