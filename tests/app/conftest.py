"""Offscreen Qt whose warnings fail tests, and a window with a fake engine."""

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # before Qt is loaded

import numpy as np
import pytest
from PIL import Image as PillowImage
from pytestqt.qtbot import QtBot

from app.log_file import LOG_DIR_VARIABLE
from app.main_window import MainWindow
from app.state.document import DocumentModel
from app.state.frame_schedule import FrameSchedule
from app.state.model_files import install_weights
from app.state.services import Services
from app.state.settings_store import SettingsStore
from app.workers.task import Task
from liifgan_core.geometry import Size
from liifgan_core.resources import CONFIG_DIR_VARIABLE
from tests.app.by_hand import MODELS
from tests.app.fakes import RECIPE, FakeEngine, fake_picture, model, never_rest, noise_photo
from tests.fake_exporter import FakeExporter

OFFSCREEN_NOISE = "This plugin does not support propagateSizeHints"
"""What Qt's offscreen platform says of every window with a minimum size."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.qt_log_level_fail("WARNING"))
            item.add_marker(pytest.mark.qt_log_ignore(OFFSCREEN_NOISE))


@pytest.fixture(autouse=True)
def config_dir(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty configuration folder instead of the user's, and one for the log."""
    folder = tmp_path_factory.mktemp("config")
    monkeypatch.setenv(CONFIG_DIR_VARIABLE, str(folder))
    monkeypatch.setenv(LOG_DIR_VARIABLE, str(folder / "log"))
    return folder


@pytest.fixture(autouse=True, scope="session")
def garbage_is_the_main_threads() -> Iterator[None]:
    """As in the app: no worker destroys what a test has left."""
    gc.disable()
    yield
    gc.enable()
    gc.collect()


@pytest.fixture(autouse=True)
def tasks_end_with_their_test() -> Iterator[None]:
    yield
    for task in Task.running():
        task.stop()
    gc.collect(1)


@pytest.fixture
def store(config_dir: Path) -> SettingsStore:
    return SettingsStore(config_dir / "app.toml")


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def document(qtbot: QtBot) -> DocumentModel:
    """A document without a photo that shows one picture, `detail-model`, on a canvas of 402x300."""
    document = DocumentModel()
    document.set_canvas(Size(300, 402))
    document.set_models(MODELS)
    return document


@pytest.fixture
def schedule(document: DocumentModel, qtbot: QtBot) -> Iterator[FrameSchedule]:
    """Frames of a photo of 200x100 that a test draws by hand; the view rests only when told."""
    schedule = FrameSchedule(document)
    never_rest(schedule)
    schedule.use_quick_models(True)
    with qtbot.waitSignal(schedule.request_ready):
        document.open(noise_photo(100, 200))
    schedule.pace.end()
    yield schedule
    schedule.pace.stop()  # no timer may end with it, in whichever thread collects it


@pytest.fixture
def photo_file(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    samples = np.random.default_rng(0).integers(0, 256, (60, 80, 3), np.uint8)
    PillowImage.fromarray(samples).save(path)
    return path


@pytest.fixture
def services(engine: FakeEngine) -> Services:
    """Fakes of all that needs torch."""
    return Services(
        open_engine=lambda _device, _precision, _memory: engine,
        open_exporter=lambda _model, _device, _precision: FakeExporter(),
        device_names=lambda precision: [("cpu", f"cpu (2 threads, {precision})")],
        has_fast_gpu=lambda _device: False,
        is_accelerated=lambda _device: False,
        recipes=lambda: [RECIPE],
        import_model=install_weights,
        render_picture=fake_picture,
        core_command=(sys.executable, "-m", "tests.app.fake_trainer"),
    )


@pytest.fixture
def window(
    qtbot: QtBot, services: Services, engine: FakeEngine, store: SettingsStore
) -> Iterator[MainWindow]:
    """A started window of 800x600 with the models "detail-model" and "plain"."""
    window = MainWindow(services, store)
    qtbot.addWidget(window)
    window.resize(800, 600)
    window.show()
    window.worker.start()
    window.document.set_models([model("detail-model"), model("plain")])
    yield window
    engine.go_on.set()
    window.queue.shut_down()  # else it would ask about exports that are not done
    window.close()


@pytest.fixture
def photo_window(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """The window with a photo of 80x60 whose first frame is complete."""
    with qtbot.waitSignal(window.worker.frame_done):
        window.document.open(noise_photo())
    return window
