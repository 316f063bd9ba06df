"""The record of a batch: one JSON line per event, so that it can go on after any end.

Lines are only ever appended, each in one write, and are on disk before the work goes on. A line
that a power cut has torn is not understood and counts as not written.
"""

import contextlib
import hashlib
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

import msgspec

from liifgan_core.errors import LiifganError

MANIFEST_NAME = "liifgan-manifest.jsonl"

_log = logging.getLogger(__name__)

Status = Literal["started", "done", "skipped", "failed"]


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What happened to one photo."""

    input: str
    """Absolute path; bytes that are no UTF-8 are escaped."""
    status: Status
    settings: str
    """Fingerprint of everything beside the photo that decides the result."""
    source_bytes: int
    source_mtime_ns: int
    output: str | None = None
    output_bytes: int | None = None
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    model: str | None = None
    worker: str | None = None
    """Machine and process that wrote the result."""
    error: str | None = None


class Manifest:
    """The lines of one file; several processes may append to it at the same time."""

    def __init__(self, path: Path, settings: str) -> None:
        self.path = path
        self.settings = settings
        self._entries: dict[str, Entry] = {}
        self._outputs: set[str] = set()
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        """Read what is there, and open the file for appending; raises LiifganError."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_RDWR | os.O_CREAT | os.O_APPEND
            self._descriptor = os.open(self.path, flags, 0o666)
            content = self.path.read_bytes()
            for line in content.splitlines():
                self._take(line)
            if content and not content.endswith(b"\n"):
                os.write(self._descriptor, b"\n")
        except OSError as error:
            raise self._error(error) from error
        return self

    def __exit__(self, *_: object) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def finished(self, source: Path, *, may_overwrite: bool) -> Path | None:
        """Return the result of a photo that is done with these settings, None if it is to be done.

        It counts if neither photo nor result has changed since. A result whose writing was begun
        and of which no end is recorded is whole as well, because files appear whole; only where
        one may have been there before (`may_overwrite`) it is made again.
        """
        entry = self._entries.get(key_of(source))
        if entry is None or entry.settings != self.settings or entry.output is None:
            return None
        if (entry.source_bytes, entry.source_mtime_ns) != fingerprint(source):
            return None
        output = Path(entry.output)
        try:
            num_bytes = output.stat().st_size
        except OSError:
            return None
        if entry.status == "done" and num_bytes == entry.output_bytes:
            return output
        return output if entry.status == "started" and not may_overwrite else None

    def reread(self) -> "Manifest":
        """Return what the file says by now, other processes' lines included; not for writing."""
        now = Manifest(self.path, self.settings)
        for line in self.path.read_bytes().splitlines():
            now._take(line)
        return now

    def is_output(self, path: Path) -> bool:
        """Whether a file is the result of this or an earlier run, so not a photo to upscale."""
        return key_of(path) in self._outputs

    def write(self, source: Path, status: Status, **facts: object) -> None:
        """Append what happened to a photo; raises LiifganError when it cannot be recorded."""
        num_bytes, mtime_ns = fingerprint(source)
        entry = msgspec.convert(
            {
                "input": key_of(source),
                "status": status,
                "settings": self.settings,
                "source_bytes": num_bytes,
                "source_mtime_ns": mtime_ns,
                **facts,
            },
            Entry,
        )
        self._remember(entry)
        if self._descriptor is None:
            raise ValueError("the manifest is not open")
        line = msgspec.json.encode(entry) + b"\n"
        try:
            if os.write(self._descriptor, line) != len(line):
                raise OSError(28, os.strerror(28))
            os.fsync(self._descriptor)
        except OSError as error:
            raise self._error(error) from error

    def _take(self, line: bytes) -> None:
        try:
            self._remember(msgspec.json.decode(line, type=Entry))
        except msgspec.MsgspecError:
            if line.strip():
                _log.warning("%s: a torn line was ignored.", self.path)

    def _remember(self, entry: Entry) -> None:
        # An attempt that failed does not undo what was done before it.
        if entry.status != "skipped":
            self._entries[entry.input] = entry
        if entry.output is not None:
            self._outputs.add(entry.output)

    def _error(self, error: OSError) -> LiifganError:
        reason = os.strerror(error.errno) if error.errno else str(error)
        return LiifganError(
            f"the manifest {self.path} cannot be written ({reason}); name another (--manifest)"
        )


def last_model(path: Path) -> str | None:
    """Return the name of the model that drew a record's last result; None where there is none.

    Raises LiifganError when the record is there and cannot be read.
    """
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LiifganError(f"the manifest {path} cannot be read ({error.strerror})") from error
    for line in reversed(lines):
        with contextlib.suppress(msgspec.MsgspecError):  # torn lines count as not written
            if (model := msgspec.json.decode(line, type=Entry).model) is not None:
                return model
    return None


def key_of(path: Path) -> str:
    """Return the absolute path as text that JSON can hold."""
    return os.path.abspath(path).encode("utf-8", "backslashreplace").decode()


def fingerprint(source: Path) -> tuple[int, int]:
    """Return size and time of change of a photo; (-1, -1) where there is none."""
    try:
        status = os.stat(source)
    except (OSError, ValueError):
        return -1, -1
    return status.st_size, status.st_mtime_ns


def settings_fingerprint(settings: Mapping[str, object]) -> str:
    """Return a short text that differs when any of the settings does."""
    text = "\n".join(f"{name}={value!r}" for name, value in sorted(settings.items()))
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:16]
