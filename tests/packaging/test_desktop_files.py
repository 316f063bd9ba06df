"""The desktop files say what the program is; a menu entry starts it from any folder."""

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from build_package import add_registration
from PIL import Image

import liifgan_core
from liifgan_core.images.formats import FORMATS

ROOT = Path(__file__).parents[2]
LINUX = ROOT / "packaging" / "linux"
needs_sh = pytest.mark.skipif(sys.platform == "win32", reason="a script for Linux desktops")


def entry(path: Path) -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(path.read_text(encoding="utf-8"))
    return parser["Desktop Entry"]


def unquoted(value: str) -> str:
    """Return the program of an Exec line, by the Desktop Entry Specification."""
    argument = value.replace("\\\\", "\\")
    match = re.match(r'"((?:[^"\\`$]|\\["\\`$])*)" %F$', argument)
    assert match is not None, value
    return re.sub(r"\\(.)", r"\1", match[1]).replace("%%", "%")


def test_every_readable_format_is_associated() -> None:
    types = entry(LINUX / "liifgan.desktop")["MimeType"]
    missing = [
        known.name
        for known in FORMATS
        if known.can_read and not re.search(rf"image/(x-)?({_alias(known.name)})\b", types)
    ]
    assert missing == []


def _alias(name: str) -> str:
    return {
        "exr": "exr",
        "jxl": "jxl",
        "ppm": "portable-pixmap",
        "heic": "heic",
        "raw": "adobe-dng",
    }.get(name, name)


def test_the_metainfo_knows_this_version() -> None:
    release = ElementTree.parse(LINUX / "org.liifgan.app.metainfo.xml").find("releases/release")
    assert release is not None
    assert release.get("version") == liifgan_core.__version__


def test_icons_have_the_size_that_they_are_named_after() -> None:
    for size in (16, 24, 32, 48, 64, 128, 256, 512):
        with Image.open(ROOT / "resources" / "icons" / f"liifgan-{size}.png") as icon:
            assert icon.size == (size, size)
            assert icon.mode == "RGBA"


@needs_sh
@pytest.mark.parametrize(
    "name", ["plain", "with space", 'a"b', "a$b`c", "a\\b", "50%", "a&b|c", "é"]
)
def test_the_menu_entry_starts_the_program_and_can_be_removed(tmp_path: Path, name: str) -> None:
    folder, data = tmp_path / name, tmp_path / "data"
    (folder / "share" / "applications").mkdir(parents=True)
    (folder / "share" / "icons" / "hicolor" / "16x16" / "apps").mkdir(parents=True)
    (folder / "share" / "icons" / "hicolor" / "16x16" / "apps" / "liifgan.png").touch()
    shutil.copy(LINUX / "install.sh", folder)
    shutil.copy(LINUX / "liifgan.desktop", folder / "share" / "applications")
    environment = {"XDG_DATA_HOME": str(data), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    script = str(folder / "install.sh")
    subprocess.run(["sh", script], env=environment, check=True, capture_output=True)
    installed = data / "applications" / "liifgan.desktop"
    assert unquoted(entry(installed)["Exec"]) == str(folder / "liifgan-app")
    icon = data / "icons" / "hicolor" / "16x16" / "apps" / "liifgan.png"
    assert icon.is_file()
    subprocess.run(["sh", script, "--remove"], env=environment, check=True, capture_output=True)
    assert not installed.exists()
    assert not icon.exists()


def test_windows_registers_every_ending(tmp_path: Path) -> None:
    add_registration(tmp_path)
    script = (tmp_path / "open-with.ps1").read_text(encoding="utf-8-sig")
    listed = re.search(r"in '([^']*)'\.Split", script)
    assert listed is not None
    endings = {suffix for known in FORMATS if known.can_read for suffix in known.suffixes}
    assert set(listed[1].split(" ")) == endings
