import string
from typing import get_args

import pytest
from PySide6.QtCore import QCoreApplication, QTranslator
from pytestqt.qtbot import QtBot

from app.wording import told, told_loss, with_remedy
from liifgan_core.errors import LiifganError, Remedy
from liifgan_core.losses import SENTENCES, Loss, LossCode
from liifgan_core.resources import resource_path


@pytest.mark.parametrize("remedy", get_args(Remedy))
def test_every_remedy_is_a_sentence_of_the_app(qtbot: QtBot, remedy: Remedy) -> None:
    message = told(LiifganError("it is too large.", remedy=remedy))
    assert message.startswith("it is too large. ")
    assert message.endswith(".")
    assert message != "it is too large. "


def test_an_error_without_one_is_told_as_it_is(qtbot: QtBot) -> None:
    assert with_remedy("it is damaged.", None) == "it is damaged."


@pytest.mark.parametrize("code", get_args(LossCode))
@pytest.mark.parametrize("language", ["en", "de"])
def test_every_loss_is_a_sentence_of_the_app(qtbot: QtBot, code: LossCode, language: str) -> None:
    """It names only values that the core gives."""
    fields = [name for _, name, _, _ in string.Formatter().parse(SENTENCES[code]) if name]
    loss = Loss(code=code, values={name: f"<{name}>" for name in fields}, message="")
    translator = QTranslator()
    assert translator.load(str(resource_path("translations", f"liifgan_{language}.qm"))) == (
        language == "de"
    )
    english = told_loss(loss)
    try:
        QCoreApplication.installTranslator(translator)
        sentence = told_loss(loss)
    finally:
        QCoreApplication.removeTranslator(translator)
    assert sentence.endswith(".")
    assert "{" not in sentence
    assert (sentence == english) == (language == "en")
    assert {name for name in fields if f"<{name}>" in sentence} == {
        name for name in fields if f"<{name}>" in english
    }
