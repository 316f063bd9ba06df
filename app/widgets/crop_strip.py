"""A validation crop: what goes in, what the run makes of it, the best model's, the original."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

_GAP = 4
_SMALLEST = 72
_COMFORTABLE = 150
"""Side of a picture, in logical pixels, below which a row holds fewer of them."""


class CropStrip(QWidget):
    """Shows named pictures in rows, all of one size. Main thread."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures: tuple[tuple[str, QImage], ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_pictures(self, pictures: tuple[tuple[str, QImage], ...]) -> None:
        """Take (name, picture) pairs, from left to right."""
        self._pictures = pictures
        self.setAccessibleName(", ".join(name for name, _ in pictures))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(360, self.heightForWidth(360))

    def minimumSizeHint(self) -> QSize:
        return QSize(2 * _SMALLEST + _GAP, _SMALLEST + self._caption_height())

    def heightForWidth(self, width: int) -> int:
        columns = self._columns(width)
        num_rows = -(-len(self._pictures) // columns)
        return round(num_rows * (self._side(width) + self._caption_height()))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        side, columns = self._side(self.width()), self._columns(self.width())
        for number, (name, picture) in enumerate(self._pictures):
            row, column = divmod(number, columns)
            left, top = column * (side + _GAP), row * (side + self._caption_height())
            caption = QRectF(left, top, side, self._caption_height())
            text = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, int(side))
            painter.drawText(caption, Qt.AlignmentFlag.AlignLeft, text)
            if not picture.isNull():
                painter.drawImage(QRectF(left, caption.bottom(), side, side), picture)

    def _side(self, width: int) -> float:
        columns = self._columns(width)
        return max(_SMALLEST, (width - _GAP * (columns - 1)) / columns) if self._pictures else 0.0

    def _columns(self, width: int) -> int:
        return max(1, min(len(self._pictures), max(2, width // _COMFORTABLE)))

    def _caption_height(self) -> int:
        return self.fontMetrics().height() + 2 if self._pictures else 0
