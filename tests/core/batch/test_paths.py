import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liifgan_core.batch.paths import (
    decode_line,
    encode_line,
    identity,
    path_to_text,
    text_to_path,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="names are bytes on POSIX only")


class Named(msgspec.Struct, frozen=True):
    name: str


NAMES = st.binary(min_size=1, max_size=20).filter(lambda b: not set(b) & {0, 47})


@given(NAMES)
def test_any_name_comes_back_from_a_line_of_ascii(name: bytes) -> None:
    line = encode_line(Named(path_to_text(os.fsdecode(name))))
    assert line.isascii()
    assert os.fsencode(text_to_path(decode_line(line, Named).name)) == name


@given(NAMES, NAMES)
def test_two_names_are_never_one_text(one: bytes, two: bytes) -> None:
    texts = [path_to_text(os.fsdecode(name)) for name in (one, two)]
    assert (texts[0] == texts[1]) == (one == two)


def test_a_text_is_the_same_in_a_locale_without_letters() -> None:
    code = (
        "import os, sys; from liifgan_core.batch.paths import *;"
        "text = path_to_text(os.fsdecode(b'\\xc3\\xbc\\xff'));"
        "print(ascii(text), os.fsencode(text_to_path(text)), sys.getfilesystemencoding())"
    )
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = [sys.executable, "-c", code]
    told = subprocess.run(
        command, env=os.environ | plain, capture_output=True, text=True, check=True
    ).stdout
    assert told == "'\\xfc\\udcff' b'\\xc3\\xbc\\xff' ascii\n"


def test_a_line_of_something_else_is_a_value_error() -> None:
    for line in (b"", b"{", b"[]", b'{"name": 5}', b"[" * 100_000, b"\xff"):
        with pytest.raises(ValueError, match="is no line of Named"):
            decode_line(line, Named)
    assert json.loads(encode_line(Named("a"))) == {"name": "a"}


def test_links_of_folders_are_resolved_and_those_of_files_are_not(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "way").symlink_to("real")
    (tmp_path / "real" / "link.png").symlink_to("file.png")
    expected = os.path.realpath(tmp_path / "real")
    assert identity(tmp_path / "way" / "link.png") == f"{expected}/link.png"
    assert identity(tmp_path / "way" / "..") == os.path.realpath(tmp_path)
    assert identity("a\0b").endswith("a\0b")
