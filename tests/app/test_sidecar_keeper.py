from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.state import sidecar_keeper
from app.state.sidecar import read_edit, sidecar_path
from liifgan_core.geometry import Size
from tests.app.fakes import noise_photo

SIZE = Size(60, 80)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sidecar_keeper, "_DELAY_MS", 0)


@pytest.fixture
def opened(at_once: None, window: MainWindow, photo_file: Path, qtbot: QtBot) -> MainWindow:
    with qtbot.waitSignal(window.document.photo_changed):
        window.open_path(photo_file)
    return window


def paint(window: MainWindow) -> None:
    window.mask_editor.begin_stroke((30.0, 40.0))
    window.mask_editor.end_stroke()


def test_an_edit_is_saved_once_painted_and_taken_up_again(
    opened: MainWindow, photo_file: Path, qtbot: QtBot
) -> None:
    assert not sidecar_path(photo_file).exists()
    opened.document.set_detail(0.6)
    with qtbot.waitSignal(opened.sidecars.changed):
        paint(opened)
    mask = opened.document.mask
    stored = read_edit(photo_file, SIZE)
    assert stored is not None
    assert (stored.edit.mask, stored.edit.detail) == (mask, 0.6)
    opened.document.open(noise_photo())
    assert opened.document.mask is None
    with qtbot.waitSignal(opened.document.photo_changed):
        opened.open_path(photo_file)
    assert opened.document.mask == mask
    assert opened.document.look.detail == 0.6


def test_looking_at_a_photo_writes_nothing(opened: MainWindow, photo_file: Path) -> None:
    opened.document.set_detail(0.3)
    opened.sidecars.flush()
    opened.document.open(noise_photo())
    assert not sidecar_path(photo_file).exists()


def test_saving_is_also_there_when_asked_for(opened: MainWindow, photo_file: Path) -> None:
    opened.document.set_detail(0.3)
    opened.sidecars.save()
    stored = read_edit(photo_file, SIZE)
    assert stored is not None
    assert stored.edit.mask is None
    assert stored.edit.detail == 0.3


def test_what_waits_is_saved_before_another_photo_comes(
    window: MainWindow, photo_file: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(window.document.photo_changed):
        window.open_path(photo_file)
    window.mask_editor.set_tool("radial")
    window.mask_editor.place_shape(window.mask_editor.begin_shape((30.0, 40.0), (50.0, 60.0)))
    mask = window.document.mask
    window.document.open(noise_photo())
    stored = read_edit(photo_file, SIZE)
    assert stored is not None
    assert mask is not None
    assert stored.edit.mask == mask


def test_a_foreign_file_stays_and_is_told(
    at_once: None, window: MainWindow, photo_file: Path, qtbot: QtBot
) -> None:
    sidecar_path(photo_file).write_text("mine")
    with qtbot.waitSignal(window.sidecars.failed) as failed:
        window.open_path(photo_file)
    assert failed.args is not None
    assert "no edit that this version knows" in failed.args[0]
    assert window.document.photo is not None
    with qtbot.waitSignal(window.sidecars.failed):
        paint(window)
    assert sidecar_path(photo_file).read_text() == "mine"
    assert window.document.mask is not None
    assert not np.all(window.document.mask.values == 43690)


def test_a_folder_that_is_gone_is_told_once(
    opened: MainWindow, photo_file: Path, qtbot: QtBot
) -> None:
    photo_file.unlink()
    photo_file.parent.rename(photo_file.parent.with_name("moved"))
    told: list[str] = []
    opened.sidecars.failed.connect(told.append)
    for _ in range(2):
        with qtbot.waitSignal(opened.sidecars.changed):
            paint(opened)
        opened.mask_editor.invert()
    assert len(told) == 1
    assert "cannot be saved" in told[0]
    assert "cannot be saved" in opened.sidecars.state_text()


def test_the_strength_follows_once_there_is_an_edit(
    opened: MainWindow, photo_file: Path, qtbot: QtBot
) -> None:
    opened.sidecars.save()
    with qtbot.waitSignal(opened.sidecars.changed):
        opened.document.set_detail(0.25)
    stored = read_edit(photo_file, SIZE)
    assert stored is not None
    assert stored.edit.detail == 0.25
    assert "Saved as photo.png.liifgan.json" in opened.sidecars.state_text()
