"""What the samples of a TIFF picture mean, and what of TIFF cannot be read, by name.

Which combinations are decoded rightly was tried (OpenImageIO 3.2.2, November 2026), against
values written by hand and by tifffile; those that were not are refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from liifgan_core.images.codecs.tiff.directories import PHOTOMETRIC, TiffDirectory

_BITS, _COMPRESSION, _SAMPLES, _PREDICTOR = 258, 259, 277, 317
_COLOUR_MAP, _TILE_WIDTH, _INK_SET, _EXTRA_SAMPLES, _SAMPLE_FORMAT = 320, 322, 332, 338, 339

_JPEG, _CMYK_INKS = 7, 1
_ASSOCIATED, _UNASSOCIATED = 1, 2
_UNSIGNED, _SIGNED, _FLOAT, _UNDEFINED = 1, 2, 3, 4

_UNREADABLE_COMPRESSIONS: Mapping[int, str] = {
    6: "JPEG of the old style",
    32766: "NeXT",
    32809: "ThunderScan",
    32908: "PixarFilm",
    32909: "PixarLog",
    33003: "JPEG 2000",
    33005: "JPEG 2000",
    34661: "JBIG",
    34676: "SGI LogLuv",
    34677: "SGI LogLuv",
    34712: "JPEG 2000",
    34887: "LERC",
    34892: "lossy JPEG of DNG",
    34925: "LZMA",
    34926: "Zstandard",
    34933: "PNG",
    34934: "JPEG XR",
    50000: "Zstandard",
    50002: "JPEG XL",
    52546: "JPEG XL",
}
_READABLE_COMPRESSIONS = frozenset((1, 2, 3, 4, 5, _JPEG, 8, 32771, 32773, 32946, 50001))
"""None, CCITT (three), LZW, JPEG, deflate, CCITT with words, PackBits, deflate (old), WebP."""

_UNREADABLE_PHOTOMETRICS: Mapping[int, str] = {
    4: "a transparency mask",
    10: "ITU L*a*b* colours",
    32803: "values of a camera's sensor",
    32844: "LogL values",
    32845: "LogLuv values",
    34892: "values of a camera's sensor",
    51177: "a depth map",
    52527: "a semantic mask",
}
_INTEGER_BITS = frozenset((1, 2, 4, 6, 8, 10, 12, 14, 16, 32))
_FLOAT_BITS = frozenset((16, 32, 64))


class Colours(Enum):
    """Kinds of colours, by PhotometricInterpretation."""

    WHITE_IS_ZERO = 0
    BLACK_IS_ZERO = 1
    RGB = 2
    PALETTE = 3
    CMYK = 5
    YCBCR = 6
    CIE_LAB = 8
    ICC_LAB = 9

    @property
    def num_channels(self) -> int:
        """Stored samples per pixel, without extra ones."""
        if self in (Colours.WHITE_IS_ZERO, Colours.BLACK_IS_ZERO, Colours.PALETTE):
            return 1
        return 4 if self is Colours.CMYK else 3

    @property
    def is_gray(self) -> bool:
        """Whether there is one colour channel."""
        return self in (Colours.WHITE_IS_ZERO, Colours.BLACK_IS_ZERO)

    @property
    def is_lab(self) -> bool:
        """Whether it is one of the two encodings of CIE L*a*b*."""
        return self in (Colours.CIE_LAB, Colours.ICC_LAB)


@dataclass(frozen=True, slots=True)
class Samples:
    """What one pixel of a picture consists of."""

    colours: Colours
    bits: int
    is_float: bool
    alpha: int | None
    """Which sample is the alpha; None where there is none."""
    is_premultiplied: bool
    """Whether colours are multiplied by it."""
    num_others: int
    """Samples that are neither a colour nor the alpha."""


class TiffRefusal(Exception):
    """The picture cannot be read; the message says what it is, to follow "it"."""


def samples_of(directory: TiffDirectory) -> Samples:
    """Return what a pixel of the picture consists of, or raise TiffRefusal."""
    _check_compression(directory)
    num_samples = directory.number(_SAMPLES, 1)
    colours = _colours(directory, num_samples)
    bits, is_float = _sample_kind(directory, colours)
    num_extra = num_samples - colours.num_channels
    if num_extra < 0:
        raise TiffRefusal(
            f"has {num_samples} samples a pixel where {colours.name} needs {colours.num_channels}"
        )
    if num_extra and colours in (Colours.PALETTE, Colours.YCBCR):
        raise TiffRefusal(f"has {num_extra} samples a pixel beside its {colours.name} colours")
    kinds = directory.numbers(_EXTRA_SAMPLES)[:num_extra]
    alphas = [at for at, kind in enumerate(kinds) if kind in (_ASSOCIATED, _UNASSOCIATED)]
    return Samples(
        colours,
        bits,
        is_float,
        alpha=colours.num_channels + alphas[0] if alphas else None,
        is_premultiplied=bool(alphas) and kinds[alphas[0]] == _ASSOCIATED,
        num_others=num_extra - bool(alphas),
    )


def _check_compression(directory: TiffDirectory) -> None:
    compression = directory.number(_COMPRESSION, 1)
    if compression not in _READABLE_COMPRESSIONS:
        name = _UNREADABLE_COMPRESSIONS.get(compression, f"of an unknown kind ({compression})")
        raise TiffRefusal(f"is compressed by a method that is not read here: {name}")
    if compression == _JPEG and (bits := directory.number(_BITS, 1)) != 8:
        raise TiffRefusal(f"holds JPEG data of {bits} bits a sample")


def _colours(directory: TiffDirectory, num_samples: int) -> Colours:
    # The field is required; some programs leave it out for the two kinds that need no more.
    photometric = directory.number(PHOTOMETRIC, 2 if num_samples >= 3 else 1)
    if photometric in _UNREADABLE_PHOTOMETRICS:
        raise TiffRefusal(f"holds {_UNREADABLE_PHOTOMETRICS[photometric]} instead of colours")
    try:
        colours = Colours(photometric)
    except ValueError:
        raise TiffRefusal(f"has colours of an unknown kind ({photometric})") from None
    if colours is Colours.CMYK:
        if directory.number(_INK_SET, _CMYK_INKS) != _CMYK_INKS:
            raise TiffRefusal("is made for inks other than cyan, magenta, yellow and black")
        if directory.number(_COMPRESSION, 1) == _JPEG:
            raise TiffRefusal("holds CMYK colours as JPEG data")
    if colours is Colours.PALETTE and _COLOUR_MAP not in directory.entries:
        raise TiffRefusal("has lost its palette")
    return colours


def _sample_kind(directory: TiffDirectory, colours: Colours) -> tuple[int, bool]:
    """Return the bits of a sample and whether it is a float."""
    all_bits = set(directory.numbers(_BITS)) or {1}
    kinds = set(directory.numbers(_SAMPLE_FORMAT)) or {_UNSIGNED}
    if len(all_bits) > 1 or len(kinds) > 1:
        raise TiffRefusal("has channels of different types")
    bits, kind = all_bits.pop(), kinds.pop()
    if kind == _SIGNED:
        raise TiffRefusal(
            f"holds signed whole numbers of {bits} bits, of which nothing says which is black"
        )
    if kind not in (_UNSIGNED, _FLOAT, _UNDEFINED):
        raise TiffRefusal("holds complex numbers")
    is_float = kind == _FLOAT
    is_known = bits in (_FLOAT_BITS if is_float else _INTEGER_BITS)
    usual = {
        Colours.CMYK: ((8, 16), (16, 32)),
        Colours.PALETTE: ((1, 2, 4, 8, 16), ()),
        Colours.YCBCR: ((8,), ()),
        Colours.CIE_LAB: ((8, 16), (32,)),
        Colours.ICC_LAB: ((8, 16), ()),
    }.get(colours)
    if usual is not None:
        is_known = bits in usual[is_float]
    if not is_known:
        what = "floats" if is_float else "whole numbers"
        raise TiffRefusal(f"holds {colours.name} colours in {what} of {bits} bits")
    if _TILE_WIDTH in directory.entries:
        if bits == 64:
            raise TiffRefusal("holds floats of 64 bits in tiles")
        if colours is Colours.YCBCR and directory.number(_COMPRESSION, 1) != _JPEG:
            raise TiffRefusal("holds YCBCR colours in tiles that are not JPEG data")
    return bits, is_float
