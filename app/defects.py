"""Exceptions that nothing caught: into the log, and before the user with a report to copy."""

import logging
import sys
import threading
import traceback
from types import TracebackType

import PySide6
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from app.log_file import system_line
from app.widgets.defect_dialog import DefectDialog

_logger = logging.getLogger("app")


class DefectReporter(QObject):
    """Shows the first defect at once, and another one after the dialog is closed.

    Made in the main thread; `take` may be called from any.
    """

    _found = Signal(str)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._is_open = False
        # Queued: the defect may be one of painting, where no dialog can open.
        self._found.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """Take what Python would print and forget; Qt's event loop goes on after it."""
        sys.excepthook = self.take
        threading.excepthook = self._take_from_thread

    def take(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """Log an exception and show it. Any thread."""
        _logger.error("a defect", exc_info=(kind, error, trace))
        self._found.emit(defect_report(kind, error, trace))

    def _take_from_thread(self, thrown: threading.ExceptHookArgs) -> None:
        if thrown.exc_value is not None:
            self.take(thrown.exc_type, thrown.exc_value, thrown.exc_traceback)

    def _show(self, report: str) -> None:
        if self._is_open:  # the log has it
            return
        self._is_open = True
        dialog = DefectDialog(report, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(self._forget)
        dialog.open()

    def _forget(self) -> None:
        self._is_open = False


def defect_report(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> str:
    """Return what a developer has to know: program, computer, traceback."""
    return "\n".join(
        (
            system_line(),
            f"PySide6 {PySide6.__version__}, {QGuiApplication.platformName() or 'no display'}",
            "",
            "".join(traceback.format_exception(kind, error, trace)),
        )
    )
