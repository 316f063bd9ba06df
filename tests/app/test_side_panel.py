"""The panel at the right of the photo, in a window with a fake engine."""

from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.settings import AppSettings
from app.state.settings_store import SettingsStore
from app.state.target_rule import PAPERS, TargetRule
from app.widgets.models_dialog import ModelsDialog
from app.widgets.side_panel import SidePanel
from liifgan_core.geometry import Size
from liifgan_core.progress import CancelToken, Progress
from liifgan_core.render.request import BICUBIC
from liifgan_core.resources import user_config_path
from liifgan_core.weights.descriptor import WeightsInfo
from liifgan_core.weights.family import FAMILY
from tests.app.fakes import model, noise_photo, with_network

RESTORE = "liif-gan-restore"


def family(name: str) -> WeightsInfo:
    known = FAMILY[name]
    return msgspec.structs.replace(
        model(name), purpose=known.purpose, pace=known.pace, group=known.group
    )


@pytest.fixture
def panel(photo_window: MainWindow) -> SidePanel:
    """Of a window with a photo of 80x60, the family's three installed models and one of one's
    own."""
    photo_window.resize(1280, 720)
    names = ("liif-gan", "liif-gan-fast", "liif")
    photo_window.document.set_models([*(family(name) for name in names), model("detail-own")])
    return photo_window.side.panel


def chosen(panel: SidePanel) -> list[str]:
    return [name for name, card in panel.models.cards.items() if card.card.isChecked()]


# Model


def test_a_card_shows_and_sets_the_right_picture(
    panel: SidePanel, photo_window: MainWindow
) -> None:
    document = photo_window.document
    assert list(panel.models.cards) == ["liif", "liif-gan", "liif-gan-fast"]
    panel.models.cards["liif"].card.click()
    assert document.comparison.right == "liif"
    document.set_sources(BICUBIC, "liif-gan")
    assert chosen(panel) == ["liif-gan"]
    assert panel.models.cards["liif-gan"].card.toolTip() == "liif-gan"


def test_arrows_move_between_cards(
    panel: SidePanel, photo_window: MainWindow, qtbot: QtBot
) -> None:
    first = panel.models.cards["liif"].card
    first.click()
    first.setFocus()
    qtbot.keyClick(first, Qt.Key.Key_Down)
    assert photo_window.document.comparison.right == "liif-gan"


def test_other_models_are_behind_more(panel: SidePanel, photo_window: MainWindow) -> None:
    [own] = [a for a in panel.models.more.menu().actions() if a.data() == "detail-own"]
    assert panel.models.more.text() == "More…"
    own.trigger()
    assert photo_window.document.comparison.right == "detail-own"
    assert chosen(panel) == []
    assert panel.models.more.text() == "detail-own"


def test_a_model_that_comes_later_gets_its_card_and_its_network_at_a_click(
    panel: SidePanel, photo_window: MainWindow, qtbot: QtBot
) -> None:
    document, fetcher = photo_window.document, photo_window.side.fetcher
    assert RESTORE not in panel.models.cards, "what is not there is not shown"
    lacking = with_network(family(RESTORE), is_installed=False)
    document.set_models([*document.models, lacking])
    card = panel.models.cards[RESTORE]
    assert card.card.name.text() == "Clean up"
    assert not card.card.isEnabled()
    qtbot.waitUntil(card.network.isVisible)
    fetched: list[str] = []

    def fetch(name: str, *, progress: Progress, token: CancelToken) -> Path:
        fetched.append(name)
        return Path(name)

    fetcher._fetch = fetch
    with qtbot.waitSignal(fetcher.installed):
        card.network.get.click()
    qtbot.waitUntil(lambda: not fetcher.present)
    assert fetched == ["fake-net"]
    ready = with_network(family(RESTORE), is_installed=True)
    document.set_models([*document.models[:-1], ready])
    card = panel.models.cards[RESTORE]
    assert card.card.isEnabled()
    assert card.network.isHidden()
    card.card.click()
    assert document.comparison.right == RESTORE


def test_details_open_the_models_window_at_the_chosen_model(
    panel: SidePanel, photo_window: MainWindow
) -> None:
    photo_window.document.set_sources(BICUBIC, "liif")
    panel.models.details.click()
    dialog = photo_window.findChild(ModelsDialog)
    assert isinstance(dialog, ModelsDialog)
    assert dialog.names.currentItem().text() == "Faithful"


def test_the_models_window_offers_what_is_missing(
    panel: SidePanel, photo_window: MainWindow
) -> None:
    document = photo_window.document
    lacking = with_network(model("detail-own"), is_installed=False)
    document.set_models([*document.models[:-1], lacking])
    photo_window.show_models("detail-own")
    dialog = photo_window.findChild(ModelsDialog)
    assert isinstance(dialog, ModelsDialog)
    assert dialog.network.isVisible()
    assert "31.0 MB" in dialog.network.get.text()
    dialog.names.setCurrentRow(0)
    assert not dialog.network.isVisible()


def test_cards_show_the_photo_as_models_draw_it(
    panel: SidePanel, photo_window: MainWindow, qtbot: QtBot
) -> None:
    card = panel.models.cards["liif-gan-fast"].card
    samples = photo_window.side.samples
    qtbot.waitUntil(lambda: samples.picture(photo_window.document.models[1]) is not None)
    pixel = card.picture.pixmap().toImage().pixelColor(10, 10)
    assert (pixel.red(), pixel.green(), pixel.blue()) == (77, 77, 77)


# Size


def test_usual_sizes_are_a_click_away(panel: SidePanel, photo_window: MainWindow) -> None:
    size = panel.size_section
    assert size.usual.value == TargetRule("scale", 2.0)
    for button, result in zip(
        size.usual.buttons(),
        (Size(120, 160), Size(180, 240), Size(240, 320), Size(2880, 3840), Size(2480, 3307)),
        strict=True,
    ):
        button.click()
        assert panel.result_size() == result, button.text()
        assert f"{result.width} × {result.height}" in panel.export.text()
        assert f"{result.width} × {result.height} pixels" in size.pixels.text()
    assert size.panel.paper.currentText() == "A4"
    assert photo_window.side.size_choice.rule.dpi == 300


def test_all_rules_are_below(panel: SidePanel, photo_window: MainWindow) -> None:
    fields = panel.size_section.panel
    fields.kind.setCurrentIndex(fields.kind.findData("megapixels"))
    fields.value.setValue(1.92)
    assert panel.result_size() == Size(1200, 1600)
    assert panel.size_section.usual.value is None
    assert photo_window.side.size_choice.rule == TargetRule("megapixels", 1.92)


def test_the_views_zoom_is_not_the_size(panel: SidePanel, photo_window: MainWindow) -> None:
    photo_window.document.zoom_to(7.3)
    assert panel.result_size() == Size(120, 160)


def test_a_size_that_cannot_be_says_why(panel: SidePanel, photo_window: MainWindow) -> None:
    photo_window.side.size_choice.set_rule(TargetRule("scale", 90_000.0))
    assert not panel.export.isEnabled()
    assert "at most 100000 are possible" in panel.size_section.remark.text()
    photo_window.side.size_choice.set_rule(TargetRule("scale", 2.0))
    assert panel.export.isEnabled()


def test_sizes_of_ones_own_are_saved_by_name(
    panel: SidePanel, photo_window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    choice = photo_window.side.size_choice
    choice.set_rule(TargetRule("print", 200.0, paper=PAPERS[2]))
    answers = iter([("for & me", True), ("", True), ("never", False)])
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: next(answers))
    panel.size_section.ask_for_preset()
    choice.set_rule(TargetRule("scale", 3.0))
    panel.size_section.ask_for_preset()
    assert "name" in panel.size_section.remark.text()
    panel.size_section.ask_for_preset()
    [own] = [a for a in panel.size_section.own.menu().actions() if a.text() == "for && me"]
    own.trigger()
    assert choice.rule == TargetRule("print", 200.0, paper=PAPERS[2])
    assert panel.size_section.panel.paper.currentText() == PAPERS[2].name
    assert panel.size_section.panel.dpi.value() == 200


# Export


def test_options_are_set_and_the_name_is_shown(panel: SidePanel, photo_window: MainWindow) -> None:
    section, options = panel.export_section, photo_window.side.options
    photo_window.document.set_sources(BICUBIC, "liif")
    assert section.target.text() == "picture_2x_liif.png"
    section.format.setCurrentIndex(section.format.findData("jpeg"))
    section.format.activated.emit(section.format.currentIndex())
    section.quality.setValue(71)
    assert (options.format.name, options.quality) == ("jpeg", 71)
    section.more.click()
    section.name.setText("{stem}-{model}")
    section.name.editingFinished.emit()
    assert section.target.text().endswith("-liif.jpg")
    section.name.setText("{nothing}")
    section.name.editingFinished.emit()
    assert section.error.isVisible()
    assert "{stem}" in section.error.text()
    assert options.name == "{stem}-{model}"
    section.name.setText("{stem}")
    section.name.editingFinished.emit()
    assert section.error.isHidden()


def test_the_button_exports(
    panel: SidePanel, photo_window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    photo_window.document.open(noise_photo())
    photo_window.side.options.set_folder(tmp_path)
    photo_window.side.size_choice.set_rule(TargetRule("scale", 3.0))
    panel.export.click()
    qtbot.waitUntil(
        lambda: photo_window.queue.state == "idle" and bool(exporter_sizes(photo_window))
    )
    assert exporter_sizes(photo_window) == [Size(180, 240)]


def exporter_sizes(window: MainWindow) -> list[Size | None]:
    """Return the sizes of the exports in the queue."""
    orders = [entry.order for entry in window.queue.entries]
    return [order.options.rules[0].rule.size for order in orders if order is not None]


def test_detail_is_part_of_the_export(
    panel: SidePanel, photo_window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    photo_window.document.set_detail(0.4)
    photo_window.side.options.set_folder(tmp_path)
    with qtbot.waitSignal(photo_window.queue.finished) as ended:
        panel.export.click()
    assert ended.args is not None
    [[entry]] = ended.args
    assert entry.status == "done"
    assert entry.order.options.detail == 0.4


# All of it


def test_what_was_chosen_is_there_after_a_restart(
    panel: SidePanel, photo_window: MainWindow, qtbot: QtBot
) -> None:
    panel.models.cards["liif-gan-fast"].card.click()
    photo_window.document.set_detail(0.8)
    photo_window.side.size_choice.set_rule(TargetRule("width", 500.0))
    models = photo_window.document.models
    photo_window.close()
    store = SettingsStore(user_config_path("app.toml"))
    assert isinstance(store.settings, AppSettings)
    again = MainWindow(photo_window._services, store)
    qtbot.addWidget(again)
    again.document.set_models(models)
    assert again.document.comparison.right == "liif-gan-fast"
    assert again.document.look.detail == 0.8
    assert again.side.size_choice.rule == TargetRule("width", 500.0)
    again.close()


def test_the_panel_gives_way_to_docks_in_a_small_window(
    panel: SidePanel, photo_window: MainWindow, qtbot: QtBot
) -> None:
    photo_window.resize(960, 540)
    qtbot.waitUntil(panel.isVisible)
    photo_window.panels.trainer_dock.show()
    qtbot.waitUntil(lambda: not panel.isVisible())
    assert photo_window.width() <= 960
    photo_window.panels.trainer_dock.hide()
    qtbot.waitUntil(panel.isVisible)


def test_there_is_no_panel_without_a_photo(window: MainWindow) -> None:
    assert window.side.panel.isHidden()
