import itertools

import pytest
from PySide6.QtCore import QLocale, Qt
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.state.document import DocumentModel
from app.state.model_choice import ModelChoice
from app.state.settings_store import SettingsStore
from app.widgets.detail_section import DetailSection
from liifgan_core.render.export_options import MAX_DETAIL
from liifgan_core.render.request import BICUBIC
from tests.app.fakes import FakeEngine, advised, model
from tests.app.waits import finish


def test_blending_calls_no_engine(
    photo_window: MainWindow, engine: FakeEngine, qtbot: QtBot
) -> None:
    window = photo_window
    finish(window, qtbot)
    before = engine.num_tiles, len(engine.requests)
    pictures = []
    for strength in (0, 500, 1000):
        window.side.panel.detail.slider.setValue(strength)
        pictures.append(window.canvas.grab().toImage())
    window.side.panel.detail.invented.click()
    pictures.append(window.canvas.grab().toImage())
    assert all(a != b for a, b in itertools.pairwise(pictures))
    assert (engine.num_tiles, len(engine.requests)) == before


def test_without_a_detail_layer_the_slider_says_why(photo_window: MainWindow) -> None:
    photo_window.document.set_sources(BICUBIC, "plain")
    detail = photo_window.side.panel.detail
    assert not detail.slider.isEnabled()
    assert "detail layer" in detail.slider.toolTip()
    assert not detail.remark.isHidden()


@pytest.fixture
def section(document: DocumentModel, store: SettingsStore, qtbot: QtBot) -> DetailSection:
    section = DetailSection(document, ModelChoice(document, store))
    qtbot.addWidget(section)
    return section


def test_the_value_has_the_decimal_mark_of_the_language(
    document: DocumentModel, section: DetailSection
) -> None:
    before = QLocale()
    QLocale.setDefault(QLocale("de_DE"))
    try:
        document.set_detail(1.25)
        assert section.value.text() == "1,25"
    finally:
        QLocale.setDefault(before)


def test_the_slider_reaches_from_nothing_to_the_most(
    document: DocumentModel, section: DetailSection
) -> None:
    section.slider.setValue(section.slider.maximum())
    assert document.look.detail == MAX_DETAIL == 1.5
    section.slider.setValue(0)
    assert document.look.detail == 0.0


def test_the_ends_are_named_for_what_the_model_does(
    document: DocumentModel, section: DetailSection
) -> None:
    def words() -> tuple[str, str]:
        return section.control.left.text(), section.control.right.text()

    assert words() == ("Plain", "Vivid")
    document.set_models([model("detail-clean"), model("plain")])
    document.set_sources(BICUBIC, "detail-clean")
    assert words() == ("As taken", "Cleaned")


def test_a_double_click_sets_what_the_makers_advise(
    document: DocumentModel, section: DetailSection, qtbot: QtBot
) -> None:
    document.set_models([advised(model("detail-advised"), 0.7)])
    document.set_sources(BICUBIC, "detail-advised")
    document.set_detail(0.2)
    qtbot.mouseDClick(section.slider, Qt.MouseButton.LeftButton)
    assert document.look.detail == 0.7
    assert section.value.text() == "0.70"
