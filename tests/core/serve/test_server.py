import socket
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi import FastAPI

from liifgan_core.errors import LiifganError
from liifgan_core.serve.server import is_loopback, open_socket, url_of
from liifgan_core.serve.service import Service
from liifgan_core.serve.web import create_app
from tests.fake_exporter import FakeExporter


def test_the_service_is_there_before_torch() -> None:
    code = (
        "import sys, liifgan_core.cli.serve, liifgan_core.cli.send, liifgan_core.serve.server; "
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def test_requests_are_reported_to_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """FastAPI would, where the environment says so."""
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    service = Service(lambda *_: FakeExporter(), spool=tmp_path)
    telemetry = create_app(service)._telemetry
    for kind in ("tracing", "metrics", "logs", "operation_spans", "auto_configure"):
        assert telemetry[kind] is False
        assert FastAPI()._telemetry[kind] is True, "there is nothing to turn off any more"


@pytest.mark.parametrize(
    ("host", "is_local"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("LocalHost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.2", False),
        ("localhost.example", False),
    ],
)
def test_only_what_stays_on_the_machine_is_loopback(host: str, is_local: bool) -> None:
    assert is_loopback(host) == is_local


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8377"),
        ("localhost", "http://localhost:8377"),
        ("::1", "http://[::1]:8377"),
        ("0.0.0.0", "http://127.0.0.1:8377"),
        ("::", "http://[::1]:8377"),
    ],
)
def test_the_address_for_clients_is_one_that_they_can_reach(host: str, url: str) -> None:
    assert url_of(host, 8377) == url


def test_a_socket_takes_clients_at_once_and_its_port_is_nobody_elses() -> None:
    with open_socket("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        socket.create_connection(("127.0.0.1", port), timeout=10).close()
        with pytest.raises(LiifganError, match=f"port {port} of 127.0.0.1 cannot be taken"):
            open_socket("127.0.0.1", port)
