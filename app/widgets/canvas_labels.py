"""What is written over the pictures: their names, the heat map's scale."""

import numpy as np
from PySide6.QtCore import QCoreApplication, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter

from app.design.theme import current
from app.design.tokens import GRID
from app.qimage import qimage_from_rgb
from app.state.frame_schedule import FrameSchedule
from app.state.showing import Showing, has_difference, showing
from app.widgets.quantities import percent_text
from app.widgets.source_names import source_name
from liifgan_core.render.invented import HEAT_FULL, heat_colours

_MARGIN = 10
_PADDING = 6
_LINE = GRID // 2
_BACKGROUND = QColor(0, 0, 0, 165)
_SCALE_WIDTH, _SCALE_HEIGHT = 150, 10


def paint_labels(
    painter: QPainter, schedule: FrameSchedule, area: QRect, *, up: str, opacity: float = 1.0
) -> None:
    """Paint names, of an opacity, and marks in logical pixels; `up` is as in `paint_panes`."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setOpacity(opacity)
    document = schedule.document
    comparison = document.shown
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
        case "difference":
            _paint_name(painter, difference_text(schedule), area)
        case "single" | "blink":
            _paint_name(painter, upper, area)
    painter.setOpacity(1.0)
    if document.shown_look.shows_invented and document.has_detail and not document.is_peeking:
        _paint_scale(painter, area)


def paint_note(painter: QPainter, text: str, area: QRect) -> None:
    """Paint a text where a picture's name is, in logical pixels."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint_name(painter, text, area)


def paint_progress(painter: QPainter, fraction: float, area: QRect) -> None:
    """Paint a thin line along the lower end of a canvas, as long as what is done."""
    line = progress_area(area)
    line.setWidth(round(fraction * area.width()))
    painter.fillRect(line, QColor(current().accent))


def progress_area(area: QRect) -> QRect:
    """Return the part of a canvas in which it is shown how far something is."""
    return QRect(area.left(), area.bottom() + 1 - _LINE, area.width(), _LINE)


def names_area(area: QRect, metrics: QFontMetrics) -> QRect:
    """Return the part of a canvas in which the names are."""
    return QRect(area.left(), area.top(), area.width(), 2 * _MARGIN + metrics.height() + _PADDING)


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
