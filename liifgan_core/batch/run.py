"""A batch in one process: what is done, what is left, who works on what, and the record of it."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from liifgan_core.batch.exporter import Exporter
from liifgan_core.batch.in_the_way import Taken
from liifgan_core.batch.inputs import Photo, is_inside
from liifgan_core.batch.manifest import MANIFEST_NAME, Manifest
from liifgan_core.batch.options import BatchOptions
from liifgan_core.batch.outcome import Outcome, joined
from liifgan_core.batch.photo import upscale_photo
from liifgan_core.batch.plan import Setting, skipped
from liifgan_core.progress import CancelToken, Progress, no_progress

_LOOK_AGAIN_S = 0.2
"""Seconds between two looks whether another process has finished a photo."""


class BatchRun:
    """Photos one after the other; to be used as a context manager, by one thread at a time."""

    def __init__(
        self,
        options: BatchOptions,
        exporter: Exporter,
        photos: Iterable[Photo],
        *,
        manifest: Path | None,
        journal: str | None = None,
    ) -> None:
        """`photos` are never replaced, whatever is allowed. Without a manifest nothing is recorded,
        and no other process is heeded; a worker writes to its `journal`."""
        self.options = options
        self.exporter = exporter
        self.photos = list(photos)
        self.manifest: Manifest | None = None
        if manifest is not None:
            self.manifest = Manifest(manifest, journal=journal)
        self._taken = Taken(photo.path for photo in self.photos)
        settings = tuple(options.fingerprint(exporter, wanted) for wanted in options.wanted)
        self._setting = Setting(options, exporter, self._taken, self.manifest, settings)

    def __enter__(self) -> Self:
        """Read the manifest; raises ManifestError."""
        if self.manifest is not None:
            self.manifest.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.manifest is not None:
            self.manifest.__exit__()

    @property
    def settings(self) -> tuple[str, ...]:
        """Fingerprints of the results that are made of each photo, in the order of the wanted."""
        return self._setting.settings

    def add(self, photos: Iterable[Photo]) -> None:
        """Keep further photos from being replaced."""
        for photo in photos:
            self._taken.add_photo(photo.path)

    def settled(self, photo: Photo) -> Outcome | None:
        """Return the outcome of a photo that needs no work, as far as that is known beforehand.

        A result found among the photos is left out. Where what is done is left, it is skipped, and
        its result keeps its name from the others: ask for all photos before the first is upscaled.
        """
        if photo.is_found and self._is_result(photo):
            message = f"{photo.path} is a result of a batch"
            return Outcome(status="left out", message=message)
        if self.manifest is None or not self._leaves_what_is_done:
            return None
        return self._all_finished(photo, self._finished(photo, self.manifest))

    def upscale(
        self,
        photo: Photo,
        *,
        progress: Progress = no_progress,
        cancel: CancelToken | None = None,
        waits: bool = False,
        records: bool = True,
    ) -> Outcome:
        """Return what becomes of a photo, and record it.

        A photo that another process works on is busy; `waits` waits for that process to finish, or
        to end without. With `records` false the end is left to whoever gets the outcome. Raises
        Cancelled, and ManifestError when the batch cannot go on.
        """
        if self.manifest is None:
            return upscale_photo(photo, self._setting, progress=progress, cancel=cancel)
        if not self._claim(self.manifest, photo, cancel, waits=waits):
            return Outcome(status="busy", message=f"{photo.path}: another process works on it")
        try:
            self.manifest.refresh()
            finished = self._finished(
                photo, self.manifest, since_opened=not self._leaves_what_is_done
            )
            outcome = self._all_finished(photo, finished)
            if outcome is not None:
                return outcome
            outcome = upscale_photo(
                photo, self._setting, finished=finished, progress=progress, cancel=cancel
            )
            if records:
                self.record(photo, outcome)
            return outcome
        finally:
            for settings in self.settings:
                self.manifest.release(photo.path, settings)

    def record(self, photo: Photo, outcome: Outcome) -> None:
        """Write the end of a photo into the manifest; raises ManifestError."""
        if self.manifest is None:
            return
        # Where none was begun, all have ended like the photo.
        parts = outcome.parts or (outcome,) * len(self.settings)
        for part, settings in zip(parts, self.settings, strict=True):
            _record(self.manifest, photo, settings, part, geometry=str(self.options.geometry))

    @property
    def _leaves_what_is_done(self) -> bool:
        return self.options.resume or self.options.existing == "skip"

    def _finished(
        self, photo: Photo, manifest: Manifest, *, since_opened: bool = False
    ) -> dict[int, Path]:
        """Return the results of a photo that are there, by their numbers among the wanted."""
        folder = self.options.output.folder(photo)
        found = (
            manifest.finished(photo.path, folder, settings, since_opened=since_opened)
            for settings in self.settings
        )
        return {number: path for number, path in enumerate(found) if path is not None}

    def _all_finished(self, photo: Photo, finished: Mapping[int, Path]) -> Outcome | None:
        """Return the outcome of a photo of which nothing is left to do."""
        if len(finished) < len(self.settings):
            return None
        for output in finished.values():
            self._taken.take(output, photo.path)
        return joined([skipped(photo, finished[number]) for number in sorted(finished)])

    def _claim(
        self, manifest: Manifest, photo: Photo, cancel: CancelToken | None, *, waits: bool
    ) -> bool:
        """Claim all results of a photo, or none."""
        # In one order everywhere: who waits for one holds none that others wait for.
        while True:
            held: list[str] = []
            for settings in sorted(set(self.settings)):
                if not manifest.claim(photo.path, settings):
                    break
                held.append(settings)
            else:
                return True
            for settings in held:
                manifest.release(photo.path, settings)
            if not waits:
                return False
            token = cancel or CancelToken()
            token.wait(_LOOK_AGAIN_S)
            token.check()

    def _is_result(self, photo: Photo) -> bool:
        output = self.options.output
        if self.manifest is not None and self.manifest.is_result(photo.path):
            return True
        if not output.is_folder or os.path.realpath(output.path) == os.path.realpath(photo.root):
            return False
        # Of an output folder above the photos nothing can be said.
        return is_inside(output.path, photo.root) and is_inside(photo.path, output.path)


def default_manifest(options: BatchOptions, *, is_wanted: bool) -> Path | None:
    """Return the manifest in the folder of the results, if it `is_wanted` or there already."""
    output = options.output
    path = (output.path if output.is_folder else output.path.parent) / MANIFEST_NAME
    return path if is_wanted or (output.is_folder and os.path.isfile(path)) else None


def _record(
    manifest: Manifest, photo: Photo, settings: str, part: Outcome, *, geometry: str
) -> None:
    if part.status not in ("done", "skipped", "failed"):
        return
    record = part.record
    facts: dict[str, object] = {"source": part.source, "result": part.result}
    if record is None:
        facts["error"] = part.message
    else:
        facts |= {"width": record.width, "height": record.height, "model": record.model}
        facts |= {"seconds": record.seconds, "worker": part.worker}
        facts["detail_mask"] = record.detail_mask
        facts["geometry"] = geometry or None
    if part.status == "done":
        facts["output"] = part.output
    manifest.write(photo.path, settings, part.status, **facts)
