"""Composition root: the only module that knows both the window and torch.

Start-up, in this order and for these reasons:

0. On Windows import torch before Qt, because torch from 2.9 on can fail with WinError 1114 once
   Qt's libraries are loaded. Elsewhere it is imported in step 6, since it takes seconds.
1. Read the command line, so that `--help` and wrong use need no window.
2. Say how threads wait, before any of torch's is there, and start the log.
3. Make the QApplication, or say that there is no display. Qt would abort the process; so its
   offscreen platform stands last in the list, and getting it unasked means there is no display.
4. Load settings, the translation and the theme, before any text or widget is made.
5. Show the window, and from then on what nothing catches.
6. From the running event loop: start the render thread, which imports torch, list the models, and
   open the photo of the command line.
"""

import argparse
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

if sys.platform == "win32":
    import torch  # noqa: F401 - see step 0

from PySide6.QtCore import (
    QLibraryInfo,
    QLocale,
    QMessageLogContext,
    QTimer,
    QtMsgType,
    QTranslator,
    qInstallMessageHandler,
)
from PySide6.QtGui import QClipboard, QIcon
from PySide6.QtWidgets import QApplication

import liifgan_core
from app import engine_factory
from app.defects import DefectReporter
from app.design.theme import dress
from app.display_libraries import how_to_install, missing_libraries
from app.log_file import open_streams, start_logging
from app.main_window import MainWindow
from app.state.services import Services
from app.state.settings_store import SettingsStore
from app.workers.garbage import GarbageCollector
from liifgan_core.resources import resource_path, user_config_path
from liifgan_core.threads import share_cores

NO_DISPLAY = 2
"""Exit status, as for wrong use."""

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
_OFFSCREEN_NOISE = "This plugin does not support propagateSizeHints()"
"""What the offscreen platform says of every window with a minimum size."""

_logger = logging.getLogger("app")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the app and return the exit status."""
    open_streams()
    share_cores()
    arguments = _parse(argv)
    start_logging()
    qInstallMessageHandler(_log_qt_message)
    application = make_application(wants_offscreen=arguments.selftest)
    if application is None:
        print(f"liifgan-app: {_why_no_display()}", file=sys.stderr)
        return NO_DISPLAY
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if arguments.selftest:
        from app.selftest import run_selftest

        return run_selftest(services())
    store = SettingsStore(user_config_path("app.toml"))
    translate(application, store.settings.language)
    dress(application, store.settings.theme)
    store.changed.connect(lambda: dress(application, store.settings.theme))
    window = MainWindow(services(), store)
    garbage = GarbageCollector()
    DefectReporter(window).install()
    window.show()
    QTimer.singleShot(0, lambda: _start(window, arguments.files))
    status = application.exec()
    garbage.stop()
    _let_go_of_clipboard(application.clipboard())
    return status


def _let_go_of_clipboard(clipboard: QClipboard) -> None:
    """Take a copied result's file out of the clipboard, which would ask Python for it after its
    end, and crash. Pictures are Qt's own and stay where the system keeps them."""
    if clipboard.ownsClipboard() and clipboard.mimeData().hasUrls():
        clipboard.clear()


def services() -> Services:
    """Return what needs torch, for injection."""
    return Services(
        open_engine=engine_factory.open_engine,
        open_exporter=engine_factory.open_exporter,
        device_names=engine_factory.device_names,
        has_fast_gpu=engine_factory.has_fast_gpu,
        is_accelerated=engine_factory.is_accelerated,
        recipes=engine_factory.recipes,
        import_model=engine_factory.import_model,
        render_picture=engine_factory.render_picture,
        core_command=engine_factory.core_command(),
    )


def make_application(*, wants_offscreen: bool = False) -> QApplication | None:
    """Return the application, or None when there is no display."""
    asked = os.environ.get("QT_QPA_PLATFORM")
    if not asked and sys.platform.startswith("linux"):
        usable = [
            plugin
            for variable, plugin in (("WAYLAND_DISPLAY", "wayland"), ("DISPLAY", "xcb"))
            if os.environ.get(variable) and not wants_offscreen
        ]
        os.environ["QT_QPA_PLATFORM"] = ";".join([*usable, "offscreen"])
    application = QApplication([sys.argv[0]])
    is_unasked = not asked and not wants_offscreen
    if is_unasked and QApplication.platformName() == "offscreen":
        return None
    application.setApplicationName("liifgan")
    application.setApplicationDisplayName("LIIF-GAN")
    application.setApplicationVersion(liifgan_core.__version__)
    application.setDesktopFileName("liifgan")
    icon = QIcon()
    for path in sorted(resource_path("icons").glob("liifgan-*.png")):
        icon.addFile(str(path))
    application.setWindowIcon(icon)
    return application


def _why_no_display() -> str:
    """Return why there is no window, and the way out."""
    display = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")
    if display:
        missing = missing_libraries() if os.environ.get("DISPLAY") else ()
        if missing:
            return f"Qt cannot use the display; {how_to_install(missing)}"
        return (
            f"Qt cannot use the display {display}: it does not answer, or refuses; "
            "QT_DEBUG_PLUGINS=1 shows more"
        )
    return (
        "there is no display. Start it from a desktop session or with ssh -X; "
        "the command line does without: liifgan upscale --help"
    )


def translate(application: QApplication, language: str) -> None:
    """Install the translations of a language; "system" is the desktop's."""
    locale = QLocale() if language == "system" else QLocale(language)
    QLocale.setDefault(locale)
    own = str(resource_path("translations"))
    qt = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    for name, folder in (("qtbase", qt), ("liifgan", own)):
        translator = QTranslator(application)
        if translator.load(locale, name, "_", folder):
            application.installTranslator(translator)


def _log_qt_message(kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
    """Send Qt's messages where ours go."""
    if text != _OFFSCREEN_NOISE:
        _logger.log(_LEVELS.get(kind, logging.WARNING), "Qt: %s", text)


def _start(window: MainWindow, files: list[Path]) -> None:
    window.start()
    if files:
        window.opener.open_paths(files)


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="liifgan-app", description="Look at photos at any zoom, compare, export."
    )
    parser.add_argument("files", metavar="FILE", nargs="*", type=Path, help="photo to open")
    parser.add_argument(
        "--selftest",
        action="store_true",
        help="open a sample, zoom, compare, export, check the file, and quit; needs no display",
    )
    parser.add_argument(
        "--version", action="version", version=f"liifgan-app {liifgan_core.__version__}"
    )
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
