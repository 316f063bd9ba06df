"""The photos that were opened together, in a row below the canvas."""

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSignalBlocker,
    QSize,
    Qt,
    QTimer,
)
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.design.icons import icon
from app.design.parts import set_part, tool_button
from app.design.theme import current
from app.design.tokens import GRID, ICON, RADIUS, M, S
from app.state.opener import Opener
from app.widgets.buttons import text_button
from app.widgets.quantities import number_text
from app.widgets.thumbnails import Thumbnails

_THUMBNAIL = QSize(96, 64)
_CELL = _THUMBNAIL + QSize(S, S)
_KEPT = 240
"""Thumbnails in memory: some screens of them, 18 MB; others are read again when they are seen."""
_SETTLE_MS = 60
"""How long the strip must rest until thumbnails are read: while it scrolls, they would be gone."""

_Index = QModelIndex | QPersistentModelIndex


class Filmstrip(QFrame):
    """Shows an opener's series, opens what is chosen; hidden without one. Main thread."""

    def __init__(
        self, opener: Opener, export_all: Callable[[], object], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._opener, self._series = opener, opener.series
        set_part(self, "strip")
        self.count = QLabel()
        self.previous = tool_button(
            "left",
            self.tr("Previous photo"),
            lambda: opener.step(-1),
            tip=self.tr("Previous photo (Alt+Left)"),
        )
        self.next = tool_button(
            "right",
            self.tr("Next photo"),
            lambda: opener.step(1),
            tip=self.tr("Next photo (Alt+Right)"),
        )
        self.export_all = text_button(self.tr("Export all with these settings…"), export_all)
        self.export_all.setIcon(icon("batch"))
        self.export_all.setToolTip(
            self.tr("Put all photos of the strip into the batch queue, with this model and detail")
        )
        self.view = _Strip()
        self._photos = _Photos(opener, self.view)
        self.view.setModel(self._photos)
        self.view.setItemDelegate(_Delegate(self.view))
        self.view.setAccessibleName(self.tr("Photos that were opened together"))
        head = QHBoxLayout()
        head.setSpacing(S)
        for widget in (self.previous, self.count, self.next):
            head.addWidget(widget)
        head.addStretch(1)
        head.addWidget(self.export_all)
        column = QVBoxLayout(self)
        column.setContentsMargins(M, S, M, 0)
        column.setSpacing(GRID)
        column.addLayout(head)
        column.addWidget(self.view)
        self.view.selectionModel().currentChanged.connect(self._open)
        self._series.changed.connect(self._show_series)
        self._series.moved.connect(self._show_place)
        self._show_series()

    def shut_down(self) -> None:
        """Read no more thumbnails: a timer may still be running."""
        self._photos.thumbnails.shut_down()

    def _open(self, index: QModelIndex) -> None:
        if index.isValid() and index.row() != self._series.place:
            self._opener.open_at(index.row())

    def _show_series(self) -> None:
        self._photos.reset()
        self.setVisible(bool(self._series.paths))
        self._show_place()

    def _show_place(self) -> None:
        place = self._series.place
        number = "\u2013" if place is None else number_text(place + 1, 0)
        total = number_text(len(self._series.paths), 0)
        self.count.setText(self.tr("{0} of {1}").format(number, total))
        if place is not None:
            with QSignalBlocker(self.view.selectionModel()):
                self.view.setCurrentIndex(self._photos.index(place))
            self.view.scrollTo(
                self._photos.index(place), QAbstractItemView.ScrollHint.PositionAtCenter
            )
            self.view.viewport().update()


class _Strip(QListView):
    """One row of cells; asks for what is seen when it rests."""

    def __init__(self) -> None:
        super().__init__()
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        bar = self.horizontalScrollBar()
        self.setFixedHeight(_CELL.height() + bar.sizeHint().height() + GRID)
        self.settled = QTimer(self)
        self.settled.setSingleShot(True)
        self.settled.setInterval(_SETTLE_MS)
        bar.valueChanged.connect(lambda _: self.settled.start())

    def seen(self) -> range:
        """Return the rows that are seen, and some on both sides."""
        left = self.horizontalScrollBar().value() // _CELL.width()
        across = self.viewport().width() // _CELL.width() + 2
        return range(max(0, left - across // 2), left + across + across // 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.settled.start()

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = event.angleDelta()
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() - (delta.y() or delta.x()))
        event.accept()


class _Photos(QAbstractListModel):
    """The series with the thumbnails that are there."""

    def __init__(self, opener: Opener, view: _Strip) -> None:
        super().__init__(view)
        self._series, self._view = opener.series, view
        self._pictures: OrderedDict[Path, QPixmap] = OrderedDict()
        self.thumbnails = Thumbnails(_THUMBNAIL, self, fit="within")
        self.thumbnails.made.connect(self._take)
        view.settled.timeout.connect(self._ask)

    def reset(self) -> None:
        """Show another series."""
        self.beginResetModel()
        self._pictures.clear()
        self.endResetModel()
        self._view.settled.start()

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._series.paths)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        path = self._series.paths[index.row()]
        if role == Qt.ItemDataRole.DecorationRole:
            return self._pictures.get(path)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return path.name
        return _CELL if role == Qt.ItemDataRole.SizeHintRole else None

    @property
    def num_kept(self) -> int:
        """Thumbnails that are in memory."""
        return len(self._pictures)

    def _ask(self) -> None:
        """Have the thumbnails read that are seen and not there."""
        seen = [self._series.paths[n] for n in self._view.seen() if n < len(self._series.paths)]
        for path in seen:
            if path in self._pictures:
                self._pictures.move_to_end(path)
        self.thumbnails.ask([path for path in seen if path not in self._pictures])

    def _take(self, path: Path, picture: QPixmap) -> None:
        place = self._series.place_of(path)
        if place is None:
            return
        self._pictures[path] = picture
        while len(self._pictures) > _KEPT:
            self._pictures.popitem(last=False)
        self.dataChanged.emit(self.index(place), self.index(place))


class _Delegate(QStyledItemDelegate):
    """A thumbnail, or an icon in its place; a frame around the photo that is open."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return _CELL

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        cell: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]
        state: QStyle.StateFlag = option.state  # pyright: ignore[reportAttributeAccessIssue]
        palette = option.palette  # pyright: ignore[reportAttributeAccessIssue]
        is_current = bool(state & QStyle.StateFlag.State_Selected)
        picture = index.data(Qt.ItemDataRole.DecorationRole)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRect(0, 0, _THUMBNAIL.width(), _THUMBNAIL.height())
        area.moveCenter(cell.center())
        if isinstance(picture, QPixmap):
            shown = QRect(0, 0, 0, 0)
            shown.setSize(picture.deviceIndependentSize().toSize())
            shown.moveCenter(cell.center())
            painter.drawPixmap(shown, picture)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.base())
            painter.drawRoundedRect(area, RADIUS, RADIUS)
            sign = QRect(0, 0, ICON, ICON)
            sign.moveCenter(cell.center())
            icon("image", "quiet").paint(painter, sign)
        if is_current or state & QStyle.StateFlag.State_MouseOver:
            # The palette's own highlight is what the style sheet puts behind chosen rows.
            ink = QColor(current().accent if is_current else current().edge)
            is_focused = bool(state & QStyle.StateFlag.State_HasFocus)
            painter.setPen(QPen(ink, 3.0 if is_focused else 2.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(cell.adjusted(2, 2, -2, -2), RADIUS, RADIUS)
        painter.restore()
