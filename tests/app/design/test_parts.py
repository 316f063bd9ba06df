from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.design.parts import Card, ChoiceCard, SegmentedControl, primary_button, tool_button


def test_segments_tell_what_the_user_chooses(qtbot: QtBot) -> None:
    control = SegmentedControl("Factor")
    qtbot.addWidget(control)
    two, three = control.add(2, "×2"), control.add(3, "×3")
    control.show()
    told: list[object] = []
    control.chosen.connect(told.append)
    control.set_value(2)
    assert (control.value, two.isChecked(), told) == (2, True, [])
    three.click()
    assert (control.value, two.isChecked(), told) == (3, False, [3])
    control.set_value(7)
    assert control.value is None


def test_arrows_move_between_segments(qtbot: QtBot) -> None:
    control = SegmentedControl("Factor")
    qtbot.addWidget(control)
    for factor in (2, 3, 4):
        control.add(factor, f"×{factor}")
    control.show()
    control.set_value(2)
    qtbot.keyClick(control, Qt.Key.Key_Right)
    assert control.value == 3
    qtbot.keyClick(control, Qt.Key.Key_Left)
    qtbot.keyClick(control, Qt.Key.Key_Left)
    assert control.value == 2


def test_choice_cards_are_chosen_one_at_a_time_and_show_all_their_words(qtbot: QtBot) -> None:
    page, group = QWidget(), QButtonGroup()
    qtbot.addWidget(page)
    column = QVBoxLayout(page)
    words = "Keeps what the photo holds and adds nothing that could be wrong. " * 2
    cards = [ChoiceCard("Faithful", words), ChoiceCard("Natural", "Adds fine texture.")]
    for card in cards:
        group.addButton(card)
        column.addWidget(card)
    page.resize(260, 400)
    page.show()
    qtbot.mouseClick(cards[0], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(cards[1], Qt.MouseButton.LeftButton)
    assert [card.isChecked() for card in cards] == [False, True]
    sentence = cards[0].sentence
    assert sentence.height() >= sentence.heightForWidth(sentence.width())
    assert cards[0].rect().contains(sentence.geometry())


def test_a_card_holds_what_is_added(qtbot: QtBot) -> None:
    card = Card()
    qtbot.addWidget(card)
    card.column.addWidget(QLabel("inside"))
    assert card.findChild(QLabel).text() == "inside"


def test_buttons_run_what_they_are_given_and_have_names(qtbot: QtBot) -> None:
    runs: list[str] = []
    export = primary_button("Export…", lambda: runs.append("export"))
    fit = tool_button("fit", "Fit", lambda: runs.append("fit"), tip="Show the whole photo (0)")
    for button in (export, fit):
        qtbot.addWidget(button)
        button.click()
    assert runs == ["export", "fit"]
    assert (fit.accessibleName(), fit.toolTip()) == ("Fit", "Show the whole photo (0)")
    assert not fit.icon().isNull()
