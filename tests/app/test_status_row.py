import pytest
from PySide6.QtWidgets import QLabel, QProgressBar
from pytestqt.qtbot import QtBot

from app.state.document import DocumentModel
from app.state.frame_schedule import FrameSchedule
from app.widgets.status_row import StatusRow
from tests.app.by_hand import draw


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
