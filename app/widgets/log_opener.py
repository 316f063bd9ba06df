"""Opens the app's log in whatever the desktop shows text files with."""

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from app.log_file import log_path


def open_log() -> None:
    """Show the log; its folder where nothing opens the file."""
    path = log_path()
    if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))
