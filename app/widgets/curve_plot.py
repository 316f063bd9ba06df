"""A curve over training steps, with axes and words."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QLocale, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.design.tokens import GRID, S

_MOST_POINTS = 600
"""More would lie on the same pixels; each drawn point is the mean of its neighbours."""


class CurvePlot(QWidget):
    """Shows one curve with its range and its last value. Main thread."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = ""
        self._points: Sequence[tuple[float, float]] = ()
        self._last: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(240, 40 * GRID)

    def show_curve(self, name: str, curve: Sequence[tuple[int, float]]) -> None:
        """Take a curve of (step, value), steps ascending."""
        self._name, self._points = name, _thinned(curve)
        self._last = curve[-1][1] if curve else None
        last = "" if self._last is None else number_text(self._last)
        self.setAccessibleName(name)
        self.setAccessibleDescription(self.tr("Last value: {0}").format(last) if last else "")
        self.setToolTip(f"{name}: {last}" if last else name)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        painter.fillRect(self.rect(), palette.base())
        quiet = palette.placeholderText().color()
        if self._last is None:
            painter.setPen(quiet)
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.tr("nothing yet"))
            return
        values = [value for _, value in self._points]
        low, high = min(values), max(values)
        area = self._area(low, high)
        self._paint_words(painter, area, low, high)
        painter.setPen(QPen(palette.mid().color(), 1))
        for y in (area.top(), area.center().y()):
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        painter.setPen(QPen(quiet, 1))
        painter.drawPolyline([area.topLeft(), area.bottomLeft(), area.bottomRight()])
        painter.setPen(QPen(palette.highlight().color(), 1.6))
        painter.drawPolyline(self._polygon(area, low, high))
        last_x, last_y = self._points[-1]
        painter.setBrush(palette.highlight())
        painter.drawEllipse(self._place(area, low, high, last_x, last_y), 2.5, 2.5)

    def _area(self, low: float, high: float) -> QRectF:
        """Return where the curve is drawn: between a title, the values and the steps."""
        metrics = self.fontMetrics()
        labels = max(metrics.horizontalAdvance(number_text(value)) for value in (low, high))
        above, below = metrics.height() + 2 * S, metrics.height() + S + GRID
        return QRectF(self.rect()).adjusted(labels + 2 * S, above, -S, -below)

    def _paint_words(self, painter: QPainter, area: QRectF, low: float, high: float) -> None:
        """Write what the curve is, the ends of its range, and from which to which step it goes."""
        metrics, right = self.fontMetrics(), Qt.AlignmentFlag.AlignRight
        top, left = Qt.AlignmentFlag.AlignTop, Qt.AlignmentFlag.AlignLeft
        painter.setPen(self.palette().text().color())
        room = self.rect().adjusted(S, GRID, -S, 0)
        name = metrics.elidedText(self._name, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, left | top, name)
        painter.setPen(self.palette().placeholderText().color())
        half = metrics.height() / 2
        for value, y in {low: area.bottom(), high: area.top()}.items():
            y = y if low < high else area.center().y()
            beside = QRectF(S, y - half, area.left() - 2 * S, 2 * half)
            painter.drawText(beside, right | Qt.AlignmentFlag.AlignVCenter, number_text(value))
        below = QRectF(area.left(), area.bottom() + GRID, area.width(), metrics.height())
        first, last = (QLocale().toString(round(self._points[n][0])) for n in (0, -1))
        painter.drawText(below, left | top, first if len(self._points) > 1 else "")
        painter.drawText(below, right | top, self.tr("step {0}").format(last))

    def _polygon(self, area: QRectF, low: float, high: float) -> QPolygonF:
        return QPolygonF([self._place(area, low, high, x, y) for x, y in self._points])

    def _place(self, area: QRectF, low: float, high: float, x: float, y: float) -> QPointF:
        first, last = self._points[0][0], self._points[-1][0]
        across = (x - first) / (last - first) if last > first else 1.0
        up = (y - low) / (high - low) if high > low else 0.5
        return QPointF(area.left() + across * area.width(), area.bottom() - up * area.height())


def number_text(value: float) -> str:
    """Return a number with three digits, by the marks of the language."""
    if not math.isfinite(value):
        return str(value)
    if abs(value) >= 1000:
        return QLocale().toString(round(value))
    return QLocale().toString(value, "g", 3)


def _thinned(curve: Sequence[tuple[int, float]]) -> list[tuple[float, float]]:
    """Return at most _MOST_POINTS points, means of neighbours; the last one stays as it is."""
    width = -(-len(curve) // _MOST_POINTS)
    if width <= 1:
        return [(float(step), value) for step, value in curve]
    points: list[tuple[float, float]] = []
    for start in range(0, len(curve), width):
        part = curve[start : start + width]
        points.append((sum(s for s, _ in part) / len(part), sum(v for _, v in part) / len(part)))
    return [*points[:-1], (float(curve[-1][0]), curve[-1][1])]
