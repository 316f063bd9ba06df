"""A panel beside the picture, which gives way where there is no room for both."""

from PySide6.QtCore import QEvent, QObject, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget


class Beside(QWidget):
    """The middle of the window, with a panel of fixed width at its right. Main thread.

    The panel never widens the window: where docks leave no room for it, it is hidden, and it comes
    back with the room.
    """

    def __init__(self, centre: QWidget, panel: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._centre, self._panel = centre, panel
        self._is_wanted = False
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(centre, 1)
        row.addWidget(panel)
        panel.hide()
        centre.installEventFilter(self)

    def want_panel(self, is_wanted: bool) -> None:
        """Show the panel where there is room, or hide it."""
        self._is_wanted = is_wanted
        self._fit()

    def minimumSizeHint(self) -> QSize:
        return self._centre.minimumSizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()  # it may have become wider or narrower
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        room = self.width() - self._centre.minimumSizeHint().width()
        self._panel.setVisible(self._is_wanted and room >= self._panel.minimumWidth())
