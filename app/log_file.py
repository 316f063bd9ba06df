"""The app's log: a file in the user's log folder, and the terminal where there is one."""

import contextlib
import logging
import os
import platform
import sys
from pathlib import Path

import platformdirs

import liifgan_core

LOG_DIR_VARIABLE = "LIIFGAN_LOG_DIR"
"""Environment variable that moves the log folder."""
MAX_BYTES = 1 << 20
"""A longer log becomes `app.log.old` when the app starts; thousands of starts fit."""

_logger = logging.getLogger("app")


def log_path() -> Path:
    """Return the path of the log; neither it nor its folder may exist yet."""
    override = os.environ.get(LOG_DIR_VARIABLE)
    folder = Path(override) if override else platformdirs.user_log_path("liifgan", appauthor=False)
    return folder / "app.log"


def open_streams() -> None:
    """Give stdout and stderr a place to write to where there is none.

    Python has None for them in a windowed program on Windows and where they were closed; libraries
    that print would fail.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - for good


def start_logging() -> None:
    """Send warnings and errors to the terminal and, with the start, to the log.

    Where the log cannot be written, a warning on the terminal says so.
    """
    terminal = logging.StreamHandler()
    terminal.setLevel(logging.WARNING)
    terminal.setFormatter(logging.Formatter("%(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[terminal])
    _logger.setLevel(logging.INFO)
    path = log_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _retire(path)
        file = logging.FileHandler(path, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        _logger.warning("the log %s cannot be written (%s)", path, error)
        return
    file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(file)
    _logger.info("start: %s", system_line())


def system_line() -> str:
    """Return what a report has to say of program and computer."""
    kind = "packaged" if getattr(sys, "frozen", False) else "from source"
    return (
        f"LIIF-GAN {liifgan_core.__version__} ({kind}), Python {platform.python_version()}, "
        f"{platform.platform()}"
    )


def _retire(path: Path) -> None:
    # Another running app may hold the file on Windows; then it just grows on.
    with contextlib.suppress(FileNotFoundError, PermissionError):
        if path.stat().st_size > MAX_BYTES:
            path.replace(path.with_suffix(".log.old"))
