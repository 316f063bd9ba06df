import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage

from liifgan_core.errors import ImageWriteError
from liifgan_core.files import pending as pending_file
from liifgan_core.geometry import Size
from liifgan_core.images.formats import FORMATS
from liifgan_core.images.write import open_writer

SUFFIXES = [known.suffixes[0] for known in FORMATS if known.can_write]
ROWS = np.zeros((4, 3, 3), np.float32)

FILL_DISK = """
import logging, resource, signal, sys
import numpy as np
from liifgan_core.errors import ImageWriteError
from liifgan_core.geometry import Size
from liifgan_core.images.write import open_writer

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
logging.disable()
folder, suffixes, *limits = sys.argv[1:]
noise = np.random.default_rng(0).random((90, 90, 3), dtype=np.float32)
for limit in map(int, limits):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    for suffix in suffixes.split():
        try:
            with open_writer(f"{folder}/a{suffix}", Size(90, 90)) as writer:
                writer.write_rows(noise)
        except ImageWriteError as error:
            print(suffix, limit, error)
"""


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path: Path) -> Iterator[None]:
    """Whatever a test does, no temporary file outlives it."""
    yield
    assert not list(tmp_path.rglob(".*"))
    assert not list(tmp_path.rglob("*.part*"))


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError, SystemExit])
def test_an_interrupted_file_disappears(
    suffix: str, error: type[BaseException], tmp_path: Path
) -> None:
    with pytest.raises(error), open_writer(tmp_path / f"a{suffix}", Size(8, 3)) as writer:
        writer.write_rows(ROWS)
        assert not [path for path in tmp_path.iterdir() if not path.name.startswith(".")]
        raise error
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_missing_rows_are_an_error_and_leave_nothing(suffix: str, tmp_path: Path) -> None:
    with (
        pytest.raises(ImageWriteError, match="4 of 8 rows are missing"),
        open_writer(tmp_path / f"a{suffix}", Size(8, 3)) as writer,
    ):
        writer.write_rows(ROWS)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform != "linux", reason="unnamed files are Linux's")
def test_until_the_end_there_is_no_file_at_all(tmp_path: Path) -> None:
    with open_writer(tmp_path / "a.png", Size(4, 3)) as writer:
        writer.write_rows(ROWS)
        assert not list(tmp_path.iterdir())
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_where_files_must_have_names_there_is_only_a_hidden_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pending_file, "_unnamed", lambda _: None)
    with open_writer(tmp_path / "a.png", Size(4, 3)) as writer:
        (temporary,) = tmp_path.iterdir()
        assert temporary.name.startswith(f".a.{os.getpid()}-")
        assert temporary.name.endswith(".part.png")
        writer.write_rows(ROWS)
        assert writer.num_rows == 4
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_a_writer_that_is_not_entered_creates_nothing(tmp_path: Path) -> None:
    writer = open_writer(tmp_path / "new" / "a.png", Size(4, 3))
    with pytest.raises(ValueError, match="context"):
        writer.write_rows(ROWS)
    assert not list(tmp_path.iterdir())


def test_missing_folders_are_created(tmp_path: Path) -> None:
    with open_writer(tmp_path / "new" / "newer" / "a.png", Size(4, 3)) as writer:
        writer.write_rows(ROWS)
    assert (tmp_path / "new" / "newer" / "a.png").is_file()


@pytest.mark.parametrize(
    ("rgb", "alpha", "message"),
    [
        (np.zeros((2, 4, 3)), None, "must be"),
        (np.zeros((2, 3)), None, "must be"),
        (np.zeros((9, 3, 3)), None, "below"),
        (np.zeros((2, 3, 3)), np.zeros((3, 2)), "does not belong"),
        (np.full((2, 3, 3), np.nan), None, "NaN"),
    ],
)
def test_wrong_rows_are_refused(
    rgb: np.ndarray, alpha: np.ndarray | None, message: str, tmp_path: Path
) -> None:
    with (
        pytest.raises(ValueError, match=message),
        open_writer(tmp_path / "a.png", Size(8, 3), alpha=True) as writer,
    ):
        writer.write_rows(rgb, alpha)


@pytest.mark.parametrize("has_links", [True, False])
def test_a_target_that_appears_while_writing_is_not_overwritten(
    has_links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not has_links:
        without_hard_links(monkeypatch)
    path = tmp_path / "a.png"
    with (
        pytest.raises(ImageWriteError, match="exists already"),
        open_writer(path, Size(4, 3)) as writer,
    ):
        writer.write_rows(ROWS)
        path.write_text("mine")
    assert path.read_text() == "mine"


def test_without_hard_links_the_file_is_still_delivered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_hard_links(monkeypatch)
    with open_writer(tmp_path / "a.png", Size(4, 3)) as writer:
        writer.write_rows(ROWS)
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_without_hard_links_a_failed_replace_leaves_no_empty_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    without_hard_links(monkeypatch)
    monkeypatch.setattr(os, "replace", refuse)
    with (
        pytest.raises(ImageWriteError, match="cannot be written"),
        open_writer(tmp_path / "a.png", Size(4, 3)) as writer,
    ):
        writer.write_rows(ROWS)
    assert not list(tmp_path.iterdir())


def test_overwriting_replaces_a_link_and_not_what_it_points_to(tmp_path: Path) -> None:
    original, link = tmp_path / "original.txt", tmp_path / "a.png"
    original.write_text("mine")
    link.symlink_to(original)
    with open_writer(link, Size(4, 3), overwrite=True) as writer:
        writer.write_rows(ROWS)
    assert original.read_text() == "mine"
    assert not link.is_symlink()


def test_a_failed_overwrite_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_text("old")
    with (
        pytest.raises(ImageWriteError, match="missing"),
        open_writer(path, Size(8, 3), overwrite=True) as writer,
    ):
        writer.write_rows(ROWS)
    assert path.read_text() == "old"


@pytest.mark.skipif(sys.platform == "win32", reason="RLIMIT_FSIZE is POSIX only")
def test_a_full_disk_is_an_error_wherever_it_strikes(tmp_path: Path) -> None:
    limits = ["0", "7", "40", "300", "1000", "2500"]
    result = subprocess.run(
        [
            sys.executable,
            "-W",
            "error",
            "-c",
            FILL_DISK,
            str(tmp_path),
            " ".join(SUFFIXES),
            *limits,
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert len(lines) == len(limits) * len(SUFFIXES)
    assert all("cannot be written" in line for line in lines)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("step", ["fsync", "link"])
def test_a_disk_that_fails_at_the_very_end_is_an_error(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, step, refuse)
    with (
        pytest.raises(ImageWriteError, match="free some space"),
        open_writer(tmp_path / "a.png", Size(4, 3)) as writer,
    ):
        writer.write_rows(ROWS)
    assert not list(tmp_path.iterdir())


def without_hard_links(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)


def test_what_an_encoder_cannot_hold_is_a_clear_error_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ValueError("encoding error 6")

    monkeypatch.setattr(PilImage.Image, "save", refuse)
    with (
        pytest.raises(ImageWriteError, match=r"a\.webp was not written: .*error 6.*choose PNG"),
        open_writer(tmp_path / "a.webp", Size(4, 4)) as writer,
    ):
        writer.write_rows(np.zeros((4, 4, 3), np.float32))
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform != "linux", reason="unnamed files are Linux's")
@pytest.mark.parametrize("overwrite", [False, True])
def test_where_an_unnamed_file_cannot_be_linked_it_is_copied(
    overwrite: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = os.link

    def no_links_from_proc(source: Path, target: Path, **options: object) -> None:
        if str(source).startswith("/proc"):
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        link(source, target, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "link", no_links_from_proc)
    with open_writer(tmp_path / "a.png", Size(4, 3), overwrite=overwrite) as writer:
        writer.write_rows(ROWS)
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
