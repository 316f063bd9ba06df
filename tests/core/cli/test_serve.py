"""`liifgan serve` and `liifgan send` as commands; tests/core/serve has the service itself."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from liifgan_core.images.read import read_image
from liifgan_core.serve import server
from liifgan_core.serve.access import SERVICE_FILE, read_service_file
from tests.core.cli.conftest import Run, save_photo
from tests.core.serve.processes import ServiceProcess, service_process


@pytest.fixture
def service(tiny_weights: Path) -> Iterator[ServiceProcess]:
    with service_process() as service:
        yield service


def test_address_and_token_are_printed_once_and_left_for_plug_ins(
    service: ServiceProcess, data_dir: Path
) -> None:
    found = read_service_file(data_dir / SERVICE_FILE)
    assert found is not None
    assert service.lines == [
        f"serving at http://127.0.0.1:{found.port}",
        f"token {found.token} (with the port in {data_dir / SERVICE_FILE})",
    ]
    assert (data_dir / SERVICE_FILE).stat().st_mode & 0o777 == 0o600
    assert found.pid == service.process.pid
    assert service.client.health()["is_stopping"] is False
    assert service.stop(signal.SIGINT).splitlines() == [
        "liifgan: stopping: jobs are cancelled, downloads that have begun may end"
    ]
    assert service.process.returncode == 0
    assert not (data_dir / SERVICE_FILE).exists()


def test_a_second_service_is_told_of_the_first(service: ServiceProcess, run: Run) -> None:
    result = run("serve", "--port", 0)
    assert result.status == 2
    assert "a service runs already on port" in result.err


def test_a_photo_is_sent_and_its_result_written_beside_it(
    service: ServiceProcess, run: Run, folder: Path
) -> None:
    result = run("send", "photo.png", "scale=2.5", "model=tiny")
    assert (result.status, result.out) == (0, "photo.png -> photo_30x25.png\n")
    assert str(read_image(folder / "photo_30x25.png").size) == "30x25"
    assert run("send", "photo.png", "long-edge=24", "model=tiny", "-o", "big.tif").status == 0
    picture = read_image(folder / "big.tif")
    assert (str(picture.size), picture.source_format) == ("24x20", "tiff")
    assert sorted(path.name for path in folder.iterdir()) == [
        "big.tif",
        "photo.png",
        "photo_30x25.png",
    ]
    assert service.client.jobs() == []


def test_nothing_is_replaced_by_send_unless_that_is_asked(
    service: ServiceProcess, run: Run, folder: Path
) -> None:
    for output in (["-o", "mine.png"], []):
        name = "mine.png" if output else "photo_24x20.png"
        (folder / name).write_bytes(b"mine")
        result = run("send", "photo.png", "scale=2", "model=tiny", *output)
        assert result.status == 1
        assert "exists already" in result.err
        assert (folder / name).read_bytes() == b"mine"
        assert run("send", "photo.png", "scale=2", *output, "--overwrite").status == 0
        assert str(read_image(folder / name).size) == "24x20"


def test_what_cannot_be_sent_is_one_line(service: ServiceProcess, run: Run, folder: Path) -> None:
    save_photo(folder / "other.png")
    for arguments, status, told in (
        (["none.png", "scale=2"], 1, "none.png is no file"),
        (["photo.png", "scale"], 2, "'scale' is no setting; write NAME=VALUE"),
        (["photo.png", "scael=2"], 1, "there is no field 'scael'"),
        (["photo.png", "scale=2", "on_progress=1"], 1, "there is no field 'on_progress'"),
        (["photo.png", "scale=2", "model=none"], 1, "there is no model 'none'"),
        (["photo.png", "scale=2", "-o", "a.xyz"], 1, "unknown ending"),
        (["photo.png", "scale=2", "model=tiny", "-o", "no/a.png"], 1, "cannot be written"),
    ):
        result = run("send", *arguments)
        assert result.status == status, arguments
        assert told in result.err
        assert len(result.errors) == 1


def test_without_a_service_send_says_how_to_start_one(run: Run, folder: Path) -> None:
    result = run("send", "photo.png", "scale=2")
    assert (result.status, result.errors) == (
        1,
        ["liifgan: no service runs; start it with: liifgan serve"],
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--folder", "none"], "--folder none is no folder"),
        (["--host", "192.0.2.1"], "cannot be taken"),
        (["--host", "no such host"], "is no address of this machine"),
        (["--memory", "1M"], "--memory needs at least 256M"),
        (["--upload", "much"], "--upload needs a size such as 512M"),
        (["--token-file", "photo.png"], "name another --token-file"),
    ],
)
def test_a_service_that_cannot_be_is_told_before_anything_is_written(
    run: Run, folder: Path, data_dir: Path, arguments: list[str], told: str
) -> None:
    result = run("serve", "--port", 0, *arguments)
    assert result.status == 2
    assert told in result.err
    assert len(result.errors) == 1
    assert not (data_dir / SERVICE_FILE).exists()
    assert [path.name for path in folder.iterdir()] == ["photo.png"]


def test_a_port_that_is_taken_is_told(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        result = run("serve", "--port", other.getsockname()[1])
    assert result.status == 2
    assert "choose another --port, or 0" in result.err


def test_other_machines_are_warned_of(
    run: Run, monkeypatch: pytest.MonkeyPatch, data_dir: Path
) -> None:
    monkeypatch.setattr(server, "run_server", lambda *_, **__: None)
    result = run("serve", "--port", 0, "--host", "0.0.0.0")
    assert result.status == 0
    assert "other machines can reach this service" in result.err
    assert "nothing is encrypted" in result.err
    assert run("serve", "--port", 0, "--host", "localhost").err == ""


def test_without_the_extra_it_says_what_to_install(data_dir: Path) -> None:
    blocked = "import sys; sys.modules.update(fastapi=None, uvicorn=None, starlette=None)"
    code = f"{blocked}; sys.argv = ['liifgan', *sys.argv[1:]]; from liifgan_core.cli import main; "
    for arguments, status, told in (
        (["serve"], 2, "serving needs fastapi and uvicorn; install it with: pip install"),
        (["send", "none.png", "scale=2"], 1, "none.png is no file"),
    ):
        command = [sys.executable, "-c", f"{code} main()", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == status, done.stderr
        assert told in done.stderr
        assert len(done.stderr.splitlines()) == 1
