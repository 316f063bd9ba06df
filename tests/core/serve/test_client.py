import io
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import platformdirs.macos
import platformdirs.unix
import platformdirs.windows
import pytest

import liifgan_core.serve.client as module
from liifgan_core.resources import DATA_DIR_VARIABLE, user_data_path
from liifgan_core.serve.access import SERVICE_FILE
from liifgan_core.serve.client import Client, Event, ServiceError, find_service, service_files
from liifgan_core.serve.limits import Limits
from tests.core.serve.conftest import TIMEOUT_S, Serve, Served

DOUBLE = {"scale": 2}


def test_it_needs_nothing_but_the_standard_library() -> None:
    """The plug-in for GIMP has a copy, without LIIF-GAN."""
    code = (
        "import runpy, sys; before = set(sys.modules); runpy.run_path(sys.argv[1]); "
        "new = {name.partition('.')[0] for name in set(sys.modules) - before}; "
        "print(sorted(new - set(sys.stdlib_module_names)))"
    )
    command = [sys.executable, "-I", "-c", code, str(module.__file__)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("platform", "place"),
    [
        ("linux", platformdirs.unix.Unix),
        ("darwin", platformdirs.macos.MacOS),
    ],
)
@pytest.mark.parametrize("data_home", [None, "/data"])
def test_it_looks_where_the_service_leaves_its_file(
    monkeypatch: pytest.MonkeyPatch, platform: str, place: type, data_home: str | None
) -> None:
    monkeypatch.delenv(DATA_DIR_VARIABLE)
    if data_home is None or platform == "darwin":
        monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    else:
        monkeypatch.setenv("XDG_DATA_HOME", data_home)
    monkeypatch.setattr(module.sys, "platform", platform)
    expected = place("liifgan", appauthor=False).user_data_path / SERVICE_FILE
    assert service_files()[0] == expected


def test_it_looks_where_windows_has_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DATA_DIR_VARIABLE)
    monkeypatch.setenv("LOCALAPPDATA", "/local")
    monkeypatch.setattr(module.sys, "platform", "win32")
    monkeypatch.setattr(platformdirs.windows, "get_win_folder", lambda _: "/local")
    place = platformdirs.windows.Windows("liifgan", appauthor=False)
    assert service_files() == [place.user_data_path / SERVICE_FILE]


def test_the_variable_that_moves_the_data_folder_counts() -> None:
    assert service_files() == [user_data_path(SERVICE_FILE)]


def test_without_a_service_it_says_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="no service runs; start it with: liifgan serve"):
        find_service()
    (tmp_path / "file").write_text("{}")
    with pytest.raises(ServiceError, match="cannot be read"):
        find_service(tmp_path / "file")
    with pytest.raises(ServiceError, match="does not answer"):
        Client("127.0.0.1", 1, "token").health()


@pytest.fixture
def answering() -> Iterator[Callable[[bytes], Client]]:
    """A server that gives one answer, whatever is asked."""
    with ExitStack() as stack:

        def start(answer: bytes) -> Client:
            server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

            def serve() -> None:
                connection, _ = server.accept()
                with connection:
                    connection.recv(10_000)
                    connection.sendall(answer)

            thread = threading.Thread(target=serve)
            thread.start()
            stack.callback(thread.join, TIMEOUT_S)
            return Client("127.0.0.1", server.getsockname()[1], "token")

        yield start


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\nno",
        b"HTTP/1.1 500 No\r\nConnection: close\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    ],
)
def test_something_else_at_the_port_is_told(
    answering: Callable[[bytes], Client], answer: bytes
) -> None:
    with pytest.raises(ServiceError, match=r"no LIIF-GAN service \(HTTP \d+\)"):
        answering(answer).health()


def test_what_talks_no_http_is_told(answering: Callable[[bytes], Client]) -> None:
    with pytest.raises(ServiceError, match="does not answer"):
        answering(b"SSH-2.0\r\n").health()


def test_a_result_that_breaks_off_is_an_error(answering: Callable[[bytes], Client]) -> None:
    client = answering(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 9\r\n\r\nhalf")
    with pytest.raises(ServiceError, match="did not come whole; 5 bytes are missing"):
        client.download("x", io.BytesIO())


def test_a_photo_is_upscaled_and_nothing_stays(served: Served, photo_file: Path) -> None:
    file, fractions = io.BytesIO(), []
    with served.client.upscaled(photo_file, DOUBLE, on_progress=fractions.append) as job:
        served.client.download(job["id"], file)
    assert file.getvalue() == b"24x20 png"
    assert fractions == [0.0, 0.0, 0.25, 0.5, 0.75, 1.0]
    assert served.client.jobs() == []


def test_a_photo_that_fails_raises_the_services_sentence(served: Served, tmp_path: Path) -> None:
    path = tmp_path / "none.png"
    path.write_bytes(b"none")
    with (
        pytest.raises(ServiceError, match=r"none\.png") as caught,
        served.client.upscaled(path, DOUBLE),
    ):
        pass
    assert caught.value.code == "cannot_upscale"
    assert served.client.jobs() == []
    with pytest.raises(ServiceError) as caught, served.client.upscaled(path, {"sleep": 2}):
        pass
    assert caught.value.code == "unknown_field"


def test_a_cancelled_photo_is_told_as_that(served: Served, photo_file: Path, photo: bytes) -> None:
    served.exporter.go_on.clear()
    first = served.post_photo(photo).json
    with (
        pytest.raises(ServiceError) as caught,
        served.client.upscaled(photo_file, DOUBLE, is_cancelled=lambda: True),
    ):
        pass
    assert caught.value.code == "cancelled"
    assert [job["id"] for job in served.client.jobs()] == [first["id"]]


def test_whoever_interrupts_leaves_no_job_behind(served: Served, photo_file: Path) -> None:
    def interrupt(_fraction: float) -> None:
        raise KeyboardInterrupt

    with (
        pytest.raises(KeyboardInterrupt),
        served.client.upscaled(photo_file, DOUBLE, on_progress=interrupt),
    ):
        pass
    assert served.client.jobs() == []


def test_it_comes_again_when_the_service_is_busy_and_as_late_as_that_asks(
    serve: Serve, photo: bytes, photo_file: Path
) -> None:
    served = serve(limits=Limits(num_queued=1))
    served.exporter.go_on.clear()
    client, slept = served.client, []
    running = served.post_photo(photo).json
    events = client.events(running["id"])
    assert next(event for event in events if event.kind == "running")
    waiting = served.post_photo(photo).json

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 2:
            served.exporter.go_on.set()
            client.wait(waiting["id"])

    with client.upscaled(photo_file, DOUBLE, sleep=sleep) as job:
        assert job["state"] == "done"
    assert slept == [5.0, 5.0]


def test_a_broken_stream_of_events_is_taken_up_where_it_broke(
    served: Served, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = served.post_photo(photo).json
    served.client.wait(job["id"])
    whole, asked = Client.events, []

    def breaks(self: Client, job_id: str, *, after: int = 0) -> Iterator[Event]:
        asked.append(after)
        for event in whole(self, job_id, after=after):
            if event.number == 3 and len(asked) == 1:
                raise ServiceError("the service does not answer any more")
            yield event

    monkeypatch.setattr(Client, "events", breaks)
    fractions: list[float] = []
    assert served.client.wait(job["id"], on_progress=fractions.append)["state"] == "done"
    assert asked == [0, 2]
    assert fractions == [0.0, 0.0, 0.25, 0.5, 0.75, 1.0]


def test_a_service_that_has_gone_is_not_waited_for(served: Served, photo: bytes) -> None:
    served.exporter.go_on.clear()
    job, client = served.post_photo(photo).json, served.client
    served.client.delete(job["id"])
    with pytest.raises(ServiceError) as caught:
        client.wait(job["id"])
    assert caught.value.code == "no_job"
    served.stop()
    with pytest.raises(ServiceError, match="does not answer"):
        client.wait(job["id"])
