"""Runs before everything else in the packaged app: on Windows torch has to come before Qt.

From 2.9 on torch can fail there with WinError 1114 once Qt's libraries are loaded, and the hook for
PySide6 that PyInstaller adds loads them before the program's first line.
"""

import sys

if sys.platform == "win32":
    import torch  # noqa: F401
