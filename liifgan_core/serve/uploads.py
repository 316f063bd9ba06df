"""Bodies of requests: to disk within a bound, or thrown away so that an answer can be read."""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from liifgan_core.serve.refusal import Refusal

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
"""What gives the messages of a request (ASGI). Declared here, as this must load without the extra:
somebody has to say that it is missing."""

_BLOCK_BYTES = 2**20
_STEM_BYTES = 160
_UNSAFE = frozenset('/\\:*?"<>|')
"""What some system does not take in a name."""
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
"""Names of devices on Windows."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A photo that a client has sent; its folder is its own."""

    folder: Path
    file_name: str

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / "in" / self.file_name


def safe_name(given: str | None) -> str:
    """Return a client's file name as one that any system takes and that leads nowhere."""
    kept = "".join("_" if c in _UNSAFE or not c.isprintable() else c for c in given or "photo")
    stem, suffix = os.path.splitext(kept.strip(" ."))
    # A result's name has its size, too, and systems count bytes (255 on most).
    stem = stem.encode("utf-8", "replace")[:_STEM_BYTES].decode("utf-8", "ignore")
    name = f"{stem}{suffix[:8]}".strip(" .") or "photo"
    return f"_{name}" if _RESERVED.fullmatch(name) else name


def length_of(value: str | None) -> int | None:
    """Return the bytes that a Content-Length names, None for none (chunks)."""
    return int(value) if value is not None and value.isascii() and value.isdigit() else None


class Body:
    """The body of one request, read at most once."""

    def __init__(self, receive: Receive, *, idle_s: float) -> None:
        """`idle_s` is how long a client may pause."""
        self._receive, self._idle_s = receive, idle_s
        self._has_more = True

    async def blocks(self, *, max_bytes: int, what: str) -> AsyncIterator[bytes]:
        """Yield it in blocks of about a megabyte.

        Raises Refusal when it is too large, pauses or breaks off; `what` names it for people.
        """
        num_bytes, block = 0, bytearray()
        while self._has_more:
            try:
                part = await self._next()
            except TimeoutError:
                told = f"nothing came for {self._idle_s:g} s; send {what} again"
                raise Refusal(408, "timeout", told) from None
            if part is None:
                raise Refusal(400, "incomplete", f"{what} was not sent to its end")
            block += part
            num_bytes += len(part)
            if num_bytes > max_bytes:
                told = f"{what} has more than the {max_bytes:,} bytes that are taken"
                raise Refusal(413, "too_large", told)
            if len(block) >= _BLOCK_BYTES or (block and not self._has_more):
                yield bytes(block)
                block.clear()

    async def all(self, *, max_bytes: int, what: str) -> bytes:
        """Return all of it; raises as `blocks`."""
        return b"".join([block async for block in self.blocks(max_bytes=max_bytes, what=what)])

    async def throw_away(self, *, max_bytes: int) -> None:
        """Read what is left of it, as far as the bound, so that the client comes to the answer.

        A connection that is closed on unread bytes is reset, and a client that still sends may then
        never see why.
        """
        num_bytes = 0
        while self._has_more and num_bytes <= max_bytes:
            try:
                part = await self._next()
            except TimeoutError:
                return
            num_bytes += len(part or b"")

    async def _next(self) -> bytes | None:
        """Return the next bytes, None when the client has gone; raises TimeoutError."""
        async with asyncio.timeout(self._idle_s):
            message = await self._receive()
        is_here = message["type"] == "http.request"
        self._has_more = is_here and message.get("more_body", False)
        return message.get("body", b"") if is_here else None


async def save(body: Body, upload: Upload, *, max_bytes: int) -> None:
    """Write a body to the upload's file; raises Refusal, and then no complete file is there."""
    upload.path.parent.mkdir()
    num_bytes = 0
    with upload.path.open("xb") as file:
        async for block in body.blocks(max_bytes=max_bytes, what="the photo"):
            try:
                await asyncio.to_thread(file.write, block)
            except OSError as error:
                reason = os.strerror(error.errno or 0)
                told = f"the photo cannot be kept ({reason}); free some space"
                raise Refusal(507, "disk", told) from error
            num_bytes += len(block)
    if num_bytes == 0:
        raise Refusal(400, "empty", "the body is empty; send the photo's bytes")
