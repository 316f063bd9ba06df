"""Which file formats can be read and written, by which library, and what each of them can hold.

Long because it is the one table of all formats.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from liifgan_core.errors import ImageWriteError
from liifgan_core.geometry import MAX_OUTPUT_SIDE, Size

Decoder = Literal["Pillow", "OpenImageIO", "libheif", "libavif", "rawpy"]
EncoderName = Literal["built in", "Pillow", "OpenImageIO", "libavif"]
Carried = Literal[
    "icc",
    "code points",
    "chromaticities",
    "exif",
    "xmp",
    "iptc",
    "texts",
    "comment",
    "gain map",
    "windows",
    "dpi",
    "note",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """What one file format can do here. A format is listed once its round-trip test passes."""

    name: str
    """Short lower-case name, unique in the table."""

    suffixes: tuple[str, ...]
    """File name endings, lower case with the dot; the first one is the default."""

    can_read: bool = True
    can_write: bool = True

    reader: Decoder = "Pillow"
    """What decodes it. A PNG of 16 bits is always decoded by OpenImageIO; libavif comes with
    Pillow for 8 bits and with OpenCV for more."""

    writer: EncoderName = "Pillow"
    """What encodes it; "built in" writes row by row in bounded memory."""

    depths: tuple[int, ...] = (8,)
    """Bits per sample that can be written, ascending; 32 is float, and so is 16 in EXR (half)."""

    rare_depths: frozenset[int] = frozenset()
    """Those of them that few programs show: taken only where asked for or the photo has just it."""

    has_alpha: bool = False
    """Whether an alpha channel can be written."""

    has_gray: bool = False
    """Whether gray pictures are written with one colour channel."""

    has_gray_alpha: bool = True
    """Whether that holds for gray pictures with alpha; otherwise they are written in colour."""

    is_linear: bool = False
    """Whether samples are scene-linear light with colours multiplied by alpha, as in EXR."""

    carries: frozenset[Carried] = frozenset()
    """What is stored beside the pixels."""

    max_side: int = MAX_OUTPUT_SIDE
    """Longest side in pixels that the format can describe."""

    max_bytes: int | None = None
    """Largest sum of uncompressed samples that the format can describe; None: no limit."""

    default_quality: int | None = None
    """Quality (1 to 100) used when none is given; None where there is none to choose."""

    lossless_quality: int | None = None
    """Quality at which not a sample changes; None where there is no such."""

    max_colours: int | None = None
    """Number of different colours in a file; None where it is not limited."""

    encoder_bytes: int = 0
    """Memory per output sample while writing, beyond one band; 0 where rows are streamed.
    Measured for 9 megapixels, plus a reserve (November 2026, WebP to GIF: 4, 11.1, 15.4, 1.1)."""

    lossless_encoder_bytes: int | None = None
    """The same at the lossless quality, where that takes more (WebP: 13.9)."""

    @property
    def names(self) -> tuple[str, ...]:
        """Under which it can be asked for: its name first, then its endings without the dot."""
        endings = (suffix[1:] for suffix in self.suffixes)
        return self.name, *(ending for ending in endings if ending != self.name)

    @property
    def is_lossy(self) -> bool:
        """Whether a quality can be chosen."""
        return self.default_quality is not None

    @property
    def is_lossless_by_default(self) -> bool:
        """Whether results lose nothing where no quality is asked for."""
        return self.default_quality == self.lossless_quality

    def bytes_per_sample(self, quality: int | None) -> int:
        """Return `encoder_bytes` at a quality; None is the default one."""
        is_lossless = (quality or self.default_quality) == self.lossless_quality
        return (self.lossless_encoder_bytes if is_lossless else None) or self.encoder_bytes

    @property
    def is_streamed(self) -> bool:
        """Whether memory for writing does not grow with the picture's height."""
        return self.encoder_bytes == 0


_ALL: frozenset[Carried] = frozenset(("icc", "exif", "xmp", "iptc", "dpi", "note"))

FORMATS: tuple[Format, ...] = (
    Format(
        name="png",
        suffixes=(".png",),
        writer="built in",
        depths=(8, 16),
        has_alpha=True,
        has_gray=True,
        carries=_ALL | frozenset[Carried](("code points", "texts", "comment")),
        max_side=2**31 - 1,  # PNG specification, third edition, 7.1
    ),
    Format(
        name="jpeg",
        suffixes=(".jpg", ".jpeg", ".jpe", ".jfif"),
        writer="built in",
        has_gray=True,
        carries=_ALL | frozenset[Carried](("comment", "gain map")),
        # 16-bit fields; libjpeg stops at 65500 when writing, which its own decoder does as well.
        max_side=65_500,
        default_quality=95,
    ),
    Format(
        name="webp",
        suffixes=(".webp",),
        has_alpha=True,
        carries=frozenset(("icc", "exif", "xmp", "note")),
        max_side=16_383,  # 14-bit fields (WebP container specification, "Canvas")
        # libwebp's first partition is limited: 64 megapixels went in, 200 did not (November 2026).
        max_bytes=4 * 64_000_000,
        default_quality=90,
        lossless_quality=100,
        encoder_bytes=5,
        lossless_encoder_bytes=17,
    ),
    Format(
        name="tiff",
        suffixes=(".tif", ".tiff"),
        reader="OpenImageIO",
        writer="built in",
        depths=(8, 16, 32),
        has_alpha=True,
        has_gray=True,
        carries=_ALL,
        max_side=2**31 - 1,  # fields have 32 bits, but many readers take them for signed
    ),
    Format(
        name="avif",
        suffixes=(".avif",),
        reader="libavif",
        writer="libavif",
        depths=(8, 10, 12),
        rare_depths=frozenset((12,)),
        has_alpha=True,
        carries=frozenset(("icc", "code points", "exif", "xmp", "note")),
        max_side=32_768,  # libavif's default limit when reading
        max_bytes=4 * 16_384**2,  # likewise: 2^28 pixels
        default_quality=90,
        encoder_bytes=13,
    ),
    Format(
        name="jxl",
        suffixes=(".jxl",),
        reader="OpenImageIO",
        writer="OpenImageIO",
        depths=(8, 16, 32),
        has_alpha=True,
        has_gray=True,
        has_gray_alpha=False,  # OpenImageIO 3.2.2 fails
        carries=frozenset(("icc", "code points", "exif", "xmp", "note")),
        default_quality=100,
        lossless_quality=100,
        encoder_bytes=20,
    ),
    Format(
        name="exr",
        suffixes=(".exr",),
        reader="OpenImageIO",
        writer="built in",
        depths=(16, 32),
        has_alpha=True,
        has_gray=True,
        is_linear=True,
        carries=frozenset(("chromaticities", "windows", "dpi", "note")),
    ),
    Format(
        name="bmp",
        suffixes=(".bmp", ".dib"),
        writer="built in",
        carries=frozenset(("icc", "dpi")),
        max_bytes=2**32 - 64 * 2**10,  # the file's size is a 32-bit field
    ),
    Format(
        name="gif",
        suffixes=(".gif",),
        carries=frozenset(("comment",)),
        max_side=65_535,
        max_colours=256,
        encoder_bytes=2,
    ),
    Format(
        name="ppm",
        suffixes=(".ppm", ".pgm", ".pnm", ".pbm"),
        reader="OpenImageIO",
        writer="built in",
        depths=(8, 16),
        has_gray=True,
    ),
    Format(name="heic", suffixes=(".heic", ".heif", ".hif"), can_write=False, reader="libheif"),
    Format(
        name="raw",
        # Adobe, Nikon, Canon, Sony, Fujifilm, Olympus, Panasonic, Pentax, Samsung
        suffixes=(
            ".dng",
            ".nef",
            ".nrw",
            ".cr2",
            ".cr3",
            ".arw",
            ".raf",
            ".orf",
            ".rw2",
            ".pef",
            ".srw",
        ),
        can_write=False,
        reader="rawpy",
    ),
)
"""All known formats, in the order in which they are offered."""

_HEIC_BRANDS = frozenset(
    (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"heif")
)
_AVIF_BRANDS = frozenset((b"avif", b"avis"))


def format_by_name(name: str) -> Format:
    """Return the format called `name` or with that ending ("png", "jpg", ...).

    Raises ImageWriteError.
    """
    for known in FORMATS:
        if name.lower() in known.names:
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


def result_depth(known: Format, num_bits: int) -> int:
    """Return the bits per sample for the result of a photo of `num_bits` when none are asked for.

    They are the least that hold all of the photo's, or the format's most.
    """
    depths = [d for d in known.depths if d not in known.rare_depths or d == num_bits]
    return min((d for d in depths if d >= num_bits), default=max(depths))


def result_format(source_format: str) -> Format:
    """Return the format for the result of a file in `source_format` when none is asked for.

    It is the same one, or PNG where that cannot be written or would lose colours (GIF).
    """
    known = format_by_name(source_format)
    return known if known.can_write and known.max_colours is None else format_by_name("png")


def size_problem(known: Format, size: Size, bytes_per_pixel: int) -> str | None:
    """Return why a picture of `size` does not fit into the format, None when it does."""
    if max(size.height, size.width) > known.max_side:
        return f"holds at most {known.max_side:,} pixels a side, not {size}"
    if known.max_bytes is not None and size.num_pixels * bytes_per_pixel > known.max_bytes:
        return f"holds at most {known.max_bytes // bytes_per_pixel:,} pixels, not {size}"
    return None


def format_by_content(head: bytes) -> Format | None:
    """Return the readable format whose files start like `head` (32 bytes or more), or None."""
    name = _name_by_content(head)
    return None if name is None else format_by_name(name)


def _name_by_content(head: bytes) -> str | None:
    if head[4:8] == b"ftyp":
        if head[8:12] == b"crx ":
            return "raw"
        brands = {head[8:12], *(head[at : at + 4] for at in range(16, len(head) - 3, 4))}
        if brands & _AVIF_BRANDS:
            return "avif"
        return "heic" if brands & _HEIC_BRANDS else None
    if head[:4] == b"RIFF":
        return "webp" if head[8:12] == b"WEBP" else None
    if head[:1] == b"P" and head[1:2] in b"123456" and head[2:3] in b" \t\r\n#" and head[2:3]:
        return "ppm"
    if head[8:10] == b"CR" and head[:4] == b"II*\0":  # a CR2 is a TIFF with a mark
        return "raw"
    signatures = {
        "png": (b"\x89PNG\r\n\x1a\n",),
        "jpeg": (b"\xff\xd8\xff",),
        "tiff": (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),  # + marks BigTIFF
        "jxl": (b"\0\0\0\x0cJXL \r\n\x87\n", b"\xff\x0a"),
        "exr": (b"\x76\x2f\x31\x01",),
        "gif": (b"GIF87a", b"GIF89a"),
        "bmp": (b"BM",),
        # RAF, ORF (three) and RW2; what else cameras write looks like TIFF.
        "raw": (b"FUJIFILMCCD-RAW", b"IIRO", b"IIRS", b"MMOR", b"IIU\0"),
    }
    return next((name for name, starts in signatures.items() if head.startswith(starts)), None)


def readable_names() -> str:
    """Return the names of all readable formats, for a message: "PNG, JPEG, ..."."""
    return ", ".join(known.name.upper() for known in FORMATS if known.can_read)


def writable_names() -> str:
    """Return the names of all writable formats, for a message: "png, jpeg, ..."."""
    return ", ".join(known.name for known in FORMATS if known.can_write)
