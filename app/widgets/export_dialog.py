"""Exports one photo: asks what, shows how far it has come, and where the file is."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QCloseEvent, QDesktopServices, QGuiApplication, QImage, QImageReader
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from app.design.parts import primary_button
from app.design.tokens import L, M
from app.state.document import DocumentModel
from app.state.export_job import ExportJob
from app.state.photo import Photo
from app.state.settings_store import SettingsStore
from app.widgets.buttons import text_button
from app.widgets.export_form import ExportForm
from app.widgets.quantities import file_size_text, percent_text, time_text
from app.widgets.source_names import source_name
from app.wording import told
from app.workers.task import Task
from liifgan_core.batch.exporter import OpenExporter
from liifgan_core.errors import LiifganError
from liifgan_core.progress import CancelToken, Progress

_ENCODED = 0.1
"""Progress at which the core has encoded the photo; before, its steps are of another kind."""
_COPIED_PIXELS = 50_000_000
"""More pixels would take 200 MB of the clipboard; then only the file is copied."""
_ETA_AFTER = 0.03
"""Part of the rendering before which a time left would be a guess."""


class ExportDialog(QDialog):
    """Exports in the background; cancelling leaves no file. Main thread."""

    def __init__(
        self,
        photo: Photo,
        document: DocumentModel,
        store: SettingsStore,
        open_exporter: OpenExporter,
        pixels_per_second: Callable[[str], float | None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._open_exporter = store, open_exporter
        self._photo_path = photo.path
        self._task: Task | None = None
        self._started_s = self._encoded_s = 0.0
        self._model = ""
        self._result: Path | None = None
        self.setWindowTitle(self.tr("Export"))
        self.form = ExportForm(photo, document, store, pixels_per_second)
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setAccessibleName(self.tr("Progress of the export"))
        self.progress.hide()
        self.status = QLabel()
        self.status.setWordWrap(True)
        self.status.setTextFormat(Qt.TextFormat.PlainText)
        self.status.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.show_folder = text_button(self.tr("Show in folder"), self._show_in_folder)
        self.copy = text_button(self.tr("Copy result"), self._copy_result)
        for button in (self.show_folder, self.copy):
            button.hide()
        self.stop = text_button(self.tr("Close"), self.reject)
        self.go = primary_button(self.tr("Export"), self.start)
        self.go.setDefault(True)
        buttons = QHBoxLayout()
        buttons.addWidget(self.show_folder)
        buttons.addWidget(self.copy)
        buttons.addStretch(1)
        buttons.addWidget(self.stop)
        buttons.addWidget(self.go)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(L, L, L, L)
        layout.setSpacing(M)
        layout.addWidget(self.form)
        layout.addWidget(self.progress)
        layout.addWidget(self.status)
        layout.addStretch(1)
        layout.addLayout(buttons)
        self.setMinimumWidth(540)
        self.form.changed.connect(self._check)
        self._check()

    @property
    def is_running(self) -> bool:
        """Whether an export runs."""
        return self._task is not None

    def start(self) -> None:
        """Begin the export."""
        try:
            job = self.form.job()
        except LiifganError as error:
            self._say(told(error))
            return
        self._model = job.model
        task = self._task = Task(partial(_export, job, self._open_exporter), self)
        task.progressed.connect(self._show_progress)
        task.succeeded.connect(self._succeed)
        task.succeeded.connect(lambda _path: self._remember(job))
        task.failed.connect(self._say)
        task.cancelled.connect(lambda: self._say(self.tr("Cancelled; no file was written.")))
        task.finished.connect(self._end)
        self._started_s = self._encoded_s = time.monotonic()
        self._result = None
        self._show_running()
        self._show_progress(0.0)
        task.start()

    def reject(self) -> None:
        """Cancel the export that runs; without one, close the dialog."""
        if self._task is None:
            super().reject()
        else:
            self._task.cancel()
            self._say(self.tr("Cancelling…"))

    def closeEvent(self, event: QCloseEvent) -> None:
        self.shut_down()
        super().closeEvent(event)

    def shut_down(self) -> None:
        """Cancel what runs and wait for it."""
        if self._task is not None:
            self._task.stop()

    def _check(self) -> None:
        """Show why the choice does not work, or what to know about it."""
        try:
            self.form.job()
        except LiifganError as error:
            self.go.setEnabled(False)
            self._say(told(error))
        else:
            self.go.setEnabled(True)
            self._say(self.form.remark())

    def _remember(self, job: ExportJob) -> None:
        """Take a choice that has worked as the next one; beside the photo stays that."""
        options, folder = job.options, job.target.absolute().parent
        is_beside = self._photo_path is not None and folder == self._photo_path.absolute().parent
        self._store.change(
            export_format=options.format,
            export_folder="" if is_beside else str(folder),
            export_names_program=options.software is not None,
            export_keeps_metadata=not options.strip_metadata,
        )
        if options.quality is not None:
            self._store.change(export_quality=options.quality)

    def _say(self, message: str) -> None:
        self.status.setText(message)
        self.status.setVisible(bool(message))

    def _show_running(self) -> None:
        self.form.setEnabled(not self.is_running)
        self.go.setEnabled(not self.is_running)
        self.progress.setVisible(self.is_running)
        self.stop.setText(self.tr("Cancel") if self.is_running else self.tr("Close"))
        for button in (self.show_folder, self.copy):
            button.setVisible(self._result is not None)

    def _show_progress(self, fraction: float) -> None:
        if self._task is None or self._task.is_cancelled:
            return
        self.progress.setValue(round(1000 * fraction))
        now_s = time.monotonic()
        if fraction <= _ENCODED:
            self._encoded_s = now_s
        rendered = (fraction - _ENCODED) / (1.0 - _ENCODED)
        if rendered > _ETA_AFTER:
            left_s = (now_s - self._encoded_s) * (1.0 - rendered) / rendered
            left = self.tr("{0} left").format(time_text(left_s))
            self._say(f"{percent_text(fraction)}, {left}")
        else:
            self._say(self.tr("Encoding the photo…"))

    def _succeed(self, path: Path) -> None:
        self._result = path
        size = file_size_text(path.stat().st_size)
        passed = time_text(time.monotonic() - self._started_s)
        text = self.tr("{0} is written, rendered with {1}: {2}, in {3}.")
        self._say(text.format(path.name, source_name(self._model), size, passed))

    def _end(self) -> None:
        self._task = None
        self._show_running()

    def _show_in_folder(self) -> None:
        if self._result is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._result.parent)))

    def _copy_result(self) -> None:
        """Put the file into the clipboard, and its pixels where a clipboard can take them."""
        if self._result is None:
            return
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(self._result))])
        size = QImageReader(str(self._result)).size()
        # Qt gives no size for formats that it cannot read.
        if size.isValid() and size.width() * size.height() <= _COPIED_PIXELS:
            data.setImageData(QImage(str(self._result)))
        QGuiApplication.clipboard().setMimeData(data)


def _export(
    job: ExportJob, open_exporter: OpenExporter, progress: Progress, cancel: CancelToken
) -> Path:
    """Write a job's file and return its path; in a thread of its own."""
    exporter = open_exporter(job.model, job.device, job.precision)
    cancel.check()
    exporter(job.image, job.target, job.size, job.options, progress=progress, cancel=cancel)
    return job.target
