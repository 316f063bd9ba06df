"""What a file says about its picture beside pixels and colour profile."""

import math
from collections.abc import Set
from dataclasses import dataclass, replace

from liifgan_core.geometry import Size
from liifgan_core.images.metadata import exif, xmp
from liifgan_core.images.metadata.enlarged import Enlargement, with_enlargement
from liifgan_core.images.metadata.texts import COMMENT, SOFTWARE, Text, into_exif
from liifgan_core.images.metadata.xmp_claims import claims_video
from liifgan_core.losses import tell

EVERYTHING = frozenset(("exif", "xmp", "iptc", "texts", "comment", "dpi", "note"))
"""What all formats together carry of it."""
_MAX_DPI = 100_000.0


@dataclass(frozen=True, slots=True)
class Metadata:
    """Raw blocks, as they are in the file or shall be in it."""

    exif: bytes | None = None
    """A TIFF structure, without the "Exif" mark in front."""

    xmp: bytes | None = None
    """An XMP packet (UTF-8)."""

    iptc: bytes | None = None
    """An IPTC block (IIM records)."""

    texts: tuple[Text, ...] = ()
    """Title, author, comment and others by PNG's keywords, in the order of the file."""

    dpi: float | None = None
    """Pixels per inch across for printing; None where unknown."""

    dpi_down: float | None = None
    """Pixels per inch from top to bottom where they are others than across."""

    note: str | None = None
    """Which program and model made the picture; only of results."""

    def __bool__(self) -> bool:
        return any((self.exif, self.xmp, self.iptc, self.texts, self.dpi, self.note))

    @property
    def resolution(self) -> tuple[float, float] | None:
        """Pixels per inch across and down."""
        return None if self.dpi is None else (self.dpi, self.dpi_down or self.dpi)


NO_METADATA = Metadata()


def with_resolution(metadata: Metadata, value: object) -> Metadata:
    """Return the metadata with the resolution (across, down) where it is a usable one."""
    try:
        across, down = (float(each) for each in value)  # type: ignore[union-attr]
    except (TypeError, ValueError, ZeroDivisionError):
        return metadata
    if not all(math.isfinite(each) and 1.0 < each < _MAX_DPI for each in (across, down)):
        return metadata
    is_even = abs(across - down) < 0.5
    return replace(metadata, dpi=across, dpi_down=None if is_even else down)


def result_metadata(
    source: Metadata,
    size: Size,
    *,
    note: str | None,
    dpi: float | None,
    name: str,
    carries: Set[str] = EVERYTHING,
    source_size: Size | None = None,
    enlargement: Enlargement | None = None,
    invents: bool | None = None,
) -> Metadata:
    """Return the metadata of a result of `size` that was made from a file with `source`.

    `dpi` None keeps the source's. With `source_size`, the photo's, sizes inside XMP grow along.
    `enlargement` and `invents` go into XMP (`with_enlargement`); `invents` None: nothing does.
    `carries` is what the result's format has a place for
    (`Format.carries`): texts without one go into EXIF fields, the rest is left out with one logged
    warning, and so is a damaged block; `name` is the file's for them.
    """
    lost = [kind.upper() for kind in ("exif", "xmp", "iptc") if _has(source, kind, carries)]
    parsed = None
    if source.exif:
        parsed = exif.parse(source.exif)
        if parsed is None:
            tell("damaged", file=name, part="EXIF block")
    kept = [text for text in source.texts if note is None or text[0] != SOFTWARE]
    if "texts" not in carries:
        comments = [text for text in kept if text[0] == COMMENT and "comment" in carries]
        left = [text for text in kept if text not in comments]
        if "exif" in carries:
            parsed, left = into_exif(left, parsed)
        lost += [f"the text {keyword!r}" for keyword, _text in left]
        kept = comments
    printed = (dpi, dpi) if dpi else None
    if source.dpi and not dpi and "dpi" not in carries:
        if "exif" not in carries:
            lost.append("the resolution")
        elif parsed is None or exif.X_RESOLUTION not in parsed.main:
            printed = source.resolution
    if source.xmp and claims_video(source.xmp):
        lost.append("the video of a motion photo")
    if lost:
        tell("facts", file=name, facts=" and ".join(lost))
    block = exif.to_bytes(
        exif.for_result(parsed, width=size.width, height=size.height, note=note, dpi=printed)
    )
    packet = None
    if source.xmp:
        scale = None
        if source_size is not None:
            scale = (size.height / source_size.height, size.width / source_size.width)
        packet = xmp.for_result(
            source.xmp, width=size.width, height=size.height, dpi=dpi, scale=scale
        )
        if packet is None:
            tell("damaged", file=name, part="XMP packet")
    if invents is not None and "xmp" in carries:
        try:
            packet = with_enlargement(packet, enlargement, invents=invents)
        except ValueError:
            tell("damaged", file=name, part="XMP packet")
            packet = with_enlargement(None, enlargement, invents=invents)
    has_exif = parsed is not None or note is not None or printed is not None
    return Metadata(
        exif=block if has_exif else None,
        xmp=packet,
        iptc=source.iptc if "iptc" in carries else None,
        texts=tuple(kept),
        dpi=dpi or source.dpi,
        dpi_down=None if dpi else source.dpi_down,
        note=note,
    )


def _has(source: Metadata, kind: str, carries: Set[str]) -> bool:
    """Whether the source has a block that the format has no place for."""
    blocks = {"exif": source.exif, "xmp": source.xmp, "iptc": source.iptc}
    return bool(blocks[kind]) and kind not in carries
