"""Waits for a window, by its signals and state."""

from pytestqt.qtbot import QtBot

from app.main_window import MainWindow


def finish(window: MainWindow, qtbot: QtBot) -> None:
    """Wait until the view is complete."""
    schedule, document = window.schedule, window.document
    qtbot.waitUntil(
        lambda: all(schedule.shows_all_of(source) for source in document.comparison.sources)
    )
