"""What the batch queue's threads do, and the time that it takes."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.wording import told
from liifgan_core.batch.exporter import OpenExporter
from liifgan_core.batch.inputs import Photo
from liifgan_core.batch.manifest import ManifestError
from liifgan_core.batch.options import BatchOptions
from liifgan_core.batch.outcome import Outcome
from liifgan_core.batch.run import BatchRun, default_manifest
from liifgan_core.progress import CancelToken, Progress


@dataclass(frozen=True, slots=True)
class Opened:
    """A batch that can begin, and what is known beforehand of its photos."""

    run: BatchRun
    settled: dict[Path, Outcome]


@dataclass(frozen=True, slots=True)
class Stopped:
    """Why no photo can be done any more."""

    message: str


class Clock:
    """Seconds of work, pauses left out, and the photos done in them."""

    def __init__(self) -> None:
        self.photos = 0
        self._before_s = 0.0
        self._since_s: float | None = None

    def start(self) -> None:
        """Go on."""
        self._since_s = time.monotonic()

    def stop(self) -> None:
        """Count no more until the next start."""
        self._before_s, self._since_s = self.seconds, None

    @property
    def seconds(self) -> float:
        """Of work so far."""
        running_s = 0.0 if self._since_s is None else time.monotonic() - self._since_s
        return self._before_s + running_s


def open_batch(
    options: BatchOptions,
    open_exporter: OpenExporter,
    photos: Sequence[Photo],
    _progress: Progress,
    cancel: CancelToken,
) -> Opened | Stopped:
    """Load the model, read the manifest, and see what is done already."""
    exporter = open_exporter(options.model, options.device, options.precision)
    cancel.check()
    run = BatchRun(options, exporter, photos, manifest=default_manifest(options, is_wanted=True))
    try:
        run.__enter__()
    except ManifestError as error:
        return Stopped(told(error))
    try:
        settled: dict[Path, Outcome] = {}
        for photo in photos:
            cancel.check()
            if (outcome := run.settled(photo)) is not None:
                settled[photo.path] = outcome
    except BaseException:
        run.__exit__(None, None, None)
        raise
    return Opened(run, settled)


def upscale(
    run: BatchRun,
    photo: Photo,
    added: Sequence[Photo],
    go_on: threading.Event,
    waits: bool,
    progress: Progress,
    cancel: CancelToken,
) -> Outcome | Stopped:
    """Enlarge a photo, holding at each report of progress while `go_on` is not set."""

    def report_and_hold(fraction: float) -> None:
        progress(fraction)
        go_on.wait()
        cancel.check()

    run.add(added)
    try:
        settled = run.settled(photo)
        if settled is not None:
            return settled
        return run.upscale(photo, progress=report_and_hold, cancel=cancel, waits=waits)
    except ManifestError as error:
        return Stopped(told(error))
