"""Who gets in, before anything of a request is read: no web page, nobody without the token."""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from liifgan_core.batch.paths import encode_line
from liifgan_core.serve.access import is_same
from liifgan_core.serve.refusal import ErrorBody, Refusal
from liifgan_core.serve.uploads import Body

_UNREAD_BYTES = 2**20
_IDLE_S = 5.0
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?")
_OF_BROWSERS = ("origin", "sec-fetch-site")
"""Headers that browsers add and pages cannot leave out. Scripts do not send them; Sec-Fetch-Mode
they may, as Node's fetch does."""
_ALWAYS = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; sandbox"),
    (b"cross-origin-resource-policy", b"same-origin"),
]


@dataclass(frozen=True, slots=True)
class Hosts:
    """What a Host header may say.

    A page whose name is made to lead here (DNS rebinding) sends its own name, which is not among
    these. An address is nobody's name.
    """

    port: int
    names: frozenset[str]
    takes_addresses: bool = False
    """Whether any address will do, as where the service listens on all of the machine's."""

    def allows(self, header: str) -> bool:
        """Whether a header names this service."""
        found = _HOST.fullmatch(header.lower())
        if found is None or int(found[2] or 80) != self.port:
            return False
        name = found[1].strip("[]")
        return name in self.names or (self.takes_addresses and _is_address(name))


class Gate:
    """An ASGI application around the service's; it counts the requests that are open."""

    def __init__(self, app: ASGIApp, *, token: str, hosts: Hosts, num_requests: int) -> None:
        self._app, self._token, self._hosts = app, token, hosts
        self._num_requests = num_requests
        self._num_open = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return  # lifespan and websockets are off

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *_ALWAYS]
            await send(message)

        try:
            self._check(scope["headers"])
        except Refusal as error:
            # A client that waits for leave to send (100-continue) is not given it.
            if not _values(scope["headers"], "expect"):
                await Body(receive, idle_s=_IDLE_S).throw_away(max_bytes=_UNREAD_BYTES)
            await answer(error)(scope, receive, send_with_headers)
            return
        self._num_open += 1
        try:
            await self._app(scope, receive, send_with_headers)
        finally:
            self._num_open -= 1

    def _check(self, headers: Sequence[tuple[bytes, bytes]]) -> None:
        hosts = _values(headers, "host")
        if len(hosts) != 1 or not self._hosts.allows(hosts[0].decode("latin-1")):
            message = "the Host header does not name this service; use the address that it printed"
            raise Refusal(403, "wrong_host", message)
        if any(_values(headers, name) for name in _OF_BROWSERS):
            raise Refusal(403, "web_page", "web pages and browsers are not served")
        given = _values(headers, "authorization")
        if len(given) != 1 or not given[0].startswith(b"Bearer "):
            message = "send the service's token, as 'Authorization: Bearer TOKEN'"
            raise Refusal(401, "no_token", message)
        if not is_same(given[0].removeprefix(b"Bearer "), self._token):
            message = "this is not the service's token; it has a new one after each start"
            raise Refusal(401, "wrong_token", message)
        if self._num_open >= self._num_requests:
            message = f"{self._num_requests} requests are open already; try again in 1 s"
            raise Refusal(429, "too_many_requests", message, retry_after_s=1)


def answer(error: Refusal) -> Response:
    """Return the answer that says why not."""
    headers: dict[str, str] = {}
    if error.retry_after_s is not None:
        headers["Retry-After"] = str(error.retry_after_s)
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(
        encode_line(ErrorBody(error.told)),
        error.status,
        headers,
        media_type="application/json",
    )


def _values(headers: Sequence[tuple[bytes, bytes]], name: str) -> list[bytes]:
    return [value for key, value in headers if key.lower() == name.encode()]


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
