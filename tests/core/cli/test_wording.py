from typing import get_args

import pytest

from liifgan_core.cli.wording import told, with_remedy
from liifgan_core.errors import LiifganError, Remedy


@pytest.mark.parametrize("remedy", get_args(Remedy))
def test_every_remedy_names_an_option(remedy: Remedy) -> None:
    assert " (" in told(LiifganError("it is too large.", remedy=remedy))
    assert "--" in with_remedy("it is too large", remedy)


def test_an_error_without_one_is_told_as_it_is() -> None:
    assert told(LiifganError("it is damaged.")) == "it is damaged."
