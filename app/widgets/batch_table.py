"""A batch's entries as a table: the photo, and how far it is."""

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.design.icons import Tone, icon
from app.state.batch import BatchEntry, BatchModel
from app.widgets.line_breaks import breakable
from app.widgets.progress_delegate import FRACTION_ROLE
from app.widgets.quantities import percent_text

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
    """What a table view shows of a batch. Main thread."""

    def __init__(self, batch: BatchModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._batch = batch
        batch.entries_changed.connect(self._reset)
        batch.entry_changed.connect(self._change)

    def rowCount(self, parent: _Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._batch.entries)

    def columnCount(self, parent: _Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else 2

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if role != Qt.ItemDataRole.DisplayRole or orientation != Qt.Orientation.Horizontal:
            return None
        return (self.tr("Photo"), self.tr("Status"))[section]

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        entry = self._batch.entries[index.row()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return str(entry.photo.path) if index.column() == 0 else self._long_status(entry)
        if role == FRACTION_ROLE and index.column() == 1 and entry.status == "running":
            return float(entry.fraction)
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 1:
            mark = _MARKS.get(entry.status)
            return None if mark is None else icon(*mark)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if index.column() == 0:
            return str(entry.photo.path.relative_to(entry.photo.root))
        return self._status(entry)

    def _status(self, entry: BatchEntry) -> str:
        match entry.status:
            case "waiting":
                return self.tr("waiting")
            case "running":
                return percent_text(entry.fraction)
            case "done":
                return self.tr("done")
            case "there":
                return self.tr("was there, left alone")
            case "left out":
                return self.tr("left out: a result of a batch")
            case "failed":
                return self.tr("failed: {0}").format(breakable(entry.message))
            case "cancelled":
                return self.tr("cancelled")

    def _long_status(self, entry: BatchEntry) -> str:
        return str(entry.target) if entry.target is not None else self._status(entry)

    def _reset(self) -> None:
        self.beginResetModel()
        self.endResetModel()

    def _change(self, row: int) -> None:
        self.dataChanged.emit(self.index(row, 0), self.index(row, 1))
