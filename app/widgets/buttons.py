"""Push buttons of panels and dialogs."""

from collections.abc import Callable

from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QPushButton


def text_button(text: str, run: Callable[[], object]) -> QPushButton:
    """Return a button that runs something; Enter in a field does not press it."""
    button = QPushButton(text)
    button.setAutoDefault(False)
    button.clicked.connect(lambda _checked=False: run())
    return button


def button_row(*buttons: QAbstractButton | None) -> QHBoxLayout:
    """Return buttons in a row; None is room to stretch."""
    row = QHBoxLayout()
    for button in buttons:
        if button is None:
            row.addStretch(1)
        else:
            row.addWidget(button)
    return row
