"""Texts beside a picture (title, author, ...) by PNG's keywords, and their places in EXIF."""

from collections.abc import Iterable

from liifgan_core.images.metadata import exif
from liifgan_core.images.metadata.exif import Entry, Exif

Text = tuple[str, str]
"""Keyword and text."""

COMMENT, SOFTWARE = "Comment", "Software"
_ASCII_FIELDS = {"Description": 270, "Author": 315, "Copyright": 33432}
_TITLE, _TITLE_FIELD = "Title", 40091
"""Windows' title: UTF-16, little-endian in every block."""
_USER_COMMENT = 37510
_COMMENTS = ("parameters", COMMENT)
"""Keywords whose texts go into EXIF's user comment, the first that is there; image generators put
their prompt into "parameters", and their readers look for it there in JPEG and WebP."""


def into_exif(texts: Iterable[Text], block: Exif | None) -> tuple[Exif | None, list[Text]]:
    """Return the block with the texts that it has a free place for, and the texts left over.

    A field that the block has already stays; a text that says the same is not left over.
    """
    order = block.order if block else "<"
    main = dict(block.main) if block else {}
    photo = dict(block.photo) if block else {}
    left: list[Text] = []
    for keyword, text in sorted(texts, key=lambda each: each[0] not in _COMMENTS[:1]):
        if keyword in _ASCII_FIELDS:
            place, tag = main, _ASCII_FIELDS[keyword]
            entry = Entry(exif.ASCII, text.encode("utf-8", "replace") + b"\0")
        elif keyword == _TITLE:
            place, tag = main, _TITLE_FIELD
            entry = Entry(exif.BYTE, text.encode("utf-16-le", "replace") + b"\0\0")
        elif keyword in _COMMENTS:
            place, tag = photo, _USER_COMMENT
            entry = Entry(exif.UNDEFINED, _user_comment(text, order))
        else:
            left.append((keyword, text))
            continue
        if place.setdefault(tag, entry) != entry:
            left.append((keyword, text))
    if not main and not photo:
        return block, left
    gps, interop = (block.gps, block.interop) if block else ({}, {})
    return Exif(order, main, photo, gps, interop), left


def _user_comment(text: str, order: str) -> bytes:
    """Return the value of the field, which begins with the name of its code (EXIF 2.32, 4.6.5)."""
    if text.isascii():
        return b"ASCII\0\0\0" + text.encode("ascii")
    return b"UNICODE\0" + text.encode("utf-16-le" if order == "<" else "utf-16-be", "replace")
