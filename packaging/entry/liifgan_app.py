"""The packaged app's start."""

import multiprocessing
import os
import sys


def forget_own_libraries() -> None:
    """Let programs that the app opens, such as an editor for the log, load their own libraries.

    PyInstaller's start-up leaves ours in variables that they would inherit. This process needs them
    no longer: the loader has read LD_LIBRARY_PATH, and PySide6 knows where its plugins are.
    """
    if sys.platform.startswith("linux"):
        original = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
        if original is None:
            os.environ.pop("LD_LIBRARY_PATH", None)
        else:
            os.environ["LD_LIBRARY_PATH"] = original
    for name in ("QT_PLUGIN_PATH", "QML2_IMPORT_PATH"):
        os.environ.pop(name, None)


if __name__ == "__main__":
    # A child process of a frozen program is the program again, with arguments that this reads.
    multiprocessing.freeze_support()
    forget_own_libraries()
    from app.__main__ import main

    sys.exit(main())
