import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from liifgan_core.serve.client import Client, ServiceError
from tests.core.serve.processes import service_process

NUM_REQUESTS, NUM_CLIENTS = 200, 40
UPLOAD_BYTES = 2**20
OPTIONS = {"scale": 8, "model": "tiny"}
BOUND_BYTES = 96 * 2**20
"""Less than half of what is sent."""


def large_file(photo: bytes, path: Path) -> Path:
    """Write the small photo with a chunk that no reader knows, so that it has a megabyte."""
    kind, data = b"teSt", bytes(UPLOAD_BYTES)
    chunk = len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
    path.write_bytes(photo[:-12] + chunk + photo[-12:])
    return path


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
def test_200_requests_are_all_answered_within_a_bound_of_memory(
    tiny_weights: Path, photo: bytes, tmp_path: Path
) -> None:
    """Whoever is taken gets a result, all others a clear 429; nothing is lost, nothing piles up."""
    path = large_file(photo, tmp_path / "large.png")
    with service_process("--queue", 4) as service:
        client = service.client
        expected = result_of(client, client.post_file(path, OPTIONS)["id"])
        before = service.peak_bytes

        def ask(_number: int) -> str | ServiceError:
            try:
                return client.post_file(path, OPTIONS)["id"]
            except ServiceError as error:
                return error

        with ThreadPoolExecutor(NUM_CLIENTS) as clients:
            answers = list(clients.map(ask, range(NUM_REQUESTS)))
        taken = [answer for answer in answers if isinstance(answer, str)]
        refused = [answer for answer in answers if isinstance(answer, ServiceError)]
        assert len(taken) + len(refused) == NUM_REQUESTS
        assert len(set(taken)) == len(taken) >= 1
        assert refused
        for error in refused:
            assert error.code == "queue_full"
            assert "4 jobs wait already; try again later" in str(error)
            assert error.retry_after_s is not None
            assert 1 <= error.retry_after_s <= 60
        for job_id in taken:
            assert result_of(client, job_id) == expected
        assert service.peak_bytes - before < BOUND_BYTES
        assert client.health()["num_jobs"] == 0


def result_of(client: Client, job_id: str) -> bytes:
    """Return the result of a job that must be done, and delete it."""
    import io

    job = client.wait(job_id)
    assert job["state"] == "done", job
    file = io.BytesIO()
    client.download(job_id, file)
    client.delete(job_id)
    return file.getvalue()
