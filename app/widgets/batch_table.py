"""The export queue's entries as a table: the photo, and how far it is."""

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.design.icons import Tone, icon
from app.state.export_queue import ExportQueue
from app.state.queue_entries import QueueEntry
from app.widgets.line_breaks import breakable
from app.widgets.progress_delegate import FRACTION_ROLE
from app.widgets.queue_words import entry_name, status_text

_Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()
_MARKS: dict[str, tuple[str, Tone]] = {
    "waiting": ("waiting", "quiet"),
    "done": ("done", "text"),
    "there": ("done", "quiet"),
    "failed": ("failed", "error"),
    "cancelled": ("close", "quiet"),
    "left out": ("minus", "quiet"),
}
"""Icons of the states; what runs has a bar instead."""


class BatchTable(QAbstractTableModel):
    """What a table view shows of the queue. Main thread."""

    def __init__(self, queue: ExportQueue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue = queue
        self._num_rows = len(queue.entries)
        queue.entries_added.connect(self._add)
        queue.entries_changed.connect(self._reset_if_fewer)
        queue.entry_changed.connect(self._change)

    def rowCount(self, parent: _Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else self._num_rows

    def columnCount(self, parent: _Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else 2

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if role != Qt.ItemDataRole.DisplayRole or orientation != Qt.Orientation.Horizontal:
            return None
        return (self.tr("Photo"), self.tr("Status"))[section]

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        entry = self._queue.entries[index.row()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return str(entry.photo.path) if index.column() == 0 else self._long_status(entry)
        if role == FRACTION_ROLE and index.column() == 1 and entry.status == "running":
            return float(entry.fraction)
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 1:
            mark = _MARKS.get(entry.status)
            if entry.status == "done" and entry.losses:
                mark = ("warning", "text")
            return None if mark is None else icon(*mark)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return breakable(entry_name(entry) if index.column() == 0 else status_text(entry))

    def _long_status(self, entry: QueueEntry) -> str:
        return str(entry.target) if entry.target is not None else status_text(entry)

    def _add(self, first: int, last: int) -> None:
        self.beginInsertRows(QModelIndex(), first, last)
        self._num_rows = last + 1
        self.endInsertRows()

    def _reset_if_fewer(self) -> None:
        if len(self._queue.entries) != self._num_rows:
            self.beginResetModel()
            self._num_rows = len(self._queue.entries)
            self.endResetModel()

    def _change(self, row: int) -> None:
        self.dataChanged.emit(self.index(row, 0), self.index(row, 1))
