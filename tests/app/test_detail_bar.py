from PySide6.QtCore import QLocale, Qt
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


def test_a_double_click_resets(qtbot: QtBot) -> None:
    document = DocumentModel()
    bar = DetailBar(document)
    qtbot.addWidget(bar)
    document.set_detail(0.2)
    bar.slider.setEnabled(True)
    bar.setEnabled(True)
    qtbot.mouseDClick(bar.slider, Qt.MouseButton.LeftButton)
    assert document.look.detail == 1.0
    assert bar.slider.value() == 100
