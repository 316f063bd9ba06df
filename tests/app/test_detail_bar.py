from PySide6.QtCore import QLocale
from pytestqt.qtbot import QtBot

from app.state.document import DocumentModel
from app.widgets.detail_bar import DetailBar


def test_the_value_has_the_decimal_mark_of_the_language(qtbot: QtBot) -> None:
    before = QLocale()
    QLocale.setDefault(QLocale("de_DE"))
    try:
        document = DocumentModel()
        bar = DetailBar(document)
        qtbot.addWidget(bar)
        document.set_detail(1.25)
        assert bar.value.text() == "1,25"
    finally:
        QLocale.setDefault(before)
