from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from app.state.frame_schedule import FrameSchedule
from app.state.quick_choice import QuickChoice
from app.state.settings_store import SettingsStore
from liifgan_core.errors import DeviceError
from tests.app.fakes import noise_photo


def is_used(schedule: FrameSchedule, qtbot: QtBot) -> bool:
    """Whether a moving view is drawn by a quick model."""
    with qtbot.waitSignal(schedule.request_ready) as ready:
        schedule.document.open(noise_photo())
    assert ready.args is not None
    return "detail-air" in ready.args[0].models


def choice_of(
    schedule: FrameSchedule, store: SettingsStore, answer: Callable[[str], bool], qtbot: QtBot
) -> QuickChoice:
    choice = QuickChoice(schedule, store, answer, schedule)
    with qtbot.waitSignal(store.changed):
        store.change(language="en" if store.settings.language == "de" else "de")
    return choice


def test_quick_models_are_used_until_the_device_is_known(
    schedule: FrameSchedule, store: SettingsStore, qtbot: QtBot
) -> None:
    choice = choice_of(schedule, store, lambda _device: True, qtbot)
    assert is_used(schedule, qtbot)
    choice.start()
    qtbot.waitUntil(lambda: not schedule.uses_quick)
    assert not is_used(schedule, qtbot)


def test_another_device_and_another_setting_count_at_once(
    schedule: FrameSchedule, store: SettingsStore, qtbot: QtBot
) -> None:
    choice = choice_of(schedule, store, lambda device: device != "cpu", qtbot)
    choice.start()
    qtbot.waitUntil(lambda: not schedule.uses_quick)
    store.change(device="cpu")
    qtbot.waitUntil(lambda: schedule.uses_quick)
    store.change(while_zooming="chosen")
    assert not schedule.uses_quick
    store.change(while_zooming="quick")
    assert schedule.uses_quick


def test_a_device_that_is_not_there_is_no_fast_one(
    schedule: FrameSchedule,
    store: SettingsStore,
    qtbot: QtBot,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(device: str) -> bool:
        raise DeviceError(f"there is no device {device!r}")

    choice_of(schedule, store, fail, qtbot).start()
    qtbot.waitUntil(lambda: "there is no device 'auto'" in caplog.text)
    assert is_used(schedule, qtbot)
