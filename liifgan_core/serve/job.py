"""One job as its client sees it, and what happened to it, in order."""

import os
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import msgspec

from liifgan_core.batch.inputs import Photo
from liifgan_core.batch.options import BatchOptions
from liifgan_core.batch.outcome import Record
from liifgan_core.images.metadata.enlarged import Consistent
from liifgan_core.losses import LossCode
from liifgan_core.progress import CancelToken
from liifgan_core.serve.refusal import ToldError

State = Literal["queued", "running", "done", "failed", "cancelled"]
Kind = Literal["queued", "running", "progress", "done", "failed", "cancelled"]
ENDS: frozenset[str] = frozenset(("done", "failed", "cancelled"))


class ToldLoss(msgspec.Struct, frozen=True):
    """One thing that is lost or changed (`liifgan_core.losses`)."""

    code: LossCode
    message: str


class ToldResult(msgspec.Struct, frozen=True, kw_only=True):
    """The file that a job has made."""

    width: int
    height: int
    bytes: int
    file_name: str
    path: str | None
    """Where it lies, if the client has named a folder; None: it is downloaded."""
    model: str
    device: str
    precision: str
    seconds: float
    consistent: Consistent | None
    """What of the photo comes back when the result is reduced; None: nothing was promised."""
    consistent_error: float | None
    """Mean absolute difference then, in 1/255."""
    losses: tuple[ToldLoss, ...]
    """What of the photo is not in it, or changed, beside what was asked for."""

    @classmethod
    def of(
        cls, record: Record, result: Path, *, is_download: bool, hides: Callable[[str], str]
    ) -> "ToldResult":
        """Return what is told of a file; raises OSError when it has gone.

        `hides` takes out of sentences what is nothing for clients.
        """
        return cls(
            width=record.width,
            height=record.height,
            bytes=result.stat().st_size,
            file_name=result.name,
            path=None if is_download else str(result),
            model=record.model,
            device=record.device,
            precision=record.precision,
            seconds=record.seconds,
            consistent=record.consistent,
            consistent_error=record.consistent_error,
            losses=tuple(ToldLoss(loss.code, hides(loss.message)) for loss in record.losses),
        )


class ToldJob(msgspec.Struct, frozen=True, kw_only=True):
    """A job as JSON tells it."""

    id: str
    state: State
    progress: float
    """0 to 1, in hundredths."""
    photo: str
    """Its path, or the name of an upload."""
    is_cancelling: bool
    result: ToldResult | None
    error: ToldError | None


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to a job."""

    number: int
    """From 1, without gaps: what a client that comes back names as the last one it has seen."""
    kind: Kind
    job: ToldJob


class Job:
    """A job's state, for any thread. There are at most 103 events, so all are kept."""

    def __init__(
        self, id: str, *, photo: Photo, told_as: str, options: BatchOptions, folder: Path
    ) -> None:
        """`folder` is the job's own, for its upload and its result; `told_as` names the photo."""
        self.id, self.photo, self.options, self.folder = id, photo, options, folder
        self.told_as = told_as
        self.cancel_token = CancelToken()
        self._cancelled_by = ""
        self.result_path: Path | None = None
        """The file that is to be downloaded."""
        self.ended_s: float | None = None
        self.was_fetched = False
        self._lock = threading.Lock()
        self._state: State = "queued"
        self._percent = 0
        self._result: ToldResult | None = None
        self._error: ToldError | None = None
        self._events: list[Event] = []
        self._watchers: list[Callable[[], None]] = []
        self._note("queued")

    @property
    def state(self) -> State:
        """Where it is."""
        return self._state

    @property
    def has_ended(self) -> bool:
        """Whether nothing further will happen to it."""
        return self._state in ENDS

    @property
    def told(self) -> ToldJob:
        """What clients get."""
        return ToldJob(
            id=self.id,
            state=self._state,
            progress=self._percent / 100,
            photo=self.told_as,
            is_cancelling=self.cancel_token.is_cancelled and not self.has_ended,
            result=self._result,
            error=self._error,
        )

    def start(self) -> None:
        """Note that it is worked on."""
        self._state = "running"
        self._note("running")

    def report(self, fraction: float, /) -> None:
        """Note how far it has come; less than a hundredth is no event."""
        percent = int(100 * fraction)
        if percent > self._percent:
            self._percent = min(percent, 100)
            self._note("progress")

    def finish(self, told: ToldResult, result: Path) -> None:
        """Note its result."""
        self._result = told
        self.result_path = result if told.path is None else None
        self._percent = 100
        self._state = "done"
        self._note("done")

    def fail(self, error: ToldError) -> None:
        """Note why there is no result."""
        self._error, self._state = error, "failed"
        self._note("failed")

    def cancel(self, why: str) -> None:
        """Ask the work to stop, if it has begun; `why` is a sentence for the client."""
        self._cancelled_by = self._cancelled_by or why
        self.cancel_token.cancel()

    def end_cancelled(self) -> None:
        """Note that it has stopped; nothing of its result is left."""
        self._error = ToldError(code="cancelled", message=self._cancelled_by)
        self._state = "cancelled"
        self._note("cancelled")

    def without_places(self, message: str) -> str:
        """Return a message without the folders that uploads and results for download lie in."""
        for name in ("in", "out"):
            message = message.replace(os.path.join(self.folder, name, ""), "")
        return message

    @property
    def num_events(self) -> int:
        """How many events there have been."""
        with self._lock:
            return len(self._events)

    def events_after(self, number: int) -> list[Event]:
        """Return the events behind one; 0 is before the first."""
        with self._lock:
            return self._events[max(0, number) :]

    def is_over_after(self, number: int) -> bool:
        """Whether that event is the last that there will be."""
        with self._lock:
            return number >= len(self._events) and self._events[-1].kind in ENDS

    @contextmanager
    def watched(self, wake: Callable[[], None]) -> Generator[None]:
        """Call `wake` after each event, on whatever thread it happens."""
        with self._lock:
            self._watchers.append(wake)
        try:
            yield
        finally:
            with self._lock:
                self._watchers.remove(wake)

    @property
    def num_watchers(self) -> int:
        """How many event streams are open."""
        return len(self._watchers)

    def _note(self, kind: Kind) -> None:
        with self._lock:
            self._events.append(Event(number=len(self._events) + 1, kind=kind, job=self.told))
            watchers = list(self._watchers)
        for wake in watchers:
            wake()
