"""The token, and the file by which programs of the same user find service and token."""

import contextlib
import hmac
import os
import secrets
import socket
from pathlib import Path

import msgspec

from liifgan_core.errors import LiifganError
from liifgan_core.files.failures import write_error

SERVICE_FILE = "service.json"
"""In the user's data folder."""
_CONNECT_S = 0.5


class ServiceFile(msgspec.Struct, frozen=True, kw_only=True):
    """Where a service listens, and its token."""

    url: str
    host: str
    port: int
    token: str
    pid: int
    version: str


def new_token() -> str:
    """Return 256 random bits as 43 characters."""
    return secrets.token_urlsafe(32)


def is_same(given: bytes, token: str) -> bool:
    """Compare in a time that does not depend on where they differ."""
    return hmac.compare_digest(given, token.encode("ascii"))


def write_service_file(path: Path, content: ServiceFile) -> None:
    """Write the file, at once and for the user alone (0600); raises LiifganError.

    Windows has no such modes: there it is as private as the folder that it lies in.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(content))
        os.replace(temporary, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise write_error(path, error) from error


def read_service_file(path: Path) -> ServiceFile | None:
    """Return what the file says, None where there is none or it is none of a service."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=ServiceFile)
    except (OSError, msgspec.DecodeError):
        return None


def remove_service_file(path: Path, token: str) -> None:
    """Remove the file, unless it has become that of another service."""
    found = read_service_file(path)
    if found is not None and is_same(found.token.encode(), token):
        with contextlib.suppress(OSError):
            path.unlink()


def check_none_runs(path: Path) -> None:
    """Raise LiifganError while the service of that file answers; another file is left, too."""
    found = read_service_file(path)
    if found is None:
        if os.path.lexists(path):
            raise LiifganError(
                f"{path} is there and is not the file of a service; name another --token-file"
            )
        return
    try:
        socket.create_connection((found.host, found.port), timeout=_CONNECT_S).close()
    except OSError:
        return  # it was killed, and its file is replaced
    raise LiifganError(
        f"a service runs already on port {found.port} ({path}); use it, stop it, or name another "
        "--token-file"
    )
