"""A photo while it opens: what can be seen of it already, and how long it takes."""

from PySide6.QtCore import QCoreApplication, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.design.tokens import CANVAS
from app.state.opener import Opener
from app.state.opening import Opening
from app.widgets.canvas_labels import (
    names_area,
    paint_note,
    paint_progress,
    progress_area,
)
from app.widgets.quantities import work_text


class OpeningView(QWidget):
    """Covers a canvas while a photo opens that takes its time. Main thread."""

    def __init__(self, opener: Opener, canvas: QWidget) -> None:
        super().__init__(canvas)
        self._opener = opener
        self._canvas = canvas
        self._scaled: tuple[QImage, QImage] | None = None
        """A draft, and it in the canvas's device pixels."""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        opener.opening_changed.connect(self.follow)
        self.hide()

    def follow(self) -> None:
        """Show what is being opened; nothing, if nothing is."""
        opening = self._opener.opening
        if opening is None:
            self._scaled = None
            self.hide()
            return
        self.setAccessibleName(_text(opening))
        is_same = self._scaled is not None and self._scaled[0] is opening.draft
        if self.isVisible() and self.geometry() == self._canvas.rect() and is_same:
            self.update(names_area(self.rect(), self.fontMetrics()))
            self.update(progress_area(self.rect()))
            return
        self.setGeometry(self._canvas.rect())
        self._scaled = None if opening.draft is None else (opening.draft, self._fit(opening.draft))
        self.show()
        self.raise_()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        opening = self._opener.opening
        if opening is None:
            return
        painter = QPainter(self)
        if self._scaled is not None:
            picture = self._scaled[1]
            size = picture.deviceIndependentSize()
            left, top = (self.width() - size.width()) / 2, (self.height() - size.height()) / 2
            painter.fillRect(self.rect(), QColor(CANVAS))
            painter.drawImage(QPointF(left, top), picture)
        paint_note(painter, _text(opening), self.rect())
        if opening.fraction is not None:
            paint_progress(painter, opening.fraction, self.rect())

    def _fit(self, draft: QImage) -> QImage:
        ratio = self.devicePixelRatioF()
        keep, smooth = (
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        picture = draft.scaled(self._canvas.size() * ratio, keep, smooth)
        picture.setDevicePixelRatio(ratio)
        return picture


def _text(opening: Opening) -> str:
    told = QCoreApplication.translate("canvas", "Opening {0}…").format(opening.name)
    if opening.fraction is None:
        return told
    return f"{told} {work_text(opening.fraction, opening.seconds_left)}"
