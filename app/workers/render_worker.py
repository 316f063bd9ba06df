"""The thread that renders what the view asks for, always the latest request."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QThread, Signal

from liifgan_core.errors import LiifganError
from liifgan_core.images.image import Image
from liifgan_core.progress import Cancelled, CancelToken
from liifgan_core.render.request import RenderEngine, RenderRequest

OpenEngine = Callable[[], RenderEngine]

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    request: RenderRequest
    image: Image
    open_engine: OpenEngine
    cancel: CancelToken
    abandon: CancelToken


class RenderWorker(QThread):
    """Owns the engine. `run` is the worker thread's, everything else belongs to the main thread."""

    tile_ready = Signal(object)
    """A FrameTile, as soon as it is made."""
    frame_done = Signal(int)
    """All tiles of the request with this id have been sent."""
    progressed = Signal(int, float)
    """How much of the request with this id is done, 0 to 1."""
    failed = Signal(int, str)
    """The request with this id has ended with this message for the user."""

    def __init__(self, open_engine: OpenEngine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._condition = threading.Condition()
        self._open_engine = open_engine
        self._image: tuple[str, Image] | None = None
        self._waiting: _Job | None = None
        self._running: _Job | None = None
        self._is_stopping = False

    def open_image(self, key: str, image: Image) -> None:
        """Take the image of the requests that follow. O(1)."""
        with self._condition:
            self._image = key, image

    def submit(self, request: RenderRequest) -> None:
        """Render this instead of all before. O(1): replaces what waits, cancels what runs."""
        with self._condition:
            if self._image is None or self._image[0] != request.image_key:
                raise ValueError(f"the image {request.image_key!r} was not given to the worker")
            self._cancel_running(request)
            self._waiting = _Job(
                request, self._image[1], self._open_engine, CancelToken(), CancelToken()
            )
            self._condition.notify()

    def use_engine(self, open_engine: OpenEngine) -> None:
        """Close the engine and open another one for the requests that follow. O(1)."""
        with self._condition:
            self._open_engine = open_engine
            self._cancel_running(None)

    def stop(self) -> None:
        """Cancel what runs and wait for the thread's end."""
        with self._condition:
            self._is_stopping = True
            self._waiting = None
            self._cancel_running(None)
            self._condition.notify()
        self.wait()

    def run(self) -> None:
        opened_with = self._open_engine
        engine = _opened_early(opened_with)
        opened_key: str | None = None
        while (job := self._next()) is not None:
            try:
                if engine is None or opened_with is not job.open_engine:
                    if engine is not None:
                        engine.close()
                    engine, opened_key = None, None
                    engine, opened_with = job.open_engine(), job.open_engine
                if job.request.image_key != opened_key:
                    engine.open(job.request.image_key, job.image)
                    opened_key = job.request.image_key
                self._render(engine, job)
            except Cancelled:
                pass
            except LiifganError as error:
                self.failed.emit(job.request.id, str(error))
            except Exception as error:
                _logger.exception("rendering failed")
                message = self.tr("Rendering failed: {0}. Choose another model or device.")
                self.failed.emit(job.request.id, message.format(error))
        if engine is not None:
            engine.close()

    def _render(self, engine: RenderEngine, job: _Job) -> None:
        # A method of its own: in the loop above, the last tile would live on until the next frame
        # has its first, and the pixels of two whole views need twice the memory.
        tiles = engine.render(
            job.request,
            cancel=job.cancel,
            abandon=job.abandon,
            following=self._following,
            progress=lambda fraction: self.progressed.emit(job.request.id, fraction),
        )
        for tile in tiles:
            job.cancel.check()
            self.tile_ready.emit(tile)
        self.frame_done.emit(job.request.id)

    def _following(self) -> RenderRequest | None:
        """Return the request that waits. The worker thread's; without the lock, which `submit` may
        hold: the newest is soon seen."""
        waiting = self._waiting
        return None if waiting is None else waiting.request

    def _next(self) -> _Job | None:
        """Return the next job, waiting for it; None when the thread shall end."""
        with self._condition:
            self._running = None
            while self._waiting is None and not self._is_stopping:
                self._condition.wait()
            self._running, self._waiting = self._waiting, None
            return self._running

    def _cancel_running(self, following: RenderRequest | None) -> None:
        """Stop the running job; its encoding only when the next request has no use for it.

        Where it draws with the same models, the engine knows whether it needs what is encoded.
        """
        if self._running is None:
            return
        self._running.cancel.cancel()
        old = self._running.request
        is_related = following is not None and (
            following.image_key == old.image_key and not following.models.isdisjoint(old.models)
        )
        if not is_related:
            self._running.abandon.cancel()


def _opened_early(open_engine: OpenEngine) -> RenderEngine | None:
    """Return the engine before it is needed; None where that fails, which the first job reports."""
    try:
        return open_engine()
    except Exception:
        _logger.warning("the engine could not be opened", exc_info=True)
        return None
