import sys
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from app.state.model_files import model_path, read_card
from app.state.training_plan import (
    TrainingPlan,
    free_run_name,
    saved_plans,
)
from app.state.training_run import TrainingRun
from liifgan_core.weights.registry import read_header

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal for this")


@pytest.fixture
def run(qtbot: QtBot) -> Iterator[TrainingRun]:
    run = TrainingRun((sys.executable, "-m", "tests.app.fake_trainer"))
    yield run
    run.shut_down()


def plan(recipe: str = "fake", **changes: object) -> TrainingPlan:
    return TrainingPlan(**{"name": "mine", "photos": "/photos", "recipe": recipe, **changes})


def wait_for(run: TrainingRun, qtbot: QtBot, state: str) -> None:
    qtbot.waitUntil(lambda: run.state == state, timeout=20_000)


def wait_for_step(run: TrainingRun, qtbot: QtBot, step: int) -> None:
    qtbot.waitUntil(lambda: run.log is not None and run.log.step == step, timeout=20_000)


@posix
def test_a_run_is_paused_resumed_and_stopped(run: TrainingRun, qtbot: QtBot) -> None:
    run.start(plan())
    assert run.is_alive
    qtbot.waitUntil(lambda: run.stop_step == 100, timeout=20_000)
    wait_for_step(run, qtbot, 10)
    assert run.seconds_left == 3723.0
    run.pause()
    wait_for(run, qtbot, "paused")
    assert not model_path("mine").exists()
    run.start(plan())
    wait_for_step(run, qtbot, 20)
    with qtbot.waitSignal(run.model_ready, timeout=20_000):
        run.stop()
    assert run.state == "done"
    assert read_header(model_path("mine")).provenance.origin == "20 steps"
    assert read_card(model_path("mine"))["steps"] == 20


@posix
def test_the_budget_of_time_ends_a_run_with_its_model(run: TrainingRun, qtbot: QtBot) -> None:
    run.start(plan(max_minutes=90))
    wait_for_step(run, qtbot, 10)
    assert run._budget.isActive()
    assert run._budget.interval() == 90 * 60_000
    with qtbot.waitSignal(run.model_ready, timeout=20_000):
        run._budget.timeout.emit()
    assert plan().has_checkpoint


def test_the_end_of_a_run_delivers_its_model(run: TrainingRun, qtbot: QtBot) -> None:
    with qtbot.waitSignal(run.model_ready, timeout=20_000):
        run.start(plan(max_steps=10))
    assert model_path("mine").is_file()
    assert run.log is not None
    assert run.log.curves["val/x4/psnr"] == [(10, 21.0)]


@posix
def test_a_run_with_other_photos_keeps_its_plan(run: TrainingRun, qtbot: QtBot) -> None:
    run.start(plan())
    wait_for_step(run, qtbot, 10)
    run.pause()
    wait_for(run, qtbot, "paused")
    other = plan(photos="elsewhere")
    run.start(other)
    assert run.state == "failed"
    assert saved_plans() == [plan()]
    assert free_run_name("mine") == "mine-2"
    assert free_run_name("other") == "other"


def test_another_model_of_that_name_stays(run: TrainingRun, qtbot: QtBot) -> None:
    model_path("mine").parent.mkdir(parents=True, exist_ok=True)
    model_path("mine").write_text("another")
    for _ in range(2):  # the second time the run replaces what is its own
        with qtbot.waitSignal(run.model_ready, timeout=20_000) as ready:
            run.start(plan(max_steps=10))
        assert ready.args == ["mine-2"]
    assert model_path("mine").read_text() == "another"
    assert model_path("mine-2").is_file()
    assert not model_path("mine-3").exists()


@posix
def test_closing_the_app_pauses(run: TrainingRun, qtbot: QtBot) -> None:
    run.start(plan())
    wait_for_step(run, qtbot, 10)
    run.shut_down()
    assert not run.is_alive
    assert plan().has_checkpoint


def test_the_trainers_error_is_the_message(run: TrainingRun, qtbot: QtBot) -> None:
    run.start(plan("broken"))
    wait_for(run, qtbot, "failed")
    assert run.message == "photos: 0 usable images; add photos"
    run.start(plan(max_steps=10))
    wait_for(run, qtbot, "done")


def test_a_crash_is_reported(run: TrainingRun, qtbot: QtBot) -> None:
    run.start(plan("stubborn"))
    wait_for(run, qtbot, "failed")
    assert run.message


def test_a_command_that_is_missing_is_reported(qtbot: QtBot, monkeypatch: object) -> None:
    run = TrainingRun(("/nowhere/liifgan",))
    run.start(plan())
    wait_for(run, qtbot, "failed")
    assert "liifgan" in run.message
