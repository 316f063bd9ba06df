from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

from app.settings import WhileZooming
from app.state.document import DocumentModel
from app.state.quick_choice import QuickChoice
from app.state.settings_store import SettingsStore
from app.state.stand_ins import stand_ins, wants_quick
from liifgan_core.errors import DeviceError
from liifgan_core.geometry import Size
from liifgan_core.render.request import BICUBIC, NEAREST, StandIn
from liifgan_core.weights.descriptor import WeightsInfo
from tests.app.fakes import model, noise_photo

ALL = [model(name) for name in ("detail-model", "plain", "detail-air", "plain-air")]
CLEAN = [model("detail-clean"), *ALL[1:]]
CLEAN_AIR = model("detail-clean-air")


@pytest.mark.parametrize(
    ("source", "installed", "wanted"),
    [
        ("detail-model", ALL, StandIn("detail-model", "detail-air")),
        ("plain", ALL, StandIn("plain", "plain-air", shows_detail=False)),
        ("plain-air", ALL, StandIn("plain-air", "plain-air")),
        ("detail-air", ALL, StandIn("detail-air", "detail-air")),
        ("detail-model", [ALL[0], ALL[3]], StandIn("detail-model", "plain-air")),
        ("plain", [ALL[1], ALL[2]], StandIn("plain", "detail-air", shows_detail=False)),
        ("plain", ALL[:2], None),
        ("detail-clean", CLEAN, StandIn("detail-clean", "plain-air", shows_detail=False)),
        ("detail-clean", CLEAN[:3], StandIn("detail-clean", "detail-air", shows_detail=False)),
        ("detail-clean", [*CLEAN, CLEAN_AIR], StandIn("detail-clean", "detail-clean-air")),
        ("detail-clean", CLEAN[:2], None),
        (BICUBIC, ALL, None),
        (NEAREST, ALL, None),
    ],
)
def test_the_quick_model_with_the_same_layers_stands_in(
    source: str, installed: list[WeightsInfo], wanted: StandIn | None
) -> None:
    found = stand_ins([source], installed, are_wanted=True)
    assert found == (() if wanted is None else (wanted,))


def test_unwanted_quick_models_stand_in_for_themselves_only() -> None:
    found = stand_ins(["plain", "plain-air"], ALL, are_wanted=False)
    assert found == (StandIn("plain-air", "plain-air"),)


@pytest.mark.parametrize(
    ("setting", "has_fast_gpu", "wanted"),
    [
        ("auto", False, True),
        ("auto", True, False),
        ("quick", True, True),
        ("chosen", False, False),
    ],
)
def test_the_setting_decides_and_the_device_where_it_leaves_that_open(
    setting: WhileZooming, has_fast_gpu: bool, wanted: bool
) -> None:
    assert wants_quick(setting, has_fast_gpu=has_fast_gpu) == wanted


@pytest.fixture
def document(qtbot: QtBot) -> Iterator[DocumentModel]:
    document = DocumentModel()
    document.set_canvas(Size(100, 100))
    document.set_models(ALL)
    yield document
    document.pace.stop()


def is_used(document: DocumentModel, qtbot: QtBot) -> bool:
    """Whether a moving view would be drawn by a quick model."""
    with qtbot.waitSignal(document.request_ready) as ready:
        document.open(noise_photo())
    assert ready.args is not None
    return "detail-air" in ready.args[0].models


def choice_of(
    document: DocumentModel, store: SettingsStore, answer: Callable[[str], bool], qtbot: QtBot
) -> QuickChoice:
    choice = QuickChoice(document, store, answer, document)
    with qtbot.waitSignal(store.changed):
        store.change(language="en" if store.settings.language == "de" else "de")
    return choice


def test_quick_models_are_used_until_the_device_is_known(
    document: DocumentModel, store: SettingsStore, qtbot: QtBot
) -> None:
    choice = choice_of(document, store, lambda _device: True, qtbot)
    assert is_used(document, qtbot)
    choice.start()
    qtbot.waitUntil(lambda: not document._uses_quick)
    assert not is_used(document, qtbot)


def test_another_device_and_another_setting_count_at_once(
    document: DocumentModel, store: SettingsStore, qtbot: QtBot
) -> None:
    choice = choice_of(document, store, lambda device: device != "cpu", qtbot)
    choice.start()
    qtbot.waitUntil(lambda: not document._uses_quick)
    store.change(device="cpu")
    qtbot.waitUntil(lambda: document._uses_quick)
    store.change(while_zooming="chosen")
    assert not document._uses_quick
    store.change(while_zooming="quick")
    assert document._uses_quick


def test_a_device_that_is_not_there_is_no_fast_one(
    document: DocumentModel,
    store: SettingsStore,
    qtbot: QtBot,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(device: str) -> bool:
        raise DeviceError(f"there is no device {device!r}")

    choice_of(document, store, fail, qtbot).start()
    qtbot.waitUntil(lambda: "there is no device 'auto'" in caplog.text)
    assert is_used(document, qtbot)
