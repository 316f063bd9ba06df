from typing import get_args

import pytest
from pytestqt.qtbot import QtBot

from app.wording import told, with_remedy
from liifgan_core.errors import LiifganError, Remedy


@pytest.mark.parametrize("remedy", get_args(Remedy))
def test_every_remedy_is_a_sentence_of_the_app(qtbot: QtBot, remedy: Remedy) -> None:
    message = told(LiifganError("it is too large.", remedy=remedy))
    assert message.startswith("it is too large. ")
    assert message.endswith(".")
    assert message != "it is too large. "


def test_an_error_without_one_is_told_as_it_is(qtbot: QtBot) -> None:
    assert with_remedy("it is damaged.", None) == "it is damaged."
