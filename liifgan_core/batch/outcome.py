"""What became of a photo: plain data, so that it can come from another machine."""

from typing import Literal

import msgspec

from liifgan_core.batch.stamps import FileStamp
from liifgan_core.errors import Remedy

Result = Literal["done", "skipped", "failed", "left out", "busy"]


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What `--json` tells of a file that was done."""

    input: str
    """As it was named; as `path_to_text` has it, and so is `output`."""
    output: str
    width: int
    height: int
    seconds: float
    """Reading, encoding, rendering and writing."""
    reading_s: float
    encoding_s: float
    rendering_s: float
    writing_s: float
    device: str
    precision: str
    engine: str
    model: str
    detail_mask: str | None = None
    """The automatic mask's name, or 16 digits of the SHA-256 of a given one; None: none."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How a photo ended."""

    status: Result
    """`skipped`: its result is there; `left out`: it is itself a result; `busy`: another process
    has it at the moment."""
    record: Record | None = None
    """Of what was done."""
    output: str | None = None
    """The result, as `path_to_text` has it: absolute of what was done."""
    source: FileStamp | None = None
    result: FileStamp | None = None
    worker: str | None = None
    message: str = ""
    """Why it failed or was skipped: one sentence that names the photo."""
    remedy: Remedy | None = None
    """What would help, which each face says in its own words."""
