"""How long work still takes, from how far it has come: one rule for all that shows it."""

import time
from collections.abc import Callable

SHOWN_AFTER_S = 1.0
"""Shorter work needs no percentage; it would only flicker."""
_ENOUGH = 0.02
"""Part that must be done until the rest is estimated."""


class TimeLeft:
    """Follows one piece of work. The clock gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._start_s: float | None = None
        self._fraction = 0.0

    def begin(self) -> None:
        """Take note that the work begins now."""
        self._start_s, self._fraction = self._clock(), 0.0

    def take(self, fraction: float) -> None:
        """Take how much is done, 0 to 1; what is less than before is left out."""
        self._fraction = max(self._fraction, min(fraction, 1.0))

    def end(self) -> None:
        """Take note that nothing is being done."""
        self._start_s = None

    @property
    def fraction(self) -> float:
        """The part that is done."""
        return self._fraction

    @property
    def is_long(self) -> bool:
        """Whether the work has taken long enough already to show how far it is."""
        return self._start_s is not None and self._clock() - self._start_s >= SHOWN_AFTER_S

    @property
    def seconds_left(self) -> float | None:
        """An estimate by the pace so far; None as long as there is too little to go by."""
        if self._start_s is None or self._fraction < _ENOUGH or not self.is_long:
            return None
        return (self._clock() - self._start_s) * (1.0 / self._fraction - 1.0)
