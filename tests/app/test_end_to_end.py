"""The app with the real engine; three tests with real weights, others with tiny networks."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.__main__ import services
from app.main_window import MainWindow
from app.qimage import rgb_from_qimage
from app.state.brush import Brush, Change
from app.state.mask_shapes import Radial
from app.state.settings_store import SettingsStore
from app.state.target_rule import TargetRule
from app.state.training_log import crop_files, read_crop
from app.state.training_plan import TrainingPlan
from liifgan_core.images.read import read_image
from liifgan_core.resources import resource_path
from liifgan_core.train.config import ValidationConfig
from liifgan_core.train.edsr_recipes import cpu_smoke
from tests.app.fakes import never_rest

TIMEOUT_MS = 120_000


@pytest.fixture
def start(qtbot: QtBot, store: SettingsStore) -> Iterator[Callable[[], MainWindow]]:
    """Start a window with the real engine, after the test has installed its weights."""
    windows: list[MainWindow] = []

    def start() -> MainWindow:
        store.change(device="cpu", precision="fp32", compare="single")
        window = MainWindow(services(), store)
        qtbot.addWidget(window)
        window.resize(420, 420)
        window.show()
        window.start()
        windows.append(window)
        qtbot.waitUntil(lambda: bool(window.document.models), timeout=TIMEOUT_MS)
        return window

    yield start
    for window in windows:
        window.queue.shut_down()
        window.close()


def finish(window: MainWindow, qtbot: QtBot) -> np.ndarray:
    """Wait for the view, and return the right picture's pixels."""
    document = window.document
    qtbot.waitUntil(
        lambda: all(window.schedule.shows_all_of(source) for source in document.comparison.sources),
        timeout=TIMEOUT_MS,
    )
    flat = window.schedule.frames.flat(document.comparison.right)
    assert flat is not None
    return rgb_from_qimage(flat.picture)


def exported(window: MainWindow, qtbot: QtBot, folder: Path) -> np.ndarray:
    """Export at the view's factor, and return the part of the file that the view shows."""
    window.side.size_choice.set_rule(TargetRule("scale", window.document.zoom))
    window.side.options.set_folder(folder)
    with qtbot.waitSignal(window.queue.finished, timeout=TIMEOUT_MS):
        window.export()
    target = window.queue.entries[-1].target
    assert target is not None, window.notice.text.text()
    request = window.schedule.frames.request
    assert request is not None
    part = request.visible
    return read_image(target).samples[part.top : part.bottom, part.left : part.right]


def small_sample(folder: Path) -> Path:
    from PIL import Image

    path = folder / "small.png"
    with Image.open(resource_path("samples", "osprey.png")) as sample:
        sample.crop((120, 20, 216, 92)).save(path)
    return path


def test_an_export_equals_the_view(
    start: Callable[[], MainWindow],
    public_weights: Path,
    data_dir: Path,
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    (data_dir / "weights").mkdir()
    shutil.copy(public_weights, data_dir / "weights")
    window = start()
    window.open_path(small_sample(tmp_path))
    qtbot.waitUntil(lambda: window.document.photo is not None)
    window.document.zoom_to(5.3, at=(10.0, 10.0))
    view = finish(window, qtbot)
    crop = exported(window, qtbot, tmp_path / "result")
    assert view.shape == crop.shape
    assert np.abs(view.astype(int) - crop).max() <= 1


def test_a_blended_export_equals_the_blended_view(
    start: Callable[[], MainWindow], detail_weights: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    window = start()
    assert window.document.models[0].has_detail
    window.open_path(small_sample(tmp_path))
    qtbot.waitUntil(lambda: window.document.photo is not None)
    window.document.zoom_to(2.5)
    whole = finish(window, qtbot)
    window.document.set_detail(0.4)
    flat = window.schedule.frames.flat(window.document.comparison.right)
    assert flat is not None
    view = rgb_from_qimage(flat.picture)
    assert (view != whole).any()
    crop = exported(window, qtbot, tmp_path / "result")
    assert np.abs(view.astype(int) - crop).max() <= 1


def test_a_moving_view_is_drawn_by_a_field_and_refined_when_it_rests(
    start: Callable[[], MainWindow],
    detail_weights: Path,
    air_weights: Path,
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    window = start()
    document = window.document
    never_rest(window.schedule)
    window.open_path(small_sample(tmp_path))
    qtbot.waitUntil(lambda: document.photo is not None)
    document.set_sources("tiny-air", "tiny-detail")
    for zoom in (2.0, 2.5):
        document.zoom_to(zoom)
        qtbot.waitUntil(lambda: window.schedule.covers_view("tiny-detail"), timeout=TIMEOUT_MS)
    assert window.schedule.frames.drawn_by("tiny-detail") == "tiny-air"
    quick = window.schedule.frames.flat("tiny-detail")
    window.schedule.pace.rest()
    refined = finish(window, qtbot)
    assert quick is not None
    assert (rgb_from_qimage(quick.picture) != refined).any()
    crop = exported(window, qtbot, tmp_path / "refined")
    assert np.abs(refined.astype(int) - crop).max() <= 1
    document.set_sources("tiny-detail", "tiny-air")
    own = finish(window, qtbot)
    # A moving view's layers are blended before they are drawn, not after.
    assert np.abs(own.astype(int) - rgb_from_qimage(quick.picture)).max() <= 1
    crop = exported(window, qtbot, tmp_path / "quick")
    assert np.abs(own.astype(int) - crop).max() <= 1


def test_a_batch_writes_what_the_view_shows(
    start: Callable[[], MainWindow],
    public_weights: Path,
    data_dir: Path,
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    (data_dir / "weights").mkdir()
    shutil.copy(public_weights, data_dir / "weights")
    photo = small_sample(tmp_path)
    (tmp_path / "broken.png").write_bytes(photo.read_bytes()[:300])
    window = start()
    window.panels.batch_dock.show()
    with qtbot.waitSignal(window.queue.entries_changed):
        window.queue.add_photos([tmp_path])
    panel = window.panels.batch
    panel.form.folder.setText(str(tmp_path / "out"))
    panel.form.size_panel.value.setValue(1.5)
    panel.start.click()
    qtbot.waitUntil(lambda: window.queue.state == "idle", timeout=TIMEOUT_MS)
    assert [entry.status for entry in window.queue.entries] == ["failed", "done"]
    written_to = window.queue.entries[1].target
    assert written_to is not None
    assert written_to.parent == tmp_path / "out"
    written = read_image(written_to).samples
    window.open_path(photo)
    qtbot.waitUntil(lambda: window.document.photo is not None)
    window.document.zoom_to(1.5)
    view = finish(window, qtbot)
    assert view.shape == written.shape
    assert np.abs(view.astype(int) - written).max() <= 1


def test_a_model_is_trained_and_used(
    start: Callable[[], MainWindow], tiny_weights: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    recipe = tmp_path / "six_steps.json"
    config = msgspec.structs.replace(
        cpu_smoke(),
        name="six_steps",
        epochs=1,
        steps_per_epoch=6,
        log_every_steps=2,
        checkpoint_every_steps=3,
        validation=ValidationConfig(every_steps=3, num_images=1, crop_size=64, num_pictures=1),
    )
    recipe.write_bytes(msgspec.json.encode(config))
    window = start()
    plan = TrainingPlan(
        name="six", photos=str(resource_path("samples")), recipe=str(recipe), device="cpu"
    )
    with qtbot.waitSignal(window.training.model_ready, timeout=TIMEOUT_MS):
        window.training.start(plan)
    log = window.training.log
    assert log is not None
    assert [step for step, _ in log.curves["structure_l1"]] == [2, 4, 6]
    assert [step for step, _ in log.curves["val/x4/psnr"]] == [3, 6]
    step, files = crop_files(plan.folder)
    crop = read_crop(files[0], step)
    assert step == 6
    assert crop is not None
    assert crop.original.shape == (64, 64, 3)
    assert crop.lr_pixels.shape == (16, 16, 3)
    qtbot.waitUntil(lambda: "six" in {model.name for model in window.document.models})
    window.open_path(small_sample(tmp_path))
    qtbot.waitUntil(lambda: window.document.photo is not None)
    window.document.set_sources("tiny", "six")
    window.document.zoom_to(2.0)
    assert finish(window, qtbot).any()
    assert window.document.has_detail


def test_the_self_test_passes(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "LIIFGAN_DATA_DIR": str(tmp_path / "data"),
        "QT_QPA_PLATFORM": "offscreen",
    }
    result = subprocess.run(
        [sys.executable, "-m", "app", "--selftest"],
        env=environment,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert result.returncode == 0, result.stderr
    assert "equal to the view" in result.stdout
    assert "Traceback" not in result.stderr


def test_a_masked_export_equals_the_masked_view(
    start: Callable[[], MainWindow], detail_weights: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    window = start()
    window.open_path(small_sample(tmp_path))
    qtbot.waitUntil(lambda: window.document.photo is not None)
    window.document.set_detail(0.8)
    window.document.zoom_to(3.7, at=(10.0, 10.0))
    plain = finish(window, qtbot)
    editor = window.mask_editor
    editor.set_brush(Brush(20.0, 0.3, 0.4))
    editor.begin_stroke((20.0, 20.0))
    editor.extend_stroke((50.0, 70.0))
    editor.end_stroke()
    editor.set_change(Change("more", 0.7))
    editor.place_shape(Radial((30.0, 50.0), 15.0, 30.0, angle=0.4))
    editor.keep_shape()
    view = finish(window, qtbot)
    assert np.abs(view.astype(int) - plain).max() > 5
    crop = exported(window, qtbot, tmp_path / "result.png")
    assert np.abs(view.astype(int) - crop).max() <= 1
    assert (view != crop).mean() < 0.01
    # The view at rest and the one that moves have it both.
    window.document.zoom_to(2.9)
    moved = finish(window, qtbot)
    crop = exported(window, qtbot, tmp_path / "other.png")
    assert np.abs(moved.astype(int) - crop).max() <= 1
