from PySide6.QtWidgets import QPlainTextEdit
from pytestqt.qtbot import QtBot

from app.widgets.about_dialog import AboutDialog


def test_about_shows_the_licences(qtbot: QtBot) -> None:
    dialog = AboutDialog()
    qtbot.addWidget(dialog)
    text = "".join(page.toPlainText() for page in dialog.findChildren(QPlainTextEdit))
    assert "Redistribution and use in source and binary forms" in text
    assert "PySide6-Essentials        LGPL-3.0" in text


def test_no_licence_needs_scrolling_sideways(qtbot: QtBot) -> None:
    dialog = AboutDialog()
    qtbot.addWidget(dialog)
    dialog.resize(360, 300)
    dialog.show()
    for number in (1, 2):
        dialog.tabs.setCurrentIndex(number)
        page = dialog.tabs.widget(number)
        assert isinstance(page, QPlainTextEdit)
        assert len(page.toPlainText()) > 500
        assert page.horizontalScrollBar().maximum() == 0
        assert page.verticalScrollBar().maximum() > 0
