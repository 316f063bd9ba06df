from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from app.state.pace import Pace


@pytest.fixture
def pace(qtbot: QtBot) -> Iterator[Pace]:
    pace = Pace()
    yield pace
    pace.stop()  # no timer may end with its owner, in whichever thread collects it


def test_many_wishes_are_one_frame(pace: Pace, qtbot: QtBot) -> None:
    due: list[None] = []
    pace.due.connect(lambda: due.append(None))
    with qtbot.waitSignal(pace.due):
        for _ in range(20):
            pace.ask()
    assert len(due) == 1
    assert not pace.is_due


def test_a_view_moves_until_it_rests(pace: Pace, qtbot: QtBot) -> None:
    assert not pace.is_moving
    pace.move()
    assert pace.is_moving
    with qtbot.waitSignal(pace.rested):
        pace.rest()
    assert not pace.is_moving


def test_rest_comes_by_itself(pace: Pace, qtbot: QtBot) -> None:
    with qtbot.waitSignal(pace.rested):
        pace.move()


def ask_behind_a_frame(pace: Pace, qtbot: QtBot, *, is_quick: bool) -> list[None]:
    """Return the turns that came, after a frame was wanted while another one was made."""
    due: list[None] = []
    pace.begin(is_quick=is_quick)
    pace.due.connect(lambda: due.append(None))
    pace.ask()
    qtbot.waitUntil(lambda: not pace._is_asked)
    return due


def test_a_quick_frame_is_finished_before_the_next_one(pace: Pace, qtbot: QtBot) -> None:
    due = ask_behind_a_frame(pace, qtbot, is_quick=True)
    assert due == []
    assert pace.is_due
    pace.end()
    assert due == [None]
    pace.end()
    assert due == [None]


def test_a_quick_frame_that_is_late_is_replaced(pace: Pace, qtbot: QtBot) -> None:
    due = ask_behind_a_frame(pace, qtbot, is_quick=True)
    pace._patience.timeout.emit()
    assert due == [None]


def test_a_slow_frame_is_replaced_at_once(pace: Pace, qtbot: QtBot) -> None:
    assert ask_behind_a_frame(pace, qtbot, is_quick=False) == [None]


def test_what_was_to_come_can_be_forgotten(pace: Pace, qtbot: QtBot) -> None:
    due = ask_behind_a_frame(pace, qtbot, is_quick=True)
    pace.move()
    pace.stop()
    assert not pace.is_due
    assert not pace.is_moving
    pace.end()
    assert due == []
