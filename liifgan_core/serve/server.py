"""The service on a socket, from its start until it is told to stop."""

import contextlib
import ipaddress
import socket
import sys
from collections.abc import Callable, Generator

import uvicorn

from liifgan_core.errors import LiifganError
from liifgan_core.progress import CancelToken
from liifgan_core.serve.gate import Gate, Hosts
from liifgan_core.serve.service import Service
from liifgan_core.serve.web import create_app

LOOPBACK = frozenset(("127.0.0.1", "localhost", "::1"))
_BACKLOG = 512
_LAST_DOWNLOADS_S = 10
"""Seconds that downloads and event streams have to end when the service stops."""


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a service that listens there."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def open_socket(host: str, port: int) -> socket.socket:
    """Return a socket that listens, so that clients may connect at once; port 0: any free one.

    Raises LiifganError.
    """
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, proto)
    except OSError as error:
        raise LiifganError(f"--host {host} is no address of this machine ({error})") from error
    try:
        if sys.platform == "win32":
            # Otherwise another user's program could take the port over.
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise LiifganError(
            f"port {port} of {host} cannot be taken ({error.strerror}); choose another --port, or "
            "0 for a free one"
        ) from error
    return listening


def url_of(host: str, port: int) -> str:
    """Return the address for clients on this machine."""
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def run_server(
    service: Service,
    listening: socket.socket,
    *,
    token: str,
    host: str,
    cancel: CancelToken,
    on_stop: Callable[[int], None] = lambda _: None,
) -> None:
    """Serve until `cancel`, which also a signal handler may call; then jobs are cancelled.

    `on_stop` gets how many. Clients that wait for events get to know it; downloads that have begun
    have 10 s to end. The socket is closed.
    """
    port = listening.getsockname()[1]
    is_local = is_loopback(host)
    names = LOOPBACK if is_local else LOOPBACK | {host.lower()}
    gate = Gate(
        create_app(service),
        token=token,
        hosts=Hosts(port, frozenset(names), takes_addresses=not is_local),
        num_requests=service.limits.num_requests,
    )
    config = uvicorn.Config(
        gate,
        log_config=None,
        log_level="error",
        access_log=False,
        http="h11",
        loop="asyncio",
        ws="none",
        lifespan="off",
        backlog=_BACKLOG,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_LAST_DOWNLOADS_S,
    )
    _Server(config, service, cancel, on_stop).run(sockets=[listening])


class _Server(uvicorn.Server):
    """Stops the service before it waits for connections, which wait for jobs; takes no signals."""

    def __init__(
        self,
        config: uvicorn.Config,
        service: Service,
        cancel: CancelToken,
        on_stop: Callable[[int], None],
    ) -> None:
        super().__init__(config)
        self._service, self._cancel, self._on_stop = service, cancel, on_stop

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield

    async def on_tick(self, counter: int) -> bool:
        return await super().on_tick(counter) or self._cancel.is_cancelled

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._on_stop(self._service.stop())
        await super().shutdown(sockets)
