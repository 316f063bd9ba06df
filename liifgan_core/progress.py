"""Progress reports and cancellation, without any user interface.

Long work takes a `Progress` and a `CancelToken`; both have no-op defaults. Reports are cheap
enough to be sent per tile; whoever shows them decides how often to redraw.
"""

import threading
from typing import Protocol


class Cancelled(Exception):
    """Raised by work that noticed its token was cancelled. Not an error: nothing is wrong."""


class Progress(Protocol):
    """Receives how far a piece of work has come."""

    def __call__(self, fraction: float, /) -> None:
        """`fraction` runs from 0 to 1 and never goes back; called on the working thread."""


def no_progress(_fraction: float, /) -> None:
    """Discard the report."""


class CancelToken:
    """Set once from any thread; checked by the work between two steps."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Ask the work to stop. Returns at once; may be called more than once."""
        self._event.set()

    @property
    def is_cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait until `cancel` is called, but no longer than that; return `is_cancelled`."""
        return self._event.wait(seconds)

    def check(self) -> None:
        """Raise `Cancelled` when `cancel` was called."""
        if self._event.is_set():
            raise Cancelled


def part(progress: Progress, start: float, stop: float) -> Progress:
    """Return a progress for one part of the work, which fills `start` to `stop` of the whole."""
    return lambda fraction: progress(start + (stop - start) * fraction)
