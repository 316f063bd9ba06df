"""The main window's commands: menus, shortcuts, tooltips."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QDockWidget, QMenu, QMenuBar

from app.state.comparison import COMPARE_MODES
from app.state.document import DocumentModel
from app.widgets.log_opener import open_log

translate = QCoreApplication.translate
_ZOOM_STEP = 2.0**0.25
"""As a notch of the mouse wheel."""


@dataclass(frozen=True, slots=True)
class Commands:
    """What the menus can have done beside what the document does itself."""

    open: Callable[[], object]
    paste: Callable[[], object]
    step: Callable[[int], object]
    """Open the next (1) or previous (-1) photo."""
    copy_view: Callable[[], object]
    export: Callable[[], object]
    quit: Callable[[], object]
    show_models: Callable[[], object]
    show_settings: Callable[[], object]
    begin_tour: Callable[[], object]
    show_about: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Actions:
    """What the window needs to find again."""

    recent: QMenu
    open: QAction
    export: QAction
    needs_photo: tuple[QAction, ...]
    """Enabled while a photo is open."""
    needs_detail: tuple[QAction, ...]
    """Enabled while a model with a detail layer is shown."""


def build_actions(
    bar: QMenuBar, document: DocumentModel, commands: Commands, *, docks: Sequence[QDockWidget]
) -> Actions:
    """Fill a menu bar. `docks` are those of the export queue and of the trainer."""

    def add(
        menu: QMenu,
        text: str,
        run: Callable[[], object],
        keys: QKeySequence.StandardKey | Sequence[str] | str = (),
    ) -> QAction:
        action = menu.addAction(text)
        if isinstance(keys, QKeySequence.StandardKey):
            action.setShortcuts(keys)
        else:
            wanted = [keys] if isinstance(keys, str) else keys
            action.setShortcuts([QKeySequence(key) for key in wanted])
        action.triggered.connect(lambda _checked=False: run())
        return action

    standard = QKeySequence.StandardKey
    file = bar.addMenu(translate("actions", "&File"))
    open_action = add(file, translate("actions", "&Open…"), commands.open, standard.Open)
    recent = file.addMenu(translate("actions", "Open &recent"))
    add(file, translate("actions", "&Paste picture"), commands.paste, standard.Paste)
    turns = [
        add(file, translate("actions", "&Next photo"), partial(commands.step, 1), "Alt+Right"),
        add(
            file,
            translate("actions", "Pre&vious photo"),
            partial(commands.step, -1),
            "Alt+Left",
        ),
    ]
    file.addSeparator()
    copy = add(file, translate("actions", "&Copy view"), commands.copy_view, standard.Copy)
    export = add(file, translate("actions", "&Export…"), commands.export, "Ctrl+E")
    file.addSeparator()
    add(file, translate("actions", "&Quit"), commands.quit, standard.Quit)

    look = bar.addMenu(translate("actions", "&View"))
    zooms = [
        add(look, translate("actions", "&Fit"), document.fit, "0"),
        add(
            look,
            translate("actions", "Actual pixels, &100 %"),
            partial(document.zoom_to, 1.0),
            "Ctrl+1",
        ),
        add(look, translate("actions", "\u00d7 &2"), partial(document.zoom_to, 2.0), "Ctrl+2"),
        add(look, translate("actions", "\u00d7 &4"), partial(document.zoom_to, 4.0), "Ctrl+4"),
        add(
            look,
            translate("actions", "Zoom &in"),
            lambda: document.zoom_to(document.zoom * _ZOOM_STEP),
            ["+", "=", "Ctrl++"],
        ),
        add(
            look,
            translate("actions", "Zoom &out"),
            lambda: document.zoom_to(document.zoom / _ZOOM_STEP),
            ["-", "Ctrl+-"],
        ),
    ]
    look.addSeparator()
    modes = QActionGroup(bar)
    names = (
        translate("actions", "One picture"),
        translate("actions", "Side by side"),
        translate("actions", "Wipe"),
        translate("actions", "Blink"),
        translate("actions", "Difference"),
    )
    for number, (mode, name) in enumerate(zip(COMPARE_MODES, names, strict=True), start=1):
        action = add(look, name, partial(document.set_mode, mode), str(number))
        action.setCheckable(True)
        action.setData(mode)
        modes.addAction(action)
    swap = add(look, translate("actions", "S&wap pictures"), document.swap, "X")
    look.addSeparator()
    invented = add(
        look,
        translate("actions", "Show what was &invented"),
        lambda: document.show_invented(not document.look.shows_invented),
        "I",
    )
    invented.setCheckable(True)

    def show_state() -> None:
        """Check what the view shows."""
        for action in modes.actions():
            action.setChecked(action.data() == document.comparison.mode)
        invented.setChecked(document.look.shows_invented)

    document.comparison_changed.connect(show_state)
    document.look_changed.connect(show_state)
    show_state()

    extras = bar.addMenu(translate("actions", "&Tools"))
    for dock, keys in zip(docks, ("Ctrl+B", "Ctrl+T"), strict=True):
        shown = dock.toggleViewAction()
        shown.setShortcut(QKeySequence(keys))
        extras.addAction(shown)
    extras.addSeparator()
    add(extras, translate("actions", "&Models…"), commands.show_models)
    add(extras, translate("actions", "&Settings…"), commands.show_settings, standard.Preferences)
    about = bar.addMenu(translate("actions", "&Help"))
    add(
        about,
        translate("actions", "&Tour of the samples"),
        commands.begin_tour,
        standard.HelpContents,
    )
    add(about, translate("actions", "Open &log"), open_log)
    add(about, translate("actions", "&About LIIF-GAN"), commands.show_about)
    needs_photo = (copy, export, *turns, *zooms, *modes.actions(), swap)
    return Actions(recent, open_action, export, needs_photo, (invented,))


def fill_recent(menu: QMenu, paths: Sequence[str], open_path: Callable[[Path], object]) -> None:
    """List the recent photos, the latest first."""
    menu.clear()
    menu.setEnabled(bool(paths))
    metrics = menu.fontMetrics()
    for text in paths:
        path = Path(text)
        from_folder = f"{path.name}  ({path.parent})"
        # "&" would mark a mnemonic.
        label = _elided(metrics.horizontalAdvance, from_folder).replace("&", "&&")
        action = menu.addAction(label)
        action.setToolTip(text)
        action.triggered.connect(lambda _checked=False, path=path: open_path(path))


def _elided(width: Callable[[str], int], text: str, at_most: int = 420) -> str:
    if width(text) <= at_most:
        return text
    while len(text) > 8 and width(text) > at_most:
        half = len(text) // 2
        text = text[: half - 2] + "…" + text[half + 2 :]
    return text
