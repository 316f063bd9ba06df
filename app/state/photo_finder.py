"""Searches files and folders for photos in the background and hands them over a few at a time."""

from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.state.queue_work import Listed, list_photos
from app.workers.task import Task
from liifgan_core.batch.inputs import Found, Photo

_AT_ONCE = 250
"""Photos that are handed over in one turn of the event loop."""


class PhotoFinder(QObject):
    """One search at a time; a further one waits for it. Main thread."""

    found = Signal(list)
    """Some of the `Photo`s that are not known yet."""
    changed = Signal()
    """A search has begun or ended, or more photos were found."""
    failed = Signal(str)
    """A message for the user."""
    _counted = Signal(int)

    def __init__(self, known: Callable[[], frozenset[str]], parent: QObject | None = None) -> None:
        """`known` returns identities of photos that need not be found again."""
        super().__init__(parent)
        self._known = known
        self._wanted: deque[Sequence[Path]] = deque()
        self._task: Task | None = None
        self._photos: deque[Photo] = deque()
        self._num_found = 0
        self._counted.connect(self._count)
        self._more = QTimer(self)
        self._more.setInterval(0)
        self._more.timeout.connect(self._hand_over)

    @property
    def num_found(self) -> int | None:
        """How many photos the search has found so far; None: nothing is searched."""
        return self._num_found if self._task is not None or self._photos else None

    def search(self, paths: Sequence[Path]) -> None:
        """Find photos among files and below folders, each once."""
        self._wanted.append(paths)
        self._begin()

    def cancel(self) -> None:
        """Search no further; what was handed over stays."""
        self._wanted.clear()
        self._photos.clear()
        self._more.stop()
        if self._task is not None:
            self._task.cancel()
        self.changed.emit()

    def _begin(self) -> None:
        if self._task is not None or self._photos or not self._wanted:
            return
        work = partial(list_photos, self._wanted.popleft(), self._known(), self._counted.emit)
        task = self._task = Task(work, self)
        self._num_found = 0
        task.succeeded.connect(self._take)
        task.failed.connect(self.failed)
        task.finished.connect(self._end)
        task.finished.connect(task.deleteLater)
        task.start()
        self.changed.emit()

    def _count(self, num_photos: int) -> None:
        self._num_found = num_photos
        self.changed.emit()

    def _take(self, listed: Listed) -> None:
        if self._task is None or self._task.is_cancelled:
            return
        self._num_found = len(listed.photos)
        self._photos.extend(listed.photos)
        self._hand_over()
        # Last, because summaries are written anew at every change.
        self._tell_of(listed.found)

    def _hand_over(self) -> None:
        photos = [self._photos.popleft() for _ in range(min(_AT_ONCE, len(self._photos)))]
        if photos:
            self.found.emit(photos)
        if self._photos:
            self._more.start()
        else:
            self._more.stop()
            self._begin()
        self.changed.emit()

    def _end(self) -> None:
        self._task = None
        self._begin()
        self.changed.emit()

    def _tell_of(self, found: Found) -> None:
        if found.unlistable:
            names = ", ".join(str(error.filename) for error in found.unlistable)
            text = self.tr("These folders may not be read; check their permissions: {0}")
            self.failed.emit(text.format(names))
        elif not found.photos:
            self.failed.emit(self.tr("There is no photo that can be read in it."))
