"""Colours, distances and sizes: the values that everything else is made of. No Qt."""

from dataclasses import dataclass
from typing import Literal

ThemeChoice = Literal["system", "light", "dark"]

GRID = 4
"""Logical pixels; every distance is a multiple."""
S, M, L, XL = 2 * GRID, 3 * GRID, 6 * GRID, 10 * GRID
"""Within a group; between groups, and at edges; between sections; around what stands alone."""
RADIUS = GRID
"""Corners of fields and buttons; cards have twice as much."""
ICON = 4 * GRID
"""Side of an icon in a control."""
TARGET = 7 * GRID
"""Height of a control: 28, as in other desktop editors."""

SMALL, HEADING, TITLE, DISPLAY = 0.9, 1.0, 1.35, 1.9
"""Sizes of type, as parts of the system's font: remarks, section headers (bold), titles of dialogs,
the one line of an empty page."""

CANVAS = "#1c1c1c"
"""Around the picture, in both themes: neutral and dark, so that it neither tints nor dazzles."""
ON_CANVAS = "#d6d6d6"
"""Text on it."""


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours of one theme as "#rrggbb". All but accent and error are neutral: equal channels."""

    name: Literal["light", "dark"]
    window: str
    """Panels, bars and dialogs."""
    raised: str
    """Cards, buttons, menus."""
    hover: str
    """A button under the mouse."""
    field: str
    """Where one types, and lists."""
    line: str
    """Between parts, and around cards."""
    edge: str
    """Around fields, buttons and check boxes: 3:1 to what they lie on."""
    text: str
    quiet: str
    """Remarks and captions: still 4.5:1."""
    disabled: str
    accent: str
    """The one colour: the primary button, what is chosen, sliders, the focus."""
    accent_hover: str
    on_accent: str
    """Text and marks on it."""
    selection: str
    """Behind chosen rows, whose text stays as it is."""
    error: str


DARK = Theme(
    name="dark",
    window="#262626",
    raised="#333333",
    hover="#3d3d3d",
    field="#1d1d1d",
    line="#3a3a3a",
    edge="#868686",
    text="#e0e0e0",
    quiet="#a0a0a0",
    disabled="#6b6b6b",
    accent="#e2893f",
    accent_hover="#f09a52",
    on_accent="#1a1a1a",
    selection="#4a4a4a",
    error="#f08078",
)
LIGHT = Theme(
    name="light",
    window="#f0f0f0",
    raised="#fbfbfb",
    hover="#e6e6e6",
    field="#ffffff",
    line="#d4d4d4",
    edge="#868686",
    text="#1f1f1f",
    quiet="#616161",
    disabled="#a3a3a3",
    accent="#b4531a",
    accent_hover="#9a4514",
    on_accent="#ffffff",
    selection="#d9d9d9",
    error="#b3261e",
)
