"""Whether the window may close: asks about what is not done, waits for what must be saved."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QMessageBox, QWidget

from app.state.export_queue import ExportQueue
from app.state.training_run import TrainingRun

_LOOK_MS = 50
"""Between two looks whether all has ended."""


class Closer(QObject):
    """Decides over one window, which asks it in its `closeEvent`. Main thread."""

    def __init__(
        self,
        window: QWidget,
        queue: ExportQueue,
        training: TrainingRun,
        say: Callable[[str], object],
    ) -> None:
        super().__init__(window)
        self._window, self._queue, self._training = window, queue, training
        self._say = say
        self.question: QMessageBox | None = None
        """The question that is open."""
        self._is_leaving = False
        self._look = QTimer(self)
        self._look.setInterval(_LOOK_MS)
        self._look.timeout.connect(self._close_when_ended)

    def may_close(self) -> bool:
        """Return whether the window may close now; if not, it asks, or closes it later."""
        if self._is_leaving:
            return self._has_ended()
        if self._queue.num_left and not self._queue.is_leaving:
            self._ask()
            return False
        return self._leave()

    def _ask(self) -> None:
        if self.question is not None:
            self.question.raise_()
            return
        num_left = self._queue.num_left
        box = self.question = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(self.tr("Exports are not done"))
        text = self.tr("1 export is not done.")
        if num_left > 1:
            text = self.tr("{0} exports are not done.").format(num_left)
        box.setText(text)
        box.setInformativeText(
            self.tr("They wait in the queue when LIIF-GAN is started again. No half file is left.")
        )
        leave = box.addButton(self.tr("Close"), QMessageBox.ButtonRole.AcceptRole)
        stay = box.addButton(self.tr("Keep working"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(stay)
        box.setEscapeButton(stay)

        def answer() -> None:
            self.question = None
            if box.clickedButton() is leave and self._leave():
                self._window.close()

        box.finished.connect(lambda _result: answer())
        box.open()

    def _leave(self) -> bool:
        """Have all work end; return whether it has."""
        self._is_leaving = True
        trains = self._training.is_alive
        self._queue.leave()
        self._training.leave()
        if self._has_ended():
            return True
        if trains:
            self._say(self.tr("The training is saved first, within 30 s; then the window closes."))
        else:
            self._say(self.tr("The export is being ended; then the window closes."))
        self._look.start()
        return False

    def _has_ended(self) -> bool:
        return not self._queue.has_threads and not self._training.is_alive

    def _close_when_ended(self) -> None:
        if self._has_ended():
            self._look.stop()
            self._window.close()
