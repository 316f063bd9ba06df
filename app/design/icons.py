"""Icons from lines: sharp at every scale, in the ink of the palette at the time of painting."""

from functools import lru_cache
from typing import Literal

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QIcon,
    QIconEngine,
    QImage,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtSvg import QSvgRenderer

from app.design.icon_paths import ICON_PATHS

Tone = Literal["text", "quiet", "accent", "on-accent", "error"]

_ROLES = {
    "text": QPalette.ColorRole.ButtonText,
    "quiet": QPalette.ColorRole.PlaceholderText,
    "accent": QPalette.ColorRole.Highlight,
    "on-accent": QPalette.ColorRole.HighlightedText,
    "error": QPalette.ColorRole.BrightText,
}
_STROKE = 1.75
"""Of 24; at 16 logical pixels a little more than one."""
_CACHED = 512
"""Pictures of at most a few kilobytes."""


def icon(name: str, tone: Tone = "text") -> QIcon:
    """Return an icon by its name in `icon_paths`; raises KeyError for another one."""
    return QIcon(_Engine(ICON_PATHS[name], tone))


def svg_text(body: str, ink: str) -> str:
    """Return an SVG file with an icon's lines in a colour."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="{ink}" '
        f'stroke-width="{_STROKE}" stroke-linecap="round" stroke-linejoin="round">'
        f"{body.replace('currentColor', ink)}</svg>"
    )


class _Engine(QIconEngine):
    """Draws lines whenever Qt asks; so a change of theme needs no new icons. Main thread."""

    def __init__(self, body: str, tone: Tone) -> None:
        super().__init__()
        self._body: str = body
        self._tone: Tone = tone

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        ratio = painter.device().devicePixelRatio()
        size = rect.size() * ratio
        picture = _picture(self._body, size.width(), size.height(), self._ink(mode))
        painter.drawImage(rect, picture)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        picture = _picture(self._body, size.width(), size.height(), self._ink(mode))
        return QPixmap.fromImage(picture)

    def clone(self) -> QIconEngine:
        return _Engine(self._body, self._tone)

    def _ink(self, mode: QIcon.Mode) -> str:
        palette = QGuiApplication.palette()
        group = QPalette.ColorGroup.Normal
        if mode == QIcon.Mode.Disabled:
            group, role = QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText
        else:
            role = _ROLES[self._tone]
        return palette.color(group, role).name()


@lru_cache(_CACHED)
def _picture(body: str, width: int, height: int, ink: str) -> QImage:
    picture = QImage(QSize(width, height), QImage.Format.Format_ARGB32_Premultiplied)
    picture.fill(QColor(Qt.GlobalColor.transparent))
    side = min(width, height)
    area = QRectF((width - side) / 2, (height - side) / 2, side, side)
    painter = QPainter(picture)
    QSvgRenderer(QByteArray(svg_text(body, ink).encode())).render(painter, area)
    painter.end()
    return picture
