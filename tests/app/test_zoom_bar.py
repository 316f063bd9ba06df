import pytest

from app.main_window import MainWindow
from app.widgets.zoom_bar import step_of_zoom, zoom_of_step


def test_zoom_controls_and_view_agree(photo_window: MainWindow) -> None:
    window, bar = photo_window, photo_window.status_row.zoom_bar
    bar.factor.setValue(3.1416)
    assert window.document.zoom == 3.1416
    assert bar.slider.value() == step_of_zoom(3.1416)
    bar.slider.setValue(0)
    assert window.document.zoom == pytest.approx(0.1)
    assert bar.factor.value() == pytest.approx(0.1)
    bar.fit.click()
    assert window.document.is_fitted


def test_slider_steps_are_equal_factors() -> None:
    assert zoom_of_step(0) == pytest.approx(0.1)
    assert zoom_of_step(1000) == pytest.approx(32)
    assert zoom_of_step(500) ** 2 == pytest.approx(3.2)
    assert all(step_of_zoom(zoom_of_step(step)) == step for step in range(1001))
