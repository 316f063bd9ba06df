"""One picture of what the app does: a part of a sample before, and after."""

import json

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.design.tokens import GRID, RADIUS, M, S
from app.widgets.quantities import short_number
from app.widgets.source_names import source_name
from liifgan_core.render.request import NEAREST
from liifgan_core.resources import resource_path

_PLATE = QColor(0, 0, 0, 150)
"""Behind words on the picture."""


class BeforeAfter(QWidget):
    """Shows both, divided by a line that follows the mouse. Main thread.

    `packaging/draw_before_after.py` makes the pictures and says by which model.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._before = QImage(str(resource_path("pictures", "before.png")))
        self._after = QImage(str(resource_path("pictures", "after.jpg")))
        made = resource_path("pictures", "made.json")
        facts = json.loads(made.read_text(encoding="utf-8")) if made.is_file() else {}
        factor = short_number(facts.get("factor", 1))
        self._words = (
            source_name(NEAREST),
            f"{source_name(facts.get('model', ''))}, × {factor}",
        )
        self.split = 0.5
        """Where the line is, as a part of the width."""
        self.setMouseTracking(True)
        policy = QSizePolicy.Policy.Expanding
        self.setSizePolicy(policy, policy)
        self.setMinimumSize(200, 150)
        self.setAccessibleName(self.tr("A sample before and after"))
        self.setVisible(not self._after.isNull())

    def sizeHint(self) -> QSize:
        return QSize(480, 360)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        area = QRectF(self.rect())
        at = (event.position().x() - area.left()) / max(1.0, area.width())
        self.split = min(max(at, 0.0), 1.0)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        hints = QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        painter.setRenderHints(hints)
        area = QRectF(self.rect())
        rounded = QPainterPath()
        rounded.addRoundedRect(area, 2 * RADIUS, 2 * RADIUS)
        painter.setClipPath(rounded)
        x = area.left() + self.split * area.width()
        self._draw(painter, area, self._after)
        painter.save()
        painter.setClipRect(
            QRectF(area.left(), area.top(), x - area.left(), area.height()),
            Qt.ClipOperation.IntersectClip,
        )
        self._draw(painter, area, self._before)
        painter.restore()
        painter.setPen(QPen(QColor("white"), 1.5))
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        for words, is_left in zip(self._words, (True, False), strict=True):
            self._paint_words(painter, area, words, is_left=is_left)

    def _paint_words(self, painter: QPainter, area: QRectF, words: str, *, is_left: bool) -> None:
        metrics = painter.fontMetrics()
        width, height = metrics.horizontalAdvance(words) + 2 * S, metrics.height() + GRID
        left = area.left() + M if is_left else area.right() - M - width
        plate = QRectF(left, area.bottom() - M - height, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_PLATE)
        painter.drawRoundedRect(plate, RADIUS, RADIUS)
        painter.setPen(QColor("white"))
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, words)

    def _draw(self, painter: QPainter, area: QRectF, picture: QImage) -> None:
        """Fill an area with the middle of a picture."""
        shown = area.size().scaled(picture.size(), Qt.AspectRatioMode.KeepAspectRatio)
        left, top = picture.width() - shown.width(), picture.height() - shown.height()
        part = QRectF(left / 2, top / 2, shown.width(), shown.height())
        painter.drawImage(area, picture, part)
