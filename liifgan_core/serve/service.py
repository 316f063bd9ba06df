"""The service without its HTTP: jobs, the queue, and the one thread that works on them.

Long because all that shares the lock of the queue is here.
"""

import logging
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from liifgan_core.batch.exporter import OpenExporter
from liifgan_core.batch.inputs import Photo
from liifgan_core.batch.options import BatchOptions
from liifgan_core.batch.outcome import Outcome
from liifgan_core.batch.paths import text_to_path
from liifgan_core.batch.run import BatchRun
from liifgan_core.errors import LiifganError
from liifgan_core.images.header import read_header
from liifgan_core.progress import Cancelled
from liifgan_core.serve.folders import Folders
from liifgan_core.serve.job import Job, ToldResult
from liifgan_core.serve.job_request import JobRequest
from liifgan_core.serve.limits import Limits
from liifgan_core.serve.models import ModelShelf
from liifgan_core.serve.refusal import Refusal, ToldError
from liifgan_core.serve.spool import Spool
from liifgan_core.serve.uploads import Upload, safe_name

_log = logging.getLogger(__name__)

_RETRY_S = 5
"""Seconds until a client tries again, before the first job tells how long one takes."""
_LONGEST_RETRY_S = 60
STOPPING = "the service is stopping"


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """How the service is."""

    is_stopping: bool
    num_queued: int
    """Waiting or being uploaded."""
    num_running: int
    num_jobs: int
    loaded_models: list[str]
    folders: list[str]


class Service:
    """A context manager. All methods are for any thread, and may touch the disk."""

    def __init__(
        self,
        open_exporter: OpenExporter,
        *,
        spool: Path,
        folders: Sequence[Path] = (),
        limits: Limits | None = None,
        device: str = "auto",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`spool` is the folder for uploads and results. Raises Refusal for no folder."""
        self.limits = limits or Limits()
        self.folders = Folders(folders)
        self._spool, self._device, self._clock = Spool(spool), device, clock
        self._shelf = ModelShelf(open_exporter, device=device, num_models=self.limits.num_models)
        self._lock = threading.Condition()
        self._jobs: dict[str, Job] = {}
        self._queue: deque[Job] = deque()
        self._running: Job | None = None
        self._promised: dict[str, int] = {}
        """Uploads on their way, or about to be queued -> their bytes at most."""
        self._is_stopping = False
        self._last_job_s: float | None = None
        self._worker = threading.Thread(target=self._work, name="liifgan-serve")

    def __enter__(self) -> Self:
        self._spool.__enter__()
        self._worker.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop, wait for the worker to notice it, and remove all uploads and results."""
        self.stop()
        self._worker.join()
        self._spool.__exit__(kind, error, traceback)

    def stop(self) -> int:
        """Cancel all jobs and take no more; return how many were cancelled. Does not wait.

        The job that is worked on ends at its next step, without a result.
        """
        with self._lock:
            self._is_stopping = True
            waiting = list(self._queue)
            self._queue.clear()
            for job in waiting:
                job.cancel(STOPPING)
                self._end(job)
            running = self._running
            if running is not None:
                running.cancel(STOPPING)
            self._lock.notify_all()
        return len(waiting) + (running is not None)

    @property
    def health(self) -> Health:
        """What is going on."""
        with self._lock:
            return Health(
                is_stopping=self._is_stopping,
                num_queued=len(self._queue) + len(self._promised),
                num_running=int(self._running is not None),
                num_jobs=len(self._jobs),
                loaded_models=self._shelf.names,
                folders=[str(path) for path in self.folders.paths],
            )

    def reserve(self, num_bytes: int) -> str:
        """Return a ticket for a job whose upload has that many bytes at most; give it back.

        Raises Refusal while stopping (503) and where there is no room (429).
        """
        with self._lock:
            if self._is_stopping:
                raise Refusal(503, "stopping", f"{STOPPING}; start it again")
            self._drop_old()
            limits = self.limits
            if len(self._queue) + len(self._promised) >= limits.num_queued:
                message = f"{limits.num_queued} jobs wait already; try again later"
                raise self._busy("queue_full", message)
            if len(self._jobs) + len(self._promised) >= limits.num_kept:
                message = f"{limits.num_kept} jobs are kept; fetch and delete finished ones"
                raise self._busy("too_many_jobs", message)
            taken = self._spool.num_bytes + sum(self._promised.values())
            if num_bytes and taken + num_bytes > limits.spool_bytes:
                message = (
                    "uploads and results fill their disk space; fetch and delete finished jobs"
                )
                raise self._busy("storage_full", message)
            ticket = secrets.token_urlsafe(16)
            self._promised[ticket] = num_bytes
            return ticket

    def give_back(self, ticket: str) -> None:
        """Give a ticket back, whether it has become a job or not."""
        with self._lock:
            self._promised.pop(ticket, None)

    def new_upload(self, file_name: str | None) -> Upload:
        """Return where an upload is written to."""
        return Upload(self._spool.new_folder(), safe_name(file_name))

    def drop_upload(self, upload: Upload) -> None:
        """Remove an upload that has not become a job."""
        self._spool.remove(upload.folder)

    def submit(self, asked: JobRequest, ticket: str, upload: Upload | None) -> Job:
        """Put a job into the queue; the upload, if there is one, is its from here on.

        Raises Refusal and LiifganError; then an upload is still the caller's.
        """
        folder = self._spool.new_folder() if upload is None else upload.folder
        try:
            job = self._job(asked, folder, upload)
            with self._lock:
                if self._is_stopping:
                    raise Refusal(503, "stopping", f"{STOPPING}; start it again")
                del self._promised[ticket]
                self._jobs[job.id] = job
                self._queue.append(job)
                self._lock.notify_all()
        except BaseException:
            if upload is None:
                self._spool.remove(folder)
            raise
        return job

    def job(self, id: str) -> Job:
        """Return a job; raises Refusal (404)."""
        with self._lock:
            if id not in self._jobs:
                raise Refusal(404, "no_job", f"there is no job {id[:60]!r}, or not any more")
            return self._jobs[id]

    def jobs(self) -> list[Job]:
        """Return all jobs that are remembered, the oldest first."""
        with self._lock:
            self._drop_old()
            return list(self._jobs.values())

    def cancel(self, id: str) -> Job:
        """Cancel a job; one that is worked on ends at its next step. Ended ones stay."""
        with self._lock:
            job = self.job(id)
            if not job.has_ended:
                job.cancel("cancelled by its client")
                if job in self._queue:
                    self._queue.remove(job)
                    self._end(job)
            return job

    def forget(self, id: str) -> None:
        """Cancel a job and remove it with its result; a file in a named folder stays."""
        with self._lock:
            job = self.cancel(id)
            del self._jobs[id]
            if job is not self._running:
                self._spool.remove(job.folder)

    def _job(self, asked: JobRequest, folder: Path, upload: Upload | None) -> Job:
        if upload is None:
            assert asked.path is not None, "checked where the request comes in"
            path = self.folders.check(asked.path, field="path")
            if not path.is_file():
                message = f"path {asked.path[:200]!r} is no file; name a photo"
                raise Refusal(404, "no_file", message, field="path")
        else:
            path = upload.path
        results = folder / "out"
        results.mkdir()
        options = asked.options(self.folders, self.limits, spool=results, device=self._device)
        _check_size(path, options, self.limits.result_pixels)
        return Job(
            secrets.token_urlsafe(12),
            photo=Photo(path, path.parent),
            told_as=str(path) if upload is None else path.name,
            options=options,
            folder=folder,
        )

    def _work(self) -> None:
        while True:
            with self._lock:
                self._lock.wait_for(lambda: self._queue or self._is_stopping)
                if self._is_stopping:
                    return
                job = self._running = self._queue.popleft()
            start_s = self._clock()
            job.start()
            end = self._upscaled(job)
            with self._lock:
                self._running, job.ended_s = None, self._clock()
                self._last_job_s = job.ended_s - start_s
                # The upload has done its duty; a job that was deleted meanwhile leaves nothing.
                is_forgotten = job.id not in self._jobs
                self._spool.remove(job.folder if is_forgotten else job.folder / "in")
                end()

    def _upscaled(self, job: Job) -> Callable[[], None]:
        """Do the work, and return what notes its end, for when all else is in order."""
        try:
            job.cancel_token.check()
            exporter = self._shelf.get(job.options.model, job.options.precision)
            self._check_again(job)
            with BatchRun(job.options, exporter, [job.photo], manifest=None) as batch:
                outcome = batch.upscale(job.photo, progress=job.report, cancel=job.cancel_token)
            return _end_of(job, outcome)
        except Cancelled:
            return job.end_cancelled
        except LiifganError as error:
            return partial(job.fail, _told(error))
        except Exception as error:  # the edge: a defect must not end the worker
            _log.exception("job %s", job.id)
            message = f"unexpected {type(error).__name__}: {error}; please report"
            return partial(job.fail, ToldError(code="unexpected", message=message))

    def _check_again(self, job: Job) -> None:
        """Look for links once more: some time has passed since the request."""
        for path, field in ((job.photo.path, "path"), (job.options.output.path, "output")):
            if job.folder not in path.parents:
                self.folders.check(str(path), field=field)

    def _end(self, job: Job) -> None:
        """End a job that was waiting; the lock is held."""
        job.ended_s = self._clock()
        job.end_cancelled()
        self._spool.remove(job.folder)

    def _drop_old(self) -> None:
        """Forget jobs whose time is over, and where there are too many those that are fetched.

        The lock is held.
        """
        old_s = self._clock() - self.limits.kept_s
        ended = [job for job in self._jobs.values() if job.ended_s is not None]
        for job in ended:
            is_full = len(self._jobs) + len(self._promised) >= self.limits.num_kept
            is_needed = job.result_path is not None and not job.was_fetched
            if (job.ended_s or 0.0) <= old_s or (is_full and not is_needed):
                del self._jobs[job.id]
                self._spool.remove(job.folder)

    def _busy(self, code: str, message: str) -> Refusal:
        seconds = _RETRY_S if self._last_job_s is None else round(self._last_job_s)
        seconds = max(1, min(seconds, _LONGEST_RETRY_S))
        return Refusal(429, code, f"{message} (in {seconds} s)", retry_after_s=seconds)


def _check_size(path: Path, options: BatchOptions, result_pixels: int) -> None:
    """Refuse a result that is too large, as far as the header tells; reading tells the rest."""
    found = read_header(path)
    size = None if found is None else options.rules[0].rule.output_size(found[0])
    if size is not None and size.num_pixels > result_pixels:
        message = (
            f"the result would have {size} = {size.num_pixels:,} pixels, more than the "
            f"{result_pixels:,} that the service makes; ask for a smaller size"
        )
        raise Refusal(422, "too_large", message)


def _end_of(job: Job, outcome: Outcome) -> Callable[[], None]:
    if outcome.status == "done":
        assert outcome.record is not None
        assert outcome.output is not None
        result = text_to_path(outcome.output)
        told = ToldResult.of(
            outcome.record,
            result,
            is_download=job.folder in result.parents,
            hides=job.without_places,
        )
        return partial(job.finish, told, result)
    message = job.without_places(outcome.message)
    code = "exists" if outcome.remedy == "overwrite" else "cannot_upscale"
    return partial(job.fail, ToldError(code=code, message=message, remedy=outcome.remedy))


def _told(error: LiifganError) -> ToldError:
    if isinstance(error, Refusal):
        return error.told
    return ToldError(code="cannot_upscale", message=str(error), remedy=error.remedy)
