"""What became of a photo: plain data, so that it can come from another machine."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from liifgan_core.batch.stamps import FileStamp
from liifgan_core.errors import Remedy
from liifgan_core.images.metadata.enlarged import Consistent, Shown
from liifgan_core.losses import Loss

Result = Literal["done", "skipped", "failed", "left out", "busy"]


class GeometryRecord(msgspec.Struct, frozen=True, kw_only=True):
    """How a photo was turned or otherwise warped (`liifgan_core.warp.Geometry`)."""

    rotation_deg: float
    perspective: list[tuple[float, float]] | None
    """(x, y) of four corners."""
    distortion: tuple[float, float]
    frame: str
    frame_width: int
    """What the size rule was applied to, and so `frame_height`."""
    frame_height: int
    background: tuple[float, float, float] | None


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
    factor_across: float
    factor_down: float
    """Width of the result by that of the photo, or of the frame that it was warped into; and so
    `factor_down`."""
    preset: str = ""
    """Name of the size in its preset; empty for a rule of its own."""
    shows: Shown = "picture"
    consistent: Consistent | None = None
    """What of the photo comes back when the result is reduced; None: nothing was promised."""
    consistent_error: float | None = None
    """Mean absolute difference then, in 1/255, as measured."""
    losses: tuple[Loss, ...] = ()
    """What of the photo is not in the result, or changed, beside what was asked for."""
    geometry: GeometryRecord | None = None
    """None: the photo as it is."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How a photo ended, or one of its results."""

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
    parts: tuple["Outcome", ...] = ()
    """Of a photo with several results, how each of them ended, in the order of
    `BatchOptions.wanted`; empty where there is one, or none was begun."""

    @property
    def each(self) -> tuple["Outcome", ...]:
        """How each result ended."""
        return self.parts or (self,)


def joined(parts: Sequence[Outcome]) -> Outcome:
    """Return how a photo ended whose results have ended so.

    It has failed if one has, and is done if one is; it has the first result's file.
    """
    if len(parts) == 1:
        return parts[0]
    failed = [part for part in parts if part.status == "failed"]
    done = [part for part in parts if part.status == "done"]
    first = (failed or done or parts)[0]
    messages = dict.fromkeys(part.message for part in (failed or parts) if part.message)
    return Outcome(
        status=first.status,
        output=parts[0].output,
        source=next((part.source for part in done), None),
        worker=next((part.worker for part in done), None),
        message="; ".join(messages),
        remedy=first.remedy,
        parts=tuple(parts),
    )
