"""The canvas: shows the document's panes, turns wheel, mouse and keys into zooming and panning."""

import math

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from app.design.tokens import CANVAS
from app.qimage import qimage_from_rgb
from app.state import view as views
from app.state.blink import Blink
from app.state.document import PANE_GAP
from app.state.frame_schedule import FrameSchedule
from app.state.frames import Piece
from app.state.showing import is_final
from app.widgets.canvas_labels import names_area, paint_labels, paint_progress, progress_area
from app.widgets.frame_painter import paint_panes
from app.widgets.label_fade import LabelFade
from app.widgets.wipe_handle import WipeHandle
from liifgan_core.geometry import Rect, Size

_WHEEL_DOUBLING = 480.0
"""Eighths of a degree of wheel that double the zoom: four notches."""
_KEY_STEP = 0.1
"""Part of the pane that an arrow key moves the picture by."""
HOLD_MS = 200
"""How long the button is held over one place until the photo itself is shown: longer than a click,
shorter than one waits."""


class ImageCanvas(QWidget):
    """Shows a document by the frames of a schedule. Main thread."""

    def __init__(self, schedule: FrameSchedule, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._schedule = schedule
        self._document = document = schedule.document
        self.blink = Blink(document, self)
        self._preview: Piece | None = None
        self._drag_from: QPointF | None = None
        self._is_dragging = False
        self._wiped_to = document.comparison.wipe
        self.hold = QTimer(self)
        self.hold.setSingleShot(True)
        self.hold.setInterval(HOLD_MS)
        self.hold.timeout.connect(lambda: document.peek(True))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 160)
        self.setAccessibleName(self.tr("Photo"))
        self.setAccessibleDescription(
            self.tr(
                "The photo at the present zoom. Arrow keys move it, plus and minus zoom, and the "
                "space bar shows the original for as long as it is held."
            )
        )
        document.photo_changed.connect(self._take_preview)
        self.fade = LabelFade(self)
        schedule.pixels_changed.connect(lambda: self.fade.follow(is_final(schedule)))
        for changed in (
            document.view_changed,
            document.comparison_changed,
            document.look_changed,
            document.peek_changed,
            schedule.pixels_changed,
            self.blink.turned,
        ):
            changed.connect(self.update)
        schedule.part_changed.connect(self._update_part)
        document.wipe_changed.connect(self._wipe)
        schedule.progressed.connect(lambda: self.update(progress_area(self.rect())))
        self.fade.changed.connect(lambda: self.update(names_area(self.rect(), self.fontMetrics())))
        self.wipe_handle = WipeHandle(document, self)
        self._take_preview()

    def place(self, position: QPointF) -> tuple[float, float] | None:
        """Return the place of the photo under a widget's position, (y, x) in LR pixels."""
        photo, view = self._document.photo, self._document.view
        if photo is None or view is None:
            return None
        return views.photo_point(view, photo.image.size, self._in_pane(position))

    def position(self, place: tuple[float, float], *, is_right: bool = False) -> QPointF | None:
        """Return the widget's position at which a place of the photo is seen.

        Side by side it is seen twice; `is_right` means the right pane.
        """
        photo, view = self._document.photo, self._document.view
        if photo is None or view is None:
            return None
        y, x = views.pane_point(view, photo.image.size, place)
        if is_right:
            x += view.pane.width + PANE_GAP
        ratio = self.devicePixelRatioF()
        return QPointF(x / ratio, y / ratio)

    def is_in_right_pane(self, position: QPointF) -> bool:
        """Whether a widget's position is in the right one of two panes."""
        view = self._document.view
        x = position.x() * self.devicePixelRatioF()
        is_pair = self._document.comparison.mode == "side"
        return is_pair and view is not None and x > view.pane.width

    def device_size(self) -> Size:
        """Return the canvas's size in device pixels."""
        ratio = self.devicePixelRatioF()
        return Size(max(1, round(self.height() * ratio)), max(1, round(self.width() * ratio)))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(CANVAS))
        if self._preview is None or self._document.view is None:
            return
        ratio = self.devicePixelRatioF()
        painter.save()
        painter.scale(1 / ratio, 1 / ratio)
        up = self.blink.up
        paint_panes(painter, self._schedule, self._preview, self.device_size(), up=up)
        painter.restore()
        paint_labels(painter, self._schedule, self.rect(), up=up, opacity=self.fade.opacity)
        if self._schedule.is_busy and self._schedule.time_left.is_long:
            paint_progress(painter, self._schedule.time_left.fraction, self.rect())

    def _update_part(self, region: Rect) -> None:
        """Paint anew where a region of the photo is seen."""
        mode = self._document.comparison.mode
        if mode == "difference":  # it is made of all there is
            self.update()
            return
        for is_right in (False, True) if mode == "side" else (False,):
            top_left = self.position((region.top, region.left), is_right=is_right)
            end = region.top + region.height, region.left + region.width
            bottom_right = self.position(end, is_right=is_right)
            if top_left is not None and bottom_right is not None:
                area = QRectF(top_left, bottom_right).toAlignedRect()
                self.update(area.adjusted(-1, -1, 1, 1) & self.rect())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._document.set_canvas(self.device_size())
        self.wipe_handle.follow()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._document.set_canvas(self.device_size())
        elif isinstance(event, QNativeGestureEvent) and (
            event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture
        ):
            self._zoom_by(1.0 + event.value(), event.position())
            return True
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._zoom_by(2.0 ** (event.angleDelta().y() / _WHEEL_DOUBLING), event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            return
        self._drag_from = event.position()
        if event.button() == Qt.MouseButton.LeftButton:
            self.hold.start()
        else:
            self._is_dragging = True
        self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.fade.wake()
        if self._drag_from is None or self._document.is_peeking:
            return
        moved = event.position() - self._drag_from
        if not self._is_dragging:
            if moved.manhattanLength() < QApplication.startDragDistance():
                return
            self._is_dragging = True
            self.hold.stop()
        self._drag_from = event.position()
        ratio = self.devicePixelRatioF()
        self._document.pan(moved.y() * ratio, moved.x() * ratio)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._let_go()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._let_go()
        super().focusOutEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._document.is_fitted:
            self._document.zoom_to(1.0, self._in_pane(event.position()))
        else:
            self._document.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            self._document.peek(True)
            return
        size = self.device_size()
        steps = {
            Qt.Key.Key_Up: (1, 0),
            Qt.Key.Key_Down: (-1, 0),
            Qt.Key.Key_Left: (0, 1),
            Qt.Key.Key_Right: (0, -1),
        }
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        self._document.pan(step[0] * _KEY_STEP * size.height, step[1] * _KEY_STEP * size.width)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._document.peek(False)
        else:
            super().keyReleaseEvent(event)

    def _zoom_by(self, factor: float, at: QPointF) -> None:
        self._document.zoom_to(self._document.zoom * factor, self._in_pane(at))

    def _in_pane(self, position: QPointF) -> tuple[float, float]:
        """Return a widget's position as pixel (y, x) of the pane that it lies in."""
        ratio = self.devicePixelRatioF()
        y, x = position.y() * ratio, position.x() * ratio
        view = self._document.view
        if view is not None and self.is_in_right_pane(position):
            x -= view.pane.width + PANE_GAP
        return y, x

    def _let_go(self) -> None:
        self.hold.stop()
        self._drag_from, self._is_dragging = None, False
        self._document.peek(False)
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def _wipe(self) -> None:
        """Paint what lies between the wipe's line as it was and as it is."""
        wipe = self._document.comparison.wipe
        first, last = sorted((self._wiped_to * self.width(), wipe * self.width()))
        self._wiped_to = wipe
        left, right = math.floor(first) - 1, math.ceil(last) + 1
        self.update(QRect(left, 0, right - left, self.height()))

    def _take_preview(self) -> None:
        photo = self._document.photo
        self._preview = None
        if photo is not None:
            picture = qimage_from_rgb(photo.preview, photo.preview_alpha)
            self._preview = Piece(picture, Rect.whole(photo.image.size), is_final=False)
            self.setCursor(Qt.CursorShape.OpenHandCursor)
            self.setAccessibleName(self.tr("Photo {0}").format(photo.name))
        self.update()
