"""A batch of 60 whose app is killed comes back in the next one, with real weights."""

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.__main__ import services
from app.main_window import MainWindow
from app.state.settings_store import SettingsStore
from liifgan_core.resources import user_config_path
from tests.window.conftest import TIMEOUT_MS

NUM_PHOTOS = 60
NUM_DONE = 5
"""Results after which the app is killed, in the middle of the next photo or between two."""
WHOLE_MS = 600_000
"""For all of them, on a machine with much else to do."""

START = """
import sys
from pathlib import Path
from app.__main__ import make_application, services
from app.main_window import MainWindow
from app.state.settings_store import SettingsStore
from liifgan_core.resources import user_config_path
folder = Path(sys.argv[1])
application = make_application()
window = MainWindow(services(), SettingsStore(user_config_path("app.toml")))
window.show()
window.start()
panel = window.panels.batch

def begin():
    if window.document.models and len(window.queue.entries) == 60:
        panel.form.folder.setText(str(folder / "out"))
        panel.form.size_panel.value.setValue(1.5)
        panel.form.model.setCurrentIndex(panel.form.model.findData("liif-air"))
        panel.start.click()

window.document.models_changed.connect(begin)
window.queue.entries_changed.connect(begin)
window.queue.add_photos([folder / "in"])
window.queue.entry_changed.connect(
    lambda row: print(window.queue.count("done"), flush=True)
    if window.queue.entries[row].status == "done" else None
)
application.exec()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no kill -9")
def test_a_queue_of_60_comes_back_after_a_kill(
    qtbot: QtBot, qapp: QApplication, data_dir: Path, tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    (tmp_path / "in").mkdir()
    for number in range(NUM_PHOTOS):
        samples = rng.integers(0, 256, (9, 12, 3), np.uint8)
        PillowImage.fromarray(samples).save(tmp_path / "in" / f"{number:02}.png")
    child = subprocess.Popen(
        [sys.executable, "-c", START, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    with child.stdout:
        while child.stdout.readline() != f"{NUM_DONE}\n":
            assert child.poll() is None, "it ended by itself"
        child.send_signal(signal.SIGKILL)
    child.wait()
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*.png")}
    assert NUM_DONE <= len(times) < NUM_PHOTOS

    window = MainWindow(services(), SettingsStore(user_config_path("app.toml")))
    qtbot.addWidget(window)
    window.show()
    window.start()
    assert len(window.queue.entries) == NUM_PHOTOS
    assert window.queue.state == "paused"
    notice = window.notice
    assert notice.isVisible()
    num_left = NUM_PHOTOS - window.queue.count("done")
    assert f"{num_left} exports of last time are not done" in notice.text.text()
    with qtbot.waitSignal(window.queue.finished, timeout=WHOLE_MS):
        QTest.mouseClick(notice.resume, Qt.MouseButton.LeftButton)
    assert {entry.status for entry in window.queue.entries} <= {"done", "there"}
    results = list((tmp_path / "out").glob("*.png"))
    assert len(results) == NUM_PHOTOS
    assert all(path.stat().st_mtime_ns == time_ns for path, time_ns in times.items())
    with PillowImage.open(results[0]) as result:
        assert result.size == (18, 14)
    qtbot.waitUntil(notice.show_folder.isVisible, timeout=TIMEOUT_MS)
    window.close()
    assert not list(user_config_path("queue").glob("queue-*")), "what is done leaves nothing"
