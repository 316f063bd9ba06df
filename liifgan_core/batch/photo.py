"""One photo from its file to its results', by an exporter that is given."""

import logging
import os
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from liifgan_core.batch.exporter import Exporter
from liifgan_core.batch.in_the_way import ClashError, Taken, Way, way_to
from liifgan_core.batch.inputs import Photo
from liifgan_core.batch.manifest import Manifest, ManifestError
from liifgan_core.batch.options import BatchOptions
from liifgan_core.batch.outcome import Outcome, Record, joined
from liifgan_core.batch.paths import identity, path_to_text
from liifgan_core.batch.stamps import FileStamp, is_unchanged, stamp_of
from liifgan_core.batch.wanted import Wanted
from liifgan_core.errors import ImageReadError, LiifganError, TargetExistsError
from liifgan_core.geometry import Size
from liifgan_core.images.formats import Format, result_depth
from liifgan_core.images.header import read_header
from liifgan_core.images.image import Image
from liifgan_core.images.read import read_image
from liifgan_core.images.target import check_target, exists_error
from liifgan_core.progress import Cancelled, CancelToken, Progress
from liifgan_core.render.export_options import ExportOrder, ExportReport

_log = logging.getLogger(__name__)

NOTHING: Mapping[int, Path] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Setting:
    """What the photos of a batch have in common, in one process."""

    options: BatchOptions
    exporter: Exporter
    taken: Taken
    manifest: Manifest | None
    settings: tuple[str, ...]
    """Fingerprints of `options.wanted`."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A photo that is read."""

    photo: Photo
    image: Image
    source: FileStamp | None
    seconds: float


@dataclass(frozen=True, slots=True)
class _Planned:
    """One of a photo's results, and where it goes."""

    number: int
    """Among `BatchOptions.wanted`."""
    wanted: Wanted
    settings: str
    size: Size
    target: Path
    format: Format
    way: Way


def upscale_photo(
    photo: Photo,
    setting: Setting,
    *,
    finished: Mapping[int, Path] = NOTHING,
    progress: Progress,
    cancel: CancelToken | None = None,
) -> Outcome:
    """Write the results of a photo, whatever may be wrong with it; nothing is printed.

    `finished` are the results that are there, by their numbers, and are left. The manifest gets to
    know what was begun; of the end, whoever gets the outcome tells it. Raises Cancelled, and
    ManifestError where no more can be recorded.
    """
    try:
        return joined(_upscaled(photo, setting, finished, progress, cancel))
    except (Cancelled, ManifestError):
        raise
    except LiifganError as error:
        return _failed(photo, error)
    except Exception as error:  # the edge: a defect in one file must not cost the others
        _log.debug("traceback", exc_info=True)
        told = f"unexpected {type(error).__name__}: {error}; please report"
        return Outcome(status="failed", message=f"{photo.path}: {told}")


def skipped(photo: Photo, target: Path) -> Outcome:
    """Return that a result of a photo is there."""
    message = f"{photo.path}: {target} is there"
    return Outcome(status="skipped", output=path_to_text(target), message=message)


def _upscaled(
    photo: Photo,
    setting: Setting,
    finished: Mapping[int, Path],
    progress: Progress,
    cancel: CancelToken | None,
) -> list[Outcome]:
    options = setting.options
    parts: dict[int, Outcome] = {}
    if options.existing == "skip" and not options.resume:
        left = _left_by_header(photo, setting)
        if left is not None:
            for target in left:
                setting.taken.take(target, photo.path)
            return [skipped(photo, target) for target in left]
    for number, target in finished.items():
        setting.taken.take(target, photo.path)
        parts[number] = skipped(photo, target)
    read = _read(photo, setting)
    planned = _planned(read, setting, parts)
    if planned:
        if cancel is not None:
            cancel.check()
        parts |= _exported(read, planned, setting, progress, cancel)
    return [parts[number] for number in range(len(setting.settings))]


def _planned(read: _Read, setting: Setting, parts: dict[int, Outcome]) -> list[_Planned]:
    """Return the results that are to be written; how others end is added to `parts`.

    Raises ClashError where two of them would have one name, before any is begun.
    """
    photo, planned = read.photo, list[_Planned]()
    names: dict[str, Path] = {}
    for number, (wanted, settings) in enumerate(
        zip(setting.options.wanted, setting.settings, strict=True)
    ):
        try:
            target, size, chosen = _target(
                photo, setting, wanted, read.image.size, read.image.source_format
            )
            # Two names that differ in case may be one file.
            other = names.setdefault(str(target).casefold(), target)
            if other is not target:
                raise _SameNameError(
                    f"{photo.path}: two of its results would be {target}; tell them apart by "
                    "{size} or {preset} in the names"
                )
            if number in parts:
                continue
            # What exists is looked at below, where the manifest has a say.
            check_target(target, size=size, format=chosen.name, overwrite=True, source=photo.path)
            way = _way(target, photo, setting)
        except _SameNameError:
            raise
        except LiifganError as error:
            parts[number] = _failed(photo, error)
            continue
        if way == "left":
            setting.taken.take(target, photo.path)
            parts[number] = skipped(photo, target)
            continue
        planned.append(_Planned(number, wanted, settings, size, target, chosen, way))
    return planned


class _SameNameError(ClashError):
    """Two results of one photo would have the same name."""


def _exported(
    read: _Read,
    planned: Sequence[_Planned],
    setting: Setting,
    progress: Progress,
    cancel: CancelToken | None,
) -> dict[int, Outcome]:
    """Return how the results end that are written now, by their numbers."""
    options, exporter = setting.options, setting.exporter
    journals = [_Journal(read, plan, setting) for plan in planned]
    orders: list[ExportOrder] = []
    for plan, journal in zip(planned, journals, strict=True):
        journal.start()
        orders.append(
            ExportOrder(
                plan.target,
                plan.size,
                options.export_options(
                    plan.wanted,
                    plan.format,
                    _bit_depth(read, plan, options),
                    replaces=plan.way == "replaced",
                ),
                None if setting.manifest is None else journal.note_result,
            )
        )
    reports = exporter.export_all(read.image, orders, progress=progress, cancel=cancel)
    parts: dict[int, Outcome] = {}
    reading_s = read.seconds
    for plan, journal, report in zip(planned, journals, reports, strict=True):
        parts[plan.number] = _ended(read, plan, journal, report, setting, reading_s)
        if not isinstance(report, LiifganError):
            reading_s = 0.0  # like encoding, the first result that was written has it
    return parts


def _ended(
    read: _Read,
    plan: _Planned,
    journal: "_Journal",
    report: ExportReport | LiifganError,
    setting: Setting,
    reading_s: float,
) -> Outcome:
    photo, exporter = read.photo, setting.exporter
    if isinstance(report, TargetExistsError):
        # It has appeared meanwhile: that may be what the options say is left.
        try:
            is_left = _way_by_now(plan, photo, setting) == "left"
        except LiifganError:
            is_left = False
        if is_left:
            setting.taken.take(plan.target, photo.path)
            return skipped(photo, plan.target)
    if isinstance(report, LiifganError):
        return _failed(photo, report)
    setting.taken.take(plan.target, photo.path)
    record = Record(
        input=path_to_text(photo.path),
        output=path_to_text(plan.target),
        width=plan.size.width,
        height=plan.size.height,
        seconds=round(reading_s + report.seconds, 3),
        reading_s=round(reading_s, 3),
        encoding_s=round(report.encoding_s, 3),
        rendering_s=round(report.rendering_s, 3),
        writing_s=round(report.writing_s, 3),
        device=exporter.device,
        precision=report.precision,
        engine=report.engine,
        model=exporter.name,
        factor_across=round(plan.size.width / read.image.size.width, 6),
        factor_down=round(plan.size.height / read.image.size.height, 6),
        preset=plan.wanted.named.preset,
        shows=plan.wanted.shows,
        consistent=report.consistent,
        consistent_error=report.consistent_error,
    )
    return Outcome(
        status="done",
        record=record,
        output=path_to_text(identity(plan.target)),
        source=read.source,
        result=journal.result_with_times(),
        worker=journal.worker,
    )


class _Journal:
    """What the manifest gets to know of one result while it is worked on."""

    def __init__(self, read: _Read, plan: _Planned, setting: Setting) -> None:
        self._read, self._plan, self._setting = read, plan, setting
        self._result: FileStamp | None = None
        self.worker = f"{socket.gethostname()}:{os.getpid()}"

    def start(self) -> None:
        """Note that the result is begun."""
        self._write("started")

    def note_result(self, num_bytes: int, sha256: str) -> None:
        """Note the result before it has its name, and look once more at what it would replace.

        Hours may have passed: whoever has changed an older result meanwhile keeps it.
        """
        plan = self._plan
        way = _way_by_now(plan, self._read.photo, self._setting)
        if way != plan.way and not (plan.way == "replaced" and way == "free"):
            raise exists_error(plan.target)
        self._result = FileStamp(num_bytes=num_bytes, sha256=sha256)
        self._write("rendered")

    def result_with_times(self) -> FileStamp | None:
        """Return the stamp of the result under its name, so that it need not be read again."""
        if self._result is None:
            return None
        try:
            status = os.stat(self._plan.target)
        except OSError:
            return self._result
        if status.st_size != self._result.num_bytes:
            return self._result  # somebody else's already
        return FileStamp(
            num_bytes=self._result.num_bytes,
            sha256=self._result.sha256,
            mtime_ns=status.st_mtime_ns,
            ctime_ns=status.st_ctime_ns,
        )

    def _write(self, status: Literal["started", "rendered"]) -> None:
        if self._setting.manifest is not None:
            self._setting.manifest.write(
                self._read.photo.path,
                self._plan.settings,
                status,
                source=self._read.source,
                output=path_to_text(identity(self._plan.target)),
                result=self._result,
                worker=self.worker,
            )


def _left_by_header(photo: Photo, setting: Setting) -> list[Path] | None:
    """Return the results if all are there and stay, and the photo's header tells their names."""
    found = read_header(photo.path)
    if found is None:
        return None
    left: list[Path] = []
    for wanted in setting.options.wanted:
        target, _, _ = _target(photo, setting, wanted, *found)
        if not os.path.isfile(target) or _way(target, photo, setting) != "left":
            return None
        left.append(target)
    return left


def _target(
    photo: Photo, setting: Setting, wanted: Wanted, photo_size: Size, source_format: str
) -> tuple[Path, Size, Format]:
    return setting.options.output.target(
        photo,
        wanted,
        photo_size=photo_size,
        source_format=source_format,
        model=setting.exporter.name,
    )


def _read(photo: Photo, setting: Setting) -> _Read:
    options = setting.options
    start_s = time.perf_counter()
    source = None if setting.manifest is None else _stamp(photo.path)
    image = read_image(photo.path, max_pixels=options.max_pixels, memory_bytes=options.memory_bytes)
    if source is not None and not is_unchanged(photo.path, source):
        raise ImageReadError(f"{photo.path} has changed while it was read; run it again")
    return _Read(photo, image, source, time.perf_counter() - start_s)


def _way(target: Path, photo: Photo, setting: Setting) -> Way:
    setting.taken.check(target, photo.path)
    return way_to(target, photo, setting.options, setting.manifest)


def _way_by_now(plan: _Planned, photo: Photo, setting: Setting) -> Way:
    if setting.manifest is not None:
        setting.manifest.refresh()
    return _way(plan.target, photo, setting)


def _stamp(path: Path) -> FileStamp | None:
    try:
        return stamp_of(path) if path.is_file() else None
    except (OSError, ValueError):
        return None  # reading it says why


def _bit_depth(read: _Read, plan: _Planned, options: BatchOptions) -> int:
    """Return the asked depth, or the photo's where its format has no such depth or none is asked.

    Raises nothing: a single format that lacks the asked depth is told by its writer.
    """
    if plan.wanted.shows != "picture":
        return plan.format.depths[0]
    asked, depths = options.bit_depth, plan.format.depths
    if asked is not None and (asked in depths or not options.output.is_mixed):
        return asked
    chosen = result_depth(plan.format, asked or read.image.num_bits)
    wanted = asked or read.image.num_bits
    if chosen < wanted:
        told = "%s has %d bits, its result as %s %d"
        if asked is not None:
            told = "%s: %d bits are asked for, its result as %s has %d"
        _log.warning(told, read.photo.path, wanted, plan.format.name, chosen)
    return chosen


def _failed(photo: Photo, error: LiifganError) -> Outcome:
    """Return that something failed; the message begins with the file's name."""
    message, path = str(error), str(photo.path)
    message = message if message.startswith(path) else f"{path}: {message}"
    return Outcome(status="failed", message=message, remedy=error.remedy)
