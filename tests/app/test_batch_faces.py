"""The command line and the app's queue do the same with the same photos.

Each case is done once by each, over equal folders, with the same tiny model and the exporter that
both have; bytes of results, events of manifests and what becomes of photos are compared.
"""

import json
import logging
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PillowImage
from pytestqt.qtbot import QtBot

from app.engine_factory import open_exporter
from app.state.export_queue import ExportQueue
from app.state.queue_file import QueueFile
from app.state.settings_store import SettingsStore
from app.workers.task import Task
from liifgan_core.batch.manifest import MANIFEST_NAME
from liifgan_core.batch.options import BatchOptions
from liifgan_core.batch.wanted import NamedRule
from liifgan_core.cli import main, options
from liifgan_core.cli.options import parse_output
from liifgan_core.resources import user_config_path
from liifgan_core.sizing import relative_rule

pytestmark = pytest.mark.usefixtures("tiny_weights", "a_closed_folder")


@dataclass(frozen=True)
class Case:
    """What is there, and what is asked for; then, if anything, what changes and is asked again."""

    photos: Sequence[str]
    arguments: Sequence[str] = ()
    named: Sequence[str] = ("in",)
    output: str = "out"
    there: Sequence[str] = ()
    """Files that are none of ours."""
    changed: Sequence[str] = ()
    again: Sequence[str] | None = None


CASES = {
    "formats": Case(
        ("a.png", "b.jpg", "c.gif", "d.tif", "e.webp", "f.bmp", "deep.png", "gray.png")
    ),
    "one format": Case(("a.png", "b.jpg", "deep.png"), ("--format", "jpeg", "--quality", "60")),
    "a quality for some": Case(("a.png", "b.jpg", "d.tif"), ("--quality", "60")),
    "a tree": Case(("a.png", "sub/a.png", "sub/deep/b.png")),
    "results in the input": Case(("a.png", "sub/b.png"), output="in/out", again=("--resume",)),
    "results beside the photos": Case(("a.png", "sub/b.png"), output="in", again=("--resume",)),
    "a photo named twice": Case(("a.png",), named=("in/a.png", "in", "in/a.png")),
    "a folder that is closed": Case(("a.png", "closed/b.png")),
    "damaged, hidden, others": Case(("a.png", "broken.png", ".hidden.png", "notes.txt")),
    "a photo as a result's name": Case(("a.png", "a_14x10.png"), ("--overwrite",), output="in"),
    **{
        f"twins {' '.join(asked)}": Case(
            ("p.jpg", "p.png"), ("--format", "png", *asked), again=("--format", "png", *asked)
        )
        for asked in ((), ("--skip-existing",), ("--resume",), ("--overwrite",))
    },
    **{
        f"a file in the way {' '.join(asked)}": Case(
            ("a.png", "b.png"), asked, there=("out/a_14x10.png",)
        )
        for asked in ((), ("--skip-existing",), ("--resume",), ("--overwrite",))
    },
    **{
        f"a photo that changed {' '.join(asked)}": Case(
            ("a.png", "b.png"), changed=("a.png",), again=asked
        )
        for asked in ((), ("--skip-existing",), ("--resume",), ("--overwrite",))
    },
    "other settings": Case(("a.png", "b.jpg"), again=("--resume", "--strip-metadata")),
}


@pytest.fixture(autouse=True)
def logging_is_put_back() -> Iterator[None]:
    """The command line takes the core's log for its stderr."""
    logger = logging.getLogger("liifgan_core")
    state = logger.handlers, logger.level, logger.propagate
    yield
    logger.handlers, logger.level, logger.propagate = state


@pytest.fixture
def a_closed_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders called "closed" cannot be listed, whoever tries."""
    scan = os.scandir

    def scandir(path: Any) -> Any:
        if isinstance(path, str) and os.path.basename(path) == "closed":
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", scandir)


def save(path: Path, seed: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    if path.stem == "broken" or path.suffix == ".txt":
        path.write_bytes(b"no picture")
    elif path.stem == "deep":
        PillowImage.fromarray(rng.integers(0, 65536, (5, 7), np.uint16)).save(path)
    else:
        shape = (5, 7) if path.stem == "gray" else (5, 7, 3)
        PillowImage.fromarray(rng.integers(0, 256, shape, np.uint8)).save(path)


def set_up(case: Case, folder: Path) -> None:
    for number, name in enumerate(case.photos):
        save(folder / "in" / name, number)
    for name in case.there:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("mine")


ASKED = ("--recursive", "--scale", "2", "--model", "tiny", "--device", "cpu", "--precision", "fp32")


def by_command_line(
    case: Case,
    arguments: Sequence[str],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> bool:
    """Run it, and return whether it has told of a folder that is closed."""
    argv = ["liifgan", "upscale", *case.named, "-o", case.output, *ASKED, *arguments]
    monkeypatch.setattr("sys.argv", argv)
    with pytest.raises(SystemExit):
        main()
    return "in/closed" in capfd.readouterr().err


def by_app(case: Case, arguments: Sequence[str], qtbot: QtBot, store: SettingsStore) -> bool:
    """Do what the window's form would; return whether it has told of a folder that is closed."""
    words = list(arguments)

    def value(name: str) -> str | None:
        return words[words.index(name) + 1] if name in words else None

    quality = value("--quality")
    asked = BatchOptions(
        rules=(NamedRule(relative_rule("scale", 2.0)),),
        output=parse_output(case.output, value("--format"), num_inputs=1, is_tree=True),
        model="tiny",
        device="cpu",
        precision="fp32",
        quality=None if quality is None else int(quality),
        strip_metadata="--strip-metadata" in words,
        existing=options.parse_existing(
            overwrite="--overwrite" in words, skip_existing="--skip-existing" in words
        ),
        resume="--resume" in words,
    )
    batch = ExportQueue(open_exporter, store, QueueFile(user_config_path("queue")))
    told: list[str] = []
    batch.failed.connect(told.append)
    with qtbot.waitSignal(batch.entries_changed):
        batch.add_photos([Path(name) for name in case.named])
    batch.start(asked)
    qtbot.waitUntil(lambda: batch.state == "idle", timeout=20_000)
    qtbot.waitUntil(lambda: not Task.running(batch))
    return any("in/closed" in message for message in told)


def left_behind(folder: Path) -> tuple[dict[str, bytes], list[tuple[str, str, str]]]:
    """Return all files but the manifest, and the manifest's events: photo, status, why."""
    files: dict[str, bytes] = {}
    events: list[tuple[str, str, str]] = []
    for path in sorted(folder.rglob("*")):
        if path.name == MANIFEST_NAME:
            for line in path.read_text().splitlines():
                entry = json.loads(line)
                named = str(Path(entry["input"]).relative_to(folder))
                why = entry.get("error", "").replace(str(folder), "").replace("/in/", "in/")
                events.append((named, entry["status"], why))
        elif path.is_file():
            files[str(path.relative_to(folder))] = path.read_bytes()
    return files, events


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_both_do_the_same(
    case: Case,
    qtbot: QtBot,
    store: SettingsStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    found: list[object] = []
    faces: tuple[Callable[[Sequence[str]], bool], ...] = (
        lambda arguments: by_command_line(case, arguments, monkeypatch, capfd),
        lambda arguments: by_app(case, arguments, qtbot, store),
    )
    for face in faces:
        folder = tmp_path / "work"  # of the same name for both, since messages name it
        folder.mkdir()
        set_up(case, folder)
        monkeypatch.chdir(folder)
        told = face(case.arguments)
        assert told == ("closed/b.png" in case.photos)
        if case.again is not None:
            for name in case.changed:
                save(folder / "in" / name, seed=99)
            face(case.again)
        found.append(left_behind(folder.resolve()))
        monkeypatch.chdir(tmp_path)
        shutil.rmtree(folder)
    by_line, by_window = found
    assert by_line == by_window
    assert by_line != ({}, [])
