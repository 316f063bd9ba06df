import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

SHOW_A_WINDOW = """
import sys
from app.__main__ import make_application, services
from app.main_window import MainWindow
from liifgan_core.resources import user_config_path
from app.state.settings_store import SettingsStore

application = make_application()
window = MainWindow(services(), SettingsStore(user_config_path("app.toml")))
window.show()
application.processEvents()
assert window.isVisible()
print("torch" in sys.modules)
"""


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_window_is_shown_before_torch_is_imported() -> None:
    result = run("-c", SHOW_A_WINDOW)
    assert result.stdout.strip() == "False", result.stderr


def test_without_a_display_a_message_says_so() -> None:
    result = run("-m", "app", QT_QPA_PLATFORM="", DISPLAY="", WAYLAND_DISPLAY="")
    assert result.returncode == 2
    assert "there is no display" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_display_that_does_not_answer_is_told_apart() -> None:
    result = run("-m", "app", QT_QPA_PLATFORM="", DISPLAY=":987", WAYLAND_DISPLAY="")
    assert result.returncode == 2
    assert "libxcb-cursor0" in result.stderr


def test_help_needs_no_display() -> None:
    result = run("-m", "app", "--help", QT_QPA_PLATFORM="", DISPLAY="", WAYLAND_DISPLAY="")
    assert result.returncode == 0
    assert "--selftest" in result.stdout


COUNT_NONE = """
import sys
from app.__main__ import make_application
from PySide6.QtWidgets import QWidget

application = make_application()
widget = QWidget()
before = sys.getrefcount(None)
for _ in range(200):
    widget.update()
print(before - sys.getrefcount(None))
"""


def test_this_pyside_does_not_destroy_none() -> None:
    """6.12.0 takes one reference from None with every call, until Python before 3.12 aborts."""
    result = run("-c", COUNT_NONE)
    assert int(result.stdout) < 100, result.stderr
