from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.state.settings_store import SettingsStore
from app.widgets.export_dialog import ExportDialog
from liifgan_core.geometry import Size
from liifgan_core.render.request import BICUBIC
from tests.app.fakes import model, never_rest, noise_photo


@pytest.fixture
def dialog(photo_window: MainWindow, store: SettingsStore, tmp_path: Path) -> ExportDialog:
    """For a photo of 80x60 in `tmp_path`, looked at by 3.5."""
    from PIL import Image

    photo = noise_photo(path=tmp_path / "noise.png")
    assert photo.path is not None
    Image.fromarray(photo.image.samples).save(photo.path)
    photo_window.document.zoom_to(3.5)
    dialog = ExportDialog(
        photo,
        photo_window.document,
        store,
        photo_window.queue,
        photo_window.schedule.pixels_per_second,
        photo_window,
    )
    dialog.show()
    return dialog


def set_target(dialog: ExportDialog, path: Path) -> None:
    dialog.form.target.setText(str(path))
    dialog.form.target.textEdited.emit(str(path))


def run(dialog: ExportDialog, window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.queue.finished):
        dialog.start()
    assert not dialog.isVisible(), "the window stays usable meanwhile"


def test_it_begins_with_the_factor_of_the_view(
    dialog: ExportDialog, photo_window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    assert "280 × 210 pixels" in dialog.form.pixels.text()
    run(dialog, photo_window, qtbot)
    [entry] = photo_window.queue.entries
    assert entry.order is not None
    assert entry.order.options.rule.size == Size(210, 280)
    assert entry.order.options.model == "detail-model"
    assert entry.target == tmp_path / "noise_280x210.png"
    assert entry.target.read_text() == "280x210 png"


def test_a_format_offers_what_it_has(dialog: ExportDialog) -> None:
    form = dialog.form
    form.format.setCurrentIndex(form.format.findData("jpeg"))
    assert form.quality.isVisible()
    assert not form.bit_depth.isVisible()
    assert form.options().quality == 95
    form.format.setCurrentIndex(form.format.findData("tiff"))
    assert not form.quality.isVisible()
    form.bit_depth.setCurrentIndex(1)
    asked = form.options()
    assert (asked.bit_depth, asked.quality, asked.output.path.suffix) == (16, None, ".tif")


def test_the_ending_of_a_typed_name_follows_the_format(
    dialog: ExportDialog, tmp_path: Path
) -> None:
    set_target(dialog, tmp_path / "mine.png")
    dialog.form.format.setCurrentIndex(dialog.form.format.findData("webp"))
    assert dialog.form.options().output.path == tmp_path / "mine.webp"


def test_an_existing_file_is_replaced_only_when_asked(
    dialog: ExportDialog, photo_window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    target = tmp_path / "there.png"
    target.write_bytes(b"old")
    set_target(dialog, target)
    assert not dialog.go.isEnabled()
    assert "exists already" in dialog.status.text()
    assert "--" not in dialog.status.text()
    assert dialog.form.replace.isVisible()
    dialog.form.replace.setChecked(True)
    assert dialog.go.isEnabled()
    run(dialog, photo_window, qtbot)
    assert target.read_text() == "280x210 png"


def test_leave_to_replace_one_file_is_none_to_replace_another(
    dialog: ExportDialog, tmp_path: Path
) -> None:
    for name in ("one.png", "other.png"):
        (tmp_path / name).write_bytes(b"old")
    set_target(dialog, tmp_path / "one.png")
    dialog.form.replace.setChecked(True)
    assert dialog.go.isEnabled()
    set_target(dialog, tmp_path / "other.png")
    assert not dialog.form.replace.isChecked()
    assert not dialog.go.isEnabled()


def test_the_photo_itself_is_never_replaced(dialog: ExportDialog, tmp_path: Path) -> None:
    set_target(dialog, tmp_path / "noise.png")
    dialog.form.replace.setChecked(True)
    assert not dialog.go.isEnabled()
    assert "source image" in dialog.status.text()


def test_a_size_that_is_too_large_is_refused(dialog: ExportDialog) -> None:
    dialog.form.size_panel.value.setValue(5000.0)
    assert not dialog.go.isEnabled()
    assert "at most 100000" in dialog.status.text()


def test_a_factor_beyond_the_training_is_remarked(dialog: ExportDialog) -> None:
    assert dialog.status.text() == ""
    dialog.form.size_panel.value.setValue(6.0)
    assert "trained up to ×4" in dialog.status.text()
    assert dialog.go.isEnabled()


def test_an_export_takes_the_chosen_model_whatever_the_view_shows(
    photo_window: MainWindow, store: SettingsStore, qtbot: QtBot, tmp_path: Path
) -> None:
    document, schedule = photo_window.document, photo_window.schedule
    document.set_models([model("plain"), model("plain-air")])
    document.set_sources(BICUBIC, "plain")
    never_rest(schedule)
    document.zoom_to(2.5)
    qtbot.waitUntil(lambda: schedule.frames.drawn_by("plain") == "plain-air")
    photo = noise_photo(path=tmp_path / "other.png")
    dialog = ExportDialog(
        photo, document, store, photo_window.queue, schedule.pixels_per_second, photo_window
    )
    assert dialog.form.options().model == "plain"


def test_metadata_can_be_left_out(
    dialog: ExportDialog, photo_window: MainWindow, qtbot: QtBot, store: SettingsStore
) -> None:
    assert dialog.form.options().names_program
    dialog.form.names_program.setChecked(False)
    dialog.form.keeps_metadata.setChecked(False)
    asked = dialog.form.options()
    assert not asked.names_program
    assert asked.strip_metadata
    run(dialog, photo_window, qtbot)
    assert not store.settings.export_names_program
    assert not store.settings.export_keeps_metadata


def test_the_choice_is_remembered(
    dialog: ExportDialog,
    photo_window: MainWindow,
    qtbot: QtBot,
    store: SettingsStore,
    tmp_path: Path,
) -> None:
    dialog.form.format.setCurrentIndex(dialog.form.format.findData("webp"))
    dialog.form.quality.setValue(71)
    folder = tmp_path / "results"
    folder.mkdir()
    set_target(dialog, folder / "a.webp")
    run(dialog, photo_window, qtbot)
    settings = store.settings
    assert (settings.export_format, settings.export_quality) == ("webp", 71)
    assert settings.export_folder == str(folder)


def test_beside_the_photo_stays_beside_the_photo(
    dialog: ExportDialog,
    photo_window: MainWindow,
    qtbot: QtBot,
    store: SettingsStore,
    tmp_path: Path,
) -> None:
    run(dialog, photo_window, qtbot)
    assert (tmp_path / "noise_280x210.png").exists()
    assert store.settings.export_folder == ""


def test_a_folder_in_which_an_export_failed_is_not_remembered(
    dialog: ExportDialog,
    photo_window: MainWindow,
    qtbot: QtBot,
    store: SettingsStore,
    tmp_path: Path,
) -> None:
    folder = tmp_path / "full"
    folder.mkdir()
    set_target(dialog, folder / "bad.png")  # what the fake exporter fails for
    run(dialog, photo_window, qtbot)
    assert "the disk is full" in photo_window.notice.text.text()
    assert store.settings.export_folder == ""
