from dataclasses import fields
from pathlib import Path

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QMenu, QMenuBar
from pytestqt.qtbot import QtBot

from app.actions import Actions, Commands, build_actions, fill_recent
from app.state.comparison import COMPARE_MODES
from app.state.document import DocumentModel


class Menus:
    """A menu bar, and what was told to be done by it."""

    def __init__(self, document: DocumentModel, qtbot: QtBot) -> None:
        self.done: list[str] = []
        self.bar = QMenuBar()
        qtbot.addWidget(self.bar)
        self.docks = QDockWidget("Batch"), QDockWidget("Trainer")
        for dock in self.docks:
            qtbot.addWidget(dock)
            dock.hide()
        told = {
            field.name: lambda *values, name=field.name: self.done.append(
                " ".join([name, *map(str, values)])
            )
            for field in fields(Commands)
        }
        commands = Commands(**told)
        self.actions: Actions = build_actions(self.bar, document, commands, docks=self.docks)

    def by_text(self) -> dict[str, QAction]:
        menus = [menu for menu in self.bar.findChildren(QMenu) if menu is not self.actions.recent]
        return {
            action.text().replace("&", ""): action
            for menu in menus
            for action in menu.actions()
            if action.text() and action.menu() is None
        }


@pytest.fixture
def menus(document: DocumentModel, qtbot: QtBot) -> Menus:
    return Menus(document, qtbot)


def test_every_command_is_in_a_menu(menus: Menus) -> None:
    for text, action in menus.by_text().items():
        if text != "Open log":
            action.trigger()
    assert menus.done == [
        *("open", "paste", "step 1", "step -1", "copy_view", "export", "quit"),
        *("show_models", "show_settings", "begin_tour", "show_about"),
    ]
    assert all(dock.isVisibleTo(None) for dock in menus.docks)


def test_no_two_commands_have_one_shortcut(menus: Menus) -> None:
    keys = [key.toString() for action in menus.by_text().values() for key in action.shortcuts()]
    assert len(keys) > 20
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("number", range(1, 6))
def test_numbers_choose_how_to_compare(menus: Menus, document: DocumentModel, number: int) -> None:
    [action] = [
        action
        for action in menus.by_text().values()
        if [key.toString() for key in action.shortcuts()] == [str(number)]
    ]
    document.set_mode("wipe" if number != 3 else "single")
    action.trigger()
    assert document.comparison.mode == COMPARE_MODES[number - 1]


def test_pictures_are_swapped_and_the_heat_map_comes_and_goes(
    menus: Menus, document: DocumentModel
) -> None:
    before = document.comparison
    menus.by_text()["Swap pictures"].trigger()
    after = document.comparison
    assert (after.left, after.right) == (before.right, before.left)
    [invented] = menus.actions.needs_detail
    shown = [(invented.trigger(), document.look.shows_invented)[1] for _ in range(2)]
    assert shown == [True, False]


def test_recent_photos_are_listed_with_their_folder(menus: Menus) -> None:
    opened: list[Path] = []
    recent = menus.actions.recent
    fill_recent(recent, ["/photos/a&b.png", "/" + "x" * 900 + "/c.png"], opened.append)
    first, second = recent.actions()
    assert first.text() == f"a&&b.png  ({Path('/photos')})"
    assert "…" in second.text()
    first.trigger()
    assert opened == [Path("/photos/a&b.png")]
    fill_recent(recent, [], opened.append)
    assert not recent.isEnabled()
