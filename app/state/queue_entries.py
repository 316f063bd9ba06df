"""What stands in the export queue: photos, and the orders that say what shall be made of them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from liifgan_core.batch.inputs import Photo
from liifgan_core.batch.options import BatchOptions
from liifgan_core.batch.run import default_manifest
from liifgan_core.errors import Remedy
from liifgan_core.losses import Loss

EntryStatus = Literal["waiting", "running", "done", "there", "left out", "failed", "cancelled"]
QueueState = Literal["idle", "running", "paused"]

UNFINISHED: tuple[EntryStatus, ...] = ("waiting", "running")


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """What shall be made of one photo, or by one rule of many."""

    number: int
    options: BatchOptions
    is_single: bool
    """Whether it is the export of one photo, to a file of its own."""
    record: Path
    """Its manifest: of a batch in the folder of the results, of a single export in the app's own,
    so that a result which a killed run has left is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueEntry:
    """A photo of the queue and how far it is."""

    number: int
    """Different for all entries of a run of the app."""
    photo: Photo
    order: Order | None = None
    """None: it waits for a rule."""
    name: str = ""
    """For people, of a picture that had no file; empty: the photo's own."""
    status: EntryStatus = "waiting"
    fraction: float = 0.0
    """0 to 1 while it runs."""
    seconds_left: float | None = None
    """While it runs; None as long as it would be a guess."""
    message: str = ""
    """Why it failed."""
    remedy: Remedy | None = None
    """What would help then."""
    target: Path | None = None
    """The result, once it is there."""
    losses: tuple[Loss, ...] = ()
    """What of the photo is not in the result."""
    is_busy: bool = False
    """Whether another process works on it, so that it comes last."""

    @property
    def is_single(self) -> bool:
        """Whether it is the export of one photo, which keeps its own rule."""
        return self.order is not None and self.order.is_single

    @property
    def can_run(self) -> bool:
        """Whether it waits and has an order."""
        return self.status == "waiting" and self.order is not None

    @property
    def is_in_the_way(self) -> bool:
        """Whether it failed because a file has the name of its result."""
        return self.status == "failed" and self.remedy == "overwrite"

    def again(self, order: Order | None) -> "QueueEntry":
        """Return the entry as it waits for its work by another order."""
        return QueueEntry(number=self.number, photo=self.photo, order=order, name=self.name)


def batch_order(number: int, options: BatchOptions) -> Order:
    """Return the order of a batch, whose manifest lies with its results."""
    record = default_manifest(options, is_wanted=True)
    assert record is not None, "it is wanted"
    return Order(number, options, is_single=False, record=record)


def free_path(path: Path, taken: frozenset[Path] = frozenset()) -> Path:
    """Return the path, or the first of "name (2)", "name (3)", ... that nothing has.

    `taken` are names that others will have. Looks at the disk once for each.
    """
    number, free = 1, path
    while free in taken or free.is_symlink() or free.exists():
        number += 1
        free = path.with_name(f"{path.stem} ({number}){path.suffix}")
    return free
