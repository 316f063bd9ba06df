from PySide6.QtWidgets import QPlainTextEdit
from pytestqt.qtbot import QtBot

from app.widgets.about_dialog import AboutDialog


def test_about_shows_the_licences(qtbot: QtBot) -> None:
    dialog = AboutDialog()
    qtbot.addWidget(dialog)
    text = "".join(page.toPlainText() for page in dialog.findChildren(QPlainTextEdit))
    assert "Redistribution and use in source and binary forms" in text
    assert "PySide6-Essentials        LGPL-3.0" in text
