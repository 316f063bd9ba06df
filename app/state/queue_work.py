"""What the export queue's threads do, and the time that it takes."""

import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image as PillowImage

from app.state.queue_entries import Order
from app.wording import told
from liifgan_core.batch.exporter import Exporter, OpenExporter
from liifgan_core.batch.inputs import Found, Photo, find_photos
from liifgan_core.batch.manifest import ManifestError
from liifgan_core.batch.outcome import Outcome
from liifgan_core.batch.paths import identity
from liifgan_core.batch.run import BatchRun
from liifgan_core.files.whole import whole_file
from liifgan_core.images.image import Image
from liifgan_core.progress import CancelToken, Progress

Drawer = tuple[str | None, str, str]
"""Model, device and precision: what an exporter is opened for."""

_TOLD_EVERY_S = 0.1
"""Between two counts of the photos found: more often than that nobody reads them."""
_ENCODED = 0.1
"""Progress at which the core has encoded the photo; before, its steps are of another kind."""
_ETA_AFTER = 0.03
"""Part of the rendering before which a time left would be a guess."""
_FAST_PNG = 1
"""Level of compression: the file is read once and goes."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An order that can begin, and what is known beforehand of its photos."""

    order: Order
    run: BatchRun
    settled: dict[Path, Outcome]


@dataclass(frozen=True, slots=True)
class Stopped:
    """Why no photo of an order can be done any more."""

    message: str


@dataclass(frozen=True, slots=True)
class Listed:
    """Photos that the queue does not have yet, and what else was seen."""

    photos: list[Photo]
    found: Found


class Clock:
    """Seconds of work, pauses left out, and the photos done in them."""

    def __init__(self) -> None:
        self.photos = 0
        self._before_s = 0.0
        self._since_s: float | None = None

    def start(self) -> None:
        """Go on."""
        self.stop()
        self._since_s = time.monotonic()

    def stop(self) -> None:
        """Count no more until the next start."""
        self._before_s, self._since_s = self.seconds, None

    @property
    def seconds(self) -> float:
        """Of work so far."""
        running_s = 0.0 if self._since_s is None else time.monotonic() - self._since_s
        return self._before_s + running_s


class PhotoClock:
    """Estimates when one photo will be done, by the seconds of work that a `Clock` counts."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._encoded_s = clock.seconds

    def seconds_left(self, fraction: float) -> float | None:
        """Return an estimate at a fraction, to be asked at each; None where it would be a guess."""
        now_s = self._clock.seconds
        if fraction <= _ENCODED:
            self._encoded_s = now_s
        rendered = (fraction - _ENCODED) / (1.0 - _ENCODED)
        if rendered <= _ETA_AFTER:
            return None
        return (now_s - self._encoded_s) * (1.0 - rendered) / rendered


def list_photos(
    paths: Sequence[Path],
    known: Collection[str],
    tell: Callable[[int], None],
    _progress: Progress,
    cancel: CancelToken,
) -> Listed:
    """Return what files and folders hold and is not `known`; `tell` hears how many there are."""
    told_s = time.monotonic()

    def seen(num_photos: int) -> None:
        nonlocal told_s
        now_s = time.monotonic()
        if now_s - told_s >= _TOLD_EVERY_S:
            told_s = now_s
            tell(num_photos)

    found = find_photos(paths, cancel=cancel, seen=seen)
    return Listed([photo for photo in found.photos if identity(photo.path) not in known], found)


def keep_picture(image: Image, path: Path, _progress: Progress, _cancel: CancelToken) -> Path:
    """Write an 8-bit picture that has no file, such as a pasted one, so that it can wait."""
    picture = PillowImage.fromarray(image.samples)
    if image.alpha is not None:
        picture.putalpha(PillowImage.fromarray(image.alpha))
    with whole_file(path) as file:
        picture.save(file, "PNG", compress_level=_FAST_PNG)
    return path


def drawer(order: Order) -> Drawer:
    """Return what an order's exporter is opened for."""
    return order.options.model, order.options.device, order.options.precision


def open_order(
    order: Order,
    open_exporter: OpenExporter,
    loaded: Mapping[Drawer, Exporter],
    photos: Sequence[Photo],
    others: Sequence[Photo],
    _progress: Progress,
    cancel: CancelToken,
) -> Opened | Stopped:
    """Load the model unless it is, read the manifest, and see what is done already.

    `photos` are those of the order; `others`, too, are never replaced.
    """
    exporter = loaded.get(drawer(order)) or open_exporter(*drawer(order))
    cancel.check()
    run = BatchRun(order.options, exporter, photos, manifest=order.record)
    try:
        run.__enter__()
    except ManifestError as error:
        return Stopped(told(error))
    try:
        run.add(others)
        settled: dict[Path, Outcome] = {}
        for photo in photos:
            cancel.check()
            if (outcome := run.settled(photo)) is not None:
                settled[photo.path] = outcome
    except BaseException:
        run.__exit__(None, None, None)
        raise
    return Opened(order, run, settled)


def upscale(
    run: BatchRun,
    photo: Photo,
    added: Sequence[Photo],
    others: Sequence[BatchRun],
    go_on: threading.Event,
    waits: bool,
    progress: Progress,
    cancel: CancelToken,
) -> Outcome | Stopped:
    """Enlarge a photo, holding at each report of progress while `go_on` is not set.

    Photos that were `added` to the queue are not replaced, by this run and by `others`.
    """

    def report_and_hold(fraction: float) -> None:
        progress(fraction)
        go_on.wait()
        cancel.check()

    for known in (run, *others):
        known.add(added)
    try:
        settled = run.settled(photo)
        if settled is not None:
            return settled
        return run.upscale(photo, progress=report_and_hold, cancel=cancel, waits=waits)
    except ManifestError as error:
        return Stopped(told(error))
