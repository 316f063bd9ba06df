"""A job's events as server-sent events (WHATWG HTML, "Server-sent events")."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from liifgan_core.batch.paths import encode_line
from liifgan_core.serve.job import Event, Job

_PULSE_S = 15.0
"""Seconds after which something is sent, so that both ends notice a broken connection."""


async def event_stream(job: Job, *, after: int) -> AsyncIterator[bytes]:
    """Yield the events behind number `after` as they happen, in order, until the job has ended."""
    loop, woken = asyncio.get_running_loop(), asyncio.Event()
    after = min(after, job.num_events)

    def wake() -> None:
        with suppress(RuntimeError):  # the loop has ended before the job
            loop.call_soon_threadsafe(woken.set)

    with job.watched(wake):
        while True:
            woken.clear()
            for event in job.events_after(after):
                yield _line(event)
                after = event.number
            if job.is_over_after(after):
                return
            try:
                async with asyncio.timeout(_PULSE_S):
                    await woken.wait()
            except TimeoutError:
                yield b": still at work\n\n"


def _line(event: Event) -> bytes:
    head = f"id: {event.number}\nevent: {event.kind}\ndata: "
    return head.encode() + encode_line(event.job) + b"\n\n"
