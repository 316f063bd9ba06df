import pytest
from pytestqt.qtbot import QtBot

from app.state.blink import Blink
from app.state.document import DocumentModel


@pytest.fixture
def blink(document: DocumentModel, monkeypatch: pytest.MonkeyPatch) -> Blink:
    monkeypatch.setattr("app.state.blink.BLINK_MS", 1)
    document.set_sources("plain", "detail-model")
    return Blink(document, document)


def test_the_two_pictures_take_turns(document: DocumentModel, blink: Blink, qtbot: QtBot) -> None:
    shown: list[str] = []
    blink.turned.connect(lambda: shown.append(blink.up))
    assert blink.up == "detail-model"
    document.set_mode("blink")
    qtbot.waitUntil(lambda: len(shown) >= 3)
    document.set_mode("wipe")
    assert shown[:3] == ["plain", "detail-model", "plain"]
    assert blink.up == "detail-model"
    with qtbot.assertNotEmitted(blink.turned, wait=20):
        document.set_mode("single")


def test_a_document_that_blinks_already_is_followed(document: DocumentModel, qtbot: QtBot) -> None:
    document.set_mode("blink")
    blink = Blink(document, document)
    qtbot.waitSignal(blink.turned).wait()
    assert blink.up == document.comparison.left
