import gc
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from app.workers.garbage import GarbageCollector


@pytest.fixture
def collector(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[GarbageCollector]:
    monkeypatch.setattr(gc, "freeze", lambda: None)
    gc.enable()
    yield GarbageCollector()
    gc.disable()  # as all of these tests run


def _cycle() -> weakref.ref[QObject]:
    one = QObject()
    one.own = one  # type: ignore[attr-defined]
    return weakref.ref(one)


def test_python_collects_nothing_by_itself(collector: GarbageCollector) -> None:
    assert not gc.isenabled()


def test_python_does_again_when_the_app_ends(collector: GarbageCollector) -> None:
    collector.stop()
    assert gc.isenabled()


def test_cycles_go_when_there_are_enough(
    collector: GarbageCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = _cycle()
    monkeypatch.setattr(gc, "get_count", lambda: (5, 0, 0))
    collector.collect()
    assert one() is not None
    monkeypatch.setattr(gc, "get_count", lambda: (10**6, 0, 0))
    collector.collect()
    assert one() is None


def test_the_oldest_generation_that_is_due_is_collected(
    collector: GarbageCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    collected: list[int] = []
    monkeypatch.setattr(gc, "collect", collected.append)
    monkeypatch.setattr(gc, "get_threshold", lambda: (700, 10, 10))
    for counts in ((700, 10, 10), (701, 10, 10), (701, 11, 0), (0, 0, 11)):
        monkeypatch.setattr(gc, "get_count", lambda counts=counts: counts)
        collector.collect()
    assert collected == [0, 1, 2]
