import shutil
import subprocess
import sys
from pathlib import Path

import PySide6
import pytest

from app.display_libraries import LIBRARIES, how_to_install, missing_libraries

PLUGIN = Path(PySide6.__file__).parent / "Qt" / "plugins" / "platforms" / "libqxcb.so"


def test_only_what_cannot_be_loaded_is_named() -> None:
    lacking = {"libxcb-cursor.so.0", "libxcb-icccm.so.4", "libxcb-shape.so.0"}

    def load(name: str) -> None:
        if name in lacking:
            raise OSError(f"{name}: cannot open shared object file")

    missing = missing_libraries(load)
    assert {library.file for library in missing} == lacking
    text = how_to_install(missing)
    assert "apt install libxcb-cursor0 libxcb-icccm4 libxcb-shape0'" in text
    assert "dnf install libxcb xcb-util-cursor xcb-util-wm'" in text


@pytest.mark.skipif(
    not PLUGIN.exists() or shutil.which("ldd") is None, reason="only where Qt has a plugin for X11"
)
def test_the_table_holds_what_the_plugin_is_linked_to() -> None:
    listed = subprocess.run(["ldd", PLUGIN], check=True, capture_output=True, text=True).stdout
    needed = {line.split()[0] for line in listed.splitlines() if line.strip()}
    of_x11 = {name for name in needed if name.startswith(("libxcb-", "libxkbcommon"))}
    assert {library.file for library in LIBRARIES} == of_x11 - {"libxcb-util.so.1"}


@pytest.mark.skipif(sys.platform != "linux", reason="packages of Linux")
def test_the_real_loader_finds_a_library_that_is_there() -> None:
    known = {library.file for library in LIBRARIES}
    assert {library.file for library in missing_libraries()} <= known
