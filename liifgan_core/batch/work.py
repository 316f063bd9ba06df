"""What photos cost, and when a batch will end."""

import time
from collections.abc import Callable, Sequence

from liifgan_core.geometry import Size

_LR_PIXEL_COST = 1.7
"""What encoding a pixel of the photo costs in output pixels: 1.2 of 0.72 million multiply-adds."""
_LEAST_SHARE = 0.01
"""Part of the work that must be done before a time left is more than a guess."""


def work_of(photo: Size | None, *results: Size | None) -> float:
    """Return what the results of a photo cost, in output pixels; 0 for one that cannot be read.

    It is encoded once, and each result takes at least its pixels.
    """
    if photo is None or None in results:
        return 0.0
    drawn = sum(max(result.num_pixels, photo.num_pixels) for result in results if result)
    return drawn + _LR_PIXEL_COST * photo.num_pixels


class Eta:
    """Estimates the time left from the work that is done, whatever the photos' sizes."""

    def __init__(
        self, works: Sequence[float], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._works = list(works)
        self._left = sum(works)
        self._clock = clock
        self._start_s = clock()
        self._done = 0.0

    @property
    def total(self) -> float:
        """All of the work."""
        return self._left + self._done

    def done(self, number: int, fraction: float = 0.0) -> float:
        """Return the work done when photo `number` (from 0) has come to `fraction`."""
        return self._done + (self._works[number] * fraction if number < len(self._works) else 0.0)

    def finish(self, number: int, *, is_skipped: bool) -> None:
        """Note that a photo is dealt with; what was skipped took no time and is no work."""
        self._left -= self._works[number]
        if not is_skipped:
            self._done += self._works[number]

    def seconds_left(self, number: int, fraction: float) -> float | None:
        """Return the seconds until the end of the run, None as long as it would be a guess."""
        done, total = self.done(number, fraction), self.total
        if total <= 0 or done < _LEAST_SHARE * total:
            return None
        return (self._clock() - self._start_s) * (total - done) / done
