"""Messages to the user that do not stop the work: what went wrong, and the way out."""

import re

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QStyle, QToolButton, QWidget

_LONG_WORD = re.compile(r"\S{40}")
"""After so many characters a path may be broken; else it would widen the window."""


class MessageBar(QFrame):
    """One message at a time; a newer one replaces it. Main thread."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self._icon = QLabel()
        warning = self.style().standardIcon(QStyle.StandardPixmap.SP_MessageBoxWarning)
        self._icon.setPixmap(warning.pixmap(20, 20))
        self._text = QLabel()
        self._message = ""
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        close = QToolButton()
        close.setText("✕")
        close.setAutoRaise(True)
        close.setAccessibleName(self.tr("Close the message"))
        close.setToolTip(self.tr("Close the message (Esc)"))
        close.clicked.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 6, 6, 6)
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._text, 1)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    @property
    def text(self) -> str:
        """The message that is shown; empty when none is."""
        return "" if self.isHidden() else self._message

    def show_message(self, text: str) -> None:
        """Show a message, until it is closed or replaced."""
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setText(_LONG_WORD.sub(lambda word: f"{word[0]}\u200b", text))
        self._message = text
        self.setAccessibleName(text)
        self.show()
