"""A queue of photos that are enlarged one after the other by one rule; observable."""

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, QTimer, Signal

from app.state.batch_work import Clock, Opened, Stopped, open_batch, upscale
from app.wording import with_remedy
from app.workers.task import Task
from liifgan_core.batch.exporter import OpenExporter
from liifgan_core.batch.inputs import Found, Photo, find_photos
from liifgan_core.batch.options import BatchOptions
from liifgan_core.batch.outcome import Outcome
from liifgan_core.batch.paths import identity, text_to_path
from liifgan_core.batch.run import BatchRun
from liifgan_core.progress import CancelToken, Progress

EntryStatus = Literal["waiting", "running", "done", "there", "left out", "failed", "cancelled"]
BatchState = Literal["idle", "running", "paused"]

_UNFINISHED: tuple[EntryStatus, ...] = ("waiting", "running")


@dataclass(frozen=True, slots=True)
class BatchEntry:
    """A photo of the queue and how far it is."""

    photo: Photo
    status: EntryStatus = "waiting"
    fraction: float = 0.0
    """0 to 1 while it runs."""
    message: str = ""
    """Why it failed."""
    target: Path | None = None
    """The result, once it is there."""
    is_busy: bool = False
    """Whether another process works on it, so that it comes last."""


class BatchModel(QObject):
    """The queue. Main thread; the photos are worked on in a thread, one at a time."""

    entries_changed = Signal()
    """Entries were added or removed."""
    entry_changed = Signal(int)
    """The entry at this place."""
    state_changed = Signal()
    """The state, or how much is done."""
    failed = Signal(str)
    """A message for the user about the whole batch."""

    def __init__(self, open_exporter: OpenExporter, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._open_exporter = open_exporter
        self._entries: list[BatchEntry] = []
        self._options: BatchOptions | None = None
        self._run: BatchRun | None = None
        self._added: list[Photo] = []
        """Since the batch was opened; its thread takes them over."""
        self._task: Task | None = None
        self._row = -1
        self._is_cancelling = False
        self._go_on = threading.Event()
        self._go_on.set()
        self._clock = Clock()

    @property
    def entries(self) -> Sequence[BatchEntry]:
        """The queue, in the order of work."""
        return self._entries

    @property
    def state(self) -> BatchState:
        """Whether it runs."""
        if self._options is None:
            return "idle"
        return "running" if self._go_on.is_set() else "paused"

    @property
    def fraction(self) -> float:
        """How much of the queue is done, 0 to 1; photos count alike."""
        if not self._entries:
            return 0.0
        done = sum(e.fraction if e.status in _UNFINISHED else 1.0 for e in self._entries)
        return done / len(self._entries)

    @property
    def seconds_left(self) -> float | None:
        """Estimate from the photos of this run so far; None before there is anything to go by."""
        running = self._entries[self._row].fraction if self._row >= 0 else 0.0
        worked = self._clock.photos + running
        left = sum(1.0 - e.fraction for e in self._entries if e.status in _UNFINISHED)
        return self._clock.seconds / worked * left if worked > 0.05 else None

    def count(self, status: EntryStatus) -> int:
        """Return how many entries have a status."""
        return sum(entry.status == status for entry in self._entries)

    def add(self, paths: Sequence[Path]) -> None:
        """Append photos and those below folders, found in the background; known ones once."""
        task = Task(lambda _progress, cancel: find_photos(paths, cancel=cancel), self)
        task.succeeded.connect(self._append)
        task.failed.connect(self.failed)
        task.finished.connect(task.deleteLater)
        task.start()

    def remove(self, rows: Collection[int]) -> None:
        """Take entries out of the queue; the running one stays."""
        kept = [
            (row, entry)
            for row, entry in enumerate(self._entries)
            if row not in rows or entry.status == "running"
        ]
        self._row = next((n for n, (row, _) in enumerate(kept) if row == self._row), -1)
        self._entries = [entry for _, entry in kept]
        self.entries_changed.emit()
        self.state_changed.emit()

    def start(self, options: BatchOptions) -> None:
        """Work through all entries that are not done; those that failed are tried again."""
        if self.state != "idle":
            return
        for row, entry in enumerate(self._entries):
            if entry.status in ("failed", "cancelled", "left out"):
                self._set(row, BatchEntry(entry.photo))
        self._options, self._is_cancelling, self._added = options, False, []
        self._clock = Clock()
        self._clock.start()
        photos = [entry.photo for entry in self._entries]
        self._start_task(partial(open_batch, options, self._open_exporter, photos), self._begin)
        self.state_changed.emit()

    def pause(self) -> None:
        """Hold the work, also in the middle of a photo, within a band of rows."""
        if self.state == "running":
            self._go_on.clear()
            self._clock.stop()
            self.state_changed.emit()

    def resume(self) -> None:
        """Go on after a pause."""
        if self.state == "paused":
            self._clock.start()
            self._go_on.set()
            self.state_changed.emit()

    def cancel(self) -> None:
        """Stop; no half result is left, and results that are done stay."""
        if self._options is None:
            return
        self._is_cancelling = True
        if self._task is not None:
            self._task.cancel()
        self._go_on.set()

    def shut_down(self) -> None:
        """Stop, and wait for it."""
        self.cancel()
        for task in self.findChildren(Task):
            task.stop()
        self._close()

    def _append(self, found: Found) -> None:
        known = {identity(entry.photo.path) for entry in self._entries}
        fresh = [photo for photo in found.photos if identity(photo.path) not in known]
        self._entries += [BatchEntry(photo) for photo in fresh]
        self._added += fresh
        self.entries_changed.emit()
        self.state_changed.emit()
        # Last, because the panel's summary is written anew at every change.
        if found.unlistable:
            names = ", ".join(str(error.filename) for error in found.unlistable)
            text = self.tr("These folders may not be read; check their permissions: {0}")
            self.failed.emit(text.format(names))
        elif not found.photos:
            self.failed.emit(self.tr("There is no photo that can be read in it."))

    def _start_task(
        self,
        work: Callable[[Progress, CancelToken], object],
        take: Callable[[object], None],
    ) -> None:
        """Run something in a thread, then take its result and go on."""
        task = self._task = Task(work, self)
        task.progressed.connect(self._show_progress)
        task.succeeded.connect(take)
        task.failed.connect(self._fail)
        task.cancelled.connect(lambda: self._end("cancelled"))
        task.finished.connect(task.deleteLater)
        task.finished.connect(self._next)
        task.start()

    def _begin(self, opened: object) -> None:
        """Take over what the thread has opened."""
        if isinstance(opened, Stopped):
            self._stop(opened.message)
            return
        assert isinstance(opened, Opened), "it is what the thread returns"
        self._run = opened.run
        for row, entry in enumerate(self._entries):
            if entry.status == "waiting" and (outcome := opened.settled.get(entry.photo.path)):
                self._take(row, outcome)

    def _next(self) -> None:
        """Start on the next waiting photo, or end."""
        self._task = None
        waiting = [row for row, entry in enumerate(self._entries) if entry.status == "waiting"]
        waiting.sort(key=lambda row: self._entries[row].is_busy)
        if self._run is None or self._is_cancelling or not waiting:
            self._close()
            return
        self._row = waiting[0]
        photo, waits = self._entries[self._row].photo, self._entries[self._row].is_busy
        self._set(self._row, BatchEntry(photo, "running"))
        added, self._added = self._added, []
        work = partial(upscale, self._run, photo, added, self._go_on, waits)
        self._start_task(work, self._succeed)
        self.state_changed.emit()

    def _close(self) -> None:
        if self._run is not None:
            self._run.__exit__(None, None, None)
        self._options = self._run = None
        self._row = -1
        self._clock.stop()
        self._go_on.set()
        self.state_changed.emit()

    def _show_progress(self, fraction: float) -> None:
        if self._row >= 0:
            self._set(self._row, replace(self._entries[self._row], fraction=fraction))
            self.state_changed.emit()

    def _succeed(self, outcome: object) -> None:
        if isinstance(outcome, Stopped):
            self._end("failed", message=outcome.message)
            self._stop(outcome.message)
            return
        assert isinstance(outcome, Outcome), "it is what the thread returns"
        if outcome.status == "done":
            self._clock.photos += 1
        if self._row >= 0:
            self._take(self._row, outcome)
        self._row = -1

    def _take(self, row: int, outcome: Outcome) -> None:
        """Show what became of a photo."""
        photo = self._entries[row].photo
        target = None if outcome.output is None else text_to_path(outcome.output)
        match outcome.status:
            case "busy":
                entry = BatchEntry(photo, is_busy=True)
            case "skipped":
                entry = BatchEntry(photo, "there", target=target)
            case "failed":
                message = with_remedy(outcome.message, outcome.remedy)
                entry = BatchEntry(photo, "failed", message=message)
            case status:
                entry = BatchEntry(photo, status, target=target)
        self._set(row, entry)

    def _fail(self, message: str) -> None:
        """Tell of a defect, or of what keeps a batch from beginning."""
        if self._run is None:
            self._stop(message)
        else:
            self._end("failed", message=message)

    def _stop(self, message: str) -> None:
        self._is_cancelling = True
        # After the last change, at which the panel writes its summary anew.
        QTimer.singleShot(0, self, lambda: self.failed.emit(message))

    def _end(self, status: EntryStatus, *, message: str = "") -> None:
        if self._row >= 0:
            entry = self._entries[self._row]
            self._set(self._row, BatchEntry(entry.photo, status, message=message))
        self._row = -1

    def _set(self, row: int, entry: BatchEntry) -> None:
        self._entries[row] = entry
        self.entry_changed.emit(row)
