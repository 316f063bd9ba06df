import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import PySide6
import pytest
from PySide6.QtCore import QTranslator
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QGroupBox,
    QLabel,
    QLineEdit,
    QSpinBox,
    QTabWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.widgets.about_dialog import AboutDialog
from app.widgets.trainer_panel import TrainerPanel
from liifgan_core.resources import resource_path
from liifgan_core.weights.family import FAMILY, PURPOSES

ROOT = Path(__file__).parents[2]
SOURCE = resource_path("translations", "liifgan_de.ts")
COMPILED = SOURCE.with_suffix(".qm")
PLACEHOLDER = re.compile(r"\{\d\}")

Message = tuple[str, str, str]
"""Context, source, translation."""


def messages(path: Path) -> list[Message]:
    found: list[Message] = []
    for context in ElementTree.parse(path).getroot().iter("context"):
        for message in context.iter("message"):
            translation = message.find("translation")
            assert translation is not None
            is_finished = translation.get("type") is None
            text = translation.text or ""
            name, source = context.findtext("name", ""), message.findtext("source", "")
            found.append((name, source, text if is_finished else ""))
    return found


@pytest.fixture(scope="module")
def german() -> list[Message]:
    return messages(SOURCE)


def test_every_text_is_translated_with_its_marks(german: list[Message]) -> None:
    assert len(german) > 200
    for context, source, translation in german:
        assert translation, f"{context}: {source}"
        assert sorted(PLACEHOLDER.findall(source)) == sorted(PLACEHOLDER.findall(translation))
        assert ("&" in source) == ("&" in translation), source
        assert source[:1].isspace() == translation[:1].isspace(), source
        assert source.endswith("…") == translation.endswith("…"), source
        assert ";;" not in source or source.count("(") == translation.count("("), source


def test_no_text_of_the_program_is_missing_from_the_file(
    german: list[Message], tmp_path: Path
) -> None:
    fresh = tmp_path / SOURCE.name
    shutil.copy(SOURCE, fresh)
    files = sorted(str(path) for path in (ROOT / "app").rglob("*.py"))
    tool = Path(PySide6.__file__).parent / "lupdate"
    command = [tool if tool.exists() else tool.with_suffix(".exe"), *files, "-no-obsolete"]
    subprocess.run([*command, "-ts", fresh], check=True, capture_output=True)
    assert {(c, s) for c, s, _ in messages(fresh)} == {(c, s) for c, s, _ in german}, (
        "run make translations"
    )


def test_the_familys_labels_are_translated(german: list[Message]) -> None:
    sources = {source for context, source, _ in german if context == "sources"}
    labels = {model.label for model in FAMILY.values() if model.group != "table"}
    assert labels == sources - {"Original", "Bicubic"}


def test_what_models_do_is_translated(german: list[Message]) -> None:
    sources = {source for context, source, _ in german if context == "models"}
    assert sources == {model.description for model in FAMILY.values()} | {*PURPOSES.values()}


def test_the_compiled_file_is_that_of_the_source(german: list[Message], qapp: object) -> None:
    translator = QTranslator()
    assert translator.load(str(COMPILED))
    for context, source, translation in german:
        assert translator.translate(context, source) == translation, "run make translations"


def test_menus_have_no_letter_twice(german: list[Message]) -> None:
    menus = {"&Datei": 7, "&Ansicht": 9}
    texts = [translation for context, _, translation in german if context == "actions"]
    for title, length in menus.items():
        start = texts.index(title) + 1
        letters = [
            text[text.index("&") + 1].lower()
            for text in texts[start : start + length]
            if "&" in text
        ]
        assert len(letters) == len(set(letters)), letters


class Marking(QTranslator):
    """Puts brackets around every text that asks for a translation."""

    def translate(
        self, context: str, source: str, disambiguation: str | None = None, n: int = -1
    ) -> str:
        return f"\u27e6{source}\u27e7"

    def isEmpty(self) -> bool:
        return False


@pytest.fixture
def marked(qapp: QApplication) -> Iterator[None]:
    translator = Marking()
    qapp.installTranslator(translator)
    yield
    qapp.removeTranslator(translator)


ALIKE = re.compile(
    r"""(LIIF-GAN\b.*|×?\d.*|\W*|SHA-256|LICENSE|NOTICE|cpu.*|fp16|bf16|English|Deutsch|A\d
    |[A-Z]{3,4}(,\ [A-Z]{3,4})*
    |MP|\W?px|\W?dpi|nan|plain|detail-model|my-model|noise.png|fake.*|qt_.*|/.*)""",
    re.VERBOSE | re.DOTALL,
)
"""What is the same in all languages: names, numbers, units, formats, files."""


def texts_of(widget: QWidget) -> Iterator[str]:
    for child in [widget, *widget.findChildren(QWidget)]:
        yield from (child.toolTip(), child.accessibleName(), child.accessibleDescription())
        match child:
            case QLabel() | QAbstractButton():
                yield child.text()
            case QComboBox():
                yield from (child.itemText(row) for row in range(child.count()))
            case QSpinBox():
                yield from (child.prefix(), child.suffix(), child.specialValueText())
            case QLineEdit() if not isinstance(child.parent(), QSpinBox):
                yield child.placeholderText()
            case QGroupBox():
                yield child.title()
            case QTabWidget():
                yield from (child.tabText(number) for number in range(child.count()))
            case QDialog():
                yield child.windowTitle()
    for action in widget.findChildren(QAction):
        yield from (action.text(), action.toolTip())


def test_every_text_that_is_shown_asks_for_a_translation(
    marked: None, photo_window: MainWindow, qtbot: QtBot
) -> None:
    window = photo_window
    window.panels.trainer_dock.show()
    trainer = window.panels.trainer_dock.widget()
    assert isinstance(trainer, TrainerPanel)
    qtbot.waitUntil(lambda: trainer.form.recipe.count() == 1)
    window.show_models()
    window.show_settings()
    window.export()
    about = AboutDialog()
    qtbot.addWidget(about)
    window.begin_tour()
    bare = {
        text
        for widget in (window, about)
        for text in texts_of(widget)
        if "\u27e6" not in text and not ALIKE.fullmatch(text)
    }
    assert bare == set()
