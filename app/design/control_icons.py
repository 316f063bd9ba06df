"""Writes the marks that style sheets take from files: `python -m app.design.control_icons`.

Run it after a change of the themes or of the icons; a test tells when it was forgotten.
"""

from pathlib import Path

from app.design.icon_paths import ICON_PATHS
from app.design.icons import svg_text
from app.design.sheet import CONTROL_ICONS, control_icon_name
from app.design.tokens import DARK, LIGHT
from liifgan_core.resources import resource_path


def control_icons() -> dict[str, str]:
    """Return the files' texts by their names."""
    return {
        control_icon_name(theme, mark): svg_text(
            ICON_PATHS[mark.removesuffix("-off").removeprefix("menu-")], getattr(theme, colour)
        )
        + "\n"
        for theme in (DARK, LIGHT)
        for mark, colour in CONTROL_ICONS.items()
    }


def write_control_icons(folder: Path) -> None:
    """Write the files; removes none."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in control_icons().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_control_icons(resource_path("icons", "controls"))
