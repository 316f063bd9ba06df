"""The real command in a process of its own, with streams as shells may give them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image as PilImage


def run(*arguments: str, shell_tail: str = "", **environment: str):
    command = [sys.executable, "-m", "liifgan_core", *arguments]
    if shell_tail:
        command = ["sh", "-c", f'"$0" "$@" {shell_tail}', *command]
    return subprocess.run(
        command,
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
        capture_output=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "日本 😀.png"
    PilImage.new("RGB", (8, 6), (10, 200, 30)).save(path)
    return path


@pytest.mark.parametrize("options", [("--json",)])
def test_names_that_the_terminal_lacks_do_not_fail_a_finished_file(
    options: tuple[str, ...], photo: Path, tiny_weights: Path, tmp_path: Path
) -> None:
    target = tmp_path / "out" / photo.name
    target.parent.mkdir()
    result = run(
        "upscale", str(photo), "--scale", "2", "--output", str(target), "--model",
        str(tiny_weights), *options, PYTHONIOENCODING="cp1252", PYTHONUTF8="0",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert target.is_file()
    assert b"Error" not in result.stderr


@pytest.mark.skipif(os.name == "nt", reason="closes streams as POSIX shells do")
@pytest.mark.parametrize("closing", ["2>&-", ">&- 2>&- <&-"])
def test_closed_streams_stop_nothing(
    closing: str, photo: Path, tiny_weights: Path, tmp_path: Path
) -> None:
    target = tmp_path / "out.png"
    result = run(
        "upscale", str(photo), "--scale", "2", "--output", str(target), "--model",
        str(tiny_weights), shell_tail=closing,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    with PilImage.open(target) as image:
        assert image.size == (16, 12)
