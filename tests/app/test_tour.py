import pytest
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow


@pytest.fixture
def tour_window(window: MainWindow, qtbot: QtBot) -> MainWindow:
    window.begin_tour()
    qtbot.waitUntil(lambda: window.document.photo is not None)
    return window


def test_the_tour_leads_over_all_samples_and_ends(tour_window: MainWindow, qtbot: QtBot) -> None:
    window, tour, document = tour_window, tour_window.tour, tour_window.document
    seen, texts = set(), set()
    for _ in range(20):
        qtbot.waitUntil(lambda: document.photo is not None and not tour._is_waiting)
        assert document.photo is not None
        seen.add(document.photo.name)
        texts.add(tour.text.text())
        window.canvas.grab()
        tour.next.click()
        if tour.isHidden():
            break
    assert seen == {"osprey.png", "circuits.png", "spices.png"}
    assert len(texts) == 6
    assert tour.isHidden()


def test_a_step_shows_the_place_that_it_speaks_of(tour_window: MainWindow) -> None:
    document = tour_window.document
    tour_window.tour.go(1)
    assert document.zoom == 6.5
    assert document.view is not None
    assert document.view.centre_x == pytest.approx(0.44 * 320, abs=1)
    assert document.comparison.right == "detail-model"
    tour_window.tour.back.click()
    assert document.is_fitted


def test_it_can_be_left(tour_window: MainWindow) -> None:
    tour_window.tour.stop.click()
    assert tour_window.tour.isHidden()
    assert tour_window.document.photo is not None
