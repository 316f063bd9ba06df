"""How far a whole run has come, and when it will end."""

import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from liifgan_core.batch.work import Eta
from liifgan_core.cli.console import file_progress, one_line
from liifgan_core.progress import Progress as ProgressReport

_INTERVAL_S = 10.0
"""Seconds between two lines where there is no terminal."""


class BatchProgress:
    """Shows photo after photo: one bar on a terminal, else a line every ten seconds."""

    def __init__(self, works: Sequence[float]) -> None:
        self._eta = Eta(works)
        self._num_photos = len(works)
        self._bar: Progress | None = None
        self._last_s = time.monotonic()

    def __enter__(self) -> Self:
        if self._num_photos > 1 and sys.stderr.isatty():
            columns = (
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                TaskProgressColumn(),
                TextColumn("{task.fields[left]}", markup=False),
            )
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._bar.add_task("", total=1.0, left="")
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    @contextmanager
    def photo(self, number: int, name: str) -> Generator[ProgressReport]:
        """Give the progress for photo `number` (from 0)."""
        if self._num_photos == 1:
            with file_progress(name) as progress:
                yield progress
            return
        label = f"[{number + 1}/{self._num_photos}] {one_line(name)}"
        yield lambda fraction: self._show(number, label, fraction)

    def tell(self, label: str) -> None:
        """Show how far all of it has come, where photos do not come one after the other."""
        self._show(self._num_photos, one_line(label), 1.0)

    def finish(self, number: int, *, is_skipped: bool = False) -> None:
        """Note that a photo is dealt with."""
        self._eta.finish(number, is_skipped=is_skipped)

    def _show(self, number: int, label: str, fraction: float) -> None:
        seconds = self._eta.seconds_left(number, fraction)
        left = "" if seconds is None else f"{timedelta(seconds=round(seconds))} left"
        if self._bar is not None:
            share = self._eta.done(number, fraction) / max(1.0, self._eta.total)
            [task] = self._bar.task_ids
            self._bar.update(task, description=label, completed=share, left=left)
            return
        now_s = time.monotonic()
        if now_s - self._last_s >= _INTERVAL_S:
            self._last_s = now_s
            text = ", ".join(part for part in (f"{label}: {fraction:.0%}", left) if part)
            print(text, file=sys.stderr, flush=True)
