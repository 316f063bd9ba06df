"""Messages to the user that do not stop the work: what went wrong, and the way out."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from app.design.parts import IconLabel, set_part, tool_button
from app.design.tokens import M, S
from app.widgets.line_breaks import breakable


class MessageBar(QFrame):
    """One message at a time; a newer one replaces it. Main thread."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_part(self, "message")
        self.setAutoFillBackground(True)
        self._icon = IconLabel("warning", tone="error")
        self._text = QLabel()
        self._message = ""
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        close = tool_button(
            "close",
            self.tr("Close the message"),
            self.hide,
            tip=self.tr("Close the message (Esc)"),
        )
        layout = QHBoxLayout(self)
        layout.setContentsMargins(M, S, S, S)
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._text, 1, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    @property
    def text(self) -> str:
        """The message that is shown; empty when none is."""
        return "" if self.isHidden() else self._message

    def show_message(self, text: str) -> None:
        """Show a message, until it is closed or replaced."""
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setText(breakable(text))
        self._message = text
        self.setAccessibleName(text)
        self.show()
