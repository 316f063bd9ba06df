"""A queue of photos that are enlarged one after the other by one rule; observable."""

import threading
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, Signal

from app.state.batch_plan import (
    BatchItem,
    BatchPlan,
    Done,
    Export,
    TakenNames,
    find_photos,
    upscale_item,
)
from app.workers.task import Task
from liifgan_core.progress import CancelToken, Progress

EntryStatus = Literal["waiting", "running", "done", "there", "failed", "cancelled"]
BatchState = Literal["idle", "running", "paused"]

_UNFINISHED: tuple[EntryStatus, ...] = ("waiting", "running")


@dataclass(frozen=True, slots=True)
class BatchEntry:
    """A photo of the queue and how far it is."""

    item: BatchItem
    status: EntryStatus = "waiting"
    fraction: float = 0.0
    """0 to 1 while it runs."""
    message: str = ""
    """Why it failed."""
    target: Path | None = None
    """The result, once it is there."""


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

    def __init__(self, export: Export, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._export = export
        self._entries: list[BatchEntry] = []
        self._plan: BatchPlan | None = None
        self._taken = TakenNames(())
        self._task: Task | None = None
        self._row = -1
        self._is_cancelling = False
        self._go_on = threading.Event()
        self._go_on.set()
        self._clock = _Clock()

    @property
    def entries(self) -> Sequence[BatchEntry]:
        """The queue, in the order of work."""
        return self._entries

    @property
    def state(self) -> BatchState:
        """Whether it runs."""
        if self._plan is None:
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
        worked = self._clock.photos + (self._entries[self._row].fraction if self._task else 0.0)
        left = sum(1.0 - e.fraction for e in self._entries if e.status in _UNFINISHED)
        return self._clock.seconds / worked * left if worked > 0.05 else None

    def count(self, status: EntryStatus) -> int:
        """Return how many entries have a status."""
        return sum(entry.status == status for entry in self._entries)

    def add(self, paths: Sequence[Path]) -> None:
        """Append photos and those below folders, found in the background; known ones once."""
        task = Task(lambda _progress, cancel: find_photos(paths, cancel), self)
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

    def start(self, plan: BatchPlan) -> None:
        """Work through all entries that are not done; those that failed are tried again."""
        if self.state != "idle":
            return
        for row, entry in enumerate(self._entries):
            if entry.status in ("failed", "cancelled"):
                self._set(row, BatchEntry(entry.item))
        self._plan, self._is_cancelling = plan, False
        self._taken = TakenNames(entry.item.path for entry in self._entries)
        self._clock = _Clock()
        self._clock.start()
        self._next()

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
        if self._plan is None:
            return
        self._is_cancelling = True
        if self._task is not None:
            self._task.cancel()
        self._go_on.set()

    def _append(self, items: Sequence[BatchItem]) -> None:
        known = {entry.item.path for entry in self._entries}
        fresh = [BatchEntry(item) for item in items if item.path not in known]
        self._entries += fresh
        self.entries_changed.emit()
        self.state_changed.emit()
        if not items:  # last, because the panel's summary is written anew at every change
            self.failed.emit(self.tr("There is no photo that can be read in it."))

    def _next(self) -> None:
        """Start on the next waiting photo, or end."""
        waiting = (r for r, e in enumerate(self._entries) if e.status == "waiting")
        self._row = -1 if self._is_cancelling else next(waiting, -1)
        if self._plan is None or self._row < 0:
            self._plan, self._task = None, None
            self._clock.stop()
            self._go_on.set()
            self.state_changed.emit()
            return
        item = self._entries[self._row].item
        self._set(self._row, BatchEntry(item, "running"))
        work = partial(_upscale, item, self._plan, self._taken, self._export, self._go_on)
        task = self._task = Task(work, self)
        task.progressed.connect(self._show_progress)
        task.succeeded.connect(self._succeed)
        task.failed.connect(lambda message: self._end("failed", message=message))
        task.cancelled.connect(lambda: self._end("cancelled"))
        task.finished.connect(task.deleteLater)
        task.finished.connect(self._next)
        task.start()
        self.state_changed.emit()

    def _show_progress(self, fraction: float) -> None:
        if self._row >= 0:
            self._set(self._row, replace(self._entries[self._row], fraction=fraction))
            self.state_changed.emit()

    def _succeed(self, done: Done) -> None:
        if not done.was_there:
            self._clock.photos += 1
        self._end("there" if done.was_there else "done", target=done.target)

    def _end(self, status: EntryStatus, *, message: str = "", target: Path | None = None) -> None:
        entry = self._entries[self._row]
        self._set(self._row, BatchEntry(entry.item, status, 0.0, message, target))
        self._task = None

    def _set(self, row: int, entry: BatchEntry) -> None:
        self._entries[row] = entry
        self.entry_changed.emit(row)


class _Clock:
    """Seconds of work, pauses left out, and the photos done in them."""

    def __init__(self) -> None:
        self.photos = 0
        self._before_s = 0.0
        self._since_s: float | None = None

    def start(self) -> None:
        self._since_s = time.monotonic()

    def stop(self) -> None:
        self._before_s, self._since_s = self.seconds, None

    @property
    def seconds(self) -> float:
        running_s = 0.0 if self._since_s is None else time.monotonic() - self._since_s
        return self._before_s + running_s


def _upscale(
    item: BatchItem,
    plan: BatchPlan,
    taken: TakenNames,
    export: Export,
    go_on: threading.Event,
    progress: Progress,
    cancel: CancelToken,
) -> Done:
    """Enlarge a photo, holding at each report of progress while `go_on` is not set."""

    def report_and_hold(fraction: float) -> None:
        progress(fraction)
        go_on.wait()
        cancel.check()

    return upscale_item(item, plan, taken, export, report_and_hold, cancel)
