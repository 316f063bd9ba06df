"""Real services on loopback, with exporters that do what a test tells them or with a tiny model."""

import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PilImage

from liifgan_core.batch.exporter import OpenExporter
from liifgan_core.progress import CancelToken
from liifgan_core.serve.access import new_token
from liifgan_core.serve.client import Client
from liifgan_core.serve.limits import Limits
from liifgan_core.serve.server import open_socket, run_server
from liifgan_core.serve.service import Service
from tests.fake_exporter import FakeExporter

TIMEOUT_S = 60.0
"""For what always comes."""


class Answer:
    """What came back."""

    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self.status, self.headers, self.body = answer.status, answer.headers, answer.read()

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        return self.json["error"]["code"]

    @property
    def message(self) -> str:
        return self.json["error"]["message"]


class Served:
    """A service that runs in a thread of this process."""

    def __init__(self, stack: ExitStack, service: Service, exporter: Any) -> None:
        self.service, self.exporter = service, exporter
        self.token, self.cancel = new_token(), CancelToken()
        self.stopped: list[int] = []
        stack.enter_context(service)
        listening = stack.enter_context(open_socket("127.0.0.1", 0))
        self.port: int = listening.getsockname()[1]
        self._thread = threading.Thread(target=self._run, args=(listening,))
        self._thread.start()
        stack.callback(self.stop)

    def stop(self) -> None:
        self.cancel.cancel()
        if isinstance(self.exporter, FakeExporter):
            self.exporter.go_on.set()
        self._thread.join(TIMEOUT_S)
        assert not self._thread.is_alive()

    def _run(self, listening: socket.socket) -> None:
        run_server(
            self.service,
            listening,
            token=self.token,
            host="127.0.0.1",
            cancel=self.cancel,
            on_stop=self.stopped.append,
        )

    @property
    def client(self) -> Client:
        return Client("127.0.0.1", self.port, self.token)

    @property
    def own_headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Host": f"127.0.0.1:{self.port}"}

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Send one request with the token; headers of that name replace the usual ones."""
        sent = {**self.own_headers, **(headers or {})}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_S)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            content = body.encode() if isinstance(body, str) else body
            if content is not None and "Content-Length" not in sent:
                sent["Content-Length"] = str(len(content))
            for name, value in sent.items():
                if value:
                    connection.putheader(name, value)
            connection.endheaders(content)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def post_json(self, **fields: Any) -> Answer:
        kind = {"Content-Type": "application/json"}
        return self.ask("POST", "/v1/jobs", json.dumps(fields), kind)

    def post_photo(self, content: bytes, query: str = "scale=2") -> Answer:
        kind = {"Content-Type": "image/png"}
        return self.ask("POST", f"/v1/jobs?{query}", content, kind)


Serve = Callable[..., Served]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start a service; all that are started end with the test."""
    with ExitStack() as stack:

        def start(
            *,
            open_exporter: OpenExporter | None = None,
            folders: tuple[Path, ...] = (),
            limits: Limits | None = None,
            **more: Any,
        ) -> Served:
            exporter = FakeExporter()
            service = Service(
                open_exporter or (lambda *_: exporter),
                spool=tmp_path / "spool",
                folders=folders,
                limits=limits,
                **more,
            )
            return Served(stack, service, exporter)

        yield start


@pytest.fixture
def served(serve: Serve, tmp_path: Path) -> Served:
    """A service with the folder `photos` and an exporter that draws nothing."""
    (tmp_path / "photos").mkdir()
    return serve(folders=(tmp_path / "photos",))


@pytest.fixture
def photo_file(tmp_path: Path) -> Path:
    """photos/photo.png: 12 wide, 10 high."""
    path = tmp_path / "photos" / "photo.png"
    path.parent.mkdir(exist_ok=True)
    pixels = np.random.default_rng(0).integers(0, 256, (10, 12, 3), dtype=np.uint8)
    PilImage.fromarray(pixels).save(path)
    return path


@pytest.fixture
def photo(photo_file: Path) -> bytes:
    """A PNG, 12 wide, 10 high."""
    return photo_file.read_bytes()
