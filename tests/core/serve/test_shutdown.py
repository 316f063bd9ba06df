import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from liifgan_core.serve.client import Event
from tests.core.serve.conftest import TIMEOUT_S, Serve, Served
from tests.core.serve.processes import service_process


def last(events: Iterator[Event]) -> tuple[str, str]:
    """Return how a job ended, and why."""
    event = list(events)[-1]
    return event.kind, event.job["error"]["message"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_in_the_midst_of_work_cancels_all_jobs_tells_all_clients_and_leaves_nothing(
    tiny_weights: Path, photo_file: Path, data_dir: Path, number: int
) -> None:
    folder = photo_file.parent
    with service_process("--folder", folder) as service:
        assert service.lines[0].startswith("serving at http://127.0.0.1:")
        assert service.lines[1].startswith("token ")
        client = service.client
        # 270 megapixels: whenever the signal comes, it is in the midst.
        asked = {"model": "tiny", "scale": 1500, "output": str(folder)}
        running = client.post_path(str(photo_file), asked)
        events = [client.events(running["id"])]
        assert next(event for event in events[0] if event.kind == "progress")
        waiting = [client.post_file(photo_file, {"model": "tiny", "scale": 2}) for _ in range(2)]
        for job in waiting:
            events.append(client.events(job["id"]))
            next(events[-1])
        errors = service.stop(number)
        assert service.process.returncode == 0
        for stream in events:
            assert last(stream) == ("cancelled", "the service is stopping")
    assert errors.splitlines()[0].startswith("liifgan: stopping: jobs are cancelled")
    assert "3 jobs were cancelled; send them again after the next start" in errors
    assert [path.name for path in folder.iterdir()] == ["photo.png"]
    assert not (data_dir / "service.json").exists()
    assert list((data_dir / "serve").iterdir()) == []


def test_an_upload_that_is_on_its_way_is_answered(serve: Serve, photo: bytes) -> None:
    served = serve()
    head = [
        "POST /v1/jobs?scale=2 HTTP/1.1",
        *(f"{name}: {value}" for name, value in served.own_headers.items()),
        "Content-Type: image/png",
        "Connection: close",
        f"Content-Length: {len(photo)}",
    ]
    with socket.create_connection(("127.0.0.1", served.port), timeout=TIMEOUT_S) as connection:
        connection.sendall("\r\n".join([*head, "", ""]).encode() + photo[:100])
        _wait_for_upload(served)
        served.service.stop()
        connection.sendall(photo[100:])
        answer = connection.makefile("rb")
        assert answer.readline().split()[1] == b"503"
        assert b'"code": "stopping"' in answer.read()


def _wait_for_upload(served: Served) -> None:
    looks = (served.client.health()["num_queued"] for _ in range(10_000))
    assert any(looks), "it never began"


def test_no_job_is_taken_any_more(served: Served, photo: bytes) -> None:
    served.service.stop()
    answer = served.post_photo(photo)
    assert (answer.status, answer.code) == (503, "stopping")
    assert served.client.health()["is_stopping"]


def test_a_download_that_has_begun_is_finished(serve: Serve, photo: bytes) -> None:
    served = serve()
    job = served.client.wait(served.post_photo(photo).json["id"])
    path = served.service.job(job["id"]).result_path
    assert path is not None
    content = bytes(range(256)) * 40_000  # more than sockets hold
    path.write_bytes(content)
    answer = served.client._request("GET", f"/v1/jobs/{job['id']}/result")
    start = answer.read(1000)
    served.cancel.cancel()
    assert start + answer.read() == content
    served.stop()
    assert served.stopped == [0]
