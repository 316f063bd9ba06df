"""The table of the export queue: rows as high as their texts, all of it by the keyboard."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from app.design.tokens import GRID, ICON
from app.state.export_queue import ExportQueue
from app.widgets.batch_table import BatchTable
from app.widgets.file_shower import open_file, show_in_folder
from app.widgets.progress_delegate import ProgressDelegate

_TALLEST = 10_000
"""Logical pixels; no message is longer."""
_NAMES_PART = 0.4
"""Of the width, at most, for the names of photos."""


class QueueView(QTableView):
    """Enter opens, Delete removes; the rest is in the menu of the right button or its key."""

    looked_at = Signal(object)
    """The Path of a result, or of a photo without one, that shall be shown in the window."""

    def __init__(self, queue: ExportQueue, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._queue = queue
        self.setModel(BatchTable(queue, self))
        self.setAccessibleName(self.tr("Photos of the queue"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.setShowGrid(False)
        self.setItemDelegateForColumn(1, ProgressDelegate(self))
        self.setTextElideMode(Qt.TextElideMode.ElideNone)  # all texts are wrapped
        self.setWordWrap(True)
        self.setMinimumHeight(22 * GRID)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.doubleClicked.connect(lambda _: self._look_at())
        keys = QKeySequence
        self.look = self._action(self.tr("Show in the window"), self._look_at, keys("Return"))
        self.open = self._action(self.tr("Open"), self._open, keys("Ctrl+Return"))
        self.show_folder = self._action(
            self.tr("Show in folder"), self._show_in_folder, keys("Ctrl+Shift+Return")
        )
        self.replace = self._action(self.tr("Replace"), lambda: self._again(replaces=True))
        self.rename = self._action(
            self.tr("Export under a free name"), lambda: self._again(replaces=False)
        )
        self.retry = self._action(self.tr("Try again"), lambda: self._again(replaces=False))
        self.take_out = self._action(self.tr("Remove"), self.remove_selected, keys("Del"))
        # Once for many changes: fitting a row takes 50 µs (November 2026).
        self._fit = QTimer(self)
        self._fit.setSingleShot(True)
        self._fit.setInterval(0)
        self._fit.timeout.connect(self._fit_all)
        queue.entry_changed.connect(self._fit_row)
        queue.entries_added.connect(self._fit_added)
        queue.entries_changed.connect(self._show_actions)
        queue.entry_changed.connect(lambda _row: self._show_actions())
        header.sectionResized.connect(lambda *_: self._fit.start())
        self.selectionModel().selectionChanged.connect(lambda *_: self._show_actions())
        self._show_actions()

    @property
    def selected(self) -> Sequence[int]:
        """The rows that are selected, from above."""
        return sorted(index.row() for index in self.selectionModel().selectedRows())

    def remove_selected(self) -> None:
        """Take the selected photos out of the queue."""
        if rows := self.selected:
            self._queue.remove(rows)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions(self.actions())
        menu.popup(event.globalPos() + QPoint(1, 1))

    def _action(self, text: str, run: object, keys: QKeySequence | None = None) -> QAction:
        action = QAction(text, self)
        action.triggered.connect(run)  # type: ignore[arg-type]
        if keys is not None:
            action.setShortcut(keys)
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.addAction(action)
        return action

    def _show_actions(self) -> None:
        """Offer what can be done with the selected rows."""
        entries = [self._queue.entries[row] for row in self.selected]
        ended = [e for e in entries if e.status in ("failed", "cancelled") and e.order is not None]
        in_the_way = [entry for entry in ended if entry.is_in_the_way]
        self.replace.setVisible(bool(in_the_way))
        self.rename.setVisible(any(entry.is_single for entry in in_the_way))
        self.retry.setVisible(len(ended) > len(in_the_way))
        has_result = any(entry.target is not None for entry in entries)
        self.open.setVisible(has_result)
        self.show_folder.setVisible(has_result)
        self.look.setVisible(bool(entries))
        self.take_out.setVisible(any(entry.status != "running" for entry in entries))

    def _look_at(self) -> None:
        for row in self.selected[:1]:
            entry = self._queue.entries[row]
            self.looked_at.emit(entry.target or entry.photo.path)

    def _open(self) -> None:
        for row in self.selected[:1]:
            if (target := self._queue.entries[row].target) is not None:
                open_file(target)

    def _show_in_folder(self) -> None:
        for row in self.selected[:1]:
            if (target := self._queue.entries[row].target) is not None:
                show_in_folder(target, self)

    def _again(self, *, replaces: bool) -> None:
        rows = self.selected
        if replaces:
            rows = [row for row in rows if self._queue.entries[row].is_in_the_way]
        self._queue.do_again(rows, replaces=replaces)

    def _fit_added(self, first: int, last: int) -> None:
        self._fit_names(first, last)
        for row in range(first, last + 1):
            self._fit_row(row)

    def _fit_names(self, first: int, last: int) -> None:
        """Widen the column of names for new ones, as far as there is room."""
        model, metrics = self.model(), self.fontMetrics()
        texts = [str(model.index(row, 0).data()) for row in range(first, last + 1)]
        # The longest in letters is the widest but for a little, and measuring takes its time.
        longest = metrics.horizontalAdvance(max(texts, key=len)) + 6 * GRID
        most = round(_NAMES_PART * self.viewport().width())
        wanted = min(max(longest, self.columnWidth(0)), max(most, 24 * GRID))
        if wanted != self.columnWidth(0):
            self.setColumnWidth(0, wanted)

    def _fit_all(self) -> None:
        for row in range(self.model().rowCount()):
            self._fit_row(row)

    def _fit_row(self, row: int) -> None:
        """Give a row all the lines that its texts need."""
        # Of itself Qt forgets the style sheet's padding, and would cut off the last line.
        height = self.verticalHeader().defaultSectionSize()
        metrics, model = self.fontMetrics(), self.model()
        for column in (0, 1):
            text = str(model.index(row, column).data())
            room = self.columnWidth(column) - 4 * GRID - (2 * ICON if column else 0)
            if len(text) * metrics.averageCharWidth() < 0.6 * room:
                continue
            lines = QRect(0, 0, max(room, ICON), _TALLEST)
            wrapped = metrics.boundingRect(lines, Qt.TextFlag.TextWordWrap.value, text)
            height = max(height, wrapped.height() + 4 * GRID)
        if height != self.rowHeight(row):
            self.setRowHeight(row, height)
