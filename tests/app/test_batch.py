from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PillowImage
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from pytestqt.qtbot import QtBot

from app.state.document import DocumentModel
from app.state.export_queue import ExportQueue
from app.state.queue_file import QueueFile
from app.state.settings_store import SettingsStore
from app.widgets.batch_panel import BatchPanel
from app.workers.task import Task
from liifgan_core.batch.names import Output
from liifgan_core.batch.options import BatchOptions
from liifgan_core.batch.wanted import NamedRule
from liifgan_core.errors import WeightsError
from liifgan_core.sizing import relative_rule
from tests.app.fakes import TIMEOUT_S, choose_kind, model
from tests.fake_exporter import FakeExporter


def make_photo(path: Path, width: int = 8, height: int = 6) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    PillowImage.fromarray(np.full((height, width, 3), 90, np.uint8)).save(path)
    return path


def options(folder: Path, **changes: Any) -> BatchOptions:
    output = Output(
        folder, is_folder=True, format=changes.pop("format", None), **changes.pop("output", {})
    )
    fields: dict[str, Any] = {"quality": 90, "model": "plain", "device": "cpu", "resume": True}
    rule = relative_rule("long-edge", 40)
    return BatchOptions(rules=(NamedRule(rule),), output=output, **{**fields, **changes})


@pytest.fixture
def exporter() -> FakeExporter:
    return FakeExporter()


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Two folders of photos, one of which cannot be read."""
    folder = tmp_path / "photos"
    make_photo(folder / "a.png")
    make_photo(folder / "trip" / "b.jpg", 6, 12)
    (folder / "trip" / "c.png").write_bytes(b"no picture")
    (folder / "notes.txt").write_text("no photo")
    make_photo(folder / ".hidden" / "d.png")
    return folder


@pytest.fixture
def batch(
    qtbot: QtBot, exporter: FakeExporter, store: SettingsStore, tmp_path: Path
) -> Iterator[ExportQueue]:
    file = QueueFile(tmp_path / "queue")
    batch = ExportQueue(lambda _model, _device, _precision: exporter, store, file)
    yield batch
    exporter.go_on.set()
    batch.shut_down()


def add(batch: ExportQueue, qtbot: QtBot, *paths: Path) -> None:
    with qtbot.waitSignal(batch.entries_changed):
        batch.add_photos(paths)


def finish(batch: ExportQueue, qtbot: QtBot) -> list[str]:
    qtbot.waitUntil(lambda: batch.state == "idle" and not Task.running(batch))
    return [entry.status for entry in batch.entries]


def written(folder: Path) -> dict[str, str]:
    """Return the pictures in a folder, by name, as the fake exporter writes them."""
    return {path.name: path.read_text() for path in folder.glob("*.png")}


def test_every_photo_gets_the_rule_and_a_bad_one_costs_no_other(
    batch: ExportQueue, exporter: FakeExporter, qtbot: QtBot, photos: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    add(batch, qtbot, photos)
    batch.start(options(out))
    assert finish(batch, qtbot) == ["done", "done", "failed"]
    assert (out / "a_40x30.png").read_text() == "40x30 png"
    assert (out / "trip" / "b_20x40.jpg").read_text() == "20x40 jpeg"
    assert "c.png" in batch.entries[2].message
    assert [asked.quality for asked in exporter.asked] == [None, 90]
    assert batch.fraction == 1.0


def test_without_the_tree_equal_names_do_not_replace_each_other(
    batch: ExportQueue, qtbot: QtBot, tmp_path: Path
) -> None:
    one, two = make_photo(tmp_path / "1" / "x.png"), make_photo(tmp_path / "2" / "x.png")
    add(batch, qtbot, one, two)
    batch.start(options(tmp_path / "out", output={"keeps_tree": False}, existing="replace"))
    assert finish(batch, qtbot) == ["done", "failed"]
    assert f"is that of {one}" in batch.entries[1].message
    assert [path.name for path in (tmp_path / "out").glob("*.png")] == ["x_40x30.png"]


def test_a_photo_is_never_replaced(batch: ExportQueue, qtbot: QtBot, tmp_path: Path) -> None:
    first = make_photo(tmp_path / "x.png")
    second = make_photo(tmp_path / "x_40x30.png")
    content = second.read_bytes()
    add(batch, qtbot, first, second)
    batch.start(options(tmp_path, existing="replace"))
    assert finish(batch, qtbot)[0] == "failed"
    assert second.read_bytes() == content


@pytest.mark.parametrize(
    ("existing", "resume", "status"),
    [("skip", False, "there"), ("replace", False, "done"), ("keep", True, "failed")],
)
def test_a_file_of_somebody_else_is_left_replaced_or_in_the_way(
    batch: ExportQueue, qtbot: QtBot, tmp_path: Path, existing: str, resume: bool, status: str
) -> None:
    add(batch, qtbot, make_photo(tmp_path / "x.png"))
    out = tmp_path / "out" / "x_40x30.png"
    out.parent.mkdir()
    out.write_text("old")
    batch.start(options(out.parent, existing=existing, resume=resume))
    assert finish(batch, qtbot) == [status]
    assert out.read_text() == ("40x30 png" if status == "done" else "old")
    if status == "failed":
        assert "Choose Replace to write over it" in batch.entries[0].message
        assert "--" not in batch.entries[0].message


def test_a_pause_holds_in_the_middle_of_a_photo_and_cancel_ends_it(
    batch: ExportQueue, exporter: FakeExporter, qtbot: QtBot, tmp_path: Path
) -> None:
    add(batch, qtbot, make_photo(tmp_path / "x.png"), make_photo(tmp_path / "y.png"))
    exporter.go_on.clear()
    batch.start(options(tmp_path / "out"))
    qtbot.waitUntil(lambda: batch.entries[0].status == "running")
    batch.pause()
    exporter.go_on.set()
    assert exporter.reports.acquire(timeout=TIMEOUT_S)
    assert batch.state == "paused"
    assert not exporter.reports.acquire(timeout=0.1), "it must hold at the report"
    assert batch.entries[0].status == "running"
    batch.cancel()
    assert finish(batch, qtbot) == ["cancelled", "waiting"]
    assert not list((tmp_path / "out").glob("*.png"))
    batch.start(options(tmp_path / "out"))
    batch.pause()
    batch.resume()
    assert finish(batch, qtbot) == ["done", "done"]
    assert written(tmp_path / "out") == {"x_40x30.png": "40x30 png", "y_40x30.png": "40x30 png"}


def test_the_model_is_loaded_once_for_all_photos(
    qtbot: QtBot, store: SettingsStore, tmp_path: Path
) -> None:
    loaded: list[str | None] = []

    def open_exporter(model: str | None, _device: str, _precision: str) -> FakeExporter:
        loaded.append(model)
        return FakeExporter()

    batch = ExportQueue(open_exporter, store, QueueFile(tmp_path / "queue"))
    add(batch, qtbot, *(make_photo(tmp_path / f"{name}.png") for name in "xyz"))
    batch.start(options(tmp_path / "out"))
    assert finish(batch, qtbot) == ["done", "done", "done"]
    assert loaded == ["plain"]
    assert sorted(written(tmp_path / "out")) == [f"{name}_40x30.png" for name in "xyz"]


def test_a_model_that_cannot_be_loaded_is_told_once(
    qtbot: QtBot, store: SettingsStore, tmp_path: Path
) -> None:
    def open_exporter(_model: str | None, _device: str, _precision: str) -> FakeExporter:
        raise WeightsError("the model is damaged; get it again")

    batch = ExportQueue(open_exporter, store, QueueFile(tmp_path / "queue"))
    add(batch, qtbot, make_photo(tmp_path / "x.png"), make_photo(tmp_path / "y.png"))
    with qtbot.waitSignal(batch.failed) as caught:
        batch.start(options(tmp_path / "out"))
    assert caught.args == ["the model is damaged; get it again"]
    assert finish(batch, qtbot) == ["waiting", "waiting"]
    assert written(tmp_path / "out") == {}


def test_a_manifest_that_cannot_be_written_ends_the_batch(
    batch: ExportQueue, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    add(batch, qtbot, make_photo(tmp_path / "x.png"))
    with qtbot.waitSignal(batch.failed) as caught:
        batch.start(options(tmp_path / "file" / "out"))
    assert caught.args is not None
    assert "cannot be written" in caught.args[0]
    assert caught.args[0].endswith("Choose another folder for the results.")
    assert finish(batch, qtbot) == ["waiting"]


def test_results_below_a_folder_that_is_added_are_left_out(
    batch: ExportQueue, exporter: FakeExporter, qtbot: QtBot, photos: Path
) -> None:
    add(batch, qtbot, photos / "a.png")
    batch.start(options(photos / "out"))
    assert finish(batch, qtbot) == ["done"]
    make_photo(photos / "out" / "other.png")
    batch.remove(range(1))
    add(batch, qtbot, photos)
    batch.start(options(photos / "out"))
    told = {entry.photo.path.name: entry.status for entry in batch.entries}
    told |= dict(
        zip((entry.photo.path.name for entry in batch.entries), finish(batch, qtbot), strict=True)
    )
    assert told == {
        "a.png": "there",
        "b.jpg": "done",
        "c.png": "failed",
        "a_40x30.png": "left out",
        "other.png": "left out",
    }
    assert len(exporter.asked) == 2


def test_a_second_batch_does_what_has_changed(
    batch: ExportQueue, exporter: FakeExporter, qtbot: QtBot, tmp_path: Path
) -> None:
    add(batch, qtbot, make_photo(tmp_path / "x.png"), make_photo(tmp_path / "y.png"))
    batch.start(options(tmp_path / "out"))
    assert finish(batch, qtbot) == ["done", "done"]
    make_photo(tmp_path / "y.png", 16, 12)
    batch.remove(range(2))
    add(batch, qtbot, tmp_path / "x.png", tmp_path / "y.png")
    batch.start(options(tmp_path / "out"))
    assert finish(batch, qtbot) == ["there", "done"]
    assert len(exporter.asked) == 3
    assert sorted(written(tmp_path / "out")) == ["x_40x30.png", "y_40x30.png"]


def test_what_failed_is_tried_again(batch: ExportQueue, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(b"no picture")
    add(batch, qtbot, path)
    batch.start(options(tmp_path / "out"))
    assert finish(batch, qtbot) == ["failed"]
    make_photo(path)
    batch.start(options(tmp_path / "out"))
    assert finish(batch, qtbot) == ["done"]
    assert written(tmp_path / "out") == {"x_40x30.png": "40x30 png"}


def test_the_panel_takes_a_drop_and_runs(
    qtbot: QtBot, batch: ExportQueue, store: SettingsStore, photos: Path, tmp_path: Path
) -> None:
    document = DocumentModel()
    panel = BatchPanel(batch, document, store)
    qtbot.addWidget(panel)
    panel.show()
    assert not panel.start.isEnabled()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(photos))])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, left, none)
    with qtbot.waitSignal(batch.entries_changed):
        panel.dropEvent(event)
    document.set_models([model("plain")])
    panel.form.folder.setText(str(tmp_path / "out"))
    choose_kind(panel.form.size_panel, "fit")
    panel.form.size_panel.width_box.setValue(24)
    panel.form.size_panel.height_box.setValue(24)
    panel.form.format.setCurrentIndex(panel.form.format.findData("webp"))
    panel.start.click()
    finish(batch, qtbot)
    assert (tmp_path / "out" / "a_3x_plain.webp").read_text() == "24x18 webp"
    assert panel.status.text() == "2 of 3 done, 1 failed"
    table = panel.table.model()
    assert table.data(table.index(0, 1)) == "done"
    failed = next(n for n, entry in enumerate(batch.entries) if entry.status == "failed")
    heights = [panel.table.rowHeight(row) for row in range(3)]
    error = table.data(table.index(failed, 1)).replace("\u200b", "")
    assert batch.entries[failed].message in error
    metrics, column = panel.table.fontMetrics(), panel.table.columnWidth(1)
    lines = metrics.horizontalAdvance(error) // column
    assert heights[failed] >= (lines + 1) * metrics.height(), "an error is not cut off"
    assert "c.png" in table.data(table.index(2, 1))
    assert store.settings.batch_folder == str(tmp_path / "out")
    panel.remove.click()
    assert batch.entries == []


def test_the_panel_says_when_nothing_can_be_read(
    qtbot: QtBot, batch: ExportQueue, store: SettingsStore, tmp_path: Path
) -> None:
    panel = BatchPanel(batch, DocumentModel(), store)
    qtbot.addWidget(panel)
    with qtbot.waitSignal(batch.failed):
        batch.add_photos([tmp_path])
    assert panel.status.text() == "There is no photo that can be read in it."
