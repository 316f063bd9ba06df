"""A batch on a Ray cluster of this machine; `make cluster-test` installs Ray and runs this.

Not part of `make test`: Ray takes some 150 MB of packages and up to a minute to start.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from liifgan_core.batch.manifest import MANIFEST_NAME
from tests.core.cli.conftest import Run, names, save_photo

pytestmark = pytest.mark.usefixtures("tiny_weights")
ON_A_CLUSTER = pytest.mark.skipif(
    "LIIFGAN_CLUSTER_TESTS" not in os.environ, reason="takes minutes; run make cluster-test"
)
OPTIONS = ("--recursive", "--scale", "4", "--device", "cpu", "--precision", "fp32")


@pytest.fixture
def photos(folder: Path) -> int:
    """photos/ with this many photos in two folders, 100 + n wide, one of them damaged."""
    for number in range(16):
        (folder / "photos" / f"{number % 2}").mkdir(parents=True, exist_ok=True)
        save_photo(folder / "photos" / f"{number % 2}" / f"{number}.png", 100 + number, 90)
    (folder / "photos" / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    return 16


def on_cluster(
    folder: Path, data_dir: Path, *options: str, after_line: Callable[[str], None] = lambda _: None
) -> tuple[int, list[str]]:
    """Run the command on two workers; return its status and its records."""
    command = [sys.executable, "-m", "liifgan_core", "upscale", "photos", *OPTIONS, *options]
    command += ["--model", "tiny"]
    command += ["-o", "out", "--json", "--cluster", "local", "--workers", "2"]
    environment = {**os.environ, "LIIFGAN_DATA_DIR": str(data_dir)}
    lines: list[str] = []
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            after_line(line)
    return process.returncode, lines


@ON_A_CLUSTER
def test_a_killed_worker_loses_nothing_and_the_bytes_are_the_same(
    run: Run, folder: Path, data_dir: Path, photos: int
) -> None:
    manifest = folder / "out" / MANIFEST_NAME
    killed: list[int] = []

    def kill_one(_: str) -> None:
        """Kill the worker that began a photo last, once."""
        if not killed:
            journals = (manifest.parent / f"{MANIFEST_NAME}.journals").iterdir()
            lines = "".join(path.read_text() for path in journals).splitlines()
            entries = [json.loads(line) for line in lines]
            last = [entry for entry in entries if entry["status"] == "started"][-1]
            killed.append(int(last["worker"].rpartition(":")[2]))
            os.kill(killed[0], signal.SIGKILL)

    status, lines = on_cluster(folder, data_dir, after_line=kill_one)
    assert len(killed) == 1
    assert status == 1  # for the damaged photo
    assert len(lines) == len({json.loads(line)["input"] for line in lines}) == photos
    assert run("upscale", "photos", "-o", "here", *OPTIONS).status == 1
    results = names(folder / "here") - {MANIFEST_NAME}
    assert names(folder / "out") - {MANIFEST_NAME} == results
    for name in results:
        assert (folder / "out" / name).read_bytes() == (folder / "here" / name).read_bytes()
    entries = [json.loads(line) for line in manifest.read_text().splitlines()]
    assert sum(entry["status"] == "done" for entry in entries) == photos
    assert [Path(e["input"]).name for e in entries if e["status"] == "failed"] == ["bad.png"]
    assert not list(manifest.parent.glob(f"{MANIFEST_NAME}.*"))
    workers = {entry["worker"] for entry in entries if entry["status"] == "started"}
    assert len(workers) >= 2
    (folder / "out" / "0" / "4_416x360.png").unlink()
    status, lines = on_cluster(folder, data_dir, "--resume")
    assert status == 1
    assert [Path(json.loads(line)["input"]).name for line in lines] == ["4.png"]


def test_without_ray_it_is_told_how_to_get_it(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    result = run("upscale", "photo.png", "-o", "out/", "--scale", "2", "--cluster", "local")
    assert result.status == 2
    assert len(result.errors) == 1
    assert "pip install 'liifgan[cluster]'" in result.err
    assert names(folder) == {"photo.png", f"out/{MANIFEST_NAME}"}


def test_workers_are_for_a_cluster(run: Run) -> None:
    result = run("upscale", "photo.png", "-o", "out/", "--scale", "2", "--workers", "2")
    assert result.status == 2
    assert "--workers is for --cluster" in result.err
