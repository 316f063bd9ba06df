"""What a run reports: metrics.jsonl, and TensorBoard where it is installed."""

import json
import logging
import math
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import msgspec

from liifgan_core.errors import LiifganError

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

METRICS_NAME = "metrics.jsonl"
_EVENTS_NAME = "tensorboard"

_logger = logging.getLogger(__name__)


class RunLog:
    """Writes one JSON object per report, {"step": ..., name: number}; a context manager.

    On resuming, reports of later steps than `start_step`, from after the checkpoint, are removed. A
    silent log, of any process but the first, writes nothing. Raises LiifganError when the file
    cannot be written.
    """

    def __init__(self, folder: Path, *, start_step: int, is_silent: bool = False) -> None:
        self._file = None
        self._events = None
        if is_silent:
            return
        self._path = folder / METRICS_NAME
        kept = [line for line in read_metrics(folder) if (line["step"] or 0) <= start_step]
        with self._writing():
            content = "".join(json.dumps(line) + "\n" for line in kept)
            self._path.write_text(content, encoding="utf-8")
            self._file = self._path.open("a", encoding="utf-8")
        self._events = _open_events(folder / _EVENTS_NAME, start_step)

    def __enter__(self) -> "RunLog":
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()
        if self._events is not None:
            self._events.close()

    def report(self, step: int, values: Mapping[str, float]) -> None:
        """Write the values of a step (number of steps done); infinite ones become null."""
        if self._file is None:
            return
        rounded = {k: float(f"{v:.6g}") if math.isfinite(v) else None for k, v in values.items()}
        with self._writing():
            self._file.write(json.dumps({"step": step, **rounded}) + "\n")
            self._file.flush()
        if self._events is not None:
            for name, value in values.items():
                self._events.add_scalar(name, value, step)

    @contextmanager
    def _writing(self) -> Generator[None]:
        try:
            yield
        except OSError as error:
            raise LiifganError(
                f"{self._path}: cannot be written ({error.strerror}); free some space or choose "
                "another --out"
            ) from error


def read_metrics(folder: Path) -> list[dict[str, float | None]]:
    """Return the reports of a run so far; a line that was cut off by a crash is left out."""
    path = folder / METRICS_NAME
    if not path.is_file():
        return []
    found: list[dict[str, float | None]] = []
    for line in path.read_bytes().splitlines():
        try:
            found.append(msgspec.json.decode(line))
        except msgspec.DecodeError:
            _logger.warning("%s: a line that is not whole is left out", path)
    return found


def _open_events(folder: Path, start_step: int) -> "SummaryWriter | None":
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        _logger.warning(
            "TensorBoard is not installed (pip install 'liifgan[train]'): metrics go to %s only",
            METRICS_NAME,
        )
        return None
    return SummaryWriter(str(folder), purge_step=start_step + 1)
