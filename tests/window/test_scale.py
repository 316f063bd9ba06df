"""The window on a screen of 1920x1080 at 200 %, in a process of its own."""

import os
import subprocess
import sys

import pytest

SHOW = """
import sys
from app.__main__ import make_application, services, translate
from app.design.theme import dress
from app.main_window import MainWindow
from app.state.settings_store import SettingsStore
from liifgan_core.resources import user_config_path
application = make_application()
translate(application, sys.argv[1])
dress(application, "light")
window = MainWindow(services(), SettingsStore(user_config_path("app.toml")))
window.show()
application.processEvents()
screen, ratio = window.screen().availableSize(), window.devicePixelRatioF()
print(ratio, window.frameSize().width() <= screen.width(),
      window.frameSize().height() <= screen.height())
window.close()
"""


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_first_window_fits_the_screen(language: str) -> None:
    shown = subprocess.run(
        [sys.executable, "-c", SHOW, language],
        env={**os.environ, "QT_SCALE_FACTOR": "2"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert shown.stdout.split() == ["2.0", "True", "True"], shown.stderr
