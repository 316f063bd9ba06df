"""Asks how one photo shall be exported, and puts that into the queue."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.design.parts import primary_button
from app.design.tokens import L, M
from app.state.document import DocumentModel
from app.state.export_queue import ExportQueue
from app.state.photo import Photo
from app.state.queue_entries import QueueEntry
from app.state.settings_store import SettingsStore
from app.widgets.buttons import text_button
from app.widgets.export_form import ExportForm
from app.wording import told
from liifgan_core.batch.options import BatchOptions
from liifgan_core.errors import LiifganError


class ExportDialog(QDialog):
    """Closes as soon as the export is in the queue. Main thread."""

    def __init__(
        self,
        photo: Photo,
        document: DocumentModel,
        store: SettingsStore,
        queue: ExportQueue,
        pixels_per_second: Callable[[str], float | None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._queue, self._photo = store, queue, photo
        self.setWindowTitle(self.tr("Export"))
        self.form = ExportForm(photo, document, store, pixels_per_second)
        self.status = QLabel()
        self.status.setWordWrap(True)
        self.status.setTextFormat(Qt.TextFormat.PlainText)
        self.status.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.stop = text_button(self.tr("Close"), self.reject)
        self.go = primary_button(self.tr("Export"), self.start)
        self.go.setDefault(True)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.stop)
        buttons.addWidget(self.go)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(L, L, L, L)
        layout.setSpacing(M)
        layout.addWidget(self.form)
        layout.addWidget(self.status)
        layout.addStretch(1)
        layout.addLayout(buttons)
        self.setMinimumWidth(540)
        self.form.changed.connect(self._check)
        self._check()

    def start(self) -> None:
        """Put the export into the queue and close."""
        try:
            options = self.form.options()
        except LiifganError as error:
            self._say(told(error))
            return
        self._remember_when_done(options)
        self._queue.enqueue(self._photo, options)
        self.accept()

    def _check(self) -> None:
        """Show why the choice does not work, or what to know about it."""
        try:
            self.form.options()
        except LiifganError as error:
            self.go.setEnabled(False)
            self._say(told(error))
        else:
            self.go.setEnabled(True)
            self._say(self.form.remark())

    def _remember_when_done(self, options: BatchOptions) -> None:
        """Take a choice that has worked as the next one; beside the photo stays that.

        The dialog may be gone by then.
        """
        store, queue, target = self._store, self._queue, options.output.path.absolute()
        beside = None if self._photo.path is None else self._photo.path.absolute().parent

        def remember(entries: Sequence[QueueEntry]) -> None:
            queue.finished.disconnect(remember)
            results = {entry.target for entry in entries if entry.status == "done"}
            if target not in results:
                return
            store.change(
                export_format=options.output.format,
                export_folder="" if target.parent == beside else str(target.parent),
                export_names_program=options.names_program,
                export_keeps_metadata=not options.strip_metadata,
            )
            if options.quality is not None:
                store.change(export_quality=options.quality)

        queue.finished.connect(remember)

    def _say(self, message: str) -> None:
        self.status.setText(message)
        self.status.setVisible(bool(message))
