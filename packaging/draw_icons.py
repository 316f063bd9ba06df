"""Renders `resources/icons/liifgan.svg` in all sizes: PNG, and the containers of Windows and macOS.

    python packaging/draw_icons.py            # the PNG files that are kept with the sources
    python packaging/draw_icons.py DIR        # these, liifgan.ico and liifgan.icns, into DIR

Needs PySide6-Essentials and Pillow, no display.
"""

import sys
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

ICONS = Path(__file__).parents[1] / "resources" / "icons"
SVG = ICONS / "liifgan.svg"
SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
"""Those of the hicolor theme; `.ico` and `.icns` take theirs from among them."""
_ICO_SIZES = tuple(size for size in SIZES if size <= 256)
"""An `.ico` cannot hold larger ones."""


def draw(folder: Path) -> list[Path]:
    """Write `liifgan-<size>.png` for all SIZES into a folder and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    renderer = QSvgRenderer(QByteArray(SVG.read_bytes()))
    paths: list[Path] = []
    for size in SIZES:
        picture = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        renderer.render(painter)
        painter.end()
        path = folder / f"liifgan-{size}.png"
        if not picture.save(str(path)):
            raise OSError(f"{path} cannot be written")
        paths.append(path)
    return paths


def pack(folder: Path) -> None:
    """Write `liifgan.ico` and `liifgan.icns` beside the PNG files in a folder."""
    with Image.open(folder / "liifgan-512.png") as largest:
        icon = largest.convert("RGBA")
    others = [Image.open(folder / f"liifgan-{size}.png").convert("RGBA") for size in SIZES]
    icon.save(
        folder / "liifgan.ico", sizes=[(size, size) for size in _ICO_SIZES], append_images=others
    )
    icon.save(folder / "liifgan.icns", append_images=others)


if __name__ == "__main__":
    if len(sys.argv) == 1:
        draw(ICONS)
    else:
        target = Path(sys.argv[1])
        draw(target)
        pack(target)
