"""A curve over training steps."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

_MARGIN = 6
_MOST_POINTS = 600
"""More would lie on the same pixels; each drawn point is the mean of its neighbours."""


class CurvePlot(QWidget):
    """Shows one curve with its range and its last value. Main thread."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._points: Sequence[tuple[float, float]] = ()
        self._last: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(240, 120)

    def show_curve(self, name: str, curve: Sequence[tuple[int, float]]) -> None:
        """Take a curve of (step, value), steps ascending."""
        self._points = _thinned(curve)
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
        quiet = QColor(palette.text().color())
        quiet.setAlphaF(0.6)
        if self._last is None:
            painter.setPen(quiet)
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.tr("nothing yet"))
            return
        values = [value for _, value in self._points]
        low, high = min(values), max(values)
        labels = max(painter.fontMetrics().horizontalAdvance(number_text(v)) for v in (low, high))
        area = QRectF(self.rect()).adjusted(labels + 2 * _MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        painter.setPen(quiet)
        beside = QRectF(_MARGIN, _MARGIN, labels, area.height())
        right = Qt.AlignmentFlag.AlignRight
        painter.drawText(beside, right | Qt.AlignmentFlag.AlignTop, number_text(high))
        if low < high:
            painter.drawText(beside, right | Qt.AlignmentFlag.AlignBottom, number_text(low))
        line = QColor(quiet)
        line.setAlphaF(0.2)
        painter.setPen(QPen(line, 1))
        for y in (area.top(), area.center().y(), area.bottom()):
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        painter.setPen(QPen(palette.highlight().color(), 1.6))
        painter.drawPolyline(self._polygon(area, low, high))
        last_x, last_y = self._points[-1]
        painter.setBrush(palette.highlight())
        painter.drawEllipse(self._place(area, low, high, last_x, last_y), 2.5, 2.5)

    def _polygon(self, area: QRectF, low: float, high: float) -> QPolygonF:
        return QPolygonF([self._place(area, low, high, x, y) for x, y in self._points])

    def _place(self, area: QRectF, low: float, high: float, x: float, y: float) -> QPointF:
        first, last = self._points[0][0], self._points[-1][0]
        across = (x - first) / (last - first) if last > first else 1.0
        up = (y - low) / (high - low) if high > low else 0.5
        return QPointF(area.left() + across * area.width(), area.bottom() - up * area.height())


def number_text(value: float) -> str:
    """Return a number with three digits."""
    return f"{value:.3g}" if abs(value) < 1000 or not math.isfinite(value) else f"{value:.0f}"


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
