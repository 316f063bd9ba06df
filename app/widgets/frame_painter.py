"""Paints the panes of a canvas. Everything here is in device pixels."""

import math

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPixmap, QRegion

from app.state import view as views
from app.state.document import PANE_GAP
from app.state.frame_schedule import FrameSchedule
from app.state.frames import Piece, paint_piece
from app.state.showing import has_difference
from app.state.view import View
from liifgan_core.geometry import Rect, Size
from liifgan_core.render.request import NEAREST
from liifgan_core.render.tile_plan import lr_rect

_CHECKS = 8
"""Side of a square of the pattern behind transparent parts."""
_DIFFERENCE_DOUBLINGS = 2
"""The difference is shown four times as strong; else most of it would be too dark to see."""


def paint_panes(
    painter: QPainter, schedule: FrameSchedule, preview: Piece, canvas: Size, *, up: str
) -> None:
    """Paint what the document shows, filling a canvas of `canvas` device pixels.

    `up` is the picture of the views that have only one at a time.
    """
    comparison, view = schedule.document.shown, schedule.document.view
    assert view is not None, "without a photo there is nothing to paint"
    whole = QRect(0, 0, canvas.width, canvas.height)
    match comparison.mode:
        case "side":
            second = view.pane.width + PANE_GAP
            _paint(painter, schedule, comparison.left, preview, _pane_rect(view, 0))
            _paint(painter, schedule, comparison.right, preview, _pane_rect(view, second))
        case "wipe":
            line = wipe_line(comparison.wipe, canvas.width)
            left, right = QRect(whole), QRect(whole)
            left.setWidth(line)
            right.setLeft(line)
            _paint(painter, schedule, comparison.left, preview, whole, clip=left)
            _paint(painter, schedule, comparison.right, preview, whole, clip=right)
        case "difference":
            _paint_difference(painter, schedule, preview, whole)
        case "single" | "blink":
            _paint(painter, schedule, up, preview, whole)


def wipe_line(position: float, width: int) -> int:
    """Return the first device column that belongs to the right picture."""
    return round(position * width)


def _pane_rect(view: View, left: int) -> QRect:
    return QRect(left, 0, view.pane.width, view.pane.height)


def _paint(
    painter: QPainter,
    schedule: FrameSchedule,
    source: str,
    preview: Piece,
    pane: QRect,
    *,
    clip: QRect | QRegion | None = None,
    beside: str | None = None,
) -> None:
    photo, view = schedule.document.photo, schedule.document.view
    if photo is None or view is None:
        return
    painter.save()
    painter.setClipRegion(QRegion(pane if clip is None else clip))
    painter.translate(pane.topLeft())
    lr_size = photo.image.size
    origin, scale = views.origin(view, lr_size), views.viewport(view, lr_size).scale
    if photo.image.alpha is not None:
        flat = schedule.frames.flat(source, beside=beside) or preview
        _paint_transparent(painter, flat, scale, origin)
    else:
        pieces = list(schedule.frames.pieces(source, beside=beside))
        if not schedule.covers_view(source):
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=source != NEAREST)
            pieces = [preview, *(piece for piece in pieces if _is_better(piece, preview, scale))]
            pieces = _from_last_cover(pieces, _visible_part(view, lr_size))
        for piece in pieces:
            paint_piece(painter, piece, scale, origin)
    painter.restore()


def _visible_part(view: View, photo: Size) -> Rect:
    return lr_rect(views.viewport(view, photo), views.visible(view, photo))


def _from_last_cover(pieces: list[Piece], part: Rect) -> list[Piece]:
    """Return the pieces without those that cannot be seen; stretching one takes 20 ms."""
    for number in range(len(pieces) - 1, -1, -1):
        region = pieces[number].region
        is_above = region.top <= part.top and region.left <= part.left
        is_below = region.top + region.height >= part.top + part.height
        if is_above and is_below and region.left + region.width >= part.left + part.width:
            return pieces[number:]
    return pieces


def _is_better(piece: Piece, preview: Piece, scale: tuple[float, float]) -> bool:
    """Whether a piece shows more than the preview does, at the present scale."""
    return piece.is_final or _resolution(piece) >= min(_resolution(preview), 0.7 * min(scale))


def _resolution(piece: Piece) -> float:
    """Return a piece's pixels per LR pixel."""
    return piece.picture.height() / piece.region.height


def _paint_transparent(
    painter: QPainter, flat: Piece, scale: tuple[float, float], origin: tuple[int, int]
) -> None:
    """Paint over a pattern of squares; the piece must be all there is, since it may not be seen
    through."""
    region = flat.region
    top, left = origin[0] + region.top * scale[0], origin[1] + region.left * scale[1]
    height, width = region.height * scale[0], region.width * scale[1]
    area = QRect(math.floor(left), math.floor(top), math.ceil(width), math.ceil(height))
    painter.fillRect(area, _squares())
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    paint_piece(painter, flat, scale, origin)


def _paint_difference(
    painter: QPainter, schedule: FrameSchedule, preview: Piece, whole: QRect
) -> None:
    comparison = schedule.document.comparison
    picture = QImage(whole.size(), QImage.Format.Format_RGB32)
    other = QImage(whole.size(), QImage.Format.Format_RGB32)
    left, right = comparison.left, comparison.right
    for target, source, beside in ((picture, left, right), (other, right, left)):
        target.fill(Qt.GlobalColor.black)
        on_target = QPainter(target)
        _paint(on_target, schedule, source, preview, whole, beside=beside)
        on_target.end()
    combine = QPainter(picture)
    combine.setCompositionMode(QPainter.CompositionMode.CompositionMode_Difference)
    combine.drawImage(QPoint(0, 0), other)
    combine.setCompositionMode(QPainter.CompositionMode.CompositionMode_Plus)
    for _ in range(_DIFFERENCE_DOUBLINGS):
        combine.drawImage(QPoint(0, 0), picture.copy())
    combine.end()
    painter.drawImage(QPoint(0, 0), picture)
    if not has_difference(schedule):
        unsettled = QRegion(whole) - _settled(schedule)
        _paint(painter, schedule, left, preview, whole, clip=unsettled, beside=right)


def _settled(schedule: FrameSchedule) -> QRegion:
    """Return the part of the canvas where both pictures are final."""
    document = schedule.document
    photo, view, region = document.photo, document.view, QRegion()
    if photo is not None and view is not None and schedule.is_current:
        top, left = views.origin(view, photo.image.size)
        comparison = document.comparison
        for tile in schedule.frames.settled(comparison.left, comparison.right):
            region += QRect(left + tile.left, top + tile.top, tile.width, tile.height)
    return region


def _squares() -> QBrush:
    tile = QPixmap(2 * _CHECKS, 2 * _CHECKS)
    tile.fill(QColor("#9a9a9a"))
    painter = QPainter(tile)
    for corner in (0, _CHECKS):
        painter.fillRect(corner, corner, _CHECKS, _CHECKS, QColor("#6a6a6a"))
    painter.end()
    return QBrush(tile)
