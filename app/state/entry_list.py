"""The entries of the export queue in their order; observable, and kept on disk."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.state.queue_entries import UNFINISHED, EntryStatus, Order, QueueEntry
from app.state.queue_file import QueueFile
from liifgan_core.batch.paths import identity


class EntryList(QObject):
    """What is in the queue. Main thread; the counts take no look at all entries."""

    added = Signal(int, int)
    """The first and the last place of new entries, at the end."""
    changed = Signal()
    """Entries were added or removed."""
    entry_changed = Signal(int)
    """The entry at this place."""

    def __init__(self, file: QueueFile, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._file = file
        self._entries: list[QueueEntry] = []
        self._counts: Counter[EntryStatus] = Counter()
        self._num_ready = 0
        self._known: set[str] = set()
        self._last_number = 0

    @property
    def all(self) -> Sequence[QueueEntry]:
        """All entries."""
        return self._entries

    @property
    def num_ready(self) -> int:
        """How many wait and have an order."""
        return self._num_ready

    @property
    def num_unfinished(self) -> int:
        """How many wait or run, with an order or without."""
        return sum(self._counts[status] for status in UNFINISHED)

    @property
    def known(self) -> frozenset[str]:
        """Identities of the photos of batches."""
        return frozenset(self._known)

    def count(self, status: EntryStatus) -> int:
        """Return how many have a status."""
        return self._counts[status]

    def next_number(self) -> int:
        """Return a number that no entry and no order has."""
        self._last_number += 1
        return self._last_number

    def rows(self, order: Order) -> Iterator[int]:
        """Yield the places of an order's entries that are not done."""
        for row, entry in enumerate(self._entries):
            if entry.order is order and entry.status in UNFINISHED:
                yield row

    def targets(self) -> frozenset[Path]:
        """Return the files that single exports will write."""
        waiting = [entry.order for entry in self._entries if entry.status in UNFINISHED]
        return frozenset(
            order.options.output.path for order in waiting if order is not None and order.is_single
        )

    def append(self, entries: Sequence[QueueEntry], *, is_kept: bool = False) -> None:
        """Add entries at the end; `is_kept` says that they are on disk already."""
        if not entries:
            return
        first = len(self._entries)
        self._entries += entries
        self._counts.update(entry.status for entry in entries)
        self._num_ready += sum(entry.can_run for entry in entries)
        self._known |= {_identity(entry) for entry in entries if not entry.is_single}
        numbers = [entry.number for entry in entries]
        numbers += [entry.order.number for entry in entries if entry.order is not None]
        self._last_number = max(self._last_number, *numbers)
        if not is_kept:
            self._file.note_added(entries)
        self.added.emit(first, len(self._entries) - 1)
        self.changed.emit()

    def remove(self, rows: Collection[int]) -> list[QueueEntry]:
        """Take entries out and return them; one that runs stays."""
        chosen = {row for row in rows if self._entries[row].status != "running"}
        gone = [self._entries[row] for row in sorted(chosen)]
        self._entries = [entry for row, entry in enumerate(self._entries) if row not in chosen]
        self._counts = Counter(entry.status for entry in self._entries)
        self._num_ready = sum(entry.can_run for entry in self._entries)
        self._known -= {_identity(entry) for entry in gone if not entry.is_single}
        self._file.note_removed(entry.number for entry in gone)
        self.changed.emit()
        return gone

    def set(self, row: int, entry: QueueEntry) -> None:
        """Replace an entry by its next state."""
        self.show(row, entry)
        self._file.note_state(entry)

    def show(self, row: int, entry: QueueEntry) -> None:
        """Replace an entry by one that differs in its progress alone, which is not kept."""
        old = self._entries[row]
        self._counts[old.status] -= 1
        self._counts[entry.status] += 1
        self._num_ready += entry.can_run - old.can_run
        self._entries[row] = entry
        self.entry_changed.emit(row)


def _identity(entry: QueueEntry) -> str:
    return identity(entry.photo.path)
