"""Which file formats can be read and written, and what each of them can hold."""

from dataclasses import dataclass
from pathlib import Path

from liifgan_core.errors import ImageWriteError


@dataclass(frozen=True, slots=True)
class Format:
    """What one file format can do here. A format is listed once its round-trip test passes."""

    name: str
    """Short lower-case name, unique in the table."""

    suffixes: tuple[str, ...]
    """File name endings, lower case with the dot; the first one is the default."""

    can_read: bool
    can_write: bool

    depths: tuple[int, ...]
    """Bits per sample that can be written, ascending."""

    has_alpha: bool
    """Whether an alpha channel can be written."""

    max_side: int
    """Longest side in pixels that the format can describe."""

    default_quality: int | None = None
    """Quality (1 to 100) used when none is given; None for lossless formats."""

    @property
    def is_lossy(self) -> bool:
        """Whether what is read back may differ from what was written."""
        return self.default_quality is not None


FORMATS: tuple[Format, ...] = (
    # PNG specification, third edition, 7.1: lengths are at most 2^31 - 1.
    Format("png", (".png",), True, True, (8, 16), True, 2**31 - 1),
    # 16-bit fields; libjpeg stops at 65500 when writing, which its own decoder does as well.
    Format("jpeg", (".jpg", ".jpeg", ".jpe", ".jfif"), True, True, (8,), False, 65_500, 95),
    # 14-bit fields (WebP container specification, "Canvas").
    Format("webp", (".webp",), True, True, (8,), True, 16_383, 90),
    # Fields have 32 bits, but many readers take them for signed.
    Format("tiff", (".tif", ".tiff"), True, True, (8, 16), True, 2**31 - 1),
)
"""All known formats, in the order in which they are offered."""


def format_by_name(name: str) -> Format:
    """Return the format called `name` ("png", ...), or raise ImageWriteError."""
    for known in FORMATS:
        if known.name == name.lower():
            return known
    raise ImageWriteError(f"There is no format {name!r}; choose one of {writable_names()}.")


def format_by_suffix(path: Path | str) -> Format:
    """Return the format that the file name of `path` ends with, or raise ImageWriteError."""
    name = format_name_of_suffix(path)
    if name is not None:
        return format_by_name(name)
    suffix = Path(path).suffix.lower()
    what = f"has the unknown ending {suffix!r}" if suffix else "has no ending such as .png"
    known_suffixes = ", ".join(s for known in FORMATS if known.can_write for s in known.suffixes)
    raise ImageWriteError(
        f"The file name {str(path)!r} {what}, so its format is unclear; end it with one of "
        f"{known_suffixes}."
    )


def format_name_of_suffix(path: Path | str) -> str | None:
    """Return the name of the format that the file name ends with, or None."""
    suffix = Path(path).suffix.lower()
    return next((known.name for known in FORMATS if suffix in known.suffixes), None)


def format_by_content(head: bytes) -> Format | None:
    """Return the readable format whose files start like `head` (12 bytes or more), or None."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        name = "png"
    elif head.startswith(b"\xff\xd8\xff"):
        name = "jpeg"
    elif head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        name = "webp"
    elif head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):  # + marks BigTIFF
        name = "tiff"
    else:
        return None
    return format_by_name(name)


def readable_names() -> str:
    """Return the names of all readable formats, for a message: "PNG, JPEG, ..."."""
    return ", ".join(known.name.upper() for known in FORMATS if known.can_read)


def writable_names() -> str:
    """Return the names of all writable formats, for a message: "png, jpeg, ..."."""
    return ", ".join(known.name for known in FORMATS if known.can_write)
