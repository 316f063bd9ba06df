"""What goes to the terminal: results on stdout, everything else on stderr."""

import contextlib
import logging
import os
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, TextIO, cast

from liifgan_core.errors import LiifganError
from liifgan_core.progress import Progress as ProgressReport

_PLAIN_INTERVAL_S = 10.0
"""Seconds between two lines of progress where there is no terminal."""


def print_error(message: str) -> None:
    """Write one line to stderr; line breaks in the message (odd file names) are escaped."""
    print(f"liifgan: {one_line(message)}", file=sys.stderr, flush=True)


def print_result(line: str) -> None:
    """Write one line to stdout; raises LiifganError when nobody can take it, once."""
    try:
        print(line, flush=True)
    except OSError as error:
        # Whatever follows, and what Python flushes when it ends, goes nowhere.
        with contextlib.suppress(AttributeError, OSError, ValueError):  # it has no descriptor
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise LiifganError(
            f"the result is written but standard output cannot take the line ({error.strerror})"
        ) from error


def set_up_logging() -> None:
    """Show warnings of the core as lines on stderr."""
    handler = logging.StreamHandler()
    handler.setFormatter(_OneLineFormatter("liifgan: warning: %(message)s"))
    logger = logging.getLogger("liifgan_core")
    logger.handlers = [handler]
    logger.setLevel(logging.WARNING)
    logger.propagate = False


@contextmanager
def file_progress(label: str) -> Generator[ProgressReport]:
    """Show how far a file has come: a bar on a terminal, else a line every ten seconds."""
    label = one_line(label)
    if not sys.stderr.isatty():
        yield _PlainProgress(label)
        return
    # Here, because it is half of what `liifgan --help` would import.
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=1.0)
        yield lambda fraction: bar.update(task, completed=fraction)


class _PlainProgress:
    """Reports as lines, none for work that takes less than the interval."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._last_s = time.monotonic()

    def __call__(self, fraction: float, /) -> None:
        now_s = time.monotonic()
        if now_s - self._last_s >= _PLAIN_INTERVAL_S:
            self._last_s = now_s
            print(f"{self._label}: {fraction:.0%}", file=sys.stderr, flush=True)


class _OneLineFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return one_line(super().format(record))


def clock(seconds: int) -> str:
    """Return whole seconds as hours:minutes:seconds, e.g. 1:02:03."""
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def one_line(text: str) -> str:
    """Return the text with control characters and undecodable bytes made visible.

    File names may hold both; a terminal or a line-based reader must not be confused by them.
    """
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return shown.encode("utf-8", "backslashreplace").decode()


@contextmanager
def results_only_from_here() -> Generator[None]:
    """Send what other threads print (Ray's, about its machines) to stderr, off the results."""
    stdout = sys.stdout
    sys.stdout = cast(TextIO, _OneThreadsOutput(stdout, threading.get_ident()))
    try:
        yield
    finally:
        sys.stdout = stdout


class _OneThreadsOutput:
    """Standard output for one thread; the others write to stderr."""

    def __init__(self, stdout: TextIO, thread: int) -> None:
        self._stdout, self._thread = stdout, thread

    def write(self, text: str) -> int:
        return self._target().write(text)

    def flush(self) -> None:
        self._target().flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stdout, name)

    def _target(self) -> TextIO:
        return self._stdout if threading.get_ident() == self._thread else sys.stderr
