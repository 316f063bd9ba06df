import dataclasses
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea
from pytestqt.qtbot import QtBot

from app.engine_factory import recipes
from app.main_window import MainWindow
from app.qimage import rgb_from_qimage
from app.state.training_plan import saved_plans
from app.widgets.trainer_panel import TrainerPanel
from app.widgets.training_words import recipe_names
from tests.app.fakes import RECIPE

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal for this")


@pytest.fixture
def panel(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> Iterator[TrainerPanel]:
    """The panel with a folder of two usable photos and one that is too small."""
    for name, side in (("a", 60), ("b", 50), ("c", 49)):
        PillowImage.fromarray(np.zeros((side, 80, 3), np.uint8)).save(tmp_path / f"{name}.png")
    window.panels.trainer_dock.show()
    panel = window.panels.trainer_dock.widget()
    assert isinstance(panel, TrainerPanel)
    qtbot.waitUntil(lambda: panel.form.recipe.count() == 1)
    panel.form.photos.setText(str(tmp_path))
    panel.form.check_photos()
    qtbot.waitUntil(lambda: "2 of 3" in panel.form.usable.text())
    yield panel
    window.training.shut_down()


def test_it_says_which_photos_can_be_used(panel: TrainerPanel) -> None:
    assert "80x49 pixels" in panel.form.skipped.toPlainText()
    assert "100 steps" in panel.form.description.text()
    assert panel.start.isEnabled()


def test_a_run_shows_curves_and_crops_beside_the_best_model(
    panel: TrainerPanel, window: MainWindow, qtbot: QtBot
) -> None:
    panel.form.name.setText("birds")
    panel.start.click()
    view = panel.view
    qtbot.waitUntil(lambda: view.crops.currentText() == "bird", timeout=20_000)
    qtbot.waitUntil(lambda: "Step 10 of 100" in panel.status.text(), timeout=20_000)
    assert view.loss.currentData() == "structure_l1"
    assert view.measure.currentData() == "val/x4/psnr"
    assert not panel.form.isEnabled()
    qtbot.waitUntil(lambda: len(view.strip._pictures) == 5)
    qtbot.waitUntil(lambda: not view.strip._pictures[3][1].isNull())
    names = [name for name, _ in view.strip._pictures]
    assert names == ["Input", "Structure", "This run", "detail-model", "Original"]
    assert (rgb_from_qimage(view.strip._pictures[3][1]) == 77).all()
    assert not view.grab().isNull()
    scroll = panel.findChild(QScrollArea)
    assert isinstance(scroll, QScrollArea)
    assert scroll.widget().width() <= scroll.viewport().width(), "nothing may be cut off"
    panel.pause.click()
    qtbot.waitUntil(lambda: "Paused after 10 steps" in panel.status.text(), timeout=20_000)
    assert panel.start.text() == "Resume"
    panel.stop.click()
    assert "birds is in the list of models" in panel.status.text()
    # The list now comes from the data folder, which holds only the new model.
    qtbot.waitUntil(lambda: [m.name for m in window.document.models] == ["birds"])
    assert window.document.models[0].has_detail


def test_a_run_of_another_day_can_be_chosen(panel: TrainerPanel, qtbot: QtBot) -> None:
    panel.form.name.setText("first")
    panel.form.steps.setValue(10)
    panel.start.click()
    qtbot.waitUntil(lambda: "Done" in panel.status.text(), timeout=20_000)
    panel.form.name.setText("other")
    panel.form.steps.setValue(0)
    assert panel.start.text() == "Start"
    panel.runs.setCurrentIndex(panel.runs.findData("first"))
    panel.runs.activated.emit(panel.runs.currentIndex())
    assert panel.form.name.text() == "first"
    assert panel.form.steps.value() == 10
    assert panel.start.text() == "Resume"
    assert panel.view.loss_plot.isVisibleTo(panel)
    # A new run begins without the curves and crops of another one.
    panel.runs.setCurrentIndex(0)
    panel.runs.activated.emit(0)
    assert panel.runs.currentText() == "New run"
    assert panel.view.loss.count() == 0
    assert not panel.view.loss_plot.isVisibleTo(panel)
    assert not panel.view.strip.isVisibleTo(panel)
    assert panel.status.text() == ""
    assert panel.start.text() == "Start"
    assert [plan.name for plan in saved_plans()] == ["first"]


def test_recipes_have_names_by_purpose_and_technical_names_in_tips(panel: TrainerPanel) -> None:
    recipe = panel.form.recipe
    panel.form.set_recipes(
        [
            dataclasses.replace(RECIPE, name=name)
            for name in ("cpu_liif_gan_fast", "div2k_liif", "cpu_liif_gan_own")
        ]
    )
    texts = [recipe.itemText(row) for row in range(recipe.count())]
    assert texts == [
        *("Like my photos", "Like my photos, fast"),
        *("", "div2k_liif"),
    ]
    tips = [recipe.itemData(row, Qt.ItemDataRole.ToolTipRole) for row in (0, 1)]
    assert tips == ["cpu_liif_gan_own", "cpu_liif_gan_fast"]
    assert recipe.toolTip() == "cpu_liif_gan_own"


def test_the_recipes_that_have_names_exist() -> None:
    assert set(recipe_names()) <= {recipe.name for recipe in recipes()}
