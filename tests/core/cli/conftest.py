"""The command line, run in this process."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage

from liifgan_core.batch.manifest import MANIFEST_NAME
from liifgan_core.cli import main

Run = Callable[..., "Result"]


class Result:
    """What a command left behind."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err

    @property
    def errors(self) -> list[str]:
        """Lines of stderr."""
        return self.err.splitlines()


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `liifgan` with arguments."""

    def run(*arguments: object) -> Result:
        monkeypatch.setattr("sys.argv", ["liifgan", *map(str, arguments)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as caught:
            main()
        return Result(int(caught.value.code or 0), *capfd.readouterr())

    return run


@pytest.fixture(autouse=True)
def signals_and_logging_are_put_back() -> Iterator[None]:
    import logging

    handler = signal.getsignal(signal.SIGTERM)
    logger = logging.getLogger("liifgan_core")
    state = logger.handlers, logger.level, logger.propagate
    yield
    signal.signal(signal.SIGTERM, handler)
    logger.handlers, logger.level, logger.propagate = state


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with photo.png: 12 wide, 10 high."""
    monkeypatch.chdir(tmp_path)
    save_photo(tmp_path / "photo.png")
    return tmp_path


def save_photo(path: Path, width: int = 12, height: int = 10, mode: str = "RGB") -> None:
    rng = np.random.default_rng(width * 100 + height)
    shape = (height, width, len(mode)) if len(mode) > 1 else (height, width)
    PilImage.fromarray(rng.integers(0, 256, shape, dtype=np.uint8), mode=None).save(path)


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def results(folder: Path) -> set[str]:
    """The files below a folder but for the manifest."""
    return names(folder) - {MANIFEST_NAME}
