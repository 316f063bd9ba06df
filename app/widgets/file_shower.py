"""Shows a file in the desktop's file manager, selected, or opens it in the desktop's program."""

import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QStandardPaths, QUrl
from PySide6.QtGui import QDesktopServices

_ANSWER_MS = 5000
"""A file manager that is started for it takes a second or two."""


def open_file(path: Path) -> None:
    """Open a file in the program that the desktop has for it."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


def show_in_folder(path: Path, parent: QObject) -> None:
    """Show a file selected in its folder; where no program can select it, the folder alone.

    Returns at once. `parent` owns the process that asks.
    """
    command = selecting_command(path)
    if command is None or not path.exists():
        open_file(path.parent)
        return
    program, *arguments = command
    process = QProcess(parent)
    if sys.platform == "win32":
        # As one text: the program does not take its argument in quotes.
        process.setProgram(program)
        process.setNativeArguments(" ".join(arguments))  # type: ignore[attr-defined]
        process.startDetached()
        process.deleteLater()
        return
    process.finished.connect(lambda status, _kind: open_file(path.parent) if status else None)
    process.finished.connect(process.deleteLater)
    process.errorOccurred.connect(lambda _error: process.deleteLater())
    process.start(program, arguments)


def selecting_command(path: Path, platform: str = sys.platform) -> Sequence[str] | None:
    """Return what has a file manager select a file; None where nothing on this machine can."""
    if platform == "win32":
        return "explorer", f'/select,"{path}"'
    if platform == "darwin":
        return "open", "-R", str(path)
    sender = QStandardPaths.findExecutable("dbus-send")
    if not sender:
        return None
    # The interface that file managers of desktops have; a comma would begin a second file.
    url = QUrl.fromLocalFile(str(path)).toString(QUrl.ComponentFormattingOption.FullyEncoded)
    return (
        sender,
        "--session",
        "--print-reply",
        f"--reply-timeout={_ANSWER_MS}",
        "--dest=org.freedesktop.FileManager1",
        "/org/freedesktop/FileManager1",
        "org.freedesktop.FileManager1.ShowItems",
        f"array:string:{url.replace(',', '%2C')}",
        "string:",
    )
