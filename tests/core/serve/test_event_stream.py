import asyncio
import http.client
import threading
from pathlib import Path
from typing import Any

import pytest

from liifgan_core.batch.inputs import Photo
from liifgan_core.batch.names import Output
from liifgan_core.batch.options import BatchOptions
from liifgan_core.batch.wanted import NamedRule
from liifgan_core.serve import event_stream as module
from liifgan_core.serve.event_stream import event_stream
from liifgan_core.serve.job import ENDS, Job
from liifgan_core.serve.refusal import ToldError
from liifgan_core.sizing import relative_rule
from tests.core.serve.conftest import TIMEOUT_S, Served

KINDS = ["queued", "running", "progress", "progress", "progress", "done"]
"""What the exporter of tests reports: a quarter, a half, three quarters."""


@pytest.fixture
def job(tmp_path: Path) -> Job:
    options = BatchOptions(
        rules=(NamedRule(relative_rule("scale", 2.0)),), output=Output(tmp_path, True)
    )
    photo = Photo(tmp_path / "a.png", tmp_path)
    return Job("id", photo=photo, told_as="a.png", options=options, folder=tmp_path)


def test_events_come_in_order_and_end_with_the_job(served: Served, photo: bytes) -> None:
    served.exporter.go_on.clear()
    events = served.client.events(served.post_photo(photo).json["id"])
    first = next(events)
    assert (first.number, first.kind) == (1, "queued")
    served.exporter.go_on.set()
    all_events = [first, *events]
    assert [event.kind for event in all_events] == KINDS
    assert [event.number for event in all_events] == list(range(1, len(KINDS) + 1))
    fractions = [event.job["progress"] for event in all_events]
    assert fractions == [0.0, 0.0, 0.25, 0.5, 0.75, 1.0]
    assert all_events[-1].job["result"]["width"] == 24


def test_whoever_comes_late_gets_all_of_them_again(served: Served, photo: bytes) -> None:
    job_id = served.post_photo(photo).json["id"]
    served.client.wait(job_id)
    assert [event.kind for event in served.client.events(job_id)] == KINDS
    assert [event.kind for event in served.client.events(job_id, after=4)] == KINDS[4:]
    assert list(served.client.events(job_id, after=len(KINDS))) == []
    assert list(served.client.events(job_id, after=1000)) == []


def test_a_client_that_went_away_goes_on_where_it_was(served: Served, photo: bytes) -> None:
    served.exporter.go_on.clear()
    job_id = served.post_photo(photo).json["id"]
    events = served.client.events(job_id)
    seen = next(events)
    job = served.service.job(job_id)
    assert job.num_watchers == 1
    job._watchers = watchers = _Watchers(job)
    events.close()  # and with it the connection
    assert watchers.has_left.wait(TIMEOUT_S)
    assert job.num_watchers == 0
    served.exporter.go_on.set()
    rest = list(served.client.events(job_id, after=seen.number))
    assert [event.kind for event in rest] == KINDS[seen.number :]
    assert rest[-1].job["state"] == "done"


class _Watchers(list[Any]):
    """Tells when a stream has noticed that its client went away."""

    def __init__(self, job: Job) -> None:
        super().__init__(job._watchers)
        self.has_left = threading.Event()

    def remove(self, watcher: Any) -> None:
        super().remove(watcher)
        self.has_left.set()


@pytest.mark.parametrize("seen", ["x", "-1", "1" * 20, "²"])
def test_a_last_event_that_is_no_number_is_told(served: Served, photo: bytes, seen: str) -> None:
    job_id = served.post_photo(photo).json["id"]
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=TIMEOUT_S)
    headers = {**served.own_headers, "Last-Event-ID": seen.encode("utf-8").decode("latin-1")}
    connection.request("GET", f"/v1/jobs/{job_id}/events", headers=headers)
    assert connection.getresponse().status == 400
    connection.close()


def test_all_clients_of_a_job_hear_the_same(served: Served, photo: bytes) -> None:
    served.exporter.go_on.clear()
    job_id = served.post_photo(photo).json["id"]
    streams = [served.client.events(job_id) for _ in range(5)]
    for stream in streams:
        next(stream)
    served.exporter.go_on.set()
    assert [[event.kind for event in stream] for stream in streams] == [KINDS[1:]] * 5


def test_an_end_between_two_looks_is_not_missed(job: Job) -> None:
    """The state changes before the event is there: only the event ends the stream."""

    async def kinds() -> list[str]:
        lines: list[str] = []
        async for block in event_stream(job, after=0):
            lines.append(block.decode().split("event: ")[1].split("\n")[0])
            if len(lines) == 1:
                job._state = "failed"
                asyncio.get_running_loop().call_soon(job.fail, ToldError(code="x", message="y"))
        return lines

    assert asyncio.run(kinds()) == ["queued", "failed"]
    assert job.num_watchers == 0


def test_a_stream_with_nothing_to_tell_gives_a_sign(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PULSE_S", 0.0)

    async def first_two() -> list[bytes]:
        stream = event_stream(job, after=0)
        blocks = [await anext(stream), await anext(stream)]
        await stream.aclose()
        return blocks

    assert asyncio.run(first_two())[1].startswith(b":")
    assert job.num_watchers == 0


def test_progress_is_told_in_hundredths(job: Job) -> None:
    job.start()
    for step in range(10_000):
        job.report(step / 9999)
    assert job.num_events == 102
    fractions = [event.job.progress for event in job.events_after(2)]
    assert fractions == [percent / 100 for percent in range(1, 101)]
    job.end_cancelled()
    assert job.is_over_after(103)
    assert job.events_after(102)[0].kind in ENDS
