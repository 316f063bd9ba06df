"""A real window on an X server of its own, with the shipped weights: `make window-test`.

These tests start Xvfb themselves. They are not found by `pytest` alone, since offscreen tests and
these cannot share a process: Qt takes its platform once.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.__main__ import services
from app.design.theme import dress
from app.log_file import LOG_DIR_VARIABLE
from app.main_window import MainWindow
from app.qimage import rgb_from_qimage
from app.state.settings_store import SettingsStore
from liifgan_core.resources import CONFIG_DIR_VARIABLE, DATA_DIR_VARIABLE, resource_path

SCREEN = (1920, 1080)
TIMEOUT_MS = 60_000
"""For what always comes, on a machine with much else to do."""

_server = pytest.StashKey[subprocess.Popen[bytes]]()


def pytest_configure(config: pytest.Config) -> None:
    if shutil.which("Xvfb") is None:
        pytest.exit("Xvfb is not installed; it is in the package xvfb", returncode=2)
    read_end, write_end = os.pipe()
    screen = "{}x{}x24".format(*SCREEN)
    command = ["Xvfb", "-displayfd", str(write_end), "-screen", "0", screen, "-nolisten", "tcp"]
    config.stash[_server] = subprocess.Popen(
        command, pass_fds=(write_end,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(write_end)
    with os.fdopen(read_end) as pipe:
        number = pipe.readline().strip()
    if not number:
        pytest.exit("Xvfb does not start", returncode=2)
    os.environ.update(DISPLAY=f":{number}", QT_QPA_PLATFORM="xcb")  # before the QApplication


def pytest_unconfigure(config: pytest.Config) -> None:
    server = config.stash.get(_server, None)
    if server is not None:
        server.terminate()
        server.wait()


@pytest.fixture(autouse=True)
def data_dir(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder instead of the user's, beside the weights that are shipped."""
    folder = tmp_path_factory.mktemp("data")
    monkeypatch.setenv(DATA_DIR_VARIABLE, str(folder))
    for variable in (CONFIG_DIR_VARIABLE, LOG_DIR_VARIABLE):
        monkeypatch.setenv(variable, str(folder / "config"))
    return folder


@pytest.fixture
def photo_file(tmp_path: Path) -> Path:
    """A part of a sample, small enough for every machine."""
    path = tmp_path / "osprey.png"
    with PillowImage.open(resource_path("samples", "osprey.png")) as sample:
        sample.crop((110, 20, 206, 92)).save(path)
    return path


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication, data_dir: Path) -> Iterator[MainWindow]:
    """The app as a user starts it, in dark, with its models listed."""
    dress(qapp, "dark")
    store = SettingsStore(data_dir / "config" / "app.toml")
    window = MainWindow(services(), store)
    qtbot.addWidget(window)
    window.setGeometry(0, 0, 1000, 640)
    window.show()
    window.activateWindow()
    window.start()
    qtbot.waitUntil(window.isActiveWindow, timeout=TIMEOUT_MS)
    qtbot.waitUntil(lambda: bool(window.document.models), timeout=TIMEOUT_MS)
    yield window
    window.queue.shut_down()  # else it would ask about exports that are not done
    window.close()


def on_screen(widget: QWidget, area: QRect | None = None) -> NDArray[np.uint8]:
    """Return what the X server shows of a widget, as (h, w, 3) RGB."""
    QApplication.processEvents()
    area = widget.rect() if area is None else area
    corner = widget.mapToGlobal(QPoint(0, 0)) + area.topLeft()
    screen = QApplication.primaryScreen()
    shot = screen.grabWindow(0, corner.x(), corner.y(), area.width(), area.height())
    return rgb_from_qimage(shot.toImage())


def finish(window: MainWindow, qtbot: QtBot) -> None:
    """Wait until the view is complete and final."""
    document, schedule = window.document, window.schedule
    qtbot.waitUntil(
        lambda: all(schedule.shows_all_of(source) for source in document.comparison.sources),
        timeout=TIMEOUT_MS,
    )
