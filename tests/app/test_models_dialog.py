import json
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.state.model_files import free_model_path
from app.state.models import find_models
from app.widgets.models_dialog import ModelsDialog
from tests.app.fake_trainer import write_model


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A trainer's result with its card, in the folder of a run called `birds`."""
    folder = tmp_path / "birds"
    folder.mkdir()
    write_model(folder / "model.safetensors", 40)
    return folder / "model.safetensors"


@pytest.fixture
def dialog(window: MainWindow) -> ModelsDialog:
    window.show_models()
    dialog = window.findChild(ModelsDialog)
    assert isinstance(dialog, ModelsDialog)
    return dialog


def import_file(dialog: ModelsDialog, window: MainWindow, qtbot: QtBot, path: Path) -> None:
    with qtbot.waitSignal(dialog.files_changed):
        dialog.import_file(path)
    qtbot.waitUntil(lambda: "birds" in {model.name for model in window.document.models})


def test_a_model_comes_in_with_its_card_and_goes(
    dialog: ModelsDialog,
    window: MainWindow,
    weights: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import_file(dialog, window, qtbot, weights)
    assert dialog.names.currentItem().text() == "birds"
    text = dialog.card.text()
    assert "structure and detail" in text
    assert "fake, 40 steps" in text
    assert "x4/psnr: 30" in text
    assert dialog.remove.isEnabled()
    asked: list[tuple[object, ...]] = []

    def say_no(*arguments: object) -> QMessageBox.StandardButton:
        asked.append(arguments)
        return QMessageBox.StandardButton.No

    monkeypatch.setattr(QMessageBox, "question", say_no)
    dialog.remove.click()
    assert window.document.models
    *_, buttons, usual = asked[0]
    assert buttons == QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.No
    assert usual == QMessageBox.StandardButton.No, "what Enter presses"
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Yes)
    dialog.remove.click()
    qtbot.waitUntil(lambda: not window.document.models)
    assert not list(free_model_path("birds").parent.iterdir())
    assert "No model is installed" in dialog.card.text()
    assert not dialog.remove.isEnabled()


def test_a_file_that_is_no_model_is_refused(
    dialog: ModelsDialog, tmp_path: Path, qtbot: QtBot
) -> None:
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(b"nothing")
    dialog.import_file(bad)
    qtbot.waitUntil(lambda: "not a readable safetensors file" in dialog.status.text())
    qtbot.waitUntil(dialog.add.isEnabled)
    assert find_models(lambda: False) == ([], [])


def test_a_taken_or_impossible_name_is_refused(
    dialog: ModelsDialog, window: MainWindow, weights: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    import_file(dialog, window, qtbot, weights)
    dialog.import_file(weights)
    assert "installed already" in dialog.status.text()
    dialog.import_file(tmp_path / "with space.pth")
    assert "cannot name a model" in dialog.status.text()


def test_a_strange_card_does_no_harm(
    dialog: ModelsDialog, window: MainWindow, weights: Path, qtbot: QtBot
) -> None:
    card = {"recipe": 3, "steps": [], "data": {"num_images": "x"}, "metrics": {"a": "b"}, "date": 1}
    weights.with_suffix(".json").write_text(json.dumps(card))
    import_file(dialog, window, qtbot, weights)
    assert "Licence" in dialog.card.text()
