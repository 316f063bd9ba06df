import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.widgets.zoom_bar import step_of_zoom, zoom_of_step
from tests.app.fakes import noise_photo


def test_zoom_controls_and_view_agree(photo_window: MainWindow) -> None:
    window, bar = photo_window, photo_window.status_row.zoom_bar
    bar.factor.setValue(3.1416)
    assert window.document.zoom == 3.1416
    assert bar.slider.value() == step_of_zoom(3.1416)
    bar.slider.setValue(0)
    assert window.document.zoom == pytest.approx(0.02)
    assert bar.factor.value() == pytest.approx(0.02)
    bar.fit.click()
    assert window.document.is_fitted


def test_slider_steps_are_equal_factors() -> None:
    assert zoom_of_step(0) == pytest.approx(0.02)
    assert zoom_of_step(1000) == pytest.approx(32)
    assert zoom_of_step(500) ** 2 == pytest.approx(0.64)


@pytest.mark.parametrize(
    ("typed", "zoom"), [("50", 32.0), ("3,7", 3.7), ("2.5", 2.5), ("0.05", 0.05), ("0.001", 0.02)]
)
def test_what_is_typed_is_never_swallowed(
    photo_window: MainWindow, qtbot: QtBot, typed: str, zoom: float
) -> None:
    field = photo_window.status_row.zoom_bar.factor
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, typed)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert photo_window.document.zoom == zoom
    assert field.value() == zoom
    assert "0.02" in field.toolTip()
    assert "32" in field.toolTip()


def test_a_photo_that_fits_only_below_the_range_is_shown_by_its_factor(
    photo_window: MainWindow,
) -> None:
    photo_window.document.open(noise_photo(2, 60_000))
    bar = photo_window.status_row.zoom_bar
    assert photo_window.document.zoom < 0.02
    assert bar.factor.value() == photo_window.document.zoom


def test_every_position_of_the_slider_has_its_factor() -> None:
    assert all(step_of_zoom(zoom_of_step(step)) == step for step in range(1001))
