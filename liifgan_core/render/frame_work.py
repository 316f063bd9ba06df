"""How much of a frame is done: encoding and decoding, weighed by what they have taken so far."""

from liifgan_core.progress import Progress


class FrameWork:
    """Counts pixels of one frame. Belongs to the thread that renders."""

    def __init__(self, progress: Progress, *, to_encode: int, to_decode: int) -> None:
        """Take the LR pixels that are to be encoded, and the output pixels that models draw."""
        self._progress = progress
        self._all = {"encoding": to_encode, "decoding": to_decode}
        self._done = {"encoding": 0.0, "decoding": 0.0}
        self._seconds = {"encoding": 0.0, "decoding": 0.0}
        self._told = 0.0

    def encoded(self, num_pixels: float, seconds: float) -> None:
        """Take note of LR pixels that were encoded, and of what that took."""
        self._add("encoding", num_pixels, seconds)

    def decoded(self, num_pixels: float, seconds: float) -> None:
        """Take note of output pixels that were drawn, and of what that took."""
        self._add("decoding", num_pixels, seconds)

    def _add(self, kind: str, num_pixels: float, seconds: float) -> None:
        self._done[kind] = min(self._done[kind] + num_pixels, self._all[kind])
        self._seconds[kind] += seconds
        whole = sum(self._cost(which) * self._all[which] for which in self._all)
        done = sum(self._cost(which) * self._done[which] for which in self._all)
        fraction = done / whole if whole > 0 else 1.0
        if fraction > self._told:
            self._told = fraction
            self._progress(min(fraction, 1.0))

    def _cost(self, kind: str) -> float:
        """Return the seconds per pixel of a kind of work; until that is known, those of the other.

        For LIIF on two CPU cores both are about the same (November 2026).
        """
        known = [
            self._seconds[which] / self._done[which]
            for which in (kind, *self._done)
            if self._done[which] and self._seconds[which]
        ]
        return known[0] if known else 1.0
