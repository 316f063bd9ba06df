import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.state.export_job import ExportChoice
from app.state.export_options import ExportOptionsModel, pictures_folder
from app.state.export_queue import ExportQueue
from app.state.photo import make_photo, read_photo
from app.state.queue_file import QueueFile
from app.state.settings_store import SettingsStore
from app.state.target_rule import TargetRule
from app.widgets.export_notice import ExportNotice
from app.widgets.file_shower import selecting_command
from app.widgets.name_question import NameQuestion
from app.widgets.queue_view import QueueView
from app.workers.task import Task
from liifgan_core.losses import Loss
from liifgan_core.progress import Progress
from liifgan_core.render.export_options import ExportOrder, ExportReport
from liifgan_core.resources import resource_path
from tests.app.fakes import TIMEOUT_S, noise_photo
from tests.app.test_batch import add, finish, options
from tests.app.test_batch import make_photo as save_photo
from tests.fake_exporter import FakeExporter

TWICE = ExportChoice(rule=TargetRule("scale", 2.0), model="plain", detail=0.5)


@pytest.fixture
def exporter() -> FakeExporter:
    return FakeExporter()


@pytest.fixture
def queue(
    qtbot: QtBot, exporter: FakeExporter, store: SettingsStore, tmp_path: Path
) -> Iterator[ExportQueue]:
    queue = new_queue(exporter, store, tmp_path)
    yield queue
    exporter.go_on.set()
    queue.shut_down()


@pytest.fixture
def lasting(store: SettingsStore) -> ExportOptionsModel:
    return ExportOptionsModel(store)


def new_queue(exporter: FakeExporter, store: SettingsStore, folder: Path) -> ExportQueue:
    file = QueueFile(folder / "kept")
    return ExportQueue(lambda _model, _device, _precision: exporter, store, file)


def kept_files(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "kept").glob("queue-*"))


def test_an_export_goes_to_the_queue_with_all_that_was_chosen(
    queue: ExportQueue,
    exporter: FakeExporter,
    store: SettingsStore,
    lasting: ExportOptionsModel,
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    store.change(
        export_format="jpeg",
        export_quality=71,
        export_keeps_metadata=False,
        export_memory_mb=4096,
    )
    photo = read_photo(save_photo(tmp_path / "a.png"))
    with qtbot.waitSignal(queue.finished) as ended:
        queue.add(photo, TWICE, lasting)
    assert ended.args is not None
    [[entry]] = ended.args
    assert entry.target == tmp_path / "a_2x_plain.jpg"
    assert entry.target.read_text() == "16x12 jpeg"
    [asked] = exporter.asked
    assert (asked.quality, asked.detail, asked.strip_metadata) == (71, 0.5, True)
    assert asked.memory_bytes == 4096 * 2**20
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "a_2x_plain.jpg", "kept"]


def test_a_name_that_is_taken_is_asked_about(
    queue: ExportQueue, lasting: ExportOptionsModel, qtbot: QtBot, tmp_path: Path
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    question = NameQuestion(queue, window)
    photo = read_photo(save_photo(tmp_path / "a.png"))
    (tmp_path / "a_2x_plain.png").write_text("mine")

    def answer(text: str) -> None:
        queue.add(photo, TWICE, lasting)
        assert question.box is not None
        assert "--" not in question.box.text() + question.box.informativeText()
        next(b for b in question.box.buttons() if b.text() == text).click()

    answer("Cancel")
    assert not queue.entries
    with qtbot.waitSignal(queue.finished):
        answer("Export as “a_2x_plain (2).png”")
    assert (tmp_path / "a_2x_plain.png").read_text() == "mine"
    assert (tmp_path / "a_2x_plain (2).png").read_text() == "16x12 png"
    with qtbot.waitSignal(queue.finished):
        answer("Replace")
    assert (tmp_path / "a_2x_plain.png").read_text() == "16x12 png"


def test_a_name_that_another_export_will_have_is_taken(
    queue: ExportQueue,
    exporter: FakeExporter,
    lasting: ExportOptionsModel,
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    exporter.go_on.clear()
    photo = read_photo(save_photo(tmp_path / "a.png"))
    queue.add(photo, TWICE, lasting)
    with qtbot.waitSignal(queue.name_taken) as taken:
        queue.add(photo, TWICE, lasting)
    assert taken.args is not None
    assert queue.free_options(taken.args[1]).output.path.name == "a_2x_plain (2).png"


def test_a_file_that_comes_in_the_way_is_left_and_can_be_replaced_later(
    queue: ExportQueue,
    exporter: FakeExporter,
    lasting: ExportOptionsModel,
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    parent = shown(qtbot)
    notice = ExportNotice(queue, lambda: None, parent)

    def get_in_the_way(target: Path) -> None:
        target.write_text("mine")

    exporter.before_writing = get_in_the_way
    with qtbot.waitSignal(queue.finished):
        queue.add(read_photo(save_photo(tmp_path / "a.png")), TWICE, lasting)
    target = tmp_path / "a_2x_plain.png"
    assert target.read_text() == "mine"
    assert "Choose Replace" in notice.text.text()
    assert notice.replace.isVisibleTo(parent)
    assert notice.rename.text() == "Export as “a_2x_plain (2).png”"
    exporter.before_writing = lambda _target: None
    with qtbot.waitSignal(queue.finished):
        notice.rename.click()
    assert queue.entries[0].target == tmp_path / "a_2x_plain (2).png"
    assert target.read_text() == "mine"


def shown(qtbot: QtBot) -> QWidget:
    """Return a window for a notice, which lives no longer than it."""
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.resize(700, 400)
    parent.show()
    return parent


def test_the_notice_follows_and_then_says_where_it_is(
    queue: ExportQueue,
    exporter: FakeExporter,
    lasting: ExportOptionsModel,
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    parent = shown(qtbot)
    notice = ExportNotice(queue, lambda: None, parent)
    exporter.go_on.clear()
    queue.add(read_photo(save_photo(tmp_path / "a.png")), TWICE, lasting)
    qtbot.waitUntil(lambda: queue.current is not None)
    assert notice.isVisible()
    assert "a.png" in notice.text.text()
    assert notice.progress.isVisible()
    assert not notice.open.isVisible()
    with qtbot.waitSignal(queue.finished):
        exporter.go_on.set()
    assert "a_2x_plain.png is exported, rendered with plain. 9 bytes" in notice.text.text().replace(
        "\u200b", ""
    )
    assert notice.open.isVisible()
    assert notice.show_folder.isVisible()
    assert not notice.progress.isVisible()
    notice.copy.click()
    [url] = QGuiApplication.clipboard().mimeData().urls()
    assert Path(url.toLocalFile()) == tmp_path / "a_2x_plain.png"
    QGuiApplication.clipboard().clear()
    notice.close_.click()
    assert not notice.isVisible()


class LossyExporter(FakeExporter):
    """Tells what every result has lost."""

    def write(self, order: ExportOrder, progress: Progress) -> ExportReport:
        report = super().write(order, progress)
        loss = Loss(code="transparency", values={"format": "JPEG"}, message="on white")
        return replace(report, losses=(loss,))


def test_the_notice_says_what_was_lost(
    store: SettingsStore, lasting: ExportOptionsModel, qtbot: QtBot, tmp_path: Path
) -> None:
    queue = new_queue(LossyExporter(), store, tmp_path)
    parent = shown(qtbot)
    notice = ExportNotice(queue, lambda: None, parent)
    with qtbot.waitSignal(queue.finished):
        queue.add(read_photo(save_photo(tmp_path / "a.png")), TWICE, lasting)
    assert notice.losses.text() == "JPEG has no transparency: the picture is put on white."
    assert notice.losses.isVisible()
    queue.shut_down()


def test_single_exports_come_before_the_photos_of_a_batch(
    queue: ExportQueue,
    exporter: FakeExporter,
    lasting: ExportOptionsModel,
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    add(queue, qtbot, *(save_photo(tmp_path / "in" / f"{name}.png") for name in "xyz"))
    exporter.go_on.clear()
    queue.start(options(tmp_path / "out"))
    qtbot.waitUntil(lambda: queue.entries[0].status == "running")
    queue.add(read_photo(save_photo(tmp_path / "a.png")), TWICE, lasting)
    exporter.go_on.set()
    assert finish(queue, qtbot) == ["done"] * 4
    assert [path.stem for path in exporter.targets] == [
        "x_40x30",
        "a_2x_plain",
        "y_40x30",
        "z_40x30",
    ]


def test_a_finished_batch_runs_again_by_another_rule(
    queue: ExportQueue, qtbot: QtBot, tmp_path: Path
) -> None:
    add(queue, qtbot, save_photo(tmp_path / "x.png"))
    queue.start(options(tmp_path / "out"))
    assert finish(queue, qtbot) == ["done"]
    assert queue.starts_again
    queue.start(options(tmp_path / "other", format="webp"))
    assert finish(queue, qtbot) == ["done"]
    assert (tmp_path / "out" / "x_40x30.png").is_file()
    assert (tmp_path / "other" / "x_40x30.webp").is_file()


def test_a_folder_is_remembered_once_there_is_a_result_in_it(
    queue: ExportQueue, store: SettingsStore, qtbot: QtBot, tmp_path: Path
) -> None:
    add(queue, qtbot, save_photo(tmp_path / "bad.png"))  # what the fake exporter fails for
    queue.start(options(tmp_path / "out"))
    assert finish(queue, qtbot) == ["failed"]
    assert store.settings.batch_folder == ""
    queue.remove([0])
    add(queue, qtbot, save_photo(tmp_path / "good.png"))
    queue.start(options(tmp_path / "out"))
    assert finish(queue, qtbot) == ["done"]
    assert store.settings.batch_folder == str(tmp_path / "out")


def test_the_keyboard_replaces_what_is_in_the_way(
    queue: ExportQueue, qtbot: QtBot, tmp_path: Path
) -> None:
    view = QueueView(queue)
    qtbot.addWidget(view)
    add(queue, qtbot, save_photo(tmp_path / "x.png"))
    out = tmp_path / "out" / "x_40x30.png"
    out.parent.mkdir()
    out.write_text("mine")
    queue.start(options(out.parent))
    assert finish(queue, qtbot) == ["failed"]
    assert not view.replace.isVisible()
    view.selectRow(0)
    assert view.replace.isVisible()
    assert not view.rename.isVisible(), "a batch has names by its rule"
    view.replace.trigger()
    assert finish(queue, qtbot) == ["done"]
    assert out.read_text() == "40x30 png"
    assert view.open.isVisible()
    view.take_out.trigger()
    assert not queue.entries


def test_a_long_name_is_wrapped_not_elided(
    queue: ExportQueue, qtbot: QtBot, tmp_path: Path
) -> None:
    view = QueueView(queue)
    qtbot.addWidget(view)
    view.resize(300, 300)
    view.show()
    add(queue, qtbot, save_photo(tmp_path / f"{'long' * 20}.png"))
    assert view.rowHeight(0) > 3 * view.fontMetrics().height()
    assert view.textElideMode() == view.textElideMode().ElideNone


def test_searching_a_folder_is_told_and_can_be_stopped(
    queue: ExportQueue, qtbot: QtBot, tmp_path: Path
) -> None:
    for number in range(600):
        (tmp_path / "in" / f"{number:03}.png").parent.mkdir(exist_ok=True)
        (tmp_path / "in" / f"{number:03}.png").touch()
    told: list[int | None] = []
    queue.finder.changed.connect(lambda: told.append(queue.finder.num_found))
    stop = queue.finder.found.connect(lambda _photos: queue.finder.cancel())
    queue.add_photos([tmp_path / "in"])
    assert told == [0]
    qtbot.waitUntil(lambda: queue.finder.num_found is None)
    assert len(queue.entries) == 250
    queue.finder.found.disconnect(stop)
    queue.add_photos([tmp_path / "in"])
    qtbot.waitUntil(lambda: queue.finder.num_found is None)
    assert len(queue.entries) == 600
    assert len({entry.photo.path for entry in queue.entries}) == 600


def test_results_of_samples_and_pasted_pictures_go_to_the_pictures(
    queue: ExportQueue, lasting: ExportOptionsModel, qtbot: QtBot
) -> None:
    assert lasting.folder_for(resource_path("samples", "osprey.png")) == pictures_folder()
    assert lasting.folder_for(None) == pictures_folder()
    assert lasting.folder_for(Path("/photos/a.png")) == Path("/photos")


def test_a_pasted_picture_waits_on_disk_until_it_is_done(
    queue: ExportQueue,
    exporter: FakeExporter,
    lasting: ExportOptionsModel,
    store: SettingsStore,
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    lasting.set_folder(tmp_path / "out")
    exporter.go_on.clear()
    queue.add(make_photo(noise_photo(6, 8).image, name="Pasted"), TWICE, lasting)
    qtbot.waitUntil(lambda: queue.current is not None)
    assert any(name.endswith(".png") for name in kept_files(tmp_path))
    exporter.go_on.set()
    qtbot.waitUntil(lambda: queue.state == "idle")
    assert (tmp_path / "out" / "picture_2x_plain.png").read_text() == "16x12 png"
    assert not [name for name in kept_files(tmp_path) if not name.endswith(".jsonl")]


def test_what_is_left_comes_back_and_goes_on(
    queue: ExportQueue,
    exporter: FakeExporter,
    lasting: ExportOptionsModel,
    store: SettingsStore,
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    names = [f"{number}.png" for number in range(3)]
    add(queue, qtbot, *(save_photo(tmp_path / "in" / name) for name in names))
    queue.start(options(tmp_path / "out"))
    qtbot.waitUntil(lambda: queue.entries[0].status == "done")
    exporter.go_on.clear()
    queue.add(read_photo(save_photo(tmp_path / "a.png")), TWICE, lasting)
    queue.leave()
    exporter.go_on.set()
    queue.shut_down()
    again = new_queue(exporter, store, tmp_path)
    with qtbot.waitSignal(again.restored):
        again.restore()
    assert again.state == "paused"
    assert [entry.photo.path.name for entry in again.entries] == [*names, "a.png"]
    assert again.entries[0].status == "done"
    other = new_queue(exporter, store, tmp_path)
    other.restore()
    assert not other.entries, "what one app has, another leaves alone"
    again.resume()
    # One that was complete when the app left is there, and not made again.
    found = finish(again, qtbot)
    assert len(found) == 4
    assert found[0] == "done"
    assert set(found) <= {"done", "there"}
    again.shut_down()
    other.shut_down()
    assert kept_files(tmp_path) == []
    last = new_queue(exporter, store, tmp_path)
    last.restore()
    assert not last.entries


def test_torn_and_unknown_lines_cost_no_more_than_themselves(
    exporter: FakeExporter, store: SettingsStore, qtbot: QtBot, tmp_path: Path
) -> None:
    queue = new_queue(exporter, store, tmp_path)
    add(queue, qtbot, save_photo(tmp_path / "a.png"), save_photo(tmp_path / "b.png"))
    queue.shut_down()
    [path] = (tmp_path / "kept").glob("queue-*.jsonl")
    with path.open("ab") as file:
        file.write(b'{"type": "of another version"}\n{"type": "removed", "numb')
    again = new_queue(exporter, store, tmp_path)
    again.restore()
    assert [entry.photo.path.name for entry in again.entries] == ["a.png", "b.png"]
    again.shut_down()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no kill -9")
def test_a_queue_of_60_comes_back_after_a_kill(
    exporter: FakeExporter, store: SettingsStore, qtbot: QtBot, tmp_path: Path
) -> None:
    for number in range(60):
        save_photo(tmp_path / "in" / f"{number:02}.png")
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.app.killed_queue", str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    assert child.stdout is not None
    with child.stdout:
        assert child.stdout.readline() == "20 done\n"
        child.send_signal(signal.SIGKILL)
    child.wait(TIMEOUT_S)
    done = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*.png")}
    assert len(done) >= 20
    queue = new_queue(exporter, store, tmp_path)
    queue.restore()
    assert len(queue.entries) == 60
    assert sum(entry.status == "done" for entry in queue.entries) >= 20
    queue.resume()
    statuses = finish(queue, qtbot)
    assert set(statuses) <= {"done", "there"}
    results = {path.name: path for path in (tmp_path / "out").glob("*.png")}
    assert len(results) == 60
    assert {name: results[name].stat().st_mtime_ns for name in done} == done, "none is done twice"
    queue.shut_down()
    assert not Task.running(queue)


def test_a_file_is_selected_where_the_desktop_can() -> None:
    path = Path("/photos/a, b.png")
    assert selecting_command(path, "darwin") == ("open", "-R", "/photos/a, b.png")
    assert selecting_command(path, "win32") == ("explorer", '/select,"/photos/a, b.png"')
    command = selecting_command(path, "linux")
    if command is not None:
        assert "array:string:file:///photos/a%2C%20b.png" in command
