"""What is written over the pictures: their names, the wipe's line, the heat map's scale."""

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from app.qimage import qimage_from_rgb
from app.state.frame_schedule import FrameSchedule
from app.state.showing import Showing, has_difference, showing
from app.widgets.quantities import percent_text
from app.widgets.source_names import source_name
from liifgan_core.render.invented import HEAT_FULL, heat_colours

_MARGIN = 10
_PADDING = 6
_BACKGROUND = QColor(0, 0, 0, 165)
_SCALE_WIDTH, _SCALE_HEIGHT = 150, 10


def paint_labels(
    painter: QPainter, schedule: FrameSchedule, area: QRect, *, up: str, opacity: float = 1.0
) -> None:
    """Paint names, of an opacity, and marks in logical pixels; `up` is as in `paint_panes`."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setOpacity(opacity)
    document = schedule.document
    comparison = document.comparison
    left, right, upper = (
        shown_text(showing(schedule, source)) for source in (comparison.left, comparison.right, up)
    )
    half = QRect(area)
    half.setWidth(area.width() // 2)
    other = QRect(area)
    other.setLeft(half.right() + 1)
    match comparison.mode:
        case "side":
            _paint_name(painter, left, half)
            _paint_name(painter, right, other)
        case "wipe":
            _paint_name(painter, left, half)
            _paint_name(painter, right, other, alignment=Qt.AlignmentFlag.AlignRight)
            painter.setOpacity(1.0)
            _paint_wipe(painter, comparison.wipe * area.width(), area.height())
        case "difference":
            _paint_name(painter, difference_text(schedule), area)
        case "single" | "blink":
            _paint_name(painter, upper, area)
    painter.setOpacity(1.0)
    if document.look.shows_invented and document.has_detail:
        _paint_scale(painter, area)


def shown_text(shown: Showing) -> str:
    """Return what can be seen of a picture, and what is to come, for people."""
    then = "" if shown.then is None else source_name(shown.then)
    return _with_rest(_now_name(shown), then, is_refining=shown.is_refining)


def difference_text(schedule: FrameSchedule) -> str:
    """Return what a difference is one of, and what is to come."""
    comparison = schedule.document.comparison
    pair = showing(schedule, comparison.left), showing(schedule, comparison.right)
    left, right = (_now_name(shown) for shown in pair)
    to_come = [shown for shown in pair if shown.then is not None]
    is_refining = all(shown.is_refining for shown in to_come)
    if not has_difference(schedule):
        wanted = _difference(source_name(comparison.left), source_name(comparison.right))
        return _with_rest(left, wanted, is_refining=is_refining)
    then = dict.fromkeys(source_name(shown.then) for shown in to_come if shown.then)
    return _with_rest(_difference(left, right), " / ".join(then), is_refining=is_refining)


def _difference(left: str, right: str) -> str:
    return QCoreApplication.translate("canvas", "|{0} \u2212 {1}| \u00d7 4").format(left, right)


def _now_name(shown: Showing) -> str:
    if shown.now is None:
        return QCoreApplication.translate("canvas", "Preview")
    return source_name(shown.now)


def _with_rest(now: str, then: str, *, is_refining: bool) -> str:
    """Return what is shown with what is to come, if anything; the same name is said once."""
    if not then or (then == now and not is_refining):
        return now
    if then == now:
        return QCoreApplication.translate("canvas", "{0}, still refining…").format(now)
    if is_refining:
        return QCoreApplication.translate("canvas", "{0}, refining with {1}…").format(now, then)
    return QCoreApplication.translate("canvas", "{0}, then {1}").format(now, then)


def _paint_name(
    painter: QPainter,
    text: str,
    area: QRect,
    alignment: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> None:
    metrics = painter.fontMetrics()
    room = area.width() - 2 * (_MARGIN + _PADDING)
    text = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, max(room, 20))
    width, height = metrics.horizontalAdvance(text) + 2 * _PADDING, metrics.height() + _PADDING
    left = area.left() + _MARGIN
    if alignment == Qt.AlignmentFlag.AlignRight:
        left = area.right() - _MARGIN - width
    box = QRectF(left, area.top() + _MARGIN, width, height)
    _paint_box(painter, box)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _paint_wipe(painter: QPainter, x: float, height: int) -> None:
    for colour, width in ((QColor(0, 0, 0, 130), 4), (QColor("white"), 2)):
        painter.setPen(QPen(colour, width))
        painter.drawLine(QPointF(x, 0), QPointF(x, height))
    painter.setBrush(QColor("white"))
    painter.setPen(QPen(QColor(0, 0, 0, 130), 1))
    painter.drawEllipse(QPointF(x, height / 2), 9, 9)
    painter.setPen(QPen(QColor("#333333"), 1.5))
    for side in (-1, 1):
        tip = QPointF(x + 6 * side, height / 2)
        painter.drawLine(tip, tip + QPointF(-3 * side, -3))
        painter.drawLine(tip, tip + QPointF(-3 * side, 3))


def _paint_scale(painter: QPainter, area: QRect) -> None:
    """Paint the heat map's colours with what they mean."""
    title = QCoreApplication.translate("canvas", "Invented detail, part of the range")
    end = f"≥ {percent_text(HEAT_FULL)}"
    metrics = painter.fontMetrics()
    width = max(_SCALE_WIDTH, metrics.horizontalAdvance(title)) + 2 * _PADDING
    height = 2 * metrics.height() + _SCALE_HEIGHT + 3 * _PADDING
    box = QRectF(area.left() + _MARGIN, area.bottom() - _MARGIN - height, width, height)
    _paint_box(painter, box)
    inner = box.adjusted(_PADDING, _PADDING / 2, -_PADDING, -_PADDING / 2)
    painter.drawText(inner, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, title)
    levels = np.linspace(0.0, HEAT_FULL, 256, dtype=np.float32)[None]
    strip = qimage_from_rgb(heat_colours(levels))
    top = inner.top() + metrics.height() + _PADDING / 2
    painter.drawImage(QRectF(inner.left(), top, inner.width(), _SCALE_HEIGHT), strip)
    bottom = Qt.AlignmentFlag.AlignBottom
    painter.drawText(inner, bottom | Qt.AlignmentFlag.AlignLeft, "0")
    painter.drawText(inner, bottom | Qt.AlignmentFlag.AlignRight, end)


def _paint_box(painter: QPainter, box: QRectF) -> None:
    """Paint a dark box, and set the pen for white text on it: readable on any picture."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_BACKGROUND)
    painter.drawRoundedRect(box, 4, 4)
    painter.setPen(QColor("white"))
