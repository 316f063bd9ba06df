import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QRect
from PySide6.QtGui import QColor, QImage, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.qimage import rgb_from_qimage
from app.state.document import DocumentModel
from app.state.opener import Opener
from app.widgets.opening_view import OpeningView


@pytest.fixture
def canvas(qtbot: QtBot) -> QWidget:
    canvas = QWidget()
    qtbot.addWidget(canvas)
    canvas.resize(400, 300)
    canvas.show()
    return canvas


@pytest.fixture
def opener(canvas: QWidget) -> Opener:
    return Opener(DocumentModel(canvas), canvas)


@pytest.fixture
def view(opener: Opener, canvas: QWidget) -> OpeningView:
    return OpeningView(opener, canvas)


def open_slowly(opener: Opener) -> None:
    """Begin to open a picture of 60x30 that is red."""
    opener.watch.begin("large.jpg")
    draft = QImage(60, 30, QImage.Format.Format_RGB32)
    draft.fill(QColor(200, 0, 0))
    opener.watch._take_draft(opener.watch._number, 1000, draft)
    opener.watch.slow.timeout.emit()


def test_a_draft_fills_the_canvas_and_goes_with_the_photos_arrival(
    opener: Opener, view: OpeningView, canvas: QWidget
) -> None:
    assert not view.isVisible()
    open_slowly(opener)
    pixels = rgb_from_qimage(canvas.grab().toImage())
    red = (pixels == (200, 0, 0)).all(axis=2)
    assert red[60:240].all(), "400 x 200 in the middle"
    assert not red[:45].any()
    assert view.accessibleName() == "Opening large.jpg…"
    opener.watch.end()
    assert not view.isVisible()


def test_how_far_it_is_is_told_in_words_and_by_a_line(
    opener: Opener, view: OpeningView, canvas: QWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.state.time_left.SHOWN_AFTER_S", 0.0)
    open_slowly(opener)
    opener.watch.take(0.5)
    assert view.accessibleName().startswith("Opening large.jpg… 50%")
    line = rgb_from_qimage(canvas.grab().toImage())[-1]
    assert len(np.unique(line[:200], axis=0)) == 1
    assert (line[:200] != line[210]).any()


def test_only_what_changes_is_painted_while_it_goes_on(
    opener: Opener, view: OpeningView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.state.time_left.SHOWN_AFTER_S", 0.0)
    open_slowly(opener)
    QApplication.processEvents()
    areas: list[QRect] = []

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if isinstance(event, QPaintEvent):
                areas.extend(event.region())
            return False

    watch = Watch()
    view.installEventFilter(watch)
    opener.watch.take(0.6)
    QApplication.processEvents()
    assert areas
    assert sum(area.height() for area in areas) < 80


def test_a_photo_without_a_draft_leaves_what_was_there(
    opener: Opener, view: OpeningView, canvas: QWidget
) -> None:
    before = rgb_from_qimage(canvas.grab().toImage())
    opener.watch.begin("slow.raw")
    opener.watch.slow.timeout.emit()
    after = rgb_from_qimage(canvas.grab().toImage())
    assert view.isVisible()
    assert (after[60:] == before[60:]).all()
    assert (after[:60] != before[:60]).any()
    opener.watch.end()
