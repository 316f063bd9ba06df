import threading
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.state.export_job import ExportJob
from app.state.settings_store import SettingsStore
from app.widgets.export_dialog import ExportDialog
from liifgan_core.batch.exporter import Exporter
from liifgan_core.errors import ImageWriteError
from liifgan_core.geometry import Size
from liifgan_core.images.image import Image
from liifgan_core.progress import CancelToken, Progress
from liifgan_core.render.export_options import ExportOptions
from liifgan_core.render.request import BICUBIC
from tests.app.fakes import TIMEOUT_S, model, never_rest, noise_photo


class FakeExport:
    """Writes a file, after a test lets it; or fails."""

    def __init__(self) -> None:
        self.jobs: list[ExportJob] = []
        self.error: Exception | None = None
        self.go_on = threading.Event()
        self.go_on.set()
        self.began = threading.Event()

    def open(self, model: str | None, device: str, precision: str) -> Exporter:
        def write(
            image: Image,
            target: Path,
            size: Size,
            options: ExportOptions,
            *,
            progress: Progress,
            cancel: CancelToken,
        ) -> None:
            assert model is not None
            self._write(
                ExportJob(image, target, size, model, device, precision, options), progress, cancel
            )

        return cast(Exporter, write)

    def _write(self, job: ExportJob, progress: Progress, cancel: CancelToken) -> None:
        self.jobs.append(job)
        progress(0.5)
        self.began.set()
        assert self.go_on.wait(TIMEOUT_S)
        cancel.check()
        if self.error is not None:
            raise self.error
        job.target.write_bytes(b"picture")


@pytest.fixture
def export() -> FakeExport:
    return FakeExport()


@pytest.fixture
def dialog(
    photo_window: MainWindow, export: FakeExport, store: SettingsStore, tmp_path: Path
) -> ExportDialog:
    photo = noise_photo(path=tmp_path / "noise.png")
    assert photo.path is not None
    photo.path.write_bytes(b"")
    photo_window.document.zoom_to(3.5)
    dialog = ExportDialog(
        photo,
        photo_window.document,
        store,
        export.open,
        photo_window.schedule.pixels_per_second,
        photo_window,
    )
    dialog.show()
    return dialog


def set_target(dialog: ExportDialog, path: Path) -> None:
    dialog.form.target.setText(str(path))
    dialog.form.target.textEdited.emit(str(path))


def run(dialog: ExportDialog, qtbot: QtBot) -> None:
    dialog.start()
    qtbot.waitUntil(lambda: not dialog.is_running)


def test_it_begins_with_the_factor_of_the_view(
    dialog: ExportDialog, export: FakeExport, qtbot: QtBot, tmp_path: Path
) -> None:
    assert "280 × 210 pixels" in dialog.form.pixels.text()
    run(dialog, qtbot)
    [job] = export.jobs
    assert job.size == Size(210, 280)
    assert job.target == tmp_path / "noise_280x210.png"
    assert job.model == "detail-model"
    assert job.target.is_file()
    assert dialog.show_folder.isVisible()


def test_a_format_offers_what_it_has(dialog: ExportDialog) -> None:
    form = dialog.form
    form.format.setCurrentIndex(form.format.findData("jpeg"))
    assert form.quality.isVisible()
    assert not form.bit_depth.isVisible()
    assert form.job().options.quality == 95
    form.format.setCurrentIndex(form.format.findData("tiff"))
    assert not form.quality.isVisible()
    form.bit_depth.setCurrentIndex(1)
    job = form.job()
    assert (job.options.bit_depth, job.options.quality, job.target.suffix) == (16, None, ".tif")


def test_the_ending_of_a_typed_name_follows_the_format(
    dialog: ExportDialog, tmp_path: Path
) -> None:
    set_target(dialog, tmp_path / "mine.png")
    dialog.form.format.setCurrentIndex(dialog.form.format.findData("webp"))
    assert dialog.form.job().target == tmp_path / "mine.webp"


def test_an_existing_file_is_replaced_only_when_asked(
    dialog: ExportDialog, export: FakeExport, qtbot: QtBot, tmp_path: Path
) -> None:
    target = tmp_path / "there.png"
    target.write_bytes(b"old")
    set_target(dialog, target)
    assert not dialog.go.isEnabled()
    assert "exists already" in dialog.status.text()
    assert dialog.form.replace.isVisible()
    dialog.form.replace.setChecked(True)
    assert dialog.go.isEnabled()
    run(dialog, qtbot)
    assert target.read_bytes() == b"picture"


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


def test_cancelling_leaves_no_file(
    dialog: ExportDialog, export: FakeExport, qtbot: QtBot, tmp_path: Path
) -> None:
    export.go_on.clear()
    dialog.start()
    assert export.began.wait(TIMEOUT_S)
    qtbot.waitUntil(lambda: dialog.progress.value() == 500)
    assert dialog.stop.text() == "Cancel"
    dialog.stop.click()
    export.go_on.set()
    qtbot.waitUntil(lambda: not dialog.is_running)
    assert "Cancelled" in dialog.status.text()
    assert not (tmp_path / "noise_280x210.png").exists()
    assert dialog.isVisible()


def test_an_error_is_shown_and_the_export_can_be_tried_again(
    dialog: ExportDialog, export: FakeExport, qtbot: QtBot
) -> None:
    export.error = ImageWriteError("the disk is full; free some space")
    run(dialog, qtbot)
    assert dialog.status.text() == "the disk is full; free some space"
    export.error = None
    run(dialog, qtbot)
    assert "noise_280x210.png is written, rendered with detail-model" in dialog.status.text()


def test_an_export_takes_the_chosen_model_whatever_the_view_shows(
    photo_window: MainWindow, export: FakeExport, store: SettingsStore, qtbot: QtBot, tmp_path: Path
) -> None:
    document, schedule = photo_window.document, photo_window.schedule
    document.set_models([model("plain"), model("plain-air")])
    document.set_sources(BICUBIC, "plain")
    never_rest(schedule)
    document.zoom_to(2.5)
    qtbot.waitUntil(lambda: schedule.frames.drawn_by("plain") == "plain-air")
    photo = noise_photo(path=tmp_path / "other.png")
    dialog = ExportDialog(
        photo, document, store, export.open, schedule.pixels_per_second, photo_window
    )
    run(dialog, qtbot)
    assert export.jobs[0].model == "plain"
    assert "rendered with plain:" in dialog.status.text()


def test_the_result_can_be_copied(dialog: ExportDialog, qtbot: QtBot, tmp_path: Path) -> None:
    run(dialog, qtbot)
    target = tmp_path / "noise_280x210.png"
    picture = QImage(280, 210, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.red)
    assert picture.save(str(target))
    dialog.copy.click()
    data = QGuiApplication.clipboard().mimeData()
    assert [url.toLocalFile() for url in data.urls()] == [str(target)]
    assert QGuiApplication.clipboard().image().size() == picture.size()


def test_metadata_can_be_left_out(
    dialog: ExportDialog, export: FakeExport, qtbot: QtBot, store: SettingsStore
) -> None:
    assert dialog.form.job().options.software
    dialog.form.names_program.setChecked(False)
    dialog.form.keeps_metadata.setChecked(False)
    run(dialog, qtbot)
    assert export.jobs[0].options.software is None
    assert export.jobs[0].options.strip_metadata
    assert not store.settings.export_names_program
    assert not store.settings.export_keeps_metadata


def test_the_choice_is_remembered(
    dialog: ExportDialog, qtbot: QtBot, store: SettingsStore, tmp_path: Path
) -> None:
    dialog.form.format.setCurrentIndex(dialog.form.format.findData("webp"))
    dialog.form.quality.setValue(71)
    folder = tmp_path / "results"
    folder.mkdir()
    set_target(dialog, folder / "a.webp")
    run(dialog, qtbot)
    settings = store.settings
    assert (settings.export_format, settings.export_quality) == ("webp", 71)
    assert settings.export_folder == str(folder)


def test_beside_the_photo_stays_beside_the_photo(
    dialog: ExportDialog, qtbot: QtBot, store: SettingsStore, tmp_path: Path
) -> None:
    run(dialog, qtbot)
    assert (tmp_path / "noise_280x210.png").exists()
    assert store.settings.export_folder == ""


def test_a_folder_in_which_an_export_failed_is_not_remembered(
    dialog: ExportDialog, export: FakeExport, qtbot: QtBot, store: SettingsStore, tmp_path: Path
) -> None:
    folder = tmp_path / "full"
    folder.mkdir()
    set_target(dialog, folder / "a.png")
    export.error = ImageWriteError("the disk is full")
    run(dialog, qtbot)
    assert "the disk is full" in dialog.status.text()
    assert store.settings.export_folder == ""
    export.error = None
    run(dialog, qtbot)
    assert store.settings.export_folder == str(folder)
