"""The file: what others wrote, what is torn, and what is none of ours."""

import os
import sys
from pathlib import Path

import pytest

from liifgan_core.batch.manifest import Manifest, ManifestError
from liifgan_core.batch.paths import path_to_text
from liifgan_core.batch.stamps import stamp_of


def done(manifest: Manifest, photo: Path, result: Path, settings: str = "s") -> None:
    manifest.write(
        photo,
        settings,
        "done",
        source=stamp_of(photo),
        output=path_to_text(result),
        result=stamp_of(result),
    )


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "a.png"
    path.write_bytes(b"photo")
    return path


@pytest.fixture
def result(tmp_path: Path) -> Path:
    path = tmp_path / "out" / "a.png"
    path.parent.mkdir()
    path.write_bytes(b"result")
    return path


def test_what_is_written_is_known_to_the_next(tmp_path: Path, photo: Path, result: Path) -> None:
    path = tmp_path / "sub" / "m.jsonl"
    with Manifest(path) as manifest:
        assert manifest.finished(photo, result.parent, "s") is None
        done(manifest, photo, result)
    with Manifest(path) as manifest:
        assert manifest.finished(photo, result.parent, "s") == result
        assert manifest.finished(photo, tmp_path, "s") is None
        assert manifest.finished(photo, result.parent, "s", since_opened=True) is None
        assert manifest.is_result(result)
        assert manifest.writer_of(result) == (photo, True)
        assert manifest.writer_of(photo) == (None, False)
        assert manifest.finished(photo, result.parent, "other") is None
        assert manifest.writer_of(result) == (photo, True)


def test_two_settings_are_remembered_beside_each_other(
    tmp_path: Path, photo: Path, result: Path
) -> None:
    other = result.with_name("other.png")
    other.write_bytes(b"other")
    path = tmp_path / "m.jsonl"
    for settings, output in (("s", result), ("t", other)):
        with Manifest(path) as manifest:
            done(manifest, photo, output, settings)
    with Manifest(path) as manifest:
        for settings, output in (("s", result), ("t", other)):
            assert manifest.finished(photo, result.parent, settings) == output


def test_what_another_process_adds_is_known_after_a_refresh(
    tmp_path: Path, photo: Path, result: Path
) -> None:
    path = tmp_path / "m.jsonl"
    with Manifest(path) as mine, Manifest(path) as theirs:
        done(theirs, photo, result)
        assert mine.finished(photo, result.parent, "s") is None
        mine.refresh()
        assert mine.finished(photo, result.parent, "s", since_opened=True) == result


def test_a_line_that_is_still_being_written_is_read_when_it_is_whole(
    tmp_path: Path, photo: Path, result: Path
) -> None:
    path = tmp_path / "m.jsonl"
    with Manifest(path) as manifest:
        done(manifest, photo, result)
    content = path.read_bytes()
    path.write_bytes(b"")
    with Manifest(path) as manifest, path.open("ab") as file:
        file.write(content[:30])
        file.flush()
        manifest.refresh()
        assert manifest.finished(photo, result.parent, "s") is None
        file.write(content[30:])
        file.flush()
        manifest.refresh()
        assert manifest.finished(photo, result.parent, "s") == result


def test_a_torn_end_spoils_no_further_line(
    tmp_path: Path, photo: Path, result: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "m.jsonl"
    path.write_bytes(b'{"input": "/x", "sta')
    with Manifest(path) as manifest:
        done(manifest, photo, result)
    assert "a torn line was ignored" in caplog.text
    with Manifest(path) as manifest:
        assert manifest.finished(photo, result.parent, "s") == result


def test_lines_of_older_kinds_name_results_and_prove_nothing(
    tmp_path: Path, photo: Path, result: Path
) -> None:
    path = tmp_path / "m.jsonl"
    path.write_text(
        f'{{"input": "{photo}", "status": "done", "settings": "s", "source_bytes": 5, '
        f'"source_mtime_ns": 1, "output": "{result}", "output_bytes": 6}}\n'
    )
    with Manifest(path) as manifest:
        assert manifest.is_result(result)
        assert manifest.finished(photo, result.parent, "s") is None
        assert manifest.writer_of(result) == (photo, False)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux takes any bytes as names")
def test_names_that_are_no_text_are_told_apart_and_found_again(tmp_path: Path) -> None:
    path = tmp_path / "m.jsonl"
    pairs: list[tuple[Path, Path]] = []
    for name in (b"\xff.png", b"\xfe.png", rb"\udcff.png", "ÿ.png".encode()):
        photo, result = (tmp_path / kind / os.fsdecode(name) for kind in ("in", "out"))
        for file in (photo, result):
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(name)
        pairs.append((photo, result))
    with Manifest(path) as manifest:
        for photo, result in pairs:
            done(manifest, photo, result)
    assert path.read_bytes().isascii()
    with Manifest(path) as manifest:
        assert [manifest.finished(photo, tmp_path / "out", "s") for photo, _ in pairs] == [
            result for _, result in pairs
        ]


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, photo: Path) -> None:
    with pytest.raises(ManifestError, match="cannot be written") as caught:
        Manifest(photo / "m.jsonl").__enter__()
    assert caught.value.remedy == "manifest"
    (tmp_path / "folder").mkdir()
    with pytest.raises(ManifestError, match="Is a directory"):
        Manifest(tmp_path / "folder").__enter__()
