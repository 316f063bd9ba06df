"""The menu of the detail mask: undo, what changes all of it, what is shown of it."""

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QDockWidget, QMenu, QMenuBar

from app.state.auto_masks import AutoMasks
from app.state.mask_editor import MaskEditor

translate = QCoreApplication.translate


def add_mask_menu(
    bar: QMenuBar,
    editor: MaskEditor,
    automatic: AutoMasks,
    *,
    dock: QDockWidget,
    save: Callable[[], object],
) -> tuple[QAction, ...]:
    """Add the menu to a bar and return what needs a photo. `dock` is the brush's panel."""
    menu = QMenu(translate("actions", "&Mask"), bar)
    bar.insertMenu(bar.actions()[-1], menu)  # help stays the last
    document = editor.document

    def add(text: str, run: Callable[[], object], *keys: str) -> QAction:
        action = menu.addAction(text)
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.triggered.connect(lambda _checked=False: run())
        return action

    brush = dock.toggleViewAction()
    brush.setShortcut(QKeySequence("B"))
    menu.addAction(brush)
    shown = add(
        translate("actions", "Sh&ow the mask"),
        lambda: document.show_mask(not document.look.shows_mask),
        "O",
    )
    shown.setCheckable(True)
    menu.addSeparator()
    undo = add(translate("actions", "&Undo"), editor.undo, "Ctrl+Z")
    redo = add(translate("actions", "&Redo"), editor.redo, "Ctrl+Shift+Z", "Ctrl+Y")
    menu.addSeparator()
    commands = [
        add(translate("actions", "&Fill"), editor.fill),
        add(translate("actions", "&Invert"), editor.invert),
        add(translate("actions", "&Erase"), editor.erase),
    ]
    menu.addSeparator()
    commands += [
        add(translate("actions", "&Calm areas less"), lambda: automatic.start("calm")),
        add(translate("actions", "&Text and line art less"), lambda: automatic.start("text")),
    ]
    menu.addSeparator()
    commands.append(add(translate("actions", "&Save edit"), save, "Ctrl+S"))

    def show_state() -> None:
        shown.setChecked(document.look.shows_mask)
        is_placing = editor.shape is not None
        undo.setEnabled(editor.history.can_undo or is_placing)
        redo.setEnabled(editor.history.can_redo and not is_placing)

    for changed in (document.look_changed, editor.history_changed, editor.shape_changed):
        changed.connect(show_state)
    show_state()
    return (shown, *commands)
