"""Which libraries Qt's plugin for X11 lacks on this computer, as names of packages. No Qt."""

import ctypes
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Library:
    """A shared library that the plugin is linked to, and the packages that hold it."""

    file: str
    debian: str
    fedora: str


# As `ldd` lists them for libqxcb.so of Qt 6.10; packages of Debian 12 and Fedora 41.
LIBRARIES = (
    Library("libxcb-cursor.so.0", "libxcb-cursor0", "xcb-util-cursor"),
    Library("libxcb-icccm.so.4", "libxcb-icccm4", "xcb-util-wm"),
    Library("libxcb-image.so.0", "libxcb-image0", "xcb-util-image"),
    Library("libxcb-keysyms.so.1", "libxcb-keysyms1", "xcb-util-keysyms"),
    Library("libxcb-randr.so.0", "libxcb-randr0", "libxcb"),
    Library("libxcb-render-util.so.0", "libxcb-render-util0", "xcb-util-renderutil"),
    Library("libxcb-render.so.0", "libxcb-render0", "libxcb"),
    Library("libxcb-shape.so.0", "libxcb-shape0", "libxcb"),
    Library("libxcb-shm.so.0", "libxcb-shm0", "libxcb"),
    Library("libxcb-sync.so.1", "libxcb-sync1", "libxcb"),
    Library("libxcb-xfixes.so.0", "libxcb-xfixes0", "libxcb"),
    Library("libxcb-xkb.so.1", "libxcb-xkb1", "libxcb"),
    Library("libxkbcommon-x11.so.0", "libxkbcommon-x11-0", "libxkbcommon-x11"),
    Library("libxkbcommon.so.0", "libxkbcommon0", "libxkbcommon"),
)


def missing_libraries(load: Callable[[str], object] = ctypes.CDLL) -> tuple[Library, ...]:
    """Return those that cannot be loaded."""

    def is_missing(library: Library) -> bool:
        try:
            load(library.file)
        except OSError:
            return True
        return False

    return tuple(library for library in LIBRARIES if is_missing(library))


def how_to_install(missing: tuple[Library, ...]) -> str:
    """Return the commands that bring missing libraries, in a sentence."""
    debian = " ".join(sorted({library.debian for library in missing}))
    fedora = " ".join(sorted({library.fedora for library in missing}))
    return (
        f"install what is missing: 'apt install {debian}' on Debian and Ubuntu, "
        f"'dnf install {fedora}' on Fedora"
    )
