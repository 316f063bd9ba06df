"""Fetches the networks of others that models read, one at a time, with progress; observable."""

from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from app.workers.task import Task
from liifgan_core.progress import CancelToken, Progress
from liifgan_core.weights.network_fetch import fetch_network


class FetchNetwork(Protocol):
    """Gets a network's files, as `fetch_network` does; called in a worker thread."""

    def __call__(self, name: str, *, progress: Progress, token: CancelToken) -> Path:
        """Return the path of the weights; raises WeightsError and Cancelled."""
        ...


class NetworkFetcher(QObject):
    """Downloads on demand. An interrupted download goes on where it ended. Main thread."""

    changed = Signal()
    """Begun, ended or failed."""
    progressed = Signal(float)
    """How much of the present one is there, 0 to 1."""
    installed = Signal(str)
    """The network of this name is there: models that read it can be used."""

    def __init__(self, fetch: FetchNetwork = fetch_network, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._fetch = fetch
        self._task: Task | None = None
        self._name = self._error = ""
        self._failed_name = ""
        self._fraction = 0.0

    @property
    def present(self) -> str:
        """Name of the network that is being fetched; empty: none is."""
        return self._name

    @property
    def fraction(self) -> float:
        """How much of it is there, 0 to 1."""
        return self._fraction

    def error_of(self, name: str) -> str:
        """Return why the last try for a network failed; empty: it did not."""
        return self._error if name == self._failed_name else ""

    def fetch(self, name: str) -> None:
        """Begin to fetch a network; while one is being fetched nothing happens."""
        if self._task is not None:
            return
        get = self._fetch
        self._name, self._failed_name, self._error, self._fraction = name, "", "", 0.0
        task = self._task = Task(
            lambda progress, token: get(name, progress=progress, token=token), self
        )
        task.progressed.connect(self._progress)
        task.failed.connect(self._fail)
        task.succeeded.connect(lambda _path: self.installed.emit(name))
        task.finished.connect(self._end)
        self.changed.emit()
        task.start()

    def cancel(self) -> None:
        """Stop; what has come is kept for the next try."""
        if self._task is not None:
            self._task.cancel()

    def shut_down(self) -> None:
        """Stop and wait for it, because the app ends."""
        if self._task is not None:
            self._task.stop()

    def _progress(self, fraction: float) -> None:
        self._fraction = fraction
        self.progressed.emit(fraction)

    def _fail(self, message: str) -> None:
        self._failed_name, self._error = self._name, message

    def _end(self) -> None:
        if self._task is not None:
            self._task.deleteLater()
        self._task, self._name = None, ""
        self.changed.emit()
