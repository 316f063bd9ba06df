import pytest
from PySide6.QtWidgets import QLabel, QProgressBar
from pytestqt.qtbot import QtBot

from app.state.document import DocumentModel
from app.state.frame_schedule import FrameSchedule
from app.state.time_left import TimeLeft
from app.widgets.status_row import StatusRow
from tests.app.by_hand import draw, next_request


@pytest.fixture
def row(
    schedule: FrameSchedule,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> StatusRow:
    monkeypatch.setattr("app.widgets.status_row._BUSY_AFTER_MS", 1)
    row = StatusRow(schedule)
    qtbot.addWidget(row)
    row.show()
    return row


def test_it_tells_the_photos_size_and_the_views(row: StatusRow, document: DocumentModel) -> None:
    document.zoom_to(2.5)
    texts = [label.text() for label in row.findChildren(QLabel)]
    assert "200 × 100 → 500 × 250" in texts
    assert "noise.png" in texts


def test_it_shows_that_pixels_are_being_made(
    row: StatusRow, document: DocumentModel, schedule: FrameSchedule, qtbot: QtBot
) -> None:
    [busy] = row.findChildren(QProgressBar)
    draw(schedule)
    assert not busy.isVisible()
    document.zoom_to(3.0)
    qtbot.waitUntil(busy.isVisible)
    draw(schedule)
    assert not busy.isVisible()


def test_what_takes_longer_than_a_second_has_a_percentage_and_a_time_left(
    row: StatusRow,
    document: DocumentModel,
    schedule: FrameSchedule,
    qtbot: QtBot,
) -> None:
    seconds = [0.0]
    schedule.time_left = TimeLeft(lambda: seconds[0])
    document.zoom_to(3.0)
    request = next_request(schedule, qtbot)
    seconds[0] = 0.5
    schedule.take_progress(request.id, 0.1)
    assert not row.work.isVisible()
    seconds[0] = 4.0
    schedule.take_progress(request.id, 0.4)
    schedule.take_progress(request.id - 1, 0.9)
    qtbot.waitUntil(row.work.isVisible)
    assert row.work.text() == "40% \u00b7 6 s left"
    draw(schedule)
    assert not row.work.isVisible()


def test_a_note_stands_for_a_while_where_the_name_is(row: StatusRow) -> None:
    row.say("Copied")
    texts = [label.text() for label in row.findChildren(QLabel)]
    assert "Copied" in texts
    row._said.timeout.emit()
    assert "noise.png" in [label.text() for label in row.findChildren(QLabel)]
