import pytest
from PySide6.QtCore import QLocale
from PySide6.QtGui import QImage, QPainter
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


def test_a_plot_has_axes_with_numbers_of_the_language(qtbot: QtBot) -> None:
    before = QLocale()
    QLocale.setDefault(QLocale("de_DE"))
    plot = CurvePlot()
    qtbot.addWidget(plot)
    plot.resize(300, 160)
    plot.show_curve("Loss", [(0, 0.75), (12000, 0.25)])
    written: list[str] = []

    class Pen(QPainter):
        def drawText(self, *arguments: object) -> None:
            written.append(str(arguments[-1]))

    picture = QImage(plot.size(), QImage.Format.Format_RGB32)
    painter = Pen(picture)
    plot._paint_words(painter, plot._area(0.25, 0.75), 0.25, 0.75)
    painter.end()
    QLocale.setDefault(before)
    assert written == ["Loss", "0,25", "0,75", "0", "step 12.000"]
