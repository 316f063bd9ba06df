"""One photo from its file to its result's, by an exporter that is given."""

import logging
import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from liifgan_core.batch.exporter import Exporter
from liifgan_core.batch.in_the_way import Taken, Way, way_to
from liifgan_core.batch.inputs import Photo
from liifgan_core.batch.manifest import Manifest, ManifestError
from liifgan_core.batch.options import BatchOptions
from liifgan_core.batch.outcome import Outcome, Record
from liifgan_core.batch.paths import identity, path_to_text
from liifgan_core.batch.stamps import FileStamp, is_unchanged, stamp_of
from liifgan_core.errors import ImageReadError, LiifganError, TargetExistsError
from liifgan_core.geometry import Size
from liifgan_core.images.detail_mask import DetailMask
from liifgan_core.images.formats import Format, result_depth
from liifgan_core.images.header import read_header
from liifgan_core.images.image import Image
from liifgan_core.images.read import read_image
from liifgan_core.images.target import check_target, exists_error
from liifgan_core.progress import Cancelled, CancelToken, Progress

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Setting:
    """What the photos of a batch have in common, in one process."""

    options: BatchOptions
    exporter: Exporter
    taken: Taken
    manifest: Manifest | None


@dataclass(frozen=True, slots=True)
class _Read:
    """A photo that is read, and where its result goes."""

    photo: Photo
    image: Image
    source: FileStamp | None
    size: Size
    target: Path
    format: Format
    way: Way
    detail_mask: DetailMask | None
    seconds: float


def upscale_photo(
    photo: Photo, setting: Setting, *, progress: Progress, cancel: CancelToken | None = None
) -> Outcome:
    """Write the result of a photo, whatever may be wrong with it; nothing is printed.

    The manifest gets to know what was begun; of the end, whoever gets the outcome tells it. Raises
    Cancelled, and ManifestError where no more can be recorded.
    """
    try:
        return _upscaled(photo, setting, progress, cancel)
    except (Cancelled, ManifestError):
        raise
    except LiifganError as error:
        message = _naming(photo.path, str(error))
        return Outcome(status="failed", message=message, remedy=error.remedy)
    except Exception as error:  # the edge: a defect in one file must not cost the others
        _log.debug("traceback", exc_info=True)
        told = f"unexpected {type(error).__name__}: {error}; please report"
        return Outcome(status="failed", message=f"{photo.path}: {told}")


def skipped(photo: Photo, target: Path) -> Outcome:
    """Return that the result of a photo is there."""
    message = f"{photo.path}: {target} is there"
    return Outcome(status="skipped", output=path_to_text(target), message=message)


def _upscaled(
    photo: Photo, setting: Setting, progress: Progress, cancel: CancelToken | None
) -> Outcome:
    options, exporter = setting.options, setting.exporter
    if options.existing == "skip" and not options.resume:
        target = _left_by_header(photo, setting)
        if target is not None:
            return skipped(photo, target)
    read = _read(photo, setting)
    if read.way == "left":
        setting.taken.take(read.target, photo.path)
        return skipped(photo, read.target)
    if cancel is not None:
        cancel.check()
    journal = _Journal(read, setting)
    journal.start()
    try:
        report = exporter(
            read.image,
            read.target,
            read.size,
            options.export_options(
                read.format,
                _bit_depth(read, options),
                replaces=read.way == "replaced",
                detail_mask=read.detail_mask,
            ),
            progress=progress,
            cancel=cancel,
            before_naming=None if setting.manifest is None else journal.note_result,
        )
    except TargetExistsError:
        # It has appeared meanwhile: that may be what the options say is left.
        if _way_by_now(read, setting) != "left":
            raise
        setting.taken.take(read.target, photo.path)
        return skipped(photo, read.target)
    setting.taken.take(read.target, photo.path)
    record = Record(
        input=path_to_text(photo.path),
        output=path_to_text(read.target),
        width=read.size.width,
        height=read.size.height,
        seconds=round(read.seconds + report.seconds, 3),
        reading_s=round(read.seconds, 3),
        encoding_s=round(report.encoding_s, 3),
        rendering_s=round(report.rendering_s, 3),
        writing_s=round(report.writing_s, 3),
        device=exporter.device,
        precision=report.precision,
        engine=report.engine,
        model=exporter.name,
        detail_mask=options.mask_name if exporter.has_detail else None,
    )
    return Outcome(
        status="done",
        record=record,
        output=path_to_text(identity(read.target)),
        source=read.source,
        result=journal.result_with_times(),
        worker=journal.worker,
    )


class _Journal:
    """What the manifest gets to know of one photo while it is worked on."""

    def __init__(self, read: _Read, setting: Setting) -> None:
        self._read, self._setting = read, setting
        self._result: FileStamp | None = None
        self.worker = f"{socket.gethostname()}:{os.getpid()}"

    def start(self) -> None:
        """Note that the photo is begun."""
        self._write("started")

    def note_result(self, num_bytes: int, sha256: str) -> None:
        """Note the result before it has its name, and look once more at what it would replace.

        Hours may have passed: whoever has changed an older result meanwhile keeps it.
        """
        read, way = self._read, _way_by_now(self._read, self._setting)
        if way != read.way and not (read.way == "replaced" and way == "free"):
            raise exists_error(read.target)
        self._result = FileStamp(num_bytes=num_bytes, sha256=sha256)
        self._write("rendered")

    def result_with_times(self) -> FileStamp | None:
        """Return the stamp of the result under its name, so that it need not be read again."""
        if self._result is None:
            return None
        try:
            status = os.stat(self._read.target)
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
                status,
                source=self._read.source,
                output=path_to_text(identity(self._read.target)),
                result=self._result,
                worker=self.worker,
            )


def _left_by_header(photo: Photo, setting: Setting) -> Path | None:
    """Return a result that is there and stays, if the photo's header tells its name."""
    found = read_header(photo.path)
    if found is None:
        return None
    target, _ = setting.options.output.target(
        photo, setting.options.rule.output_size(found[0]), found[1]
    )
    if not os.path.isfile(target) or _way(target, photo, setting) != "left":
        return None
    setting.taken.take(target, photo.path)
    return target


def _read(photo: Photo, setting: Setting) -> _Read:
    options = setting.options
    start_s = time.perf_counter()
    source = None if setting.manifest is None else _stamp(photo.path)
    image = read_image(photo.path, max_pixels=options.max_pixels, memory_bytes=options.memory_bytes)
    if source is not None and not is_unchanged(photo.path, source):
        raise ImageReadError(f"{photo.path} has changed while it was read; run it again")
    detail_mask = options.mask_for(image) if setting.exporter.has_detail else None
    seconds = time.perf_counter() - start_s
    size = options.rule.output_size(image.size)
    target, chosen = options.output.target(photo, size, image.source_format)
    # What exists is looked at below, where the manifest has a say.
    check_target(target, size=size, format=chosen.name, overwrite=True, source=photo.path)
    way = _way(target, photo, setting)
    return _Read(photo, image, source, size, target, chosen, way, detail_mask, seconds)


def _way(target: Path, photo: Photo, setting: Setting) -> Way:
    setting.taken.check(target, photo.path)
    return way_to(target, photo, setting.options, setting.manifest)


def _way_by_now(read: _Read, setting: Setting) -> Way:
    if setting.manifest is not None:
        setting.manifest.refresh()
    return _way(read.target, read.photo, setting)


def _stamp(path: Path) -> FileStamp | None:
    try:
        return stamp_of(path) if path.is_file() else None
    except (OSError, ValueError):
        return None  # reading it says why


def _bit_depth(read: _Read, options: BatchOptions) -> int:
    """Return the asked depth, or the photo's where its format has no such depth or none is asked.

    Raises nothing: a single format that lacks the asked depth is told by its writer.
    """
    asked, depths = options.bit_depth, read.format.depths
    if asked is not None and (asked in depths or not options.output.is_mixed):
        return asked
    chosen = result_depth(read.format, asked or read.image.num_bits)
    wanted = asked or read.image.num_bits
    if chosen < wanted:
        told = "%s has %d bits, its result as %s %d"
        if asked is not None:
            told = "%s: %d bits are asked for, its result as %s has %d"
        _log.warning(told, read.photo.path, wanted, read.format.name, chosen)
    return chosen


def _naming(path: Path, message: str) -> str:
    """Return the message, which begins with the file's name if it does not already."""
    return message if message.startswith(str(path)) else f"{path}: {message}"
