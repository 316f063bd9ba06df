from collections.abc import Iterator

import pytest
from PySide6.QtCore import QLocale, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.design.fields import ChoiceBox, CountBox, LargeSlider, NumberField


@pytest.fixture(params=["en_US", "de_DE"])
def locale(request: pytest.FixtureRequest) -> Iterator[QLocale]:
    before = QLocale()
    QLocale.setDefault(QLocale(request.param))
    yield QLocale()
    QLocale.setDefault(before)


def wheel(widget: QWidget, notches: int) -> None:
    at = QPointF(widget.rect().center())
    event = QWheelEvent(
        at,
        QPointF(widget.mapToGlobal(at)),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


@pytest.mark.parametrize(
    ("typed", "value"),
    [("50", 32.0), ("3,7", 3.7), ("3.7", 3.7), ("0.05", 0.1), ("0,05", 0.1), ("1.000,5", 32.0)],
)
def test_what_is_typed_is_taken_in_every_language(
    qtbot: QtBot, locale: QLocale, typed: str, value: float
) -> None:
    field = NumberField(0.1, 32.0)
    qtbot.addWidget(field)
    field.selectAll()
    qtbot.keyClicks(field, typed)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.value() == pytest.approx(value)


def test_numbers_have_the_marks_of_the_language(qtbot: QtBot, locale: QLocale) -> None:
    field = NumberField(0.0, 10.0, 2)
    qtbot.addWidget(field)
    field.setValue(1.5)
    assert field.text() == f"1{locale.decimalPoint()}5"
    field.setValue(2.0)
    assert field.text() == "2"
    assert field.range_text() in ("0 to 10",)


def test_letters_are_not_taken(qtbot: QtBot) -> None:
    field = NumberField(0.0, 10.0)
    qtbot.addWidget(field)
    field.setValue(2.0)
    field.selectAll()
    qtbot.keyClicks(field, "abc")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.value() == 2.0


def test_the_wheel_never_changes_a_list(qtbot: QtBot) -> None:
    box = ChoiceBox()
    qtbot.addWidget(box)
    box.addItems(["a", "b", "c"])
    box.show()
    box.setFocus()
    wheel(box, -1)
    assert box.currentIndex() == 0


@pytest.mark.parametrize("kind", [CountBox, lambda: NumberField(0.0, 99.0)])
def test_the_wheel_changes_a_number_only_with_the_focus(qtbot: QtBot, kind: type) -> None:
    page, field = QWidget(), kind()
    qtbot.addWidget(page)
    field.setParent(page)
    field.setValue(5)
    page.show()
    wheel(field, 1)
    assert field.value() == 5
    page.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    wheel(field, 1)
    assert field.value() > 5


def test_a_large_slider_tells_the_users_changes_and_resets(qtbot: QtBot) -> None:
    slider = LargeSlider("Detail", 0.0, 1.5, usual=1.0, words=("Plain", "Vivid"))
    qtbot.addWidget(slider)
    slider.resize(300, 60)
    slider.show()
    told: list[float] = []
    slider.changed.connect(told.append)
    assert slider.value == 1.0
    slider.set_value(0.3)
    assert told == []
    assert slider.value == pytest.approx(0.3, abs=0.001)
    slider.slider.setValue(slider.slider.maximum())
    assert told == [1.5]
    qtbot.mouseDClick(slider.slider, Qt.MouseButton.LeftButton)
    assert slider.value == 1.0


def test_a_large_slider_goes_where_it_is_pressed(qtbot: QtBot) -> None:
    slider = LargeSlider("Detail", 0.0, 1.0, usual=0.5, words=("", ""))
    qtbot.addWidget(slider)
    slider.resize(400, 60)
    slider.show()
    end = QPoint(slider.slider.width() - 2, slider.slider.height() // 2)
    qtbot.mousePress(slider.slider, Qt.MouseButton.LeftButton, pos=end)
    assert slider.value == 1.0
