import os
from pathlib import Path

import msgspec
import pytest

from liifgan_core.batch import stamps
from liifgan_core.batch.stamps import has_times, is_unchanged, stamp_of

ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
"""SHA-256 of "abc", from FIPS 180-2, appendix B.1."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(b"abc")
    return path


def test_a_stamp_is_the_content_and_the_times(file: Path) -> None:
    stamp = stamp_of(file)
    assert (stamp.num_bytes, stamp.sha256) == (3, ABC)
    assert has_times(file, stamp)
    assert is_unchanged(file, stamp)


def test_a_file_of_known_times_is_not_read(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stamp = stamp_of(file)

    def read(_path: Path) -> None:
        raise AssertionError("it is read")

    monkeypatch.setattr(stamps, "stamp_of", read)
    assert is_unchanged(file, stamp)
    with pytest.raises(AssertionError, match="it is read"):
        is_unchanged(file, stamp, trusts_times=False)


def test_content_decides_where_times_differ(file: Path) -> None:
    stamp = stamp_of(file)
    os.utime(file, (1, 1))
    assert not has_times(file, stamp)
    assert is_unchanged(file, stamp)
    file.write_bytes(b"abd")
    assert not is_unchanged(file, stamp)


def test_a_stamp_without_times_is_compared_by_content(file: Path) -> None:
    stamp = msgspec.structs.replace(stamp_of(file), mtime_ns=-1, ctime_ns=-1)
    assert not has_times(file, stamp)
    assert is_unchanged(file, stamp)


def test_what_is_no_file_is_never_the_same(file: Path) -> None:
    stamp = stamp_of(file)
    for path in (file.parent, file / "below", file.with_name("missing"), Path("a\0b")):
        assert not is_unchanged(path, stamp)
