"""The pictures that a TIFF file holds, and which of them is the photo.

A file is a chain of directories, each a picture, and each may have others below it (SubIFDs):
pages, smaller copies, masks, or the photo itself beside a thumbnail (TIFF 6.0, section 2; Adobe
PageMaker 6.0 technical notes).
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from liifgan_core.images.metadata import exif
from liifgan_core.images.metadata.exif import Directory, DirectoryReader

NEW_SUBFILE_TYPE, SUBFILE_TYPE, WIDTH, HEIGHT = 254, 255, 256, 257
PHOTOMETRIC, SUB_DIRECTORIES = 262, 330

_REDUCED, _MASK = 1, 4
"""Bits of NewSubfileType."""
_OLD_REDUCED = 2
"""Value of SubfileType."""
_MASK_PHOTOMETRIC = 4
_RAW_PHOTOMETRICS = frozenset((32803, 34892))
"""A colour filter array's samples and what is only demosaiced (DNG 1.7, chapter 2)."""

_LETTERS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
"""Formats of the types that hold whole numbers."""

MAX_DIRECTORIES = 1000
"""Directories that are looked at. Stacks from microscopes have more; their first pages will do."""


@dataclass(frozen=True, slots=True)
class TiffDirectory:
    """One picture's description."""

    offset: int
    """Where it is in the file."""

    index: int | None
    """Its number in the chain; None below another one."""

    order: str
    """"<" for little-endian values, ">" for big-endian ones."""

    entries: Directory

    def numbers(self, tag: int) -> tuple[int, ...]:
        """Return the whole numbers of a field; empty where it is missing or of another type."""
        entry = self.entries.get(tag)
        letter = _LETTERS.get(entry.kind) if entry else None
        if entry is None or letter is None:
            return ()
        count = len(entry.data) // struct.calcsize(f"<{letter}")
        return struct.unpack(f"{self.order}{count}{letter}", entry.data)

    def number(self, tag: int, default: int) -> int:
        """Return the first number of a field, `default` where there is none."""
        return next(iter(self.numbers(tag)), default)

    @property
    def num_pixels(self) -> int:
        """Height times width; 0 where it is no picture."""
        return self.number(HEIGHT, 0) * self.number(WIDTH, 0)

    @property
    def is_reduced(self) -> bool:
        """Whether it is a smaller copy of another picture."""
        is_old = self.number(SUBFILE_TYPE, 0) == _OLD_REDUCED
        return bool(self.number(NEW_SUBFILE_TYPE, 0) & _REDUCED) or is_old

    @property
    def is_mask(self) -> bool:
        """Whether it tells where another picture is transparent."""
        is_marked = bool(self.number(NEW_SUBFILE_TYPE, 0) & _MASK)
        return is_marked or self.number(PHOTOMETRIC, 1) == _MASK_PHOTOMETRIC

    @property
    def is_camera_raw(self) -> bool:
        """Whether it holds a sensor's values instead of colours."""
        return self.number(PHOTOMETRIC, 1) in _RAW_PHOTOMETRICS


@dataclass(frozen=True, slots=True)
class TiffPictures:
    """The directories of a file, in which the photo is known."""

    reader: DirectoryReader
    first: TiffDirectory
    photo: TiffDirectory
    """The largest picture that is neither a smaller copy nor a mask; of equal ones the first."""
    num_others: int
    """How many more such pictures there are."""
    num_masks: int
    has_more: bool
    """Whether the file goes on behind the directories that were looked at."""


def read_pictures(file: BinaryIO) -> TiffPictures | None:
    """Return the pictures of the TIFF in `file`, None where no directory can be read."""
    opened = exif.open_structure(lambda offset, length: exif.bytes_at(file, offset, length))
    if opened is None:
        return None
    reader, place = opened
    found: list[TiffDirectory] = []
    has_more = False
    for directory in _walk(reader, place):
        if len(found) == MAX_DIRECTORIES:
            has_more = True
            break
        found.append(directory)
    if not found:
        return None
    pictures = [each for each in found if each.num_pixels and not each.is_mask]
    photos = [each for each in pictures if not each.is_reduced]
    # A file of nothing but smaller copies is still a picture.
    photo = _largest(photos or pictures)
    return TiffPictures(
        reader,
        found[0],
        photo or found[0],
        num_others=max(0, len(photos) - 1),
        num_masks=sum(each.is_mask and each is not photo for each in found),
        has_more=has_more,
    )


def _largest(directories: Sequence[TiffDirectory]) -> TiffDirectory | None:
    return max(directories, key=lambda each: each.num_pixels, default=None)


def _walk(reader: DirectoryReader, place: int) -> Iterator[TiffDirectory]:
    """Yield each directory of the chain, behind it those below it; none twice."""
    seen: set[int] = set()
    index = 0
    while place and place not in seen:
        seen.add(place)
        directory = _directory(reader, place, index)
        if not directory.entries:
            return
        yield directory
        below = list(directory.numbers(SUB_DIRECTORIES))
        while below:
            sub_place = below.pop(0)
            if sub_place in seen:
                continue
            seen.add(sub_place)
            sub = _directory(reader, sub_place, None)
            if sub.entries:
                yield sub
                below += sub.numbers(SUB_DIRECTORIES)
        place = reader.next_place(place)
        index += 1


def _directory(reader: DirectoryReader, place: int, index: int | None) -> TiffDirectory:
    return TiffDirectory(place, index, reader.order, reader.directory(place, is_layout=True))
