"""The wipe's handle: a line over the canvas with a round grip, for mouse and keyboard."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QAbstractSlider, QWidget

from app.design.theme import current
from app.design.tokens import TARGET
from app.state.document import DocumentModel

_STEPS = 1000
_ARROW, _PAGE = 10, 100
"""Steps of an arrow key and of a page key: 1 % and 10 % of the canvas."""
_REACH = TARGET // 2
"""Logical pixels on both sides of the line at which it can be taken."""
_RADIUS = 12.0
_SHADOW, _LINE, _MARK = QColor(0, 0, 0, 120), QColor("white"), QColor("#303030")


class WipeHandle(QAbstractSlider):
    """Shows and moves where a document's wipe divides its parent, the canvas. Main thread.

    A slider to screen readers; arrow and page keys, Home and End move it.
    """

    def __init__(self, document: DocumentModel, canvas: QWidget) -> None:
        super().__init__(canvas)
        self._document, self._canvas = document, canvas
        self._grabbed_at: float | None = None
        """How far from the line it was taken, in logical pixels, while it is held."""
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setRange(0, _STEPS)
        self.setSingleStep(_ARROW)
        self.setPageStep(_PAGE)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SplitHCursor)
        self.setAccessibleName(self.tr("Line between the two pictures"))
        self.setToolTip(self.tr("Drag, or move it with the arrow keys"))
        self.valueChanged.connect(lambda step: document.set_wipe(step / _STEPS))
        for changed in (document.wipe_changed, document.comparison_changed, document.peek_changed):
            changed.connect(self.follow)
        document.photo_changed.connect(self.follow)
        self.follow()

    def follow(self) -> None:
        """Take the place that the document says; the canvas calls it when its size changes."""
        document, canvas = self._document, self._canvas
        self.setVisible(document.photo is not None and document.shown.mode == "wipe")
        wipe = document.comparison.wipe
        if self.value() != round(_STEPS * wipe):
            self.blockSignals(True)
            self.setValue(round(_STEPS * wipe))
            self.blockSignals(False)
        left = round(wipe * canvas.width()) - _REACH
        self.setGeometry(left, 0, 2 * _REACH, canvas.height())

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # it zooms

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._grabbed_at = event.position().x() - _REACH
        else:
            event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grabbed_at is None:
            event.ignore()
            return
        at = self.mapToParent(event.position()).x() - self._grabbed_at
        self._document.set_wipe(at / max(1, self._canvas.width()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grabbed_at = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._document.set_wipe(0.5)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        x = self._document.comparison.wipe * self._canvas.width() - self.x()
        middle = QPointF(x, self.height() / 2)
        for colour, width in ((_SHADOW, 3.5), (_LINE, 1.5)):
            painter.setPen(QPen(colour, width))
            for end in (0.0, float(self.height())):
                painter.drawLine(QPointF(x, end), middle + QPointF(0, _RADIUS if end else -_RADIUS))
        self._paint_grip(painter, middle)

    def _paint_grip(self, painter: QPainter, middle: QPointF) -> None:
        side = 2 * _RADIUS
        circle = QRectF(middle.x() - _RADIUS, middle.y() - _RADIUS, side, side)
        ink = QColor(current().accent) if self.hasFocus() else _SHADOW
        painter.setPen(QPen(ink, 2.5 if self.hasFocus() else 1.0))
        painter.setBrush(_LINE)
        painter.drawEllipse(circle)
        painter.setPen(QPen(_MARK, 1.75, c=Qt.PenCapStyle.RoundCap, j=Qt.PenJoinStyle.RoundJoin))
        for way in (-1, 1):
            tip = middle + QPointF(7.0 * way, 0)
            painter.drawPolyline(
                [tip + QPointF(-3.5 * way, -4.0), tip, tip + QPointF(-3.5 * way, 4.0)]
            )
