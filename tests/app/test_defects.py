import logging
import threading

import pytest
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.defects import DefectReporter, defect_report
from app.log_file import log_path
from app.widgets.defect_dialog import DefectDialog
from app.widgets.log_opener import open_log


def thrown(text: str) -> ValueError:
    try:
        raise ValueError(text)
    except ValueError as error:
        return error


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


def take(reporter: DefectReporter, error: ValueError) -> None:
    reporter.take(type(error), error, error.__traceback__)


def test_a_report_has_version_and_traceback() -> None:
    error = thrown("seven")
    report = defect_report(type(error), error, error.__traceback__)
    assert report.startswith("LIIF-GAN ")
    assert "test_defects.py" in report
    assert "ValueError: seven" in report


def test_a_defect_is_logged_shown_and_can_be_copied(
    qtbot: QtBot, window: QWidget, caplog: pytest.LogCaptureFixture
) -> None:
    reporter = DefectReporter(window)
    with caplog.at_level(logging.ERROR, "app"):
        take(reporter, thrown("seven"))
    assert "ValueError: seven" in caplog.text
    qtbot.waitUntil(lambda: window.findChild(DefectDialog) is not None)
    dialog = window.findChild(DefectDialog)
    assert dialog is not None
    dialog.copy.click()
    assert QGuiApplication.clipboard().text() == dialog.report.toPlainText()
    assert "ValueError: seven" in dialog.report.toPlainText()


def test_one_defect_is_shown_at_a_time(qtbot: QtBot, window: QWidget) -> None:
    reporter = DefectReporter(window)
    for number in range(3):
        take(reporter, thrown(f"number {number}"))
    qtbot.waitUntil(lambda: window.findChild(DefectDialog) is not None)
    QGuiApplication.processEvents()
    (dialog,) = window.findChildren(DefectDialog)
    assert "number 0" in dialog.report.toPlainText()
    dialog.close()
    qtbot.waitUntil(lambda: window.findChild(DefectDialog) is None)
    take(reporter, thrown("later"))
    qtbot.waitUntil(lambda: window.findChild(DefectDialog) is not None)


def test_a_thread_s_defect_is_shown(
    qtbot: QtBot, window: QWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    reporter = DefectReporter(window)
    monkeypatch.setattr("sys.excepthook", None)
    monkeypatch.setattr("threading.excepthook", None)
    reporter.install()

    def fail() -> None:
        raise ValueError("in a thread")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: window.findChild(DefectDialog) is not None)
    dialog = window.findChild(DefectDialog)
    assert dialog is not None
    assert "in a thread" in dialog.report.toPlainText()


def test_the_log_s_folder_is_opened_where_nothing_opens_the_log(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def refuse(url: object) -> bool:
        asked.append(url.toLocalFile())  # pyright: ignore
        return False

    monkeypatch.setattr(QDesktopServices, "openUrl", refuse)
    open_log()
    assert asked == [str(log_path()), str(log_path().parent)]
