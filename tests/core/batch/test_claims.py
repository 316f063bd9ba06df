import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from liifgan_core.batch import claims
from liifgan_core.batch.claims import Claims

HOLDER = """
import os, sys
from liifgan_core.batch.claims import Claims

assert Claims(os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)).take("a")
print("held", flush=True)
sys.stdin.read()
"""


def test_a_claim_of_another_process_ends_with_it_however_it_ends(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    descriptor = os.open(path, os.O_RDWR)
    own = Claims(descriptor)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert not own.take("a")
        assert own.take("b")
        path.read_bytes()  # opening and closing the file elsewhere gives no claim up
        assert not own.take("a")
        holder.kill()
    assert own.take("a")
    assert path.read_bytes() == b""
    own.release("a")
    own.release("b")
    os.close(descriptor)


def test_a_claim_may_be_given_up_and_taken_again(tmp_path: Path) -> None:
    descriptors = [os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT) for _ in range(2)]
    one, two = (Claims(descriptor) for descriptor in descriptors)
    for _ in range(2):
        assert one.take("a")
        one.release("a")
        assert two.take("a")
        two.release("a")
    for descriptor in descriptors:
        os.close(descriptor)


def test_without_locks_there_is_one_warning_and_the_work_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def no_locks(*_: object, **__: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(claims, "_lock", no_locks)
    own = Claims(-1)
    assert own.take("a")
    assert own.take("b")
    own.release("a")
    assert len(caplog.records) == 1
    assert "another process on this folder may do the same" in caplog.text
