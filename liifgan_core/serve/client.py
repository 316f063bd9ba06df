"""A client of the service, of Python's standard library alone.

It imports nothing of LIIF-GAN, so that a copy of this one file serves other programs' Pythons: the
plug-in for GIMP has one. Python 3.9 or newer.
"""

from __future__ import annotations

import http.client
import json
import os
import sys
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, NamedTuple
from urllib.parse import urlencode

ENDS = ("done", "failed", "cancelled")
_BLOCK_BYTES = 1 << 20
_TIMEOUT_S = 60.0
"""Longer than the pulse of event streams (15 s) and the service's patience with uploads (30 s)."""
_NUM_TRIES = 10
_NUM_RECONNECTS = 3


class ServiceError(Exception):
    """What the service answers when it refuses, or that there is none; a sentence for people."""

    def __init__(self, message: str, *, code: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.retry_after_s = retry_after_s


class Event(NamedTuple):
    """Something that happened to a job."""

    number: int
    kind: str
    """"queued", "running", "progress", or how it has ended: one of `ENDS`."""
    job: dict[str, Any]


def service_files() -> list[Path]:
    """Return where a service leaves its file without --token-file, the likeliest first.

    The data folder of the program, as platformdirs names it. A program in a Flatpak or Snap has its
    data folder elsewhere than the service, hence the second name on Linux.
    """
    override = os.environ.get("LIIFGAN_DATA_DIR")
    if override:
        folders = [Path(override)]
    elif sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
        folders = [Path(local, "liifgan")]
    elif sys.platform == "darwin":
        folders = [Path.home() / "Library" / "Application Support" / "liifgan"]
    else:
        usual = Path.home() / ".local" / "share"
        folders = [
            Path(os.environ.get("XDG_DATA_HOME") or usual, "liifgan"),
            usual / "liifgan",
        ]
    return [folder / "service.json" for folder in folders]


def find_service(file: Path | None = None) -> Client:
    """Return a client of the service that runs; raises ServiceError when there is none."""
    for path in service_files() if file is None else [file]:
        try:
            found = json.loads(path.read_bytes())
            return Client(str(found["host"]), int(found["port"]), str(found["token"]))
        except FileNotFoundError:
            continue
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ServiceError(
                f"{path} cannot be read ({error}); start the service again"
            ) from error
    raise ServiceError("no service runs; start it with: liifgan serve")


class Client:
    """Talks to one service; one connection for each request, never through a proxy."""

    def __init__(self, host: str, port: int, token: str) -> None:
        self._host, self._port, self._token = host, port, token

    def health(self) -> dict[str, Any]:
        """Return version, limits and what is going on."""
        return self._json("GET", "/v1/health")

    def models(self) -> list[dict[str, Any]]:
        """Return the installed models."""
        return self._json("GET", "/v1/models")["models"]

    def jobs(self) -> list[dict[str, Any]]:
        """Return the jobs, the oldest first."""
        return self._json("GET", "/v1/jobs")["jobs"]

    def job(self, id: str) -> dict[str, Any]:
        """Return one job."""
        return self._json("GET", f"/v1/jobs/{id}")

    def post_path(self, path: str, options: Mapping[str, Any]) -> dict[str, Any]:
        """Ask for a photo in one of the service's folders; returns the job."""
        body = json.dumps({**options, "path": path}).encode()
        return self._json("POST", "/v1/jobs", body, {"Content-Type": "application/json"})

    def post_file(self, photo: Path, options: Mapping[str, Any]) -> dict[str, Any]:
        """Send a photo; returns the job. It is streamed from disk."""
        fields = {"file_name": photo.name, **options}
        query = urlencode({name: _text(value) for name, value in fields.items()}, errors="replace")
        with photo.open("rb") as file:
            headers = {
                "Content-Type": "application/octet-stream",
                "Content-Length": str(os.fstat(file.fileno()).st_size),
            }
            return self._json("POST", f"/v1/jobs?{query}", file, headers)

    def cancel(self, id: str) -> dict[str, Any]:
        """Cancel a job."""
        return self._json("POST", f"/v1/jobs/{id}/cancel", b"")

    def delete(self, id: str) -> None:
        """Cancel a job if it has not ended, and remove it with its result."""
        self._request("DELETE", f"/v1/jobs/{id}").read()

    def events(self, id: str, *, after: int = 0) -> Iterator[Event]:
        """Yield what happens to a job until it has ended, from behind event number `after` on.

        Raises ServiceError, also when the connection breaks; then go on behind the last event.
        """
        answer = self._request(
            "GET", f"/v1/jobs/{id}/events", headers={"Last-Event-ID": str(after)}
        )
        fields: dict[str, str] = {}
        try:
            for line in answer:
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name:
                    fields[name] = value
                elif "data" in fields:
                    yield Event(int(fields["id"]), fields["event"], json.loads(fields["data"]))
                    fields = {}
        except (OSError, http.client.HTTPException) as error:
            raise ServiceError(f"the service does not answer any more ({error})") from error
        finally:
            answer.close()

    def wait(
        self,
        id: str,
        *,
        on_progress: Callable[[float], None] = lambda _: None,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> dict[str, Any]:
        """Return a job when it has ended, whatever came of it; a broken connection is taken up.

        `is_cancelled` is asked at each event.
        """
        seen, num_left = 0, _NUM_RECONNECTS
        while True:
            try:
                for event in self.events(id, after=seen):
                    seen, num_left = event.number, _NUM_RECONNECTS
                    on_progress(event.job["progress"])
                    if event.kind in ENDS:
                        return event.job
                    if is_cancelled():
                        self.cancel(id)
                raise ServiceError("the service has ended the stream of events")
            except ServiceError as error:
                if error.code or num_left == 0:  # it has answered, or is not there any more
                    raise
                num_left -= 1

    def download(self, id: str, file: IO[bytes]) -> None:
        """Write a job's result into a file; raises ServiceError unless it comes whole."""
        answer = self._request("GET", f"/v1/jobs/{id}/result")
        num_bytes = int(answer.headers["Content-Length"])
        try:
            while block := answer.read(_BLOCK_BYTES):
                file.write(block)
                num_bytes -= len(block)
        except http.client.HTTPException as error:
            raise ServiceError(f"the result did not come whole ({error})") from error
        finally:
            answer.close()
        if num_bytes:
            raise ServiceError(f"the result did not come whole; {num_bytes} bytes are missing")

    @contextmanager
    def upscaled(
        self,
        photo: Path,
        options: Mapping[str, Any],
        *,
        on_progress: Callable[[float], None] = lambda _: None,
        is_cancelled: Callable[[], bool] = lambda: False,
        sleep: Callable[[float], None] = time.sleep,
    ) -> Generator[dict[str, Any]]:
        """Send a photo, wait, and give the job that is done; `download` gets its result.

        Comes again when the service is busy, as late as that asks for. In the end nothing is left
        at the service. Raises ServiceError, with the code "cancelled" when it was.
        """
        job = self._posted(photo, options, sleep)
        try:
            job = self.wait(job["id"], on_progress=on_progress, is_cancelled=is_cancelled)
            if job["state"] != "done":
                raise ServiceError(job["error"]["message"], code=job["error"]["code"])
            yield job
        finally:
            self._delete_quietly(job["id"])

    def _posted(
        self, photo: Path, options: Mapping[str, Any], sleep: Callable[[float], None]
    ) -> dict[str, Any]:
        for _ in range(_NUM_TRIES - 1):
            try:
                return self.post_file(photo, options)
            except ServiceError as error:
                if error.retry_after_s is None:
                    raise
                sleep(error.retry_after_s)
        return self.post_file(photo, options)

    def _delete_quietly(self, id: str) -> None:
        with suppress(ServiceError):  # the service forgets it by itself
            self.delete(id)

    def _json(
        self,
        method: str,
        path: str,
        body: bytes | IO[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        return json.loads(self._request(method, path, body, headers).read())

    def _request(
        self,
        method: str,
        path: str,
        body: bytes | IO[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=_TIMEOUT_S)
        sent = {**(headers or {}), "Authorization": f"Bearer {self._token}", "Connection": "close"}
        try:
            # Refused before all was sent: the answer says why.
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.request(method, path, body, sent)
            answer = connection.getresponse()
            if answer.status >= 400 or not answer.will_close:
                told = _error(answer.status, answer.read(), answer.headers.get("Retry-After"))
                connection.close()
                raise told
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise ServiceError(
                f"the service at {self._host}:{self._port} does not answer ({error}); start it "
                "with: liifgan serve"
            ) from error
        return answer  # which has the socket now, and closes it at its end


def _error(status: int, body: bytes, retry_after: str | None) -> ServiceError:
    retry_after_s = float(retry_after) if retry_after and retry_after.isdigit() else None
    try:
        told = json.loads(body)["error"]
        return ServiceError(told["message"], code=told["code"], retry_after_s=retry_after_s)
    except (ValueError, KeyError, TypeError):
        return ServiceError(f"what answers there is no LIIF-GAN service (HTTP {status})")


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
