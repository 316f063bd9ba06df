"""PyInstaller hook for QtGui: the usual one, less plugins that the app has no use for.

Left out before libraries are looked for, so that what only they need (Qt Quick, GTK, ...) is not
taken along either.
"""

from pathlib import Path

from PyInstaller.utils.hooks.qt import add_qt6_dependencies

_KEPT_OF = {
    "egldeviceintegrations": (),
    "generic": (),
    "iconengines": (),
    "imageformats": ("qico", "qjpeg"),
    "platforminputcontexts": (
        "composeplatforminputcontextplugin",
        "ibusplatforminputcontextplugin",
    ),
    "platforms": ("qxcb", "qwayland", "qoffscreen", "qwindows", "qcocoa"),
    "platformthemes": ("qxdgdesktopportal",),
    "wayland-graphics-integration-client": (),
    "xcbglintegrations": (),
}
"""Folder of plugins -> those that are kept; of folders that are not listed all are. The app draws
with the processor, reads photos itself, and needs no theme but what the desktop's portal offers:
GTK's would bring the build machine's GTK."""


def _is_kept(entry):
    source, target = Path(entry[0]), Path(entry[1])
    if "plugins" not in target.parts:
        return True
    kept = _KEPT_OF.get(target.name)
    return kept is None or source.name.partition(".")[0].removeprefix("lib") in kept


hiddenimports, binaries, datas = add_qt6_dependencies(__file__)
binaries = [entry for entry in binaries if _is_kept(entry)]
