"""One photo from its file to its results', by an exporter that is given."""

import dataclasses
import logging
import os
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from liifgan_core.batch.inputs import Photo
from liifgan_core.batch.manifest import ManifestError
from liifgan_core.batch.options import BatchOptions
from liifgan_core.batch.outcome import GeometryRecord, Outcome, Record, joined
from liifgan_core.batch.paths import identity, path_to_text
from liifgan_core.batch.plan import (
    Planned,
    ReadPhoto,
    Setting,
    failed,
    left_by_header,
    plan_results,
    read_photo,
    skipped,
    way_by_now,
)
from liifgan_core.batch.stamps import FileStamp
from liifgan_core.errors import LiifganError, TargetExistsError
from liifgan_core.files.failures import exists_error
from liifgan_core.images.formats import result_depth
from liifgan_core.losses import Loss, collected, tell
from liifgan_core.progress import Cancelled, CancelToken, Progress
from liifgan_core.render.export_options import ExportOrder, ExportReport

_log = logging.getLogger(__name__)

NOTHING: Mapping[int, Path] = MappingProxyType({})


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
        return failed(photo, error)
    except Exception as error:  # the edge: a defect in one file must not cost the others
        _log.debug("traceback", exc_info=True)
        told = f"unexpected {type(error).__name__}: {error}; please report"
        return Outcome(status="failed", message=f"{photo.path}: {told}")


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
        left = left_by_header(photo, setting)
        if left is not None:
            for target in left:
                setting.taken.take(target, photo.path)
            return [skipped(photo, target) for target in left]
    for number, target in finished.items():
        setting.taken.take(target, photo.path)
        parts[number] = skipped(photo, target)
    read = read_photo(photo, setting)
    planned = plan_results(read, setting, parts)
    if planned:
        if cancel is not None:
            cancel.check()
        parts |= _exported(read, planned, setting, progress, cancel)
    return [parts[number] for number in range(len(setting.settings))]


def _exported(
    read: ReadPhoto,
    planned: Sequence[Planned],
    setting: Setting,
    progress: Progress,
    cancel: CancelToken | None,
) -> dict[int, Outcome]:
    """Return how the results end that are written now, by their numbers."""
    options, exporter = setting.options, setting.exporter
    journals = [_Journal(read, plan, setting) for plan in planned]
    orders: list[ExportOrder] = []
    planning: list[list[Loss]] = []
    for plan, journal in zip(planned, journals, strict=True):
        journal.start()
        with collected() as losses:
            bit_depth = _bit_depth(read, plan, options)
        planning.append(losses)
        orders.append(
            ExportOrder(
                plan.target,
                plan.size,
                options.export_options(
                    plan.wanted,
                    plan.format,
                    bit_depth,
                    replaces=plan.way == "replaced",
                    detail_mask=read.detail_mask,
                ),
                None if setting.manifest is None else journal.note_result,
            )
        )
    reports = exporter.export_all(read.image, orders, progress=progress, cancel=cancel)
    parts: dict[int, Outcome] = {}
    reading_s = read.seconds
    for plan, journal, losses, report in zip(planned, journals, planning, reports, strict=True):
        if isinstance(report, ExportReport):
            report = dataclasses.replace(report, losses=(*losses, *report.losses))
        parts[plan.number] = _ended(read, plan, journal, report, setting, reading_s)
        if not isinstance(report, LiifganError):
            reading_s = 0.0  # like encoding, the first result that was written has it
    return parts


def _ended(
    read: ReadPhoto,
    plan: Planned,
    journal: "_Journal",
    report: ExportReport | LiifganError,
    setting: Setting,
    reading_s: float,
) -> Outcome:
    photo, exporter = read.photo, setting.exporter
    if isinstance(report, TargetExistsError):
        # It has appeared meanwhile: that may be what the options say is left.
        try:
            is_left = way_by_now(plan, photo, setting) == "left"
        except LiifganError:
            is_left = False
        if is_left:
            setting.taken.take(plan.target, photo.path)
            return skipped(photo, plan.target)
    if isinstance(report, LiifganError):
        return failed(photo, report)
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
        detail_mask=setting.options.mask_name if exporter.has_detail else None,
        factor_across=round(plan.size.width / plan.source_size.width, 6),
        factor_down=round(plan.size.height / plan.source_size.height, 6),
        preset=plan.wanted.named.preset,
        shows=plan.wanted.shows,
        consistent=report.consistent,
        consistent_error=report.consistent_error,
        losses=report.losses,
        geometry=_geometry(setting.options, plan),
    )
    return Outcome(
        status="done",
        record=record,
        output=path_to_text(identity(plan.target)),
        source=read.source,
        result=journal.result_with_times(),
        worker=journal.worker,
    )


def _geometry(options: BatchOptions, plan: Planned) -> GeometryRecord | None:
    geometry, frame = options.geometry, plan.source_size
    if geometry.is_identity:
        return None
    return GeometryRecord(
        rotation_deg=geometry.rotation_deg,
        perspective=None if geometry.corners is None else [(p.x, p.y) for p in geometry.corners],
        distortion=(geometry.k1, geometry.k2),
        frame=geometry.frame,
        frame_width=frame.width,
        frame_height=frame.height,
        background=options.background if plan.wanted.shows == "picture" else None,
    )


class _Journal:
    """What the manifest gets to know of one result while it is worked on."""

    def __init__(self, read: ReadPhoto, plan: Planned, setting: Setting) -> None:
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
        way = way_by_now(plan, self._read.photo, self._setting)
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


def _bit_depth(read: ReadPhoto, plan: Planned, options: BatchOptions) -> int:
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
        name = plan.format.name
        if asked is None:
            tell("bits", file=read.photo.path, has=wanted, format=name, gets=chosen)
        else:
            tell("bits-asked", file=read.photo.path, asked=wanted, format=name, gets=chosen)
    return chosen
