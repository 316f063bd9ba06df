"""The detail brush on the canvas: the mouse and keys that paint, the brush's ring and handles."""

import math
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.state.brush import Point
from app.state.mask_editor import MaskEditor
from app.state.mask_shapes import Graduated, Radial, Shape
from app.widgets.image_canvas import ImageCanvas

_HANDLE = 6.0
"""Half a side of a handle, logical pixels."""
_GRIP = 12.0
"""Distance at which a handle can be taken."""
_INK, _SHADE = QColor("#ffffff"), QColor(0, 0, 0, 160)
_STEPS = {
    Qt.Key.Key_BracketLeft: ("size", -1),
    Qt.Key.Key_BracketRight: ("size", 1),
    Qt.Key.Key_BraceLeft: ("hardness", -1),
    Qt.Key.Key_BraceRight: ("hardness", 1),
}


class MaskOverlay(QWidget):
    """Lies over a canvas and takes its mouse while the brush is in use. Main thread.

    The left button paints, with Shift more instead of less or less instead of more; the middle one
    pans and the wheel zooms as always.
    """

    def __init__(self, editor: MaskEditor, canvas: ImageCanvas) -> None:
        super().__init__(canvas)
        self._editor, self._canvas = editor, canvas
        self._mouse: QPointF | None = None
        self._start: Point | None = None
        """Where a new shape is being drawn from."""
        self._handle: int | None = None
        """What is held of the shape."""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setGeometry(canvas.rect())
        canvas.installEventFilter(self)
        editor.tool_changed.connect(self._show)
        editor.shape_changed.connect(self.update)
        editor.document.view_changed.connect(self.update)
        self._show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._canvas.rect())
        if not self._editor.is_active or self._editor.document.photo is None:
            return False
        if isinstance(event, QMouseEvent):
            return self._take_mouse(event)
        if event.type() == QEvent.Type.Leave:
            self._move_ring(None)
        elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._take_key(event)
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._editor.is_active:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._editor.shape is not None:
            self._paint_shape(painter, self._editor.shape)
        mouse = self._mouse
        if self._editor.tool == "brush" and mouse is not None:
            for radius in set(self._radii()):
                _draw_twice(painter, lambda r=radius: painter.drawEllipse(mouse, r, r))

    # Mouse

    def _take_mouse(self, event: QMouseEvent) -> bool:
        """Return whether the event was the brush's, and not the canvas's."""
        kind, position = event.type(), event.position()
        place = self._canvas.place(position)
        if place is None:
            return False
        is_left = event.button() == Qt.MouseButton.LeftButton
        if kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick) and is_left:
            shift = Qt.KeyboardModifier.ShiftModifier
            self._press(position, place, is_opposite=bool(event.modifiers() & shift))
            return True
        if kind == QEvent.Type.MouseMove:
            self._move_ring(position)
            if event.buttons() & Qt.MouseButton.LeftButton:
                self._drag(place)
                return True
            if event.buttons() == Qt.MouseButton.NoButton:
                self._canvas.setCursor(Qt.CursorShape.CrossCursor)
                return True
        if kind == QEvent.Type.MouseButtonRelease and is_left:
            self._editor.end_stroke()
            self._start = self._handle = None
            return True
        return False

    def _press(self, position: QPointF, place: Point, *, is_opposite: bool) -> None:
        self._canvas.setFocus()
        if self._editor.tool == "brush":
            self._editor.begin_stroke(place, is_opposite=is_opposite)
            return
        self._handle = self._handle_at(position)
        if self._handle is None:
            self._editor.keep_shape()
            self._start = place

    def _drag(self, place: Point) -> None:
        editor = self._editor
        if editor.is_painting:
            editor.extend_stroke(place)
        elif self._handle is not None and editor.shape is not None:
            editor.place_shape(editor.shape.moved(self._handle, place))
        elif self._start is not None:
            editor.place_shape(editor.begin_shape(self._start, place))

    def _handle_at(self, position: QPointF) -> int | None:
        shape = self._editor.shape
        if shape is None:
            return None
        is_right = self._canvas.is_in_right_pane(position)
        found: list[tuple[float, int]] = []
        for number, handle in enumerate(shape.handles):
            at = self._canvas.position(handle, is_right=is_right)
            if at is not None:
                found.append((math.hypot(at.x() - position.x(), at.y() - position.y()), number))
        distance, number = min(found, default=(math.inf, 0))
        return number if distance <= _GRIP else None

    # Keys

    def _take_key(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        what, step = _STEPS.get(key, ("", 0))
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and what:
            what = "hardness"
        if what == "size":
            self._editor.resize_brush(step)
        elif what == "hardness":
            self._editor.harden_brush(step)
        elif self._editor.shape is not None and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._editor.keep_shape()
        elif self._editor.shape is not None and key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._editor.cancel_shape()
        else:
            return False
        return True

    # Marks

    def _radii(self) -> tuple[float, float]:
        """Return where the full effect ends and where there is none any more, logical pixels."""
        brush = self._editor.brush
        scale = self._editor.document.zoom / self.devicePixelRatioF()
        return brush.hardness * brush.size / 2 * scale, brush.reach * scale

    def _move_ring(self, position: QPointF | None) -> None:
        before, self._mouse = self._mouse, position
        for at in (before, position):
            if at is not None and self._editor.tool == "brush":
                self.update(self._ring_area(at))

    def _ring_area(self, at: QPointF) -> QRect:
        reach = self._radii()[1] + 3.0
        area = QRectF(at.x() - reach, at.y() - reach, 2 * reach, 2 * reach)
        return area.toAlignedRect() & self.rect()

    def _show(self) -> None:
        self.setVisible(self._editor.is_active)
        is_active = self._editor.is_active
        self._canvas.setCursor(
            Qt.CursorShape.CrossCursor if is_active else Qt.CursorShape.OpenHandCursor
        )
        self.update()

    def _paint_shape(self, painter: QPainter, shape: Shape) -> None:
        is_pair = self._editor.document.comparison.mode == "side"
        for is_right in (False, True) if is_pair else (False,):
            handles = [self._canvas.position(at, is_right=is_right) for at in shape.handles]
            points = [point for point in handles if point is not None]
            if len(points) < len(handles):
                return
            if isinstance(shape, Graduated):
                self._paint_passage(painter, points)
            else:
                self._paint_ellipse(painter, shape, points[2])
            for point in points:
                box = QRectF(point.x() - _HANDLE / 2, point.y() - _HANDLE / 2, _HANDLE, _HANDLE)
                _draw_twice(painter, lambda box=box: painter.drawRect(box))

    def _paint_passage(self, painter: QPainter, points: list[QPointF]) -> None:
        """Paint a line across at each end, and one between them."""
        along = points[1] - points[0]
        length = max(1.0, math.hypot(along.x(), along.y()))
        reach = float(self.width() + self.height()) / length
        across = QPointF(-along.y(), along.x()) * reach
        for end in points[:2]:
            _draw_twice(painter, lambda e=end: painter.drawLine(e - across, e + across))
        _draw_twice(painter, lambda: painter.drawLine(points[0], points[1]))

    def _paint_ellipse(self, painter: QPainter, shape: Radial, centre: QPointF) -> None:
        scale = self._editor.document.zoom / self.devicePixelRatioF()
        painter.save()
        painter.translate(centre)
        painter.rotate(math.degrees(shape.angle))
        for part in (1.0, 1.0 - shape.feather):
            width, height = shape.width * scale * part, shape.height * scale * part
            _draw_twice(painter, lambda w=width, h=height: painter.drawEllipse(QPointF(), w, h))
        painter.restore()


def _draw_twice(painter: QPainter, draw: Callable[[], object]) -> None:
    """Draw dark and wide, then light and thin: seen on any picture."""
    for colour, width in ((_SHADE, 3.0), (_INK, 1.25)):
        painter.setPen(QPen(colour, width))
        draw()
