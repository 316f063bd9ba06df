import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from pytestqt.qtbot import QtBot

from app.state.batch import BatchModel
from app.state.batch_plan import BatchPlan, find_photos
from app.state.document import DocumentModel
from app.state.export_job import ExportJob
from app.state.settings_store import SettingsStore
from app.state.target_rule import TargetRule
from app.widgets.batch_panel import BatchPanel
from app.workers.task import Task
from liifgan_core.errors import ImageWriteError
from liifgan_core.geometry import Size
from liifgan_core.progress import CancelToken, Progress
from tests.app.fakes import TIMEOUT_S, model


class FakeExport:
    """Writes each job's size into its file; fails for names that begin with "bad"."""

    def __init__(self) -> None:
        self.jobs: list[ExportJob] = []
        self.reports = threading.Semaphore(0)
        """Released at each report of progress."""

    def __call__(self, job: ExportJob, progress: Progress, cancel: CancelToken) -> Path:
        self.jobs.append(job)
        for step in range(1, 4):
            self.reports.release()
            progress(step / 4)
        if job.target.stem.startswith("bad"):
            raise ImageWriteError("the disk is full; free some space")
        job.target.parent.mkdir(parents=True, exist_ok=True)
        job.target.write_text(str(job.size))
        return job.target


def make_photo(path: Path, width: int = 8, height: int = 6) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    PillowImage.fromarray(np.full((height, width, 3), 90, np.uint8)).save(path)
    return path


def plan(folder: Path, **changes: object) -> BatchPlan:
    fields: dict[str, object] = {
        "rule": TargetRule("long-edge", 40),
        "folder": folder,
        "keeps_tree": True,
        "existing": "skip",
        "format": "",
        "quality": 90,
        "model": "plain",
        "detail": 1.0,
        "names_program": True,
        "keeps_metadata": True,
        "device": "cpu",
        "precision": "fp32",
    }
    return BatchPlan(**{**fields, **changes})


@pytest.fixture
def export() -> FakeExport:
    return FakeExport()


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
def batch(qtbot: QtBot, export: FakeExport) -> Iterator[BatchModel]:
    batch = BatchModel(export)
    yield batch
    batch.cancel()
    for task in batch.findChildren(Task):
        task.stop()


def add(batch: BatchModel, qtbot: QtBot, *paths: Path) -> None:
    with qtbot.waitSignal(batch.entries_changed):
        batch.add(paths)


def finish(batch: BatchModel, qtbot: QtBot) -> list[str]:
    qtbot.waitUntil(lambda: batch.state == "idle")
    return [entry.status for entry in batch.entries]


def test_folders_are_searched_and_each_photo_is_listed_once(photos: Path) -> None:
    items = find_photos([photos / "a.png", photos], CancelToken())
    assert [item.path.name for item in items] == ["a.png", "b.jpg", "c.png"]
    assert items[1].root == photos


def test_every_photo_gets_the_rule_and_a_bad_one_costs_no_other(
    batch: BatchModel, export: FakeExport, qtbot: QtBot, photos: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    add(batch, qtbot, photos)
    batch.start(plan(out))
    assert finish(batch, qtbot) == ["done", "done", "failed"]
    assert (out / "a_40x30.png").read_text() == "40x30"
    assert (out / "trip" / "b_20x40.jpg").read_text() == "20x40"
    assert "c.png" in batch.entries[2].message
    assert [job.quality for job in export.jobs] == [None, 90]
    assert batch.fraction == 1.0


def test_without_the_tree_equal_names_do_not_replace_each_other(
    batch: BatchModel, qtbot: QtBot, tmp_path: Path
) -> None:
    one, two = make_photo(tmp_path / "1" / "x.png"), make_photo(tmp_path / "2" / "x.png")
    add(batch, qtbot, one, two)
    batch.start(plan(tmp_path / "out", keeps_tree=False, existing="replace"))
    assert finish(batch, qtbot) == ["done", "failed"]
    assert "another result of this batch" in batch.entries[1].message


def test_a_photo_is_never_replaced(batch: BatchModel, qtbot: QtBot, tmp_path: Path) -> None:
    first = make_photo(tmp_path / "x.png")
    second = make_photo(tmp_path / "x_40x30.png")
    content = second.read_bytes()
    add(batch, qtbot, first, second)
    batch.start(plan(tmp_path, existing="replace"))
    assert finish(batch, qtbot)[0] == "failed"
    assert second.read_bytes() == content


@pytest.mark.parametrize(("existing", "status"), [("skip", "there"), ("replace", "done")])
def test_existing_results_are_left_or_replaced(
    batch: BatchModel, qtbot: QtBot, tmp_path: Path, existing: str, status: str
) -> None:
    add(batch, qtbot, make_photo(tmp_path / "x.png"))
    out = tmp_path / "out" / "x_40x30.png"
    out.parent.mkdir()
    out.write_text("old")
    batch.start(plan(out.parent, existing=existing))
    assert finish(batch, qtbot) == [status]
    assert out.read_text() == ("old" if status == "there" else "40x30")


def test_a_pause_holds_in_the_middle_of_a_photo_and_cancel_ends_it(
    batch: BatchModel, export: FakeExport, qtbot: QtBot, tmp_path: Path
) -> None:
    add(batch, qtbot, make_photo(tmp_path / "x.png"), make_photo(tmp_path / "y.png"))
    batch.start(plan(tmp_path / "out"))
    batch.pause()
    assert export.reports.acquire(timeout=TIMEOUT_S)
    assert batch.state == "paused"
    assert not export.reports.acquire(timeout=0.1), "it must hold at the report"
    assert batch.entries[0].status == "running"
    batch.cancel()
    assert finish(batch, qtbot) == ["cancelled", "waiting"]
    assert not (tmp_path / "out").exists()
    batch.start(plan(tmp_path / "out"))
    batch.pause()
    batch.resume()
    assert finish(batch, qtbot) == ["done", "done"]


def test_what_failed_is_tried_again(batch: BatchModel, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(b"no picture")
    add(batch, qtbot, path)
    batch.start(plan(tmp_path / "out"))
    assert finish(batch, qtbot) == ["failed"]
    make_photo(path)
    batch.start(plan(tmp_path / "out"))
    assert finish(batch, qtbot) == ["done"]


def test_the_panel_takes_a_drop_and_runs(
    qtbot: QtBot, batch: BatchModel, store: SettingsStore, photos: Path, tmp_path: Path
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
    panel.form.size_panel.set_kind("fit")
    panel.form.size_panel.width_box.setValue(24)
    panel.form.size_panel.height_box.setValue(24)
    panel.form.format.setCurrentIndex(panel.form.format.findData("webp"))
    panel.start.click()
    finish(batch, qtbot)
    assert (tmp_path / "out" / "a_24x18.webp").read_text() == str(Size(18, 24))
    assert panel.status.text() == "2 of 3 done, 1 failed"
    table = panel.table.model()
    assert table.data(table.index(0, 1)) == "done"
    assert "c.png" in table.data(table.index(2, 1))
    assert store.settings.batch_folder == str(tmp_path / "out")
    panel.remove.click()
    assert batch.entries == []


def test_the_panel_says_when_nothing_can_be_read(
    qtbot: QtBot, batch: BatchModel, store: SettingsStore, tmp_path: Path
) -> None:
    panel = BatchPanel(batch, DocumentModel(), store)
    qtbot.addWidget(panel)
    with qtbot.waitSignal(batch.failed):
        batch.add([tmp_path])
    assert panel.status.text() == "There is no photo that can be read in it."
