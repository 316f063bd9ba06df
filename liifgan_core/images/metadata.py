"""What a file says about its picture beside pixels and colour profile."""

import logging
from dataclasses import dataclass

from liifgan_core.geometry import Size
from liifgan_core.images import exif, xmp

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Metadata:
    """Raw blocks, as they are in the file or shall be in it."""

    exif: bytes | None = None
    """A TIFF structure, without the "Exif" mark in front."""

    xmp: bytes | None = None
    """An XMP packet (UTF-8)."""

    dpi: float | None = None
    """Pixels per inch for printing; None where unknown or different in the two directions."""

    note: str | None = None
    """Which program and model made the picture; only of results."""

    def __bool__(self) -> bool:
        return any((self.exif, self.xmp, self.dpi, self.note))


NO_METADATA = Metadata()


def result_metadata(
    source: Metadata, size: Size, *, note: str | None, dpi: float | None, name: str
) -> Metadata:
    """Return the metadata of a result of `size` that was made from a file with `source`.

    `dpi` None keeps the source's. A damaged block is left out with a logged warning; `name` is
    the file's for it.
    """
    parsed = None
    if source.exif:
        parsed = exif.parse(source.exif)
        if parsed is None:
            _log.warning("%s: its EXIF block is damaged and was left out.", name)
    block = exif.to_bytes(
        exif.for_result(parsed, width=size.width, height=size.height, note=note, dpi=dpi)
    )
    packet = None
    if source.xmp:
        packet = xmp.for_result(source.xmp, width=size.width, height=size.height, dpi=dpi)
        if packet is None:
            _log.warning("%s: its XMP packet is damaged and was left out.", name)
    has_exif = parsed is not None or note is not None or dpi is not None
    return Metadata(exif=block if has_exif else None, xmp=packet, dpi=dpi or source.dpi, note=note)
