"""One training run as a child process: a crash of either side leaves the other alone."""

import re
import shutil
import sys
from collections.abc import Sequence
from typing import Literal

from PySide6.QtCore import QObject, QProcess, QTimer, Signal

from app.state.model_files import delivery_path, install_weights
from app.state.training_log import TrainingLog
from app.state.training_plan import WEIGHTS_NAME, TrainingPlan, save_plan, saved_plans
from liifgan_core.errors import LiifganError
from liifgan_core.files.whole import write_whole
from liifgan_core.weights.registry import file_sha256

RunState = Literal["idle", "running", "pausing", "stopping", "paused", "done", "failed"]

POLL_MS = 1000
_PAUSED = 130
"""The trainer's exit status after it was asked to stop, and has saved."""
_SHUT_DOWN_MS = 30_000
"""A step takes seconds, and writing a checkpoint some more."""
_NICENESS = "5"
"""Below the app, so that it stays responsive while all cores are busy."""
_DELIVERED = "delivered.sha256"
"""File in a run's folder: which installed model is its own."""
_PROGRESS = re.compile(r"step (\d+)/(\d+):.* (\d+):(\d\d):(\d\d) left")


class TrainingRun(QObject):
    """Runs plans, one at a time. Main thread."""

    state_changed = Signal()
    progressed = Signal()
    """The log has grown, or the estimate changed."""
    model_ready = Signal(str)
    """A model of this name was put into the user's folder."""

    def __init__(self, command: Sequence[str], parent: QObject | None = None) -> None:
        """`command` starts `liifgan`; the arguments follow it."""
        super().__init__(parent)
        self._command = tuple(command)
        self._plan: TrainingPlan | None = None
        self._state: RunState = "idle"
        self._message = ""
        self._log: TrainingLog | None = None
        self._tail = ""
        self._stop_step: int | None = None
        self._seconds_left: float | None = None
        self._process: QProcess | None = None
        self._poll = QTimer(self)
        self._poll.setInterval(POLL_MS)
        self._poll.timeout.connect(self._read_log)
        self._budget = QTimer(self)
        self._budget.setSingleShot(True)
        self._budget.timeout.connect(self.stop)

    @property
    def state(self) -> RunState:
        """How the run is."""
        return self._state

    @property
    def plan(self) -> TrainingPlan | None:
        """The run that is shown; None before the first."""
        return self._plan

    @property
    def log(self) -> TrainingLog | None:
        """What it has reported."""
        return self._log

    @property
    def message(self) -> str:
        """Why it failed, or what the trainer said last."""
        return self._message

    @property
    def stop_step(self) -> int | None:
        """The last step; None until the trainer has said it."""
        return self._stop_step

    @property
    def seconds_left(self) -> float | None:
        """The trainer's estimate."""
        return self._seconds_left

    @property
    def is_alive(self) -> bool:
        """Whether the child process runs."""
        return self._process is not None

    def show(self, plan: TrainingPlan) -> None:
        """Take a run that is on disk, to go on or to look at."""
        if not self.is_alive:
            self._take(plan)
            self._set_state("paused" if plan.has_checkpoint else "idle")

    def forget(self) -> None:
        """Show no run, before a new one; the one that was shown stays on disk."""
        if not self.is_alive:
            self._plan, self._log, self._message = None, None, ""
            self._stop_step = self._seconds_left = None
            self._set_state("idle")

    def start(self, plan: TrainingPlan) -> None:
        """Begin a run, or go on where it has a checkpoint."""
        if self.is_alive:
            return
        known = next((run for run in saved_plans() if run.name == plan.name), plan)
        if plan.has_checkpoint and (known.photos, known.recipe) != (plan.photos, plan.recipe):
            self._fail(
                self.tr(
                    "The run {0} has other photos or another recipe; choose another name"
                ).format(plan.name)
            )
            return
        self._take(plan)
        try:
            save_plan(plan)
        except LiifganError as error:
            self._fail(str(error))
            return
        process = self._process = QProcess(self)
        process.setProcessChannelMode(QProcess.ProcessChannelMode.MergedChannels)
        process.readyReadStandardOutput.connect(self._read_output)
        process.finished.connect(self._finish)
        process.errorOccurred.connect(self._fail_to_start)
        program, *arguments = [*_niced(self._command), *plan.arguments()]
        process.start(program, arguments)
        self._poll.start()
        if plan.max_minutes is not None:
            self._budget.start(plan.max_minutes * 60_000)
        self._set_state("running")

    def pause(self) -> None:
        """Let the trainer save after its step, and end; `start` goes on."""
        self._ask_to_end("pausing")

    def stop(self) -> None:
        """End the run here and put its model into the list of models."""
        if self.is_alive:
            self._ask_to_end("stopping")
        elif self._state == "paused":
            self._deliver()

    def leave(self) -> None:
        """Pause because the app ends, without waiting for it; after 30 s the child is killed."""
        process = self._process
        if process is not None:
            self.pause()
            QTimer.singleShot(_SHUT_DOWN_MS, process, process.kill)

    def shut_down(self) -> None:
        """Pause as `leave`, and wait for it."""
        process = self._process
        if process is None:
            return
        self.pause()
        if not process.waitForFinished(_SHUT_DOWN_MS):
            process.kill()
            process.waitForFinished()

    def _take(self, plan: TrainingPlan) -> None:
        self._plan, self._log = plan, TrainingLog(plan.folder)
        self._message = self._tail = ""
        self._stop_step = self._seconds_left = None
        self._log.poll()

    def _ask_to_end(self, state: RunState) -> None:
        if self._process is None or self._state in ("pausing", "stopping"):
            return
        self._set_state(state)
        if sys.platform == "win32":
            # There is no signal that a process without a console could catch: what came after the
            # last checkpoint is lost.
            self._process.kill()
        else:
            self._process.terminate()

    def _read_output(self) -> None:
        if self._process is None:
            return
        self._tail += bytes(self._process.readAllStandardOutput().data()).decode(errors="replace")
        *lines, self._tail = self._tail.split("\n")
        for line in lines:
            progress = _PROGRESS.search(line)
            if progress is not None:
                _, stop, hours, minutes, seconds = map(int, progress.groups())
                self._stop_step = stop
                self._seconds_left = 3600.0 * hours + 60.0 * minutes + seconds
                self._message = ""
            elif line.strip():
                self._message = line.strip().removeprefix("liifgan: ")
        self._read_log()

    def _read_log(self) -> None:
        if self._log is not None:
            self._log.poll()
        self.progressed.emit()

    def _finish(self, status: int, _kind: QProcess.ExitStatus) -> None:
        self._read_output()
        asked = self._state
        if self._process is not None:
            self._process.deleteLater()
        self._process = None
        self._poll.stop()
        self._budget.stop()
        self._read_log()
        assert self._plan is not None, "a process has a plan"
        was_ended = status == _PAUSED or asked in ("pausing", "stopping")
        if status == 0 or (asked == "stopping" and was_ended):
            self._deliver()
        elif was_ended:
            self._set_state("paused" if self._plan.has_checkpoint else "idle")
        else:
            self._fail(self._message or self.tr("The training ended unexpectedly."))

    def _fail_to_start(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart and self._process is not None:
            reason, self._process = self._process.errorString(), None
            self._poll.stop()
            self._fail(self.tr("The trainer cannot be started: {0}").format(reason))

    def _deliver(self) -> None:
        """Put the model so far into the user's folder of models."""
        assert self._plan is not None, "there is a run"
        weights = self._plan.folder / WEIGHTS_NAME
        if not weights.is_file():
            self._set_state("paused" if self._plan.has_checkpoint else "idle")
            return
        try:
            record = self._plan.folder / _DELIVERED
            target = install_weights(weights, delivery_path(self._plan.name, record))
            write_whole(record, file_sha256(target).encode("ascii"))
        except (LiifganError, OSError) as error:
            self._fail(str(error))
            return
        self._set_state("done")
        self.model_ready.emit(target.stem)

    def _fail(self, message: str) -> None:
        self._message = message
        self._set_state("failed")

    def _set_state(self, state: RunState) -> None:
        self._state = state
        self.state_changed.emit()


def _niced(command: Sequence[str]) -> list[str]:
    nice = shutil.which("nice")
    return list(command) if nice is None else [nice, "-n", _NICENESS, *command]
