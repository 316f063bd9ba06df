"""The queue of all exports, of single photos and of batches; observable, and kept on disk.

Long because it is one lifetime: what is asked for, the one thread that works on it, and its ends.
"""

import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.state.entry_list import EntryList
from app.state.export_job import ExportChoice, export_order
from app.state.export_options import ExportOptionsModel
from app.state.photo import Photo as OpenPhoto
from app.state.photo_finder import PhotoFinder
from app.state.queue_entries import (
    UNFINISHED,
    EntryStatus,
    Order,
    QueueEntry,
    QueueState,
    batch_order,
    free_path,
)
from app.state.queue_file import QueueFile
from app.state.queue_work import (
    Clock,
    Drawer,
    Opened,
    PhotoClock,
    Stopped,
    drawer,
    keep_picture,
    open_order,
    upscale,
)
from app.state.settings_store import SettingsStore
from app.wording import with_remedy
from app.workers.task import Task
from liifgan_core.batch.exporter import Exporter, OpenExporter
from liifgan_core.batch.inputs import Photo
from liifgan_core.batch.options import BatchOptions
from liifgan_core.batch.outcome import Outcome
from liifgan_core.batch.paths import text_to_path
from liifgan_core.images.target import check_target
from liifgan_core.progress import CancelToken, Progress


class ExportQueue(QObject):
    """The queue. Main thread; the photos are worked on in a thread, one at a time.

    Single exports come before the photos of batches, which may take hours.
    """

    entries_added = Signal(int, int)
    entries_changed = Signal()
    entry_changed = Signal(int)
    """As those of `EntryList`."""
    state_changed = Signal()
    """The state, or how much is done."""
    finished = Signal(object)
    """The entries, a tuple, that have ended since the queue was idle; not sent after `cancel`."""
    name_taken = Signal(object, object)
    """The OpenPhoto and the BatchOptions of an export whose file is there already."""
    restored = Signal(int)
    """So many entries of an earlier run of the app wait for `resume`."""
    failed = Signal(str)
    """A message for the user about a whole order."""

    def __init__(
        self,
        open_exporter: OpenExporter,
        store: SettingsStore,
        file: QueueFile,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._open_exporter, self._store, self._file = open_exporter, store, file
        self._list = EntryList(file, self)
        self._list.added.connect(self.entries_added)
        self._list.changed.connect(self.entries_changed)
        self._list.entry_changed.connect(self.entry_changed)
        self.finder = PhotoFinder(lambda: self._list.known, self)
        """Searches folders for `add_photos`."""
        self.finder.found.connect(self._take_found)
        self.finder.failed.connect(self.failed)
        self._open: dict[int, Opened] = {}
        self._loaded: dict[Drawer, Exporter] = {}
        self._added: list[Photo] = []
        """Since the last photo was begun; runs take them over so that none is replaced."""
        self._ended: list[int] = []
        """Numbers of entries, since the queue was idle."""
        self._is_working = self._is_cancelling = self._is_leaving = False
        self._task: Task | None = None
        self._row = -1
        self._go_on = threading.Event()
        self._go_on.set()
        self._clock, self._photo_clock = Clock(), PhotoClock(Clock())

    # What there is

    @property
    def entries(self) -> Sequence[QueueEntry]:
        """The queue, as it was filled."""
        return self._list.all

    @property
    def state(self) -> QueueState:
        """Whether it runs; what an earlier run of the app has left is paused."""
        if not self._is_working:
            return "idle"
        return "running" if self._go_on.is_set() else "paused"

    @property
    def current(self) -> QueueEntry | None:
        """The entry that is worked on."""
        return self.entries[self._row] if self._row >= 0 else None

    @property
    def fraction(self) -> float:
        """How much is done of all since the queue was idle, 0 to 1; photos count alike."""
        total = len(self._ended) + self.num_left
        if not total:
            return float(bool(self.entries) and not self._list.num_unfinished)
        current = self.current
        return (len(self._ended) + (0.0 if current is None else current.fraction)) / total

    @property
    def seconds_left(self) -> float | None:
        """Estimate from the photos of this run so far; None before there is anything to go by."""
        current = self.current
        part = 0.0 if current is None else current.fraction
        worked = self._clock.photos + part
        if worked <= 0.05:
            return None if current is None else current.seconds_left
        return self._clock.seconds / worked * (self.num_left - part)

    @property
    def num_left(self) -> int:
        """How many entries are to be done, the running one included."""
        return self._list.num_ready + (self._row >= 0)

    def count(self, status: EntryStatus) -> int:
        """Return how many entries have a status."""
        return self._list.count(status)

    # Single exports

    def add(self, photo: OpenPhoto, choice: ExportChoice, options: ExportOptionsModel) -> None:
        """Export a photo by the options that last, or send `name_taken` where its name is.

        Raises LiifganError for what can be known to fail: size, name, folder.
        """
        size = choice.rule.output_size(photo.image.size)
        target = options.target(
            photo.path,
            stem=self.tr("picture"),
            photo_size=photo.image.size,
            size=size,
            model=choice.model,
        )
        chosen = options.for_export(
            photo.image.num_bits,
            detail=choice.detail,
            detail_mask=choice.detail_mask,
            dpi=choice.rule.dpi,
        )
        order = export_order(target, size, choice.model, chosen, self._store.settings)
        check_target(target, size=size, format=chosen.format, overwrite=True, source=photo.path)
        if free_path(target, self._list.targets()) == target:
            self.enqueue(photo, order)
        else:
            self.name_taken.emit(photo, order)

    def enqueue(self, photo: OpenPhoto, options: BatchOptions) -> None:
        """Export a photo to the file that the options name, next after what runs."""
        number = self._list.next_number()
        record = self._file.folder / f"{self._file.name}-{number}.jsonl"
        order = Order(number, options.at_absolute_paths(), is_single=True, record=record)
        self._file.note_order(order)
        if photo.path is not None:
            self._enqueue(Photo(photo.path, photo.path.parent), order)
            return
        kept = self._file.folder / f"{self._file.name}-{number}.png"
        task = Task(partial(keep_picture, photo.image, kept), self)
        task.succeeded.connect(lambda path: self._enqueue(Photo(path, path.parent), order, photo))
        task.failed.connect(self.failed)
        task.finished.connect(task.deleteLater)
        task.start()

    def free_options(self, options: BatchOptions) -> BatchOptions:
        """Return the options for the first free name beside a file that is there already."""
        free = free_path(options.output.path, self._list.targets())
        return replace(options, output=replace(options.output, path=free))

    def replacing(self, options: BatchOptions) -> BatchOptions:
        """Return the options that write over what has the name of the result."""
        return replace(options, existing="replace", resume=False)

    def do_again(self, rows: Iterable[int], *, replaces: bool) -> None:
        """Do entries anew that have ended, each by its own order.

        `replaces` writes over what is in the way; else single exports get a free name.
        """
        orders: dict[int, Order] = {}
        for row in rows:
            entry = self.entries[row]
            if entry.order is None or entry.status in UNFINISHED:
                continue
            order = orders.get(entry.order.number)
            if order is None:
                order = orders[entry.order.number] = self._order_again(entry.order, replaces)
            self._set(row, entry.again(order))
        self._work()

    # Batches

    def add_photos(self, paths: Sequence[Path]) -> None:
        """Append photos and those below folders, found in the background; known ones once.

        They wait for a rule; see `start`.
        """
        self.finder.search(paths)

    def remove(self, rows: Collection[int]) -> None:
        """Take entries out of the queue; the running one stays."""
        current = self.current
        for entry in self._list.remove(rows):
            self._clear_up(entry)
        if current is not None:
            self._row = next(n for n, entry in enumerate(self.entries) if entry is current)
        self.state_changed.emit()
        if self._task is None and not self._list.num_ready:
            self._close()

    def start(self, options: BatchOptions) -> None:
        """Work by a rule through the photos that have none, and through those that failed.

        Where there are none of these, all photos of batches are done again, by this rule. Its
        folder is absolute, since the queue may go on in another process.
        """
        rows = self._rows_to_start()
        if not rows:
            return
        order = batch_order(self._list.next_number(), options)
        self._file.note_order(order)
        for row in rows:
            self._set(row, self.entries[row].again(order))
        self._work()

    def can_start(self) -> bool:
        """Whether there is a photo for `start`."""
        return bool(self._rows_to_start())

    @property
    def starts_again(self) -> bool:
        """Whether `start` would do anew what is done."""
        rows = self._rows_to_start()
        return bool(rows) and self.entries[rows[0]].status in ("done", "there")

    # The work

    def pause(self) -> None:
        """Hold the work, also in the middle of a photo, within a band of rows."""
        if self.state == "running":
            self._go_on.clear()
            self._clock.stop()
            self.state_changed.emit()

    def resume(self) -> None:
        """Go on after a pause, or with what an earlier run of the app has left."""
        if self.state == "paused":
            self._clock.start()
            self._go_on.set()
            self.state_changed.emit()
            if self._task is None:
                self._next()

    def cancel(self) -> None:
        """Stop; no half result is left, and results that are done stay.

        Single exports that wait count as cancelled, photos of batches wait for another rule.
        """
        if not self._is_working:
            return
        self._is_cancelling = True
        for row, entry in enumerate(self.entries):
            if entry.can_run:
                is_single = entry.is_single
                self._set(
                    row, replace(entry, status="cancelled") if is_single else entry.again(None)
                )
        self._halt()

    def restore(self) -> None:
        """Take over what an earlier run of the app has left; it waits for `resume`."""
        entries = self._file.take_over(self._list.next_number)
        self._append(entries, is_kept=True)
        num_left = sum(entry.can_run for entry in entries)
        if not num_left:
            return
        if not self._is_working:
            self._is_working, self._is_cancelling = True, False
            self._go_on.clear()
            self._clock, self._ended = Clock(), []
        self.state_changed.emit()
        self.restored.emit(num_left)

    def leave(self) -> None:
        """Stop because the app ends; what is not done comes back at the next start."""
        self._is_cancelling = self._is_leaving = True
        self._file.close(is_finished=not self._list.num_unfinished)
        self.finder.cancel()
        self._halt()

    @property
    def is_leaving(self) -> bool:
        """Whether the app ends."""
        return self._is_leaving

    @property
    def has_threads(self) -> bool:
        """Whether a thread still works for it."""
        return bool(Task.running(self))

    def shut_down(self) -> None:
        """Stop as `leave`, and wait for it."""
        self.leave()
        for task in Task.running(self):
            task.stop()
        self._close()

    # How it is done

    def _halt(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._go_on.set()
        if self._task is None:
            self._close()

    def _order_again(self, old: Order, replaces: bool) -> Order:
        options, number = old.options, self._list.next_number()
        if replaces:
            options = self.replacing(options)
        elif old.is_single:
            options = self.free_options(options)
        order = replace(old, number=number, options=options)
        self._file.note_order(order)
        return order

    def _rows_to_start(self) -> list[int]:
        own = [(row, e) for row, e in enumerate(self.entries) if not e.is_single]
        rows = [
            row
            for row, entry in own
            if (entry.status == "waiting" and entry.order is None)
            or entry.status in ("failed", "cancelled", "left out")
        ]
        if rows or any(entry.status in UNFINISHED for _, entry in own):
            return rows
        return [row for row, _ in own]

    def _enqueue(self, photo: Photo, order: Order, named: OpenPhoto | None = None) -> None:
        number, name = self._list.next_number(), "" if named is None else named.name
        self._append([QueueEntry(number=number, photo=photo, order=order, name=name)])
        self._work()

    def _append(self, entries: Sequence[QueueEntry], *, is_kept: bool = False) -> None:
        self._added += [entry.photo for entry in entries]
        self._list.append(entries, is_kept=is_kept)
        self.state_changed.emit()

    def _take_found(self, photos: Sequence[Photo]) -> None:
        number = self._list.next_number
        self._append([QueueEntry(number=number(), photo=photo) for photo in photos])

    def _work(self) -> None:
        """Begin, unless it works or is paused already."""
        if not self._is_working:
            self._is_working, self._is_cancelling = True, False
            self._clock, self._ended = Clock(), []
            self._clock.start()
            self._next()
        self.state_changed.emit()

    def _next(self) -> None:
        """Start on the next waiting photo, or end."""
        self._task = None
        self._close_runs()
        ready = [(row, entry) for row, entry in enumerate(self.entries) if entry.can_run]
        if self._is_cancelling or not ready:
            self._close()
            return
        row, entry = min(ready, key=lambda pair: (pair[1].is_busy, not pair[1].is_single))
        order = entry.order
        assert order is not None, "it can run"
        opened = self._open.get(order.number)
        if opened is None:
            photos = [known.photo for known in self.entries if known.order is order]
            others = [] if order.is_single else [known.photo for known in self.entries]
            work = partial(
                open_order, order, self._open_exporter, dict(self._loaded), photos, others
            )
            self._start_task(work, partial(self._begin, order), partial(self._give_up, order))
            return
        self._row = row
        self._set(row, replace(entry, status="running", is_busy=False))
        self._photo_clock = PhotoClock(self._clock)
        added, self._added = self._added, []
        others = [known.run for known in self._open.values() if known is not opened]
        work = partial(upscale, opened.run, entry.photo, added, others, self._go_on, entry.is_busy)
        self._start_task(work, self._succeed, self._fail)
        self.state_changed.emit()

    def _start_task(
        self,
        work: Callable[[Progress, CancelToken], object],
        take: Callable[[object], None],
        fail: Callable[[str], None],
    ) -> None:
        """Run something in a thread, then take its result and go on."""
        task = self._task = Task(work, self)
        task.progressed.connect(self._show_progress)
        task.succeeded.connect(take)
        task.failed.connect(fail)
        task.cancelled.connect(self._show_cancelled)
        task.finished.connect(task.deleteLater)
        task.finished.connect(self._next)
        task.start()

    def _begin(self, order: Order, opened: object) -> None:
        """Take over what the thread has opened."""
        if isinstance(opened, Stopped):
            self._give_up(order, opened.message)
            return
        assert isinstance(opened, Opened), "it is what the thread returns"
        self._open[order.number] = opened
        self._loaded = {drawer(known.order): known.run.exporter for known in self._open.values()}
        for row in list(self._list.rows(order)):
            outcome = opened.settled.get(self.entries[row].photo.path)
            if outcome is not None:
                self._take(row, outcome)

    def _give_up(self, order: Order, message: str) -> None:
        """Tell what keeps an order from being done: of a single export in its place."""
        for row in list(self._list.rows(order)):
            entry = self.entries[row].again(order if order.is_single else None)
            if order.is_single:
                entry = replace(entry, status="failed", message=message)
            self._set(row, entry)
        if not order.is_single:
            # After the last change, at which the panel writes its summary anew.
            QTimer.singleShot(0, self, lambda: self.failed.emit(message))

    def _close_runs(self, *, all_of_them: bool = False) -> None:
        """Close the runs of orders that are done; the last exporter stays for what comes next."""
        ready = [] if all_of_them else [entry for entry in self.entries if entry.can_run]
        wanted = {entry.order.number for entry in ready if entry.order is not None}
        for number in [number for number in self._open if number not in wanted]:
            self._open.pop(number).run.__exit__(None, None, None)

    def _close(self) -> None:
        was_working, was_cancelled = self._is_working, self._is_cancelling
        self._is_working = False
        self._close_runs(all_of_them=True)
        self._loaded = {}
        self._row = -1
        self._clock.stop()
        self._go_on.set()
        self.state_changed.emit()
        numbers = frozenset(self._ended)
        ended = tuple(entry for entry in self.entries if entry.number in numbers)
        self._ended = []
        if was_working and ended and not was_cancelled:
            self.finished.emit(ended)
        if self._list.num_ready and not self._is_leaving:
            self._work()  # what was added while the rest was being cancelled

    def _show_progress(self, fraction: float) -> None:
        if self._row >= 0 and not self._is_cancelling:
            left_s = self._photo_clock.seconds_left(fraction)
            entry = replace(self.entries[self._row], fraction=fraction, seconds_left=left_s)
            self._list.show(self._row, entry)
            self.state_changed.emit()

    def _succeed(self, outcome: object) -> None:
        row, self._row = self._row, -1
        if isinstance(outcome, Stopped):
            order = self.entries[row].order
            assert order is not None, "it was worked on"
            self._give_up(order, outcome.message)
            return
        assert isinstance(outcome, Outcome), "it is what the thread returns"
        if outcome.status == "done":
            self._clock.photos += 1
        self._take(row, outcome)

    def _take(self, row: int, outcome: Outcome) -> None:
        """Show what became of a photo."""
        old = self.entries[row]
        target = None if outcome.output is None else text_to_path(outcome.output)
        entry = replace(old.again(old.order), target=target)
        match outcome.status:
            case "busy":
                entry = replace(entry, is_busy=True)
            case "skipped":
                entry = replace(entry, status="there")
            case "failed":
                message = with_remedy(outcome.message, outcome.remedy)
                entry = replace(entry, status="failed", message=message, remedy=outcome.remedy)
            case "done":
                records = [part.record for part in outcome.each if part.record is not None]
                losses = tuple(loss for record in records for loss in record.losses)
                entry = replace(entry, status="done", losses=losses)
            case "left out":
                entry = replace(entry, status="left out")
        self._set(row, entry)
        if entry.status == "done" and entry.order is not None and not entry.is_single:
            # Only now: a folder in which nothing can be written is not remembered.
            self._store.change(batch_folder=str(entry.order.options.output.path))

    def _fail(self, message: str) -> None:
        """Tell of a defect."""
        row, self._row = self._row, -1
        self._set(row, replace(self.entries[row], status="failed", message=message))

    def _show_cancelled(self) -> None:
        row, self._row = self._row, -1
        if row >= 0:
            entry = self.entries[row]
            self._set(row, replace(entry.again(entry.order), status="cancelled"))

    def _set(self, row: int, entry: QueueEntry) -> None:
        self._list.set(row, entry)
        if entry.status not in UNFINISHED:
            self._ended.append(entry.number)
        if entry.status in ("done", "there"):
            self._clear_up(entry)

    def _clear_up(self, entry: QueueEntry) -> None:
        """Delete what was kept for a single export that needs nothing more."""
        if entry.order is None or not entry.is_single:
            return
        entry.order.record.unlink(missing_ok=True)
        if entry.photo.path.parent == self._file.folder:
            entry.photo.path.unlink(missing_ok=True)
