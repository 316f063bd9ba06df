"""Lessons on disk: shards of a few, each written whole or not at all and checked when read.

A shard says which lessons it holds and what they were made of; one that is damaged, or of another
run, is made again.
"""

import logging
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor

from liifgan_core.errors import LiifganError
from liifgan_core.files.whole import write_whole
from liifgan_core.progress import CancelToken, Progress, no_progress
from liifgan_core.train.checkpoint import tensors_digest
from liifgan_core.train.lesson_key import LessonKey

SHARD_LESSONS = 8
"""Of 80x80 LR pixels, 14 MB: what is lost when a run is stopped takes seconds."""
_HEADER_KEY = "liifgan-lessons"

_logger = logging.getLogger(__name__)


class _ShardHeader(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    key: LessonKey
    first: int
    tensors_sha256: str


class Lessons:
    """Lessons of a folder. Their pages are read from disk when they are first needed."""

    def __init__(self, shards: list[dict[str, Tensor]]) -> None:
        self._shards = shards
        self._places = [(n, i) for n, shard in enumerate(shards) for i in range(len(shard["lr"]))]

    def get(self, number: int) -> dict[str, Tensor]:
        """Return a lesson as `LessonMaker.make` did; the tensors must not be changed."""
        shard, place = self._places[number]
        return {name: tensors[place] for name, tensors in self._shards[shard].items()}


def open_lessons(
    folder: Path,
    key: LessonKey,
    total: int,
    make: Callable[[], Callable[[int], dict[str, Tensor]]],
    *,
    progress: Progress = no_progress,
    cancel: CancelToken | None = None,
    report: Callable[[int, int, float], None] = lambda _done, _total, _seconds: None,
) -> Lessons:
    """Return at least `total` lessons; those that are missing or damaged are made and written.

    `make` returns the function that makes a lesson of a number, and is called only if one is
    needed: networks are loaded for it. `report` gets the lessons that are done, their total and the
    seconds per lesson made. Raises Cancelled between two lessons, and LiifganError when the folder
    cannot be written or holds lessons of another run.
    """
    token = cancel or CancelToken()
    shards: list[dict[str, Tensor]] = []
    maker: Callable[[int], dict[str, Tensor]] | None = None
    made, made_s = 0, 0.0
    for first in range(0, total, SHARD_LESSONS):
        token.check()
        path = folder / f"lessons-{first:06d}.safetensors"
        shard = _read_shard(path, key, first=first)
        if shard is None:
            lessons: list[dict[str, Tensor]] = []
            for number in range(first, first + SHARD_LESSONS):
                token.check()
                start_s = time.monotonic()
                if maker is None:
                    maker = make()
                    start_s = time.monotonic()
                lessons.append(maker(number))
                made, made_s = made + 1, made_s + time.monotonic() - start_s
            shard = {name: torch.stack([one[name] for one in lessons]) for name in lessons[0]}
            _write_shard(path, shard, key, first=first)
            report(min(first + SHARD_LESSONS, total), total, made_s / made)
            # From the file, so that memory does not hold them all.
            shard = load_file(path)
        shards.append(shard)
        progress(min(1.0, (first + SHARD_LESSONS) / total))
    return Lessons(shards)


def _read_shard(path: Path, key: LessonKey, *, first: int) -> dict[str, Tensor] | None:
    """Return a shard's tensors; None when there is none or it is damaged."""
    if not path.is_file():
        return None
    try:
        with safe_open(path, framework="pt") as file:
            told = (file.metadata() or {})[_HEADER_KEY]
        header = msgspec.json.decode(told, type=_ShardHeader)
        tensors = load_file(path)
    except (SafetensorError, OSError, KeyError, msgspec.DecodeError) as error:
        _logger.warning("%s is damaged and made again (%s)", path, error)
        return None
    if header.key != key:
        raise LiifganError(
            f"{path}: these lessons were made for another run "
            f"({', '.join(header.key.differences(key))} differ); choose another --out or --lessons"
        )
    if header.first != first or tensors_digest(tensors) != header.tensors_sha256:
        _logger.warning("%s is damaged and made again", path)
        return None
    return tensors


def _write_shard(path: Path, shard: dict[str, Tensor], key: LessonKey, *, first: int) -> None:
    header = _ShardHeader(key=key, first=first, tensors_sha256=tensors_digest(shard))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, save(shard, {_HEADER_KEY: msgspec.json.encode(header).decode()}))
    except OSError as error:
        raise LiifganError(
            f"{path}: lessons cannot be written ({error.strerror}); free some space or choose "
            "another --out"
        ) from error
