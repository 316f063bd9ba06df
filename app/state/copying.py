"""The view as a picture for the clipboard."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter

from app.qimage import qimage_from_rgb
from app.state import view as views
from app.state.frame_schedule import FrameSchedule
from app.state.frames import Piece, paint_piece
from liifgan_core.geometry import Rect


def view_picture(schedule: FrameSchedule) -> QImage | None:
    """Return the right picture's visible part as it is seen now, without labels; None: no photo.

    One output pixel each, also where only a preview of it is there: whether it is one, `is_final`
    of `showing` says.
    """
    document = schedule.document
    photo, view = document.photo, document.view
    if photo is None or view is None:
        return None
    flat = schedule.frames.flat(document.comparison.right)
    if flat is not None and schedule.is_current:
        return flat.picture
    part, scale = (
        views.visible(view, photo.image.size),
        views.viewport(view, photo.image.size).scale,
    )
    preview = qimage_from_rgb(photo.preview, photo.preview_alpha)
    picture = QImage(part.width, part.height, preview.format())
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    whole = Piece(preview, Rect.whole(photo.image.size), is_final=False)
    for piece in (whole, *([flat] if flat is not None else [])):
        paint_piece(painter, piece, scale, (-part.top, -part.left))
    painter.end()
    return picture
