"""The guarantee that a reduced result gives its photo back: back-projection, row by row.

Irani and Peleg 1991: what the reduced result lacks of the photo is spread over the result, some
times. The reduction is that of docs/evaluation.md, which models are trained on: an antialiased
bicubic filter. So a picture that is consistent already is hardly touched, and corrections stay
small and smooth; an area average, which blurs more, would sharpen every edge. Rows come and go in
order, each step a few LR rows behind the one before, so memory does not grow with the height.
"""

import math
from collections.abc import Iterable, Iterator

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from liifgan_core.errors import LiifganError
from liifgan_core.geometry import Size, Tile
from liifgan_core.images.metadata.enlarged import Consistent
from liifgan_core.images.resample import ReadTile

Floats = NDArray[np.float32]

LIMIT = 0.5
"""Largest mean absolute difference that keeps the promise, in 1/255 of the range."""
NUM_STEPS: dict[Consistent, int] = {"full": 5, "low frequencies": 2}
"""Corrections one after the other. Measured on photos: docs/xmp.md. Each further one lets finer
noise through where only low frequencies shall come back."""
_REACH = 3
"""LR rows that the bicubic filters see on each side, and one for rounding."""
_LOW_SIGMA = 4.0
"""Of the Gauss filter, in LR pixels, that tells low frequencies: it lowers a photo's noise of one
pixel to a fourteenth, and keeps half of what repeats every 21 pixels."""
_LOW_RADIUS = math.ceil(3 * _LOW_SIGMA)


class Consistency:
    """One result that is made consistent with its photo; for one pass."""

    def __init__(
        self, read: ReadTile, lr_size: Size, size: Size, *, kind: Consistent, bit_depth: int
    ) -> None:
        """`read` gives the photo's pixels, (h, w, 3) in [0, 1], as the model sees them.

        With "low frequencies" only these come back: for models that clean, since all of a photo
        would be its noise again. `bit_depth` is the file's. Raises LiifganError for a result that
        is smaller than the photo.
        """
        if size.height < lr_size.height or size.width < lr_size.width:
            raise LiifganError(
                f"a result of {size} pixels is smaller than its photo of {lr_size}, so that the "
                "photo cannot come back from it: ask for a larger size, or not for consistency"
            )
        self.kind: Consistent = kind
        self._read, self._lr, self._size = read, lr_size, size
        self._scale = size.height / lr_size.height
        self._levels = float(2**bit_depth - 1) if bit_depth <= 16 else None
        self._sum, self._count = 0.0, 0

    @property
    def error(self) -> float:
        """Mean absolute difference of the reduced result to the photo, in 1/255 of the range.

        Of the samples as the file's depth rounds them, before any lossy encoder. Known when all
        rows have been given. With "low frequencies", of these.
        """
        if not self._count:
            raise ValueError("the rows have not been drawn yet")
        return 255.0 * self._sum / self._count

    def check(self) -> None:
        """Raise LiifganError where the promise is not kept."""
        if self.error > LIMIT:
            raise LiifganError(
                f"the result could not be made consistent: reduced, it differs from the photo by "
                f"{self.error:.2f}/255 on average, more than {LIMIT:g}/255; use another model or "
                "less detail, or do not ask for consistency"
            )

    def rows(self, bands: Iterable[Floats]) -> Iterator[Floats]:
        """Yield the corrected rows (n, w, 3) in [0, 1] for rendered ones, top to bottom.

        They come later and in other portions than they go in.
        """
        for _step in range(NUM_STEPS[self.kind]):
            bands = self._corrected(bands)
        return self._measured(bands)

    def held_bytes(self) -> int:
        """Return about how much memory the rows take that are on their way, beside a band."""
        reach = 2 * _REACH + (_LOW_RADIUS if self.kind == "low frequencies" else 0)
        rows = math.ceil((NUM_STEPS[self.kind] + 1) * (reach + 1) * self._scale)
        return 2 * rows * self._size.width * 12

    def _corrected(self, bands: Iterable[Floats]) -> Iterator[Floats]:
        hr, lacking = _Window(), _Window()
        for band in bands:
            hr.append(band)
            self._take_lacking(hr, lacking)
            known = self._num_known(lacking)
            bottom = self._size.height
            if known < self._lr.height:
                bottom = math.floor((known - _REACH) * self._scale)
            if bottom > hr.given:
                added = self._spread(lacking, known, hr.given, bottom)
                yield np.clip(hr.rows(hr.given, bottom) + added, 0.0, 1.0)
                hr.given = bottom
            self._forget(hr, lacking)

    def _measured(self, bands: Iterable[Floats]) -> Iterator[Floats]:
        hr, lacking = _Window(), _Window()
        for band in bands:
            yield band
            hr.append(self._rounded(band))
            self._take_lacking(hr, lacking)
            known = self._num_known(lacking)
            if known > lacking.given:
                different = self._seen(lacking, known, lacking.given, known)
                self._sum += float(np.abs(different).sum(dtype=np.float64))
                self._count += different.size
                lacking.given = known
            hr.given = hr.bottom
            self._forget(hr, lacking)

    def _rounded(self, band: Floats) -> Floats:
        if self._levels is None:
            return band
        return np.asarray(np.rint(band * self._levels) / self._levels, np.float32)

    def _take_lacking(self, hr: "_Window", lacking: "_Window") -> None:
        """Add what the reduced result lacks of the photo, as far as rows are there."""
        bottom = self._lr.height
        if hr.bottom < self._size.height:
            bottom = math.floor(hr.bottom / self._scale) - _REACH
        top = lacking.bottom
        if bottom <= top:
            return
        reduced = _resized(hr, self._scale, top, bottom, self._lr.width, self._size.height)
        photo = self._read(Tile(top, 0, bottom - top, self._lr.width))
        lacking.append(np.asarray(photo - reduced, np.float32))

    def _num_known(self, lacking: "_Window") -> int:
        """Return the LR rows down to which `_seen` can be computed."""
        if self.kind == "full" or lacking.bottom == self._lr.height:
            return lacking.bottom
        return max(0, lacking.bottom - _LOW_RADIUS)

    def _seen(self, lacking: "_Window", known: int, top: int, bottom: int) -> Floats:
        """Return what counts of LR rows from `top` to `bottom`."""
        if self.kind == "full":
            return lacking.rows(top, bottom)
        above = max(0, top - _LOW_RADIUS)
        below = min(lacking.bottom, bottom + _LOW_RADIUS)
        blurred = cv2.GaussianBlur(
            lacking.rows(above, below),
            (2 * _LOW_RADIUS + 1, 2 * _LOW_RADIUS + 1),
            _LOW_SIGMA,
            borderType=cv2.BORDER_REFLECT,
        )
        return np.asarray(blurred[top - above : bottom - above], np.float32)

    def _spread(self, lacking: "_Window", known: int, top: int, bottom: int) -> Floats:
        """Return what is added to result rows from `top` to `bottom`."""
        first = max(0, math.floor(top / self._scale) - _REACH)
        last = min(known, math.ceil(bottom / self._scale) + _REACH)
        seen = _Window(first)
        seen.append(self._seen(lacking, known, first, last))
        return _resized(seen, 1 / self._scale, top, bottom, self._size.width, self._lr.height)

    def _forget(self, hr: "_Window", lacking: "_Window") -> None:
        radius = _LOW_RADIUS if self.kind == "low frequencies" else 0
        hr.forget(min(hr.given, math.floor((lacking.bottom - _REACH) * self._scale)))
        given = min(math.floor(hr.given / self._scale), max(lacking.given, lacking.bottom - radius))
        lacking.forget(given - _REACH - radius)


class _Window:
    """Rows of a picture that are still needed."""

    def __init__(self, top: int = 0) -> None:
        self._top = self.bottom = top
        self._parts: list[Floats] = []
        self.given = 0
        """Rows that have been passed on."""

    @property
    def top(self) -> int:
        """First row that is kept."""
        return self._top

    def append(self, rows: Floats) -> None:
        """Add rows below."""
        self._parts.append(np.ascontiguousarray(rows, np.float32))
        self.bottom += len(rows)

    def rows(self, top: int, bottom: int) -> Floats:
        """Return a part of what is kept, (bottom - top, w, 3)."""
        if len(self._parts) > 1:
            self._parts = [np.concatenate(self._parts)]
        return self._parts[0][top - self._top : bottom - self._top]

    def forget(self, before: int) -> None:
        """Drop whole rows above `before`."""
        if before <= self._top or not self._parts:
            return
        kept = self.rows(min(before, self.bottom), self.bottom).copy()
        self._parts, self._top = [kept], min(before, self.bottom)


def _resized(
    source: _Window, step: float, top: int, bottom: int, width: int, height: int
) -> Floats:
    """Return rows `top` to `bottom` of what `source` is with other pixels, (n, width, 3).

    `step` is the rows of the source for one of the result's, `height` all rows of the source. The
    filter is Pillow's bicubic, antialiased where the result is smaller; nothing is clipped.
    """
    reach = math.ceil(_REACH * max(1.0, step))
    first = max(0, source.top, math.floor(top * step) - reach)
    last = min(height, source.bottom, math.ceil(bottom * step) + reach)
    rows = source.rows(first, last)
    box = (0.0, max(0.0, top * step - first), float(rows.shape[1]))
    box = (*box, min(float(len(rows)), bottom * step - first))
    planes = [
        PillowImage.fromarray(np.ascontiguousarray(rows[..., c])).resize(
            (width, bottom - top), PillowImage.Resampling.BICUBIC, box=box
        )
        for c in range(3)
    ]
    return np.stack([np.asarray(plane) for plane in planes], axis=-1)
