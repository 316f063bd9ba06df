import pytest
from pytestqt.qtbot import QtBot

from app.widgets.curve_plot import CurvePlot


@pytest.mark.parametrize("length", [0, 1, 2, 5000])
def test_curves_of_any_length_are_drawn(qtbot: QtBot, length: int) -> None:
    plot = CurvePlot()
    qtbot.addWidget(plot)
    plot.resize(300, 120)
    plot.show_curve("loss", [(step, 1.0 / (step + 1)) for step in range(length)])
    plot.grab()
    assert len(plot._points) <= 600
    if length:
        assert plot._points[-1] == (length - 1, 1.0 / length)
