"""`liifgan upscale`: photos through one model, here or on a cluster."""

import logging
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from liifgan_core.batch.inputs import Found, Photo, find_photos
from liifgan_core.batch.manifest import last_model
from liifgan_core.batch.options import BatchOptions
from liifgan_core.batch.outcome import Outcome, Record
from liifgan_core.batch.paths import encode_line
from liifgan_core.batch.run import BatchRun
from liifgan_core.batch.work import work_of
from liifgan_core.cli import INTERRUPTED
from liifgan_core.cli.batch_progress import BatchProgress
from liifgan_core.cli.console import one_line, print_error, print_result
from liifgan_core.cli.stopping import cancel_on_signals
from liifgan_core.cli.upscale_job import UpscaleJob
from liifgan_core.cli.wording import told, with_remedy
from liifgan_core.errors import GeometryError, LiifganError, SizeError
from liifgan_core.images.read_size import read_size
from liifgan_core.progress import Cancelled, CancelToken
from liifgan_core.render.exporter import ModelExporter, open_exporter
from liifgan_core.weights.family import present_name
from liifgan_core.weights.registry import installed_files

_SOME_FAILED = 1

_logger = logging.getLogger(__name__)


def run(named: Sequence[Path], job: UpscaleJob) -> int:
    """Upscale photos and return the exit status: 0, 1 (some failed) or 130 (interrupted).

    Raises WeightsError or DeviceError before any file is touched, and LiifganError when the
    manifest cannot be written or the cluster cannot be used.
    """
    report = _Report(job)
    try:
        with cancel_on_signals("stopping; press Ctrl-C again to stop at once") as cancel:
            _run(named, job, report, cancel)
    except (KeyboardInterrupt, Cancelled):
        print_error("cancelled" if job.manifest is None else "cancelled; go on with --resume")
        return INTERRUPTED
    except LiifganError as error:
        if not report.has_any:
            raise
        print_error(told(error))
        return _SOME_FAILED
    report.end()
    return report.status


def _model_name(job: UpscaleJob) -> str | None:
    """Return the model that is asked for: by the user, else by the batch that goes on.

    So a batch keeps its model where another machine would take another default.
    """
    options = job.options
    if options.model is not None or not options.resume or job.manifest is None:
        return options.model
    name = last_model(job.manifest)
    is_installed = name is not None and not {name, present_name(name)}.isdisjoint(installed_files())
    return name if is_installed else None


def _run(named: Sequence[Path], job: UpscaleJob, report: "_Report", cancel: CancelToken) -> None:
    options = job.options
    name = _model_name(job)
    exporter = open_exporter(name, device=options.device, precision=options.precision)
    cancel.check()
    if not exporter.has_detail and (options.detail != 1.0 or options.detail_mask is not None):
        what = "--detail" if options.detail_mask is None else "a detail mask"
        _logger.warning("the model %s has no detail layer: %s changes nothing", exporter.name, what)
    if options.has_invented_map and not exporter.has_detail:
        raise LiifganError(
            f"the model {exporter.name} has no detail layer, so there is no map of what it "
            "invents; choose another --model, or leave --invented-map out"
        )
    found = find_photos(
        named, is_recursive=job.is_recursive, output=options.output.path, cancel=cancel
    )
    report.start(found)
    if not found.photos:
        return
    with BatchRun(options, exporter, found.photos, manifest=job.manifest) as batch:
        todo: list[Photo] = []
        for photo in found.photos:
            cancel.check()
            settled = batch.settled(photo)
            if settled is None:
                todo.append(photo)
            else:
                report.take(photo, settled)
        report.check_any(todo, named)
        with BatchProgress([_work(photo.path, options) for photo in todo]) as progress:
            for number, outcome in _outcomes(todo, batch, exporter, job, progress, cancel):
                report.take(todo[number], outcome)
                progress.finish(number, is_skipped=outcome.status == "skipped")


def _outcomes(
    todo: Sequence[Photo],
    batch: BatchRun,
    exporter: ModelExporter,
    job: UpscaleJob,
    progress: BatchProgress,
    cancel: CancelToken,
) -> Iterator[tuple[int, Outcome]]:
    """Yield (number of the photo, what became of it), in any order."""
    if job.cluster is not None:
        from liifgan_core.cli.cluster import outcomes_from_cluster

        for number, outcome in outcomes_from_cluster(todo, batch, exporter, job):
            # The one that writes the manifest; workers have journals of their own.
            batch.record(todo[number], outcome)
            yield number, outcome
            progress.tell(todo[number].path.name)
            cancel.check()
        return
    busy: list[int] = []
    for waits, numbers in ((False, range(len(todo))), (True, busy)):
        if waits and busy:
            told = f"waiting for {len(busy)} photos that other processes work on"
            print(told, file=sys.stderr, flush=True)
        for number in numbers:
            cancel.check()
            photo = todo[number]
            with progress.photo(number, photo.path.name) as show:
                outcome = batch.upscale(photo, progress=show, cancel=cancel, waits=waits)
            if outcome.status == "busy":
                busy.append(number)
            else:
                yield number, outcome


class _Report:
    """Tells what becomes of photos, and counts it."""

    def __init__(self, job: UpscaleJob) -> None:
        self._job = job
        self._counts: Counter[str] = Counter()

    @property
    def has_any(self) -> bool:
        """Whether anything was done, skipped or failed."""
        return any(self._counts[status] for status in ("done", "skipped", "failed"))

    @property
    def status(self) -> int:
        """Exit status so far."""
        return _SOME_FAILED if self._counts["failed"] else 0

    def start(self, found: Found) -> None:
        """Tell what is wrong with the folders, and what is passed over in them."""
        for error in found.unlistable:
            self._fail(
                f"{error.filename} cannot be listed ({error.strerror}); check its permissions"
            )
        for folder in found.empty:
            self._fail(f"{folder} holds no photo that can be read; name another folder")
        for passed in found.passed_over:
            self._pass_over(passed.path, passed.why)

    def check_any(self, todo: Sequence[Photo], named: Sequence[Path]) -> None:
        """Tell where all that was found are results of batches, so that nothing is to be done."""
        if not todo and not self.has_any:
            folders = ", ".join(str(path) for path in named)
            self._fail(f"{folders}: all photos in it are results of batches; name another folder")

    def take(self, photo: Photo, outcome: Outcome) -> None:
        """Tell of a photo."""
        if outcome.status == "failed":
            self._fail(with_remedy(outcome.message, outcome.remedy))
        elif outcome.status == "left out":
            self._pass_over(photo.path, "a result")
        else:
            self._counts["skipped" if outcome.status == "skipped" else "done"] += 1
        for part in outcome.each:
            if part.record is None:
                continue
            try:
                print_result(_line(part.record, as_json=self._job.as_json))
            except LiifganError as error:
                self._fail(f"{photo.path}: {error}")

    def end(self) -> None:
        """Tell the sum of a run that has passed anything by; on stderr, if stdout has records."""
        counts = self._counts
        if not (counts["skipped"] or counts["passed over"]):
            return
        parts = [f"{counts['done']} done"]
        if counts["skipped"]:
            parts.append(f"{counts['skipped']} skipped because their results are there")
        parts.append(f"{counts['failed']} failed")
        if counts["passed over"]:
            names = "" if self._job.is_verbose else " (-v names them)"
            parts.append(f"{counts['passed over']} in folders passed over{names}")
        if self._job.as_json:
            print(", ".join(parts), file=sys.stderr, flush=True)
        else:
            print_result(", ".join(parts))

    def _fail(self, message: str) -> None:
        self._counts["failed"] += 1
        print_error(message)

    def _pass_over(self, path: Path, why: str) -> None:
        self._counts["passed over"] += 1
        if self._job.is_verbose:
            print_error(f"{path} is passed over: {why}")


def _line(record: Record, *, as_json: bool) -> str:
    if as_json:
        return encode_line(record).decode("ascii")
    line = (
        f"{record.input} -> {record.output}: {record.width}x{record.height} in "
        f"{record.seconds:.1f} s on {record.device} ({record.precision}) with {record.model}"
    )
    if record.consistent is not None:
        what = "" if record.consistent == "full" else f" in {record.consistent}"
        line += f", consistent{what} within {record.consistent_error:.2f}/255 on average"
    return one_line(line)


def _work(source: Path, options: BatchOptions) -> float:
    size = read_size(source)
    if size is None:
        return 0.0
    try:
        frame = options.geometry.frame_size(size)
        results = [wanted.rule.output_size(frame) for wanted in options.wanted]
    except (SizeError, GeometryError):
        return 0.0
    return work_of(size, *results)
