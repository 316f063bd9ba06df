"""Cells of a table that show how far something is, as a bar with its percentage."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from app.design.tokens import GRID, S

FRACTION_ROLE = Qt.ItemDataRole.UserRole
"""A cell's data under this role is a fraction from 0 to 1 while it runs, else None."""
_HEIGHT = 3
"""Of the bar, in logical pixels."""


class ProgressDelegate(QStyledItemDelegate):
    """Draws a bar below the text of a cell that runs. Main thread."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        super().paint(painter, option, index)
        fraction = index.data(FRACTION_ROLE)
        if not isinstance(fraction, float):
            return
        area = QRectF(option.rect).adjusted(S, 0, -S, -GRID / 2)  # type: ignore[attr-defined]
        area.setTop(area.bottom() - _HEIGHT)
        done = QRectF(area)
        done.setWidth(area.width() * min(max(fraction, 0.0), 1.0))
        palette = option.palette  # type: ignore[attr-defined]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for bar, brush in ((area, palette.mid()), (done, palette.highlight())):
            painter.setBrush(brush)
            painter.drawRoundedRect(bar, _HEIGHT / 2, _HEIGHT / 2)
        painter.restore()
