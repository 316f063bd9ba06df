"""The export queue: single exports, and photos and folders that all get one rule."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QLabel, QProgressBar, QVBoxLayout, QWidget

from app.design.icons import icon
from app.design.parts import FittedScroll, primary_button, quiet_label, tool_button
from app.design.tokens import M, S
from app.state.document import DocumentModel
from app.state.export_queue import ExportQueue
from app.state.opener import READABLE_SUFFIXES
from app.state.settings_store import SettingsStore
from app.widgets.batch_form import BatchForm
from app.widgets.buttons import button_row, text_button
from app.widgets.file_shower import open_file
from app.widgets.queue_view import QueueView
from app.widgets.queue_words import summary


class BatchPanel(QWidget):
    """Shows and drives the queue. Main thread."""

    def __init__(
        self,
        queue: ExportQueue,
        document: DocumentModel,
        store: SettingsStore,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._queue = queue
        self.setAcceptDrops(True)
        self.form = BatchForm(document, store)
        self.table = QueueView(queue)
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setAccessibleName(self.tr("Progress of the queue"))
        self.status = QLabel()
        self.status.setWordWrap(True)
        self.status.setTextFormat(Qt.TextFormat.PlainText)
        self.searching = QLabel()
        self.stop_search = text_button(self.tr("Stop searching"), queue.finder.cancel)
        self.add_files = text_button(self.tr("Photos…"), self._ask_for_files)
        self.add_files.setIcon(icon("add"))
        self.add_files.setToolTip(self.tr("Add photos to the queue"))
        self.add_folder = text_button(self.tr("Folder…"), self._ask_for_folder)
        self.add_folder.setIcon(icon("add"))
        self.add_folder.setToolTip(self.tr("Add all photos of a folder to the queue"))
        tip = self.tr("Take the selected photos out of the queue; none: all that are not running")
        self.remove = tool_button("trash", self.tr("Remove"), self._remove, tip=tip)
        self.replace = text_button(self.tr("Replace"), self.table.replace.trigger)
        self.rename = text_button(self.tr("Free name"), self.table.rename.trigger)
        self.retry = text_button(self.tr("Try again"), self.table.retry.trigger)
        self.replace.setToolTip(self.tr("Write over the files that are in the way"))
        self.rename.setToolTip(self.tr("Export under a name that nothing has"))
        self.show_folder = tool_button("folder", self.tr("Show results"), self._show_folder)
        self.cancel = text_button(self.tr("Cancel"), queue.cancel)
        self.pause = text_button(self.tr("Pause"), self._pause_or_resume)
        self.start = primary_button(self.tr("Start"), self._start)
        self.start.setAutoDefault(False)
        self._lay_out()
        self.form.changed.connect(self._show)
        queue.state_changed.connect(self._show)
        queue.entries_changed.connect(self._show)
        queue.failed.connect(self.status.setText)
        queue.finder.changed.connect(self._show_search)
        for action in (self.table.replace, self.table.rename, self.table.retry):
            action.changed.connect(self._show_ways_out)
        self._show()
        self._show_search()
        self._show_ways_out()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        urls = event.mimeData().urls()
        self._queue.add_photos([Path(url.toLocalFile()) for url in urls if url.isLocalFile()])
        event.acceptProposedAction()

    def _lay_out(self) -> None:
        hint = quiet_label(self.tr("Drop photos and folders here. All get the same rule."))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(M, S, M, M)
        layout.setSpacing(S)
        layout.addWidget(hint)
        layout.addLayout(
            button_row(
                self.add_files,
                self.add_folder,
                None,
                self.replace,
                self.rename,
                self.retry,
                self.remove,
            )
        )
        search = button_row(None, self.stop_search)
        search.insertWidget(0, self.searching)
        layout.addLayout(search)
        layout.addWidget(self.table, 1)
        layout.addWidget(FittedScroll(self.form))
        layout.addWidget(self.progress)
        layout.addWidget(self.status)
        layout.addLayout(button_row(self.show_folder, None, self.cancel, self.pause, self.start))

    def _start(self) -> None:
        options = self.form.options()
        if options is not None:
            self._queue.start(options)

    def _pause_or_resume(self) -> None:
        if self._queue.state == "paused":
            self._queue.resume()
        else:
            self._queue.pause()

    def _remove(self) -> None:
        self._queue.remove(self.table.selected or range(len(self._queue.entries)))

    def _show_folder(self) -> None:
        options = self.form.options()
        if options is not None:
            open_file(options.output.path)

    def _ask_for_files(self) -> None:
        patterns = " ".join(f"*{suffix}" for suffix in READABLE_SUFFIXES)
        kinds = self.tr("Photos ({0});;All files (*)").format(patterns)
        names, _ = QFileDialog.getOpenFileNames(self, self.tr("Add photos"), "", kinds)
        if names:
            self._queue.add_photos([Path(name) for name in names])

    def _ask_for_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, self.tr("Add a folder"))
        if name:
            self._queue.add_photos([Path(name)])

    def _show(self) -> None:
        queue, options = self._queue, self.form.options()
        is_idle = queue.state == "idle"
        self.start.setEnabled(options is not None and queue.can_start())
        self.start.setText(self.tr("Run again") if queue.starts_again else self.tr("Start"))
        self.cancel.setEnabled(not is_idle)
        self.pause.setEnabled(not is_idle)
        is_paused = queue.state == "paused"
        self.pause.setText(self.tr("Go on") if is_paused else self.tr("Pause"))
        self.remove.setEnabled(bool(queue.entries))
        self.show_folder.setEnabled(options is not None and options.output.path.is_dir())
        self.progress.setVisible(not is_idle)
        self.progress.setValue(round(1000 * queue.fraction))
        self.status.setText(summary(queue))

    def _show_search(self) -> None:
        num_found = self._queue.finder.num_found
        for widget in (self.searching, self.stop_search):
            widget.setVisible(num_found is not None)
        if num_found is not None:
            self.searching.setText(self.tr("Searching: {0} photos so far").format(num_found))

    def _show_ways_out(self) -> None:
        table = self.table
        for button, action in (
            (self.replace, table.replace),
            (self.rename, table.rename),
            (self.retry, table.retry),
        ):
            button.setVisible(action.isVisible())
