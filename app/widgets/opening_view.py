"""A photo while it opens: what can be seen of it already, and how long it takes."""

from PySide6.QtCore import QCoreApplication, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.design.theme import current
from app.design.tokens import CANVAS, GRID
from app.state.opener import Opener
from app.state.opening import Opening
from app.widgets.canvas_labels import paint_note
from app.widgets.quantities import work_text


class OpeningView(QWidget):
    """Covers a canvas while a photo opens that takes its time. Main thread."""

    def __init__(self, opener: Opener, canvas: QWidget) -> None:
        super().__init__(canvas)
        self._opener = opener
        self._canvas = canvas
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        opener.opening_changed.connect(self.follow)
        self.hide()

    def follow(self) -> None:
        """Show what is being opened; nothing, if nothing is."""
        opening = self._opener.opening
        if opening is not None:
            self.setGeometry(self._canvas.rect())
            self.setAccessibleName(_text(opening))
        self.setVisible(opening is not None)
        self.raise_()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        opening = self._opener.opening
        if opening is None:
            return
        painter = QPainter(self)
        if opening.draft is not None:
            self._paint_draft(painter, opening.draft)
        paint_note(painter, _text(opening), self.rect())
        if opening.fraction is not None:
            width = round(opening.fraction * self.width())
            bar = QRect(0, self.height() - GRID // 2, width, GRID // 2)
            painter.fillRect(bar, QColor(current().accent))

    def _paint_draft(self, painter: QPainter, draft: QImage) -> None:
        painter.fillRect(self.rect(), QColor(CANVAS))
        size = draft.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        left, top = (self.width() - size.width()) / 2, (self.height() - size.height()) / 2
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(left, top, size.width(), size.height()), draft)


def _text(opening: Opening) -> str:
    told = QCoreApplication.translate("canvas", "Opening {0}…").format(opening.name)
    if opening.fraction is None:
        return told
    return f"{told} {work_text(opening.fraction, opening.seconds_left)}"
