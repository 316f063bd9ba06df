"""The batch queue: drop photos and folders, one rule for all, watch them come."""

from pathlib import Path

from PySide6.QtCore import QRect, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHeaderView,
    QLabel,
    QProgressBar,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.design.icons import icon
from app.design.parts import FittedScroll, primary_button, quiet_label, tool_button
from app.design.tokens import GRID, ICON, M, S
from app.state.batch import BatchModel
from app.state.document import DocumentModel
from app.state.opener import READABLE_SUFFIXES
from app.state.settings_store import SettingsStore
from app.widgets.batch_form import BatchForm
from app.widgets.batch_table import BatchTable
from app.widgets.buttons import button_row, text_button
from app.widgets.progress_delegate import ProgressDelegate
from app.widgets.quantities import percent_text, time_text

_TALLEST = 10_000
"""Logical pixels; no message is longer."""


class BatchPanel(QWidget):
    """Shows and drives a batch. Main thread."""

    opened = Signal(object)
    """The Path of a result or photo that shall be looked at."""

    def __init__(
        self,
        batch: BatchModel,
        document: DocumentModel,
        store: SettingsStore,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._batch, self._store = batch, store
        self.setAcceptDrops(True)
        self.form = BatchForm(document, store)
        self.table = self._table()
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setAccessibleName(self.tr("Progress of the batch"))
        self.status = QLabel()
        self.status.setWordWrap(True)
        self.status.setTextFormat(Qt.TextFormat.PlainText)
        self.add_files = text_button(self.tr("Photos…"), self._ask_for_files)
        self.add_files.setIcon(icon("add"))
        self.add_files.setToolTip(self.tr("Add photos to the queue"))
        self.add_folder = text_button(self.tr("Folder…"), self._ask_for_folder)
        self.add_folder.setIcon(icon("add"))
        self.add_folder.setToolTip(self.tr("Add all photos of a folder to the queue"))
        tip = self.tr("Take the selected photos out of the queue; none: all")
        self.remove = tool_button("trash", self.tr("Remove"), self._remove, tip=tip)
        self.show_folder = tool_button("folder", self.tr("Show results"), self._show_folder)
        self.cancel = text_button(self.tr("Cancel"), batch.cancel)
        self.pause = text_button(self.tr("Pause"), self._pause_or_resume)
        self.start = primary_button(self.tr("Start"), self._start)
        self.start.setAutoDefault(False)
        self._lay_out()
        self.form.changed.connect(self._show)
        batch.state_changed.connect(self._show)
        batch.entries_changed.connect(self._show)
        batch.entries_changed.connect(self._fit_rows)
        batch.entry_changed.connect(self._fit_row)
        self.table.horizontalHeader().sectionResized.connect(lambda *_: self._fit_rows())
        batch.failed.connect(self.status.setText)
        self._show()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        urls = event.mimeData().urls()
        self._batch.add([Path(url.toLocalFile()) for url in urls if url.isLocalFile()])
        event.acceptProposedAction()

    def _table(self) -> QTableView:
        table = QTableView()
        table.setModel(BatchTable(self._batch, table))
        table.setAccessibleName(self.tr("Photos of the batch"))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.verticalHeader().hide()
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        table.setShowGrid(False)
        table.setItemDelegateForColumn(1, ProgressDelegate(table))
        table.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # of names; errors are wrapped
        table.setWordWrap(True)
        table.setMinimumHeight(22 * GRID)
        table.doubleClicked.connect(lambda index: self._open(index.row()))
        return table

    def _lay_out(self) -> None:
        hint = quiet_label(self.tr("Drop photos and folders here. All get the same rule."))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(M, S, M, M)
        layout.setSpacing(S)
        layout.addWidget(hint)
        layout.addLayout(button_row(self.add_files, self.add_folder, None, self.remove))
        layout.addWidget(self.table, 1)
        layout.addWidget(FittedScroll(self.form))
        layout.addWidget(self.progress)
        layout.addWidget(self.status)
        layout.addLayout(button_row(self.show_folder, None, self.cancel, self.pause, self.start))

    def _start(self) -> None:
        options = self.form.options()
        if options is not None:
            self._store.change(batch_folder=str(options.output.path))
            self._batch.start(options)

    def _pause_or_resume(self) -> None:
        if self._batch.state == "paused":
            self._batch.resume()
        else:
            self._batch.pause()

    def _remove(self) -> None:
        rows = {index.row() for index in self.table.selectionModel().selectedRows()}
        self._batch.remove(rows or range(len(self._batch.entries)))

    def _open(self, row: int) -> None:
        entry = self._batch.entries[row]
        self.opened.emit(entry.target or entry.photo.path)

    def _show_folder(self) -> None:
        options = self.form.options()
        if options is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(options.output.path)))

    def _ask_for_files(self) -> None:
        patterns = " ".join(f"*{suffix}" for suffix in READABLE_SUFFIXES)
        kinds = self.tr("Photos ({0});;All files (*)").format(patterns)
        names, _ = QFileDialog.getOpenFileNames(self, self.tr("Add photos"), "", kinds)
        if names:
            self._batch.add([Path(name) for name in names])

    def _ask_for_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, self.tr("Add a folder"))
        if name:
            self._batch.add([Path(name)])

    def _show(self) -> None:
        batch, options = self._batch, self.form.options()
        is_idle = batch.state == "idle"
        is_waiting = any(e.status in ("waiting", "failed", "cancelled") for e in batch.entries)
        self.form.setEnabled(is_idle)
        self.start.setEnabled(is_idle and is_waiting and options is not None)
        self.cancel.setEnabled(not is_idle)
        self.pause.setEnabled(not is_idle)
        is_paused = batch.state == "paused"
        self.pause.setText(self.tr("Resume") if is_paused else self.tr("Pause"))
        self.remove.setEnabled(bool(batch.entries))
        self.show_folder.setEnabled(options is not None and options.output.path.is_dir())
        self.progress.setVisible(not is_idle)
        self.progress.setValue(round(1000 * batch.fraction))
        self.status.setText(self._summary())

    def _fit_row(self, row: int) -> None:
        """Give an error all the lines that it needs; other rows have one."""
        height = self.table.verticalHeader().defaultSectionSize()
        if self._batch.entries[row].status == "failed":
            # Of itself Qt forgets the style sheet's padding, and would cut off the last line.
            model = self.table.model()
            text = str(model.data(model.index(row, 1), Qt.ItemDataRole.DisplayRole))
            room = self.table.columnWidth(1) - 2 * ICON - 4 * GRID
            lines = QRect(0, 0, max(room, ICON), _TALLEST)
            wrapped = self.table.fontMetrics().boundingRect(
                lines, Qt.TextFlag.TextWordWrap.value, text
            )
            height = max(height, wrapped.height() + 4 * GRID)
        self.table.setRowHeight(row, height)

    def _fit_rows(self) -> None:
        for row, entry in enumerate(self._batch.entries):
            if entry.status == "failed":
                self._fit_row(row)

    def _summary(self) -> str:
        batch = self._batch
        if not batch.entries:
            return ""
        parts = [self.tr("{0} of {1} done").format(batch.count("done"), len(batch.entries))]
        if batch.state != "idle":
            parts.insert(0, percent_text(batch.fraction))
        if batch.count("there"):
            parts.append(self.tr("{0} were there").format(batch.count("there")))
        if batch.count("left out"):
            parts.append(self.tr("{0} left out").format(batch.count("left out")))
        if batch.count("failed"):
            parts.append(self.tr("{0} failed").format(batch.count("failed")))
        left = batch.seconds_left
        if batch.state == "paused":
            parts.append(self.tr("paused"))
        elif batch.state == "running" and left is not None:
            parts.append(self.tr("{0} left").format(time_text(left)))
        return ", ".join(parts)
