import pytest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from app.state.document import DocumentModel
from app.widgets.compare_bar import CompareBar
from liifgan_core.render.request import BICUBIC, NEAREST
from tests.app.fakes import model

FAMILY = ["liif-gan", "liif", "mine", "liif-air", "liif-gan-sf", "liif-gan-s"]
FIRST = [
    *(
        "Original",
        "Bicubic",
        None,
        "Natural",
        "Faithful",
        None,
        "mine",
        None,
        "Faithful (quick view)",
    ),
    "More models…",
]


def texts(sources: QComboBox) -> list[str | None]:
    """Return what is listed; None is a separator."""
    return [sources.itemText(row) or None for row in range(sources.count())]


def bar_of(names: list[str], qtbot: QtBot) -> tuple[DocumentModel, CompareBar]:
    document = DocumentModel()
    document.set_mode("side")
    bar = CompareBar(document)
    qtbot.addWidget(bar)
    document.set_models([model(name) for name in names])
    return document, bar


def choose(sources: QComboBox, text: str) -> None:
    row = sources.findText(text)
    sources.setCurrentIndex(row)
    sources.activated.emit(row)


def test_models_are_listed_in_groups_by_what_they_are_for(qtbot: QtBot) -> None:
    document, bar = bar_of(FAMILY, qtbot)
    assert texts(bar.left) == texts(bar.right) == FIRST
    document.set_sources("liif", "liif-gan")
    assert (bar.left.currentText(), bar.right.currentText()) == ("Faithful", "Natural")


def test_rows_of_the_table_are_listed_when_more_is_asked_for(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[QComboBox] = []
    monkeypatch.setattr(QComboBox, "showPopup", lambda sources: shown.append(sources))
    document, bar = bar_of(FAMILY, qtbot)
    before = document.comparison
    choose(bar.right, "More models…")
    assert shown == [bar.right]
    assert document.comparison == before
    assert bar.right.currentText() == "Natural"
    all_of_them = [*FIRST[:-1], None, "LIIF-GAN-SF", "LIIF-GAN-S"]
    assert texts(bar.left) == texts(bar.right) == all_of_them
    choose(bar.right, "LIIF-GAN-S")
    assert document.comparison.right == "liif-gan-s"
    document.set_models([model(name) for name in FAMILY])
    assert texts(bar.right) == all_of_them


def test_one_that_is_shown_is_listed(qtbot: QtBot) -> None:
    document, bar = bar_of(FAMILY, qtbot)
    document.set_sources(BICUBIC, "liif-gan-sf")
    assert bar.right.currentText() == "LIIF-GAN-SF"


def test_nothing_more_is_offered_where_there_is_none(qtbot: QtBot) -> None:
    document, bar = bar_of(["liif"], qtbot)
    assert texts(bar.right) == ["Original", "Bicubic", None, "Faithful"]
    document.set_models([])
    assert texts(bar.right) == ["Original", "Bicubic"]
    assert set(document.comparison.sources) <= {NEAREST, BICUBIC}
