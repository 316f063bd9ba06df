import threading

import shiboken6
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from app.workers.task import Task
from liifgan_core.errors import ImageReadError
from liifgan_core.progress import CancelToken, Progress
from tests.app.fakes import TIMEOUT_S


def test_the_result_and_the_progress_arrive(qtbot: QtBot) -> None:
    def work(progress: Progress, _cancel: CancelToken) -> str:
        progress(0.5)
        return f"done in {threading.current_thread() is threading.main_thread()}"

    task = Task(work)
    fractions: list[float] = []
    task.progressed.connect(fractions.append)
    with qtbot.waitSignal(task.succeeded) as succeeded:
        task.start()
    assert succeeded.args == ["done in False"]
    assert fractions == [0.5]
    task.wait()


def test_a_users_error_arrives_as_its_message(qtbot: QtBot) -> None:
    def work(_progress: Progress, _cancel: CancelToken) -> None:
        raise ImageReadError("x.png is empty; save it again.")

    task = Task(work)
    with qtbot.waitSignal(task.failed) as failed:
        task.start()
    assert failed.args == ["x.png is empty; save it again."]
    task.wait()


def test_a_defect_arrives_as_a_message_too(qtbot: QtBot) -> None:
    def work(_progress: Progress, _cancel: CancelToken) -> None:
        raise KeyError("colour")

    task = Task(work)
    with qtbot.waitSignal(task.failed) as failed:
        task.start()
    assert failed.args is not None
    assert "KeyError: 'colour'" in failed.args[0]
    task.wait()


def test_cancelling_ends_the_work(qtbot: QtBot) -> None:
    began = threading.Event()
    go_on = threading.Event()

    def work(_progress: Progress, cancel: CancelToken) -> None:
        began.set()
        assert go_on.wait(TIMEOUT_S)
        cancel.check()

    task = Task(work)
    task.start()
    assert began.wait(TIMEOUT_S)
    with qtbot.waitSignal(task.cancelled):
        task.cancel()
        go_on.set()
    task.wait()


def test_a_task_outlives_its_owner_and_is_asked_to_stop(qtbot: QtBot) -> None:
    began, go_on = threading.Event(), threading.Event()
    stopped: list[bool] = []

    def work(_progress: Progress, cancel: CancelToken) -> None:
        began.set()
        assert go_on.wait(TIMEOUT_S)
        stopped.append(cancel.is_cancelled)

    owner = QObject()
    task = Task(work, owner)
    task.start()
    assert began.wait(TIMEOUT_S)
    assert Task.running(owner) == (task,)
    shiboken6.delete(owner)
    with qtbot.waitSignal(task.finished):
        go_on.set()
    assert stopped == [True]
    assert not Task.running()
