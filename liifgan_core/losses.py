"""What of a photo does not come through as it was: typed records, told where they are noticed.

Whoever reads or writes a file calls `tell`; whoever wants to know surrounds that with `collected`.
So no function in between, of decoders with bands and callbacks, has to pass them along. A record is
logged as a warning too, once a file.
"""

import logging
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

import msgspec

_log = logging.getLogger(__name__)

LossCode = Literal[
    "bits",
    "bits-asked",
    "calibration",
    "channels",
    "channels-of-exr",
    "cmyk-approximate",
    "cmyk-bits",
    "code-points",
    "damaged",
    "display-window",
    "display-window-warped",
    "facts",
    "gain-map-apple",
    "gain-map-format",
    "gain-map-misplaced",
    "gain-map-stripped",
    "gain-map-warped",
    "lab-gamut",
    "light-without-opacity",
    "not-carried",
    "palette",
    "pictures",
    "profile-linked",
    "profile-not-converted",
    "profile-space",
    "smaller-copy",
    "tone-mapped",
    "too-long",
    "transparency",
    "transparency-mask",
    "video-range",
    "white-balance",
]

SENTENCES: Mapping[LossCode, str] = {
    "bits": "{file} has {has} bits, its result as {format} {gets}",
    "bits-asked": "{file}: {asked} bits are asked for, its result as {format} has {gets}",
    "calibration": "{file}: its {part} cannot be used ({reason}); sRGB's is assumed.",
    "channels": (
        "{file} has {count} channels beside its colours that are no alpha; they are left out."
    ),
    "channels-of-exr": (
        "{file}: the picture is made of the channels{layer} {used}; others are left out: {others}."
    ),
    "cmyk-approximate": (
        "{file}: CMYK without a usable colour profile; its colours are approximate."
    ),
    "cmyk-bits": "{file}: CMYK of more than 8 bits is read as 8 bits.",
    "code-points": (
        "{file}: its colour code points {primaries}/{transfer} are unknown; colours are "
        "approximate."
    ),
    "damaged": "{file}: its {part} is damaged and was left out.",
    "display-window": (
        "{file}: {format} has no display window; the result is all of the data window."
    ),
    "display-window-warped": ("{file}: the display window is left out, as it is not warped along."),
    "facts": "{file}: the format has no place for {facts}.",
    "gain-map-apple": "{file}: its gain map is of Apple's kind and was left out.",
    "gain-map-format": "{file}: the gain map is left out; JPEG keeps it.",
    "gain-map-misplaced": "{file}: its gain map is not where it should be and was left out.",
    "gain-map-stripped": "{file}: the gain map is left out with the metadata.",
    "gain-map-warped": "{file}: the gain map is left out, as it is not warped along.",
    "lab-gamut": "{file}: its L*a*b* colours beyond sRGB are moved to sRGB's edge.",
    "light-without-opacity": (
        "{file}: light where the picture is transparent has no place in {format} and is left out."
    ),
    "not-carried": "{file}: its {what} are left out.",
    "palette": "{file}: {format} holds {colours} colours; others become the nearest, in a pattern.",
    "pictures": "{file} has {amount} pictures; only the {used} is used.",
    "profile-linked": "{file}: its colour profile is in another file and was left out.",
    "profile-not-converted": (
        "{file}: its colour profile cannot be converted for this format; colours are approximate."
    ),
    "profile-space": "{file}: its colour profile is for {space} and was left out.",
    "smaller-copy": "{file} holds nothing but a smaller copy of a picture; it is used.",
    "tone-mapped": (
        "{file}: {colours} is tone-mapped to sRGB, because {format} of {bits} bits cannot hold it."
    ),
    "too-long": "{part} of {bytes} bytes is too long for {format} and was left out.",
    "transparency": "{file}: {format} has no transparency; the picture is put on white.",
    "transparency-mask": "{file} has a transparency mask, which is left out.",
    "video-range": (
        "{file}: its samples are of video range; what lies beyond black or white is cut."
    ),
    "white-balance": "{file} has no white balance of the camera; daylight's is used.",
}
"""The command line's words for each; `{...}` are the values that a record has."""

Value = str | int


class Loss(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is lost or changed, besides what was asked for."""

    code: LossCode
    """What; by it the app finds its own words."""
    values: dict[str, Value]
    """By name, as in the sentence; `file`, if any, is the photo's path, or the result's."""
    message: str
    """One English sentence."""


_collected: ContextVar[list[Loss] | None] = ContextVar("losses", default=None)


def tell(code: LossCode, **values: object) -> None:
    """Record and log a loss; the values are those of the sentence, whole numbers or texts."""
    plain: dict[str, Value] = {
        name: value if isinstance(value, int) else str(value) for name, value in values.items()
    }
    loss = Loss(code=code, values=plain, message=SENTENCES[code].format_map(plain))
    losses = _collected.get()
    if losses is not None:
        if loss in losses:
            return
        losses.append(loss)
    _log.warning("%s", loss.message)


@contextmanager
def collected(losses: list[Loss] | None = None) -> Generator[list[Loss]]:
    """Give a list that takes what this thread tells inside, each once; nested ones keep theirs.

    `losses` goes on being filled where work is done in steps; None is a list of its own.
    """
    losses = [] if losses is None else losses
    token = _collected.set(losses)
    try:
        yield losses
    finally:
        _collected.reset(token)
