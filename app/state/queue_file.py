"""The export queue on disk, so that it comes back after any end of the app.

One file for each running app: lines of JSON, each appended in one write, of what was ordered,
added, done and removed. A line that a crash has torn is not understood and counts as not written.
What apps have left, however they ended, the next one that starts takes over. Those that run are
known by their locks, which the system gives up with their process.
"""

import contextlib
import json
import logging
import os
import uuid
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, get_origin

import msgspec
import numpy as np

from app.state.queue_entries import EntryStatus, Order, QueueEntry
from app.state.sidecar import grid_of, grid_text
from liifgan_core.batch.claims import Claims
from liifgan_core.batch.inputs import Photo
from liifgan_core.batch.options import BatchOptions
from liifgan_core.batch.paths import encode_line, path_to_text, text_to_path
from liifgan_core.errors import Remedy
from liifgan_core.files.whole import write_whole
from liifgan_core.images.detail_mask import Values

_NAME_LENGTH = len("queue-") + 12

_logger = logging.getLogger(__name__)


class _OrderLine(msgspec.Struct, frozen=True, tag="order"):
    number: int
    options: dict[str, Any]
    is_single: bool
    record: str


class _PhotoLine(msgspec.Struct, frozen=True, tag="photo", omit_defaults=True):
    number: int
    path: str
    root: str
    is_found: bool = False
    name: str = ""


class _StateLine(msgspec.Struct, frozen=True, tag="state", omit_defaults=True):
    number: int
    order: int | None = None
    status: EntryStatus = "waiting"
    message: str = ""
    remedy: Remedy | None = None
    target: str | None = None


class _RemovedLine(msgspec.Struct, frozen=True, tag="removed"):
    numbers: list[int]


_Line = _OrderLine | _PhotoLine | _StateLine | _RemovedLine


class QueueFile:
    """This app's file, and those that others have left. Main thread.

    What cannot be written is logged once: a full disk must not stop the work.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        """Also for records of single exports, and pictures without a file."""
        self.name = f"queue-{uuid.uuid4().hex[:12]}"
        """Files of this app's queue begin with it."""
        self._path = folder / f"{self.name}.jsonl"
        self._descriptor: int | None = None
        self._lock: int | None = None
        self._claims: Claims | None = None
        self._is_broken = False

    def note_order(self, order: Order) -> None:
        """Keep an order, before entries refer to it."""
        self._append([_order_line(order)])

    def note_added(self, entries: Iterable[QueueEntry]) -> None:
        """Keep entries, with their state."""
        self._append([line for entry in entries for line in _entry_lines(entry)])

    def note_state(self, entry: QueueEntry) -> None:
        """Keep how far an entry is; one that runs counts as waiting."""
        self._append([_state_line(entry)])

    def note_removed(self, numbers: Iterable[int]) -> None:
        """Forget entries."""
        self._append([_RemovedLine(sorted(numbers))])

    def take_over(self, number: Callable[[], int]) -> list[QueueEntry]:
        """Return the queues that ended apps have left unfinished, numbered by `number`.

        Their files become this app's. Queues in which nothing waits are dropped.
        """
        if not self.folder.is_dir() or not self._open():
            return []
        assert self._claims is not None, "it is open"
        left: list[Path] = []
        for path in sorted(self.folder.glob("queue-*")):
            # Their claims stay this app's, since their records and pictures may be in use.
            if not path.name.startswith(self.name) and self._claims.take(path.name[:_NAME_LENGTH]):
                left.append(path)
        taken: list[QueueEntry] = []
        for path in left:
            if len(path.stem) != _NAME_LENGTH:
                continue
            try:
                entries = _read(path)
            except OSError as error:
                _logger.warning("%s cannot be read: %s", path, error)
                continue
            if any(entry.status == "waiting" for entry in entries):
                taken += _renumbered(entries, number)
        try:
            self._write_again(taken)
        except OSError as error:
            self._give_up(error)
            return taken  # the old files stay
        used = {entry.photo.path for entry in taken}
        used |= {entry.order.record for entry in taken if entry.order is not None}
        for path in left:
            if path not in used:
                with contextlib.suppress(OSError):
                    path.unlink()
        return taken

    def close(self, *, is_finished: bool) -> None:
        """End; a queue that is finished leaves nothing."""
        for descriptor in (self._descriptor, self._lock):
            if descriptor is not None:
                os.close(descriptor)
        was_open, self._descriptor, self._lock = self._lock is not None, None, None
        self._claims = None
        self._is_broken = True  # nothing more is written
        if is_finished and was_open:
            for path in self.folder.glob(f"{self.name}*"):
                path.unlink(missing_ok=True)

    def _write_again(self, entries: list[QueueEntry]) -> None:
        """Put entries and their orders into this app's file at once."""
        if not entries:
            return
        orders = {entry.order.number: entry.order for entry in entries if entry.order is not None}
        lines: list[_Line] = [_order_line(order) for order in orders.values()]
        lines += [line for entry in entries for line in _entry_lines(entry)]
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        write_whole(self._path, _bytes(lines))

    def _append(self, lines: list[_Line]) -> None:
        if self._is_broken or not lines or not self._open():
            return
        try:
            if self._descriptor is None:
                flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
                self._descriptor = os.open(self._path, flags, 0o600)
            os.write(self._descriptor, _bytes(lines))
        except OSError as error:
            self._give_up(error)

    def _open(self) -> bool:
        """Hold this app's lock; the file itself is made with the first line."""
        if self._claims is None and not self._is_broken:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
                self._lock = os.open(self.folder / "lock", flags, 0o600)
            except OSError as error:
                self._give_up(error)
                return False
            self._claims = Claims(self._lock)
            self._claims.take(self.name)
        return not self._is_broken

    def _give_up(self, error: OSError) -> None:
        self._is_broken = True
        _logger.warning(
            "the queue is not kept on disk, %s cannot be written: %s", self._path, error
        )


def _order_line(order: Order) -> _OrderLine:
    options = msgspec.to_builtins(order.options, enc_hook=_as_text)
    return _OrderLine(order.number, options, order.is_single, path_to_text(order.record))


def _entry_lines(entry: QueueEntry) -> list[_Line]:
    photo = entry.photo
    texts = path_to_text(photo.path), path_to_text(photo.root)
    added = _PhotoLine(entry.number, *texts, is_found=photo.is_found, name=entry.name)
    return [added, _state_line(entry)]


def _state_line(entry: QueueEntry) -> _StateLine:
    return _StateLine(
        number=entry.number,
        order=None if entry.order is None else entry.order.number,
        status="waiting" if entry.status == "running" else entry.status,
        message=entry.message,
        remedy=entry.remedy,
        target=None if entry.target is None else path_to_text(entry.target),
    )


def _bytes(lines: Iterable[_Line]) -> bytes:
    return b"".join(encode_line(line) + b"\n" for line in lines)


def _as_text(value: object) -> str:
    if isinstance(value, Path):
        return path_to_text(value)
    if isinstance(value, np.ndarray):  # a mask's
        return grid_text(value)
    raise NotImplementedError(f"{type(value)} is nothing that options hold")


def _from_text(kind: type, value: object) -> Path | Values:
    if kind is Path and isinstance(value, str):
        return text_to_path(value)
    if (get_origin(kind) or kind) is np.ndarray and isinstance(value, str):
        return grid_of(value)
    raise NotImplementedError(f"{kind} is nothing that options hold")


def _read(path: Path) -> list[QueueEntry]:
    """Return what a file tells; photos of an order that is not understood wait for one."""
    orders: dict[int, Order] = {}
    entries: dict[int, QueueEntry] = {}
    for text in path.read_bytes().splitlines():
        try:
            line: _Line = msgspec.convert(json.loads(text), _Line)
        except (ValueError, RecursionError) as error:
            _logger.warning("%s: a line is left out (%s)", path, error)
            continue
        match line:
            case _OrderLine():
                order = _order(line, path)
                if order is not None:
                    orders[line.number] = order
            case _PhotoLine():
                photo = Photo(text_to_path(line.path), text_to_path(line.root), line.is_found)
                entries[line.number] = QueueEntry(number=line.number, photo=photo, name=line.name)
            case _StateLine():
                known = entries.get(line.number)
                if known is not None:
                    order = None if line.order is None else orders.get(line.order)
                    entries[line.number] = _with_state(known, order, line)
            case _RemovedLine():
                for number in line.numbers:
                    entries.pop(number, None)
    return list(entries.values())


def _order(line: _OrderLine, path: Path) -> Order | None:
    try:
        options = msgspec.convert(line.options, BatchOptions, dec_hook=_from_text)
    except msgspec.ValidationError as error:
        _logger.warning("%s: an order is left out (%s)", path, error)
        return None
    return Order(line.number, options, line.is_single, text_to_path(line.record))


def _with_state(entry: QueueEntry, order: Order | None, line: _StateLine) -> QueueEntry:
    target = None if line.target is None else text_to_path(line.target)
    return replace(
        entry,
        order=order,
        status=line.status,
        message=line.message,
        remedy=line.remedy,
        target=target,
    )


def _renumbered(entries: Iterable[QueueEntry], number: Callable[[], int]) -> list[QueueEntry]:
    """Return entries and their orders under numbers of this app."""
    orders: dict[int, Order] = {}
    result: list[QueueEntry] = []
    for entry in entries:
        order = entry.order
        if order is not None:
            fresh = orders.get(order.number)
            if fresh is None:
                fresh = Order(number(), order.options, order.is_single, order.record)
                orders[order.number] = fresh
            order = fresh
        result.append(replace(entry, number=number(), order=order))
    return result
