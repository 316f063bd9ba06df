import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.log_file import LOG_DIR_VARIABLE, MAX_BYTES, log_path, open_streams, start_logging
from tests.app.test_start_up import run


@pytest.fixture
def fresh_logging() -> Iterator[None]:
    root, app = logging.getLogger(), logging.getLogger("app")
    handlers, levels = root.handlers[:], (root.level, app.level)
    root.handlers.clear()
    yield
    for handler in root.handlers:
        handler.close()
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    app.setLevel(levels[1])


@pytest.mark.usefixtures("fresh_logging")
def test_the_log_begins_with_the_version_and_takes_warnings() -> None:
    start_logging()
    logging.getLogger("liifgan_core.render").warning("grün 写真")
    first, second = log_path().read_text(encoding="utf-8").splitlines()
    assert "start: LIIF-GAN 0.1.0 (from source), Python" in first
    assert second.endswith("WARNING liifgan_core.render: grün 写真")


@pytest.mark.usefixtures("fresh_logging")
def test_a_long_log_is_put_aside() -> None:
    log_path().parent.mkdir()
    log_path().write_bytes(b"x" * (MAX_BYTES + 1))
    start_logging()
    assert log_path().stat().st_size < 1000
    assert log_path().with_suffix(".log.old").stat().st_size == MAX_BYTES + 1


@pytest.mark.usefixtures("fresh_logging")
def test_a_log_that_cannot_be_written_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv(LOG_DIR_VARIABLE, str(tmp_path / "file" / "log"))
    start_logging()
    assert "cannot be written" in caplog.text


def test_missing_streams_take_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    open_streams()
    print("ü 写真")
    print("ü 写真", file=sys.stderr)
    assert sys.stdout is not None
    assert sys.stderr is not None
    sys.stdout.close()
    sys.stderr.close()


def test_the_app_starts_without_streams() -> None:
    code = (
        "import os, sys; os.closerange(0, 3); "
        "os._exit(os.spawnv(os.P_WAIT, sys.executable, [sys.executable, '-m', 'app', '--version']))"
    )
    result: subprocess.CompletedProcess[str] = run("-c", code)
    assert result.returncode == 0
