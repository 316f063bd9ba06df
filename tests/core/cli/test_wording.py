from pathlib import Path
from typing import get_args

import pytest

from liifgan_core.cli.wording import dashed_file_hint, told, with_remedy
from liifgan_core.errors import LiifganError, Remedy


@pytest.mark.parametrize("remedy", get_args(Remedy))
def test_every_remedy_names_an_option(remedy: Remedy) -> None:
    assert " (" in told(LiifganError("it is too large.", remedy=remedy))
    assert "--" in with_remedy("it is too large", remedy)


def test_an_error_without_one_is_told_as_it_is() -> None:
    assert told(LiifganError("it is damaged.")) == "it is damaged."


def test_a_file_that_looks_like_an_option_gets_a_hint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("-p.png").touch()
    told = dashed_file_hint(["upscale", "-p.png", "-o", "a.png"])
    assert told is not None
    assert "./-p.png" in told.replace("\\", "/")
    assert "--" in told
    assert dashed_file_hint(["upscale", "-o", "a.png", "--", "-p.png"]) is None
    assert dashed_file_hint(["upscale", "-o", "--scael", "-q.png"]) is None
