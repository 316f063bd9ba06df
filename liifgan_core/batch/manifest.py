"""The record of batches: one JSON line per event, so that they can go on after any end.

Lines are only ever appended, each in one write, and are on disk before the work goes on. A line
that a power cut has torn is not understood and counts as not written. Processes of one machine may
share a file; a worker of a cluster, whose file system may not append in one go, has a journal of
its own in a folder beside it, which counts as a part of the file.

What a photo's result goes through: `started`; `rendered`, with its size and SHA-256, before it has
its name; `done`. Or `failed`, with the error, or `skipped`. One whose last line is `rendered` was
done if a file of that content has the name: a killed run leaves that. Several results of a photo
have lines of their own, told apart by their settings.
"""

import contextlib
import errno
import glob
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Literal, Self

import msgspec

from liifgan_core.batch.claims import Claims
from liifgan_core.batch.paths import decode_line, encode_line, identity, path_to_text, text_to_path
from liifgan_core.batch.stamps import FileStamp, is_unchanged
from liifgan_core.errors import LiifganError
from liifgan_core.files.publish import sync_folder

MANIFEST_NAME = "liifgan-manifest.jsonl"

_log = logging.getLogger(__name__)

Status = Literal["started", "rendered", "done", "skipped", "failed"]


class ManifestError(LiifganError):
    """The manifest cannot be read or written: the batch must not go on."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What happened to one photo, or to one of its results."""

    input: str
    """Absolute path, as `path_to_text` has it; so is `output`."""
    status: Status
    settings: str
    """Fingerprint of everything beside the photo that decides the result."""
    source: FileStamp | None = None
    """The photo as it was read; None where it could not be."""
    output: str | None = None
    result: FileStamp | None = None
    """Of `rendered` and `done`."""
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    model: str | None = None
    detail_mask: str | None = None
    """As in `Record`."""
    geometry: str | None = None
    """How the photo was turned or otherwise warped, in words."""
    worker: str | None = None
    """Machine and process that wrote the result."""
    error: str | None = None


class Manifest:
    """One file and the journals beside it. For one thread at a time.

    Several processes may have it open at once. What others have added is known after `refresh`.
    """

    def __init__(self, path: Path, *, journal: str | None = None) -> None:
        """New lines go to the journal, if one is named.

        Journals of one run on several machines are called `run.worker`: what another worker of the
        same run has done counts as done since this one began. `path` may be relative, as long as
        the current folder stays.
        """
        self.path = path
        self._journals = path.with_name(f"{path.name}.journals")
        self._journal = None if journal is None else self._journals / journal
        self._done: dict[tuple[str, str], Entry] = {}
        self._fresh: set[tuple[str, str]] = set()
        """What others have done since it was opened."""
        self._is_open = False
        self._writers: dict[str, dict[str, Entry]] = {}
        """By result: by photo, the entry that wrote it last; the latest photo last."""
        self._readers: dict[Path, BinaryIO] = {}
        self._descriptors: list[int] = []
        """Of the manifest, and of what is written to."""
        self._claims: Claims | None = None

    def __enter__(self) -> Self:
        """Read what is there, and open the file for appending; raises ManifestError."""
        try:
            (self._journal or self.path).parent.mkdir(parents=True, exist_ok=True)
            for path in (self.path, self._journal or self.path):
                if path not in self._readers:
                    self._descriptors.append(_open_to_append(path))
                    self._readers[path] = path.open("rb")
                    sync_folder(path.parent)
            self._claims = Claims(self._descriptors[0])
            _end_torn_line(self._readers[self._journal or self.path], self._descriptors[-1])
            self.refresh()
        except OSError as error:
            self.__exit__()
            raise self._error(error) from error
        self._is_open = True
        return self

    def __exit__(self, *_: object) -> None:
        for reader in self._readers.values():
            reader.close()
        for descriptor in self._descriptors:
            os.close(descriptor)
        self._readers.clear()
        self._descriptors.clear()
        self._claims = None
        self._is_open = False

    def refresh(self) -> None:
        """Take in what other processes have added; raises ManifestError."""
        try:
            for path in sorted(self._journals.glob("*")):
                if path not in self._readers:
                    self._readers[path] = path.open("rb")
            for path, reader in self._readers.items():
                for line in _whole_lines(reader):
                    self._take(path, line)
        except OSError as error:
            raise self._error(error) from error

    def claim(self, photo: Path, settings: str) -> bool:
        """Claim a photo's result with these settings; False as long as another process has it."""
        assert self._claims is not None, "the manifest is open"
        return self._claims.take(_claim(photo, settings))

    def release(self, photo: Path, settings: str) -> None:
        """Give the claim up; when the process ends, that happens by itself."""
        assert self._claims is not None, "the manifest is open"
        self._claims.release(_claim(photo, settings))

    def finished(
        self, photo: Path, folder: Path, settings: str, *, since_opened: bool = False
    ) -> Path | None:
        """Return the result of a photo that is done with these settings, None if it is to be done.

        It counts if the photo's content is still what was read, and if the result lies in `folder`
        with the content that was written. Both are read only where their times do not tell.
        `since_opened` asks for what another process has done meanwhile.
        """
        key = _text(photo), settings
        entry = self._done.get(key)
        if entry is None or (since_opened and key not in self._fresh):
            return None
        if entry.output is None or entry.source is None or entry.result is None:
            return None
        output = text_to_path(entry.output)
        if str(output.parent) != os.path.realpath(folder):
            return None
        is_same = is_unchanged(photo, entry.source) and is_unchanged(output, entry.result)
        return output if is_same else None

    def is_result(self, path: Path) -> bool:
        """Whether a file has the name of a result of this or an earlier batch."""
        return _text(path) in self._writers

    def writer_of(self, path: Path) -> tuple[Path | None, bool]:
        """Return the photo whose result has this name, and whether the file is still that one.

        None for a name that no result had. The file is read.
        """
        entries = list(reversed(self._writers.get(_text(path), {}).values()))
        for entry in entries:
            if entry.result and is_unchanged(path, entry.result, trusts_times=False):
                return text_to_path(entry.input), True
        done = next((entry for entry in entries if entry.status == "done"), None)
        return (None if done is None else text_to_path(done.input)), False

    def write(self, photo: Path, settings: str, status: Status, **facts: object) -> None:
        """Append what happened to a photo's result with these settings.

        Raises ManifestError when it cannot be recorded.
        """
        entry = msgspec.convert(
            {"input": _text(photo), "status": status, "settings": settings, **facts}, Entry
        )
        self._remember(entry)
        if not self._descriptors:
            raise ValueError("the manifest is not open")
        line = encode_line(entry) + b"\n"
        try:
            if os.write(self._descriptors[-1], line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(self._descriptors[-1])
        except OSError as error:
            raise self._error(error) from error

    def fold(self, run: str) -> None:
        """Move the lines of a run's journals here; its workers have ended."""
        for path in sorted(self._journals.glob(f"{glob.escape(run)}.*")):
            try:
                with path.open("rb") as file:
                    lines = b"".join(_whole_lines(file))
                if os.write(self._descriptors[-1], lines) != len(lines):
                    return  # a full disk: the journal stays, and counts
                os.fsync(self._descriptors[-1])
                if (reader := self._readers.pop(path, None)) is not None:
                    reader.close()
                path.unlink()
            except OSError as error:
                raise self._error(error) from error
        with contextlib.suppress(OSError):  # others may still have journals there
            self._journals.rmdir()

    def _take(self, path: Path, line: bytes) -> None:
        if not line.strip():
            return
        try:
            entry = decode_line(line, Entry)
        except ValueError:
            _log.warning("%s: a torn line was ignored.", path)
            return
        self._remember(entry)
        if self._is_open or self._is_of_this_run(path):
            self._fresh.add((entry.input, entry.settings))

    def _is_of_this_run(self, path: Path) -> bool:
        return self._journal is not None and path.stem == self._journal.stem

    def _remember(self, entry: Entry) -> None:
        # An attempt that failed does not undo what was done before it.
        if entry.status not in ("rendered", "done") or entry.output is None:
            return
        self._done[entry.input, entry.settings] = entry
        writers = self._writers.setdefault(entry.output, {})
        writers.pop(entry.input, None)
        writers[entry.input] = entry

    def _error(self, error: OSError) -> ManifestError:
        reason = os.strerror(error.errno) if error.errno else str(error)
        return ManifestError(
            f"the manifest {self.path} cannot be written ({reason}); name another",
            remedy="manifest",
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
        with contextlib.suppress(ValueError):  # torn lines count as not written
            if (model := decode_line(line, Entry).model) is not None:
                return model
    return None


def _claim(photo: Path, settings: str) -> str:
    return f"{settings}\0{_text(photo)}"


def _text(path: Path) -> str:
    return path_to_text(identity(path))


def _open_to_append(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o666)


def _end_torn_line(reader: BinaryIO, descriptor: int) -> None:
    """Keep what a power cut has left of a line from spoiling the next one."""
    if reader.seek(0, os.SEEK_END):
        reader.seek(-1, os.SEEK_END)
        if reader.read(1) != b"\n":
            os.write(descriptor, b"\n")
    reader.seek(0)


def _whole_lines(reader: BinaryIO) -> Iterator[bytes]:
    """Yield the lines from where the reader is; one that has no end yet is left for later."""
    while line := reader.readline():
        if not line.endswith(b"\n"):
            reader.seek(-len(line), os.SEEK_CUR)
            return
        yield line
