"""Every kind of TIFF: read as what it means, or refused by name.

Long because of its tables.
"""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from liifgan_core.errors import ImageReadError
from liifgan_core.geometry import Size
from liifgan_core.images.read import read_image
from liifgan_core.images.read_size import read_size
from tests.core.images.codecs.tiff_files import Page, long, short, tiff

WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, MASK, CMYK, YCBCR, CIE_LAB, ICC_LAB = *range(7), 8, 9
OTHER, ASSOCIATED, UNASSOCIATED = 0, 1, 2
HALF, FLOAT, DOUBLE = np.float16, np.float32, np.float64


@dataclass(frozen=True)
class Kind:
    """A pixel as it is stored, and the colours that it stands for."""

    name: str
    photometric: int
    dtype: type
    stored: Sequence[float]
    colours: Sequence[float]
    alpha: float | None = None
    extra: Sequence[int] = ()
    bits: int | None = None
    tolerance: float = 0.0

    @property
    def depth(self) -> int:
        """Bits that the picture has in memory."""
        if self.photometric in (CMYK, PALETTE):
            return 8
        return {np.uint8: 8, np.uint16: 16}.get(self.dtype, 32)


KINDS = [
    Kind("white, 1 bit", WHITE_IS_ZERO, np.uint8, [0], [255] * 3, bits=1),
    Kind("white, 2 bits", WHITE_IS_ZERO, np.uint8, [1], [170] * 3, bits=2),
    Kind("white, 4 bits", WHITE_IS_ZERO, np.uint8, [3], [204] * 3, bits=4),
    Kind("white, 8 bits", WHITE_IS_ZERO, np.uint8, [10], [245] * 3),
    # 12 bits: (4095 - 2748) / 4095 of 65535.
    Kind("white, 12 bits", WHITE_IS_ZERO, np.uint16, [2748], [21557] * 3, bits=12, tolerance=1),
    Kind("white, 16 bits", WHITE_IS_ZERO, np.uint16, [1000], [64535] * 3),
    Kind("white, 32 bits", WHITE_IS_ZERO, np.uint32, [2**30], [0.75] * 3, tolerance=1e-6),
    Kind("white, half", WHITE_IS_ZERO, HALF, [0.25], [0.75] * 3),
    Kind("white, float", WHITE_IS_ZERO, FLOAT, [0.2], [0.8] * 3, tolerance=1e-6),
    Kind("white, double", WHITE_IS_ZERO, DOUBLE, [0.2], [0.8] * 3, tolerance=1e-6),
    Kind("white, alpha", WHITE_IS_ZERO, np.uint8, [10, 77], [245] * 3, 77, [UNASSOCIATED]),
    Kind(
        "white, 16 bits, alpha", WHITE_IS_ZERO, np.uint16, [9, 77], [65526] * 3, 77, [UNASSOCIATED]
    ),
    # 20 of 100 is 51 of 255, which is 204 from white.
    Kind("white, premultiplied", WHITE_IS_ZERO, np.uint8, [20, 100], [204] * 3, 100, [ASSOCIATED]),
    Kind("white, other channel", WHITE_IS_ZERO, np.uint8, [10, 77], [245] * 3, None, [OTHER]),
    Kind("black, 1 bit", BLACK_IS_ZERO, np.uint8, [1], [255] * 3, bits=1),
    Kind("black, 4 bits", BLACK_IS_ZERO, np.uint8, [3], [51] * 3, bits=4),
    Kind("black, 6 bits", BLACK_IS_ZERO, np.uint8, [21], [85] * 3, bits=6, tolerance=1),
    Kind("black, 8 bits", BLACK_IS_ZERO, np.uint8, [10], [10] * 3),
    Kind("black, 10 bits", BLACK_IS_ZERO, np.uint16, [341], [21845] * 3, bits=10, tolerance=1),
    Kind("black, 14 bits", BLACK_IS_ZERO, np.uint16, [16383], [65535] * 3, bits=14),
    Kind("black, 16 bits", BLACK_IS_ZERO, np.uint16, [1000], [1000] * 3),
    Kind("black, 32 bits", BLACK_IS_ZERO, np.uint32, [2**30], [0.25] * 3, tolerance=1e-6),
    Kind("black, float", BLACK_IS_ZERO, FLOAT, [0.2], [np.float32(0.2)] * 3),
    Kind("black, alpha", BLACK_IS_ZERO, np.uint16, [9, 77], [9] * 3, 77, [UNASSOCIATED]),
    Kind("RGB, 8 bits", RGB, np.uint8, [1, 2, 3], [1, 2, 3]),
    Kind("RGB, 12 bits", RGB, np.uint16, [0, 4095, 0], [0, 65535, 0], bits=12),
    Kind("RGB, 16 bits", RGB, np.uint16, [1000, 2000, 3000], [1000, 2000, 3000]),
    Kind("RGB, 32 bits", RGB, np.uint32, [0, 2**31, 2**30], [0, 0.5, 0.25], tolerance=1e-6),
    Kind("RGB, half", RGB, HALF, [0.5, 0.25, 1], [0.5, 0.25, 1]),
    Kind("RGB, float", RGB, FLOAT, [0.5, 0.25, 1], [0.5, 0.25, 1]),
    Kind("RGB, double", RGB, DOUBLE, [0.5, 0.25, 1], [0.5, 0.25, 1]),
    Kind("RGB, alpha", RGB, np.uint8, [1, 2, 3, 4], [1, 2, 3], 4, [UNASSOCIATED]),
    Kind("RGB, float, alpha", RGB, FLOAT, [1, 0.5, 0, 0.25], [1, 0.5, 0], 0.25, [UNASSOCIATED]),
    Kind(
        "RGB, premultiplied", RGB, np.uint16, [5000, 0, 10000, 20000],
        [16384, 0, 32768], 20000, [ASSOCIATED],
    ),
    Kind(
        "RGB, float, premultiplied", RGB, FLOAT, [0.25, 0, 0.125, 0.25],
        [1, 0, 0.5], 0.25, [ASSOCIATED],
    ),
    Kind("RGB, other channel", RGB, np.uint8, [1, 2, 3, 0], [1, 2, 3], None, [OTHER]),
    Kind("RGB, unnamed channel", RGB, np.uint8, [1, 2, 3, 0], [1, 2, 3]),
    Kind("RGB, spot, alpha", RGB, np.uint8, [1, 2, 3, 9, 4], [1, 2, 3], 4, [OTHER, UNASSOCIATED]),
    Kind("palette, 8 bits", PALETTE, np.uint8, [7], [10, 20, 30]),
    Kind("palette, 4 bits", PALETTE, np.uint8, [7], [10, 20, 30], bits=4),
    # Without a profile: (255 - ink) * (255 - black) / 255.
    Kind("paper", CMYK, np.uint8, [0, 0, 0, 0], [255] * 3),
    Kind("CMYK", CMYK, np.uint8, [255, 0, 51, 0], [0, 255, 204], tolerance=1),
    Kind("CMYK, 16 bits", CMYK, np.uint16, [65535, 0, 51 * 257, 0], [0, 255, 204], tolerance=1),
    Kind("CMYK, float", CMYK, FLOAT, [1, 0, 0.2, 0], [0, 255, 204], tolerance=1),
    Kind("paper, alpha", CMYK, np.uint8, [0, 0, 0, 0, 77], [255] * 3, 77, [UNASSOCIATED]),
    Kind("paper, spot", CMYK, np.uint8, [0, 0, 0, 0, 255], [255] * 3, None, [OTHER]),
    Kind(
        "CMYK, premultiplied", CMYK, np.uint8, [100, 0, 20, 0, 100],
        [0, 255, 204], 100, [ASSOCIATED], tolerance=1,
    ),
    Kind(
        "CMYK, 16 bits, spot, alpha", CMYK, np.uint16, [0, 0, 0, 0, 9, 65535 - 257],
        [255] * 3, 254, [OTHER, UNASSOCIATED],
    ),
    Kind("YCbCr", YCBCR, np.uint8, [76, 85, 255], [255, 0, 0], tolerance=2),
    # L* 50 is 18.42 % of light, 118.9 of 255 in sRGB.
    Kind("Lab", CIE_LAB, np.uint8, [255, 0, 0], [255] * 3),
    Kind("Lab, gray", CIE_LAB, np.uint8, [128, 0, 0], [119] * 3, tolerance=1),
    # sRGB's red, green and blue for D50 (Lindbloom): 54.29 80.80 69.89, 87.82 -79.27 80.99,
    # 29.57 68.30 -112.03. A step of a or b is worth up to 4 of 255 at the edge of the gamut.
    Kind("Lab, red", CIE_LAB, np.uint8, [138, 81, 70], [255, 0, 0], tolerance=6),
    Kind("Lab, green", CIE_LAB, np.uint8, [224, 256 - 79, 81], [0, 255, 0], tolerance=12),
    Kind("Lab, blue", CIE_LAB, np.uint8, [75, 68, 256 - 112], [0, 0, 255], tolerance=6),
    Kind("Lab, 16 bits", CIE_LAB, np.uint16, [65535, 0, 0], [65535] * 3, tolerance=1),
    Kind(
        "Lab, 16 bits, red", CIE_LAB, np.uint16, [35579, 20685, 17892],
        [65535, 0, 0], tolerance=700,
    ),
    Kind(
        "Lab, 16 bits, blue", CIE_LAB, np.uint16, [19379, 17485, 65536 - 28680],
        [0, 0, 65535], tolerance=700,
    ),
    Kind("Lab, float", CIE_LAB, FLOAT, [50, 0, 0], [0.46633] * 3, tolerance=1e-4),
    Kind("Lab, alpha", CIE_LAB, np.uint8, [255, 0, 0, 77], [255] * 3, 77, [UNASSOCIATED]),
    Kind("ICC Lab", ICC_LAB, np.uint8, [255, 128, 128], [255] * 3),
    Kind("ICC Lab, red", ICC_LAB, np.uint8, [138, 209, 198], [255, 0, 0], tolerance=6),
    Kind("ICC Lab, 16 bits", ICC_LAB, np.uint16, [65280, 32768, 32768], [65535] * 3, tolerance=1),
    Kind(
        "ICC Lab, 16 bits, red", ICC_LAB, np.uint16, [35441, 53453, 50660],
        [65535, 0, 0], tolerance=700,
    ),
    Kind(
        "ICC Lab, 16 bits, spot", ICC_LAB, np.uint16, [65280, 32768, 32768, 1],
        [65535] * 3, None, [OTHER], tolerance=1,
    ),
]  # fmt: skip
LAYOUTS = {
    "strips": {},
    "big-endian": {"order": ">"},
    "BigTIFF": {"is_big": True},
    "tiles": {"tile": 16},
    "planes": {"is_planar": True},
    "planes in tiles": {"is_planar": True, "tile": 16, "order": ">"},
    "differences": {"has_predictor": True},
    "differences in tiles": {"has_predictor": True, "tile": 16, "order": ">"},
}
SHAPE = (5, 19)


def picture(kind: Kind, **layout: object) -> Page:
    """A flat picture of the kind."""
    samples = np.empty((*SHAPE, len(kind.stored)), kind.dtype)
    samples[:] = kind.stored
    fields = {262: short(kind.photometric)}
    if kind.extra:
        fields[338] = short(*kind.extra)
    if kind.photometric == PALETTE:
        colours = np.zeros((3, 2 ** (kind.bits or 8)), int)
        colours[:, 7] = np.array([10, 20, 30]) * 257
        fields[320] = short(*colours.ravel().tolist())
    if kind.photometric == YCBCR:
        fields[530] = short(1, 1)
    return Page(samples, fields, bits=kind.bits, **layout)


def is_possible(kind: Kind, layout: dict[str, object]) -> bool:
    """Whether TIFF, or for YCbCr libtiff, knows the combination, and it is read."""
    is_packed = kind.bits is not None
    if layout.get("has_predictor") and (is_packed or kind.photometric in (PALETTE, YCBCR)):
        return False
    if layout.get("tile") and (kind.dtype is DOUBLE or kind.photometric == YCBCR):
        return False  # refused
    if kind.photometric == YCBCR and layout.get("is_planar"):
        return False
    return not (is_packed and (layout.get("tile") or layout.get("is_planar")))


COMBINATIONS = [
    pytest.param(kind, layout, id=f"{kind.name} in {name}")
    for kind in KINDS
    for name, layout in LAYOUTS.items()
    if is_possible(kind, layout)
]


def content(kind: Kind, layout: dict[str, object]) -> bytes:
    of_file = {key: layout[key] for key in ("order", "is_big") if key in layout}
    of_page = {key: value for key, value in layout.items() if key not in of_file}
    return tiff(picture(kind, **of_page), **of_file)


@pytest.mark.parametrize(("kind", "layout"), COMBINATIONS)
def test_a_pixel_is_read_as_what_it_means(
    kind: Kind, layout: dict[str, object], tmp_path: Path
) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(content(kind, layout))
    image = read_image(path)
    assert (image.size, read_size(path)) == (Size(*SHAPE), Size(*SHAPE))
    assert image.bit_depth == kind.depth
    assert image.is_gray == (kind.photometric in (WHITE_IS_ZERO, BLACK_IS_ZERO))
    error = np.abs(image.samples.astype(float) - np.array(kind.colours, float))
    assert error.max() <= kind.tolerance
    assert (image.alpha is None) == (kind.alpha is None)
    if image.alpha is not None:
        assert (image.alpha == kind.alpha).all()


REFUSALS: list[tuple[str, int, np.dtype, int, dict[int, object], str]] = [
    ("zstd", RGB, np.uint8, 3, {259: short(50000)}, "not read here: Zstandard"),
    ("lzma", RGB, np.uint8, 3, {259: short(34925)}, "not read here: LZMA"),
    ("JPEG 2000", RGB, np.uint8, 3, {259: short(34712)}, "not read here: JPEG 2000"),
    ("unknown", RGB, np.uint8, 3, {259: short(999)}, r"unknown kind \(999\)"),
    ("12-bit JPEG", RGB, np.uint16, 3, {258: short(12, 12, 12), 259: short(7)}, "12 bits"),
    ("CMYK as JPEG", CMYK, np.uint8, 4, {259: short(7)}, "CMYK colours as JPEG"),
    ("signed", BLACK_IS_ZERO, np.int16, 1, {339: short(2)}, "signed whole numbers of 16 bits"),
    ("signed colours", RGB, np.int8, 3, {339: short(2, 2, 2)}, "signed whole numbers"),
    ("complex", BLACK_IS_ZERO, np.uint64, 1, {339: short(6)}, "complex numbers"),
    ("64 bits", BLACK_IS_ZERO, np.uint64, 1, {}, "whole numbers of 64 bits"),
    ("uneven", RGB, np.uint16, 3, {258: short(5, 6, 5)}, "channels of different types"),
    ("5 bits", BLACK_IS_ZERO, np.uint8, 1, {258: short(5)}, "whole numbers of 5 bits"),
    ("other inks", CMYK, np.uint8, 4, {332: short(2)}, "inks other than cyan"),
    ("too few", CMYK, np.uint8, 3, {}, "3 samples a pixel where CMYK needs 4"),
    ("palette and more", PALETTE, np.uint8, 2, {320: short(*[0] * 768)}, "PALETTE colours"),
    ("no palette", PALETTE, np.uint8, 1, {}, "has lost its palette"),
    ("ITU Lab", 10, np.uint8, 3, {}, "ITU L"),
    ("LogLuv", 32845, np.uint8, 3, {}, "LogLuv values"),
    ("depth map", 51177, np.uint16, 1, {}, "a depth map"),
    ("mask", MASK, np.uint8, 1, {}, "a transparency mask"),
    ("new", 12345, np.uint8, 3, {}, r"unknown kind \(12345\)"),
    ("Lab of doubles", CIE_LAB, np.float64, 3, {}, "CIE_LAB colours in floats of 64 bits"),
]


@pytest.mark.parametrize(
    ("photometric", "dtype", "channels", "fields", "message"),
    [case[1:] for case in REFUSALS],
    ids=[case[0] for case in REFUSALS],
)
def test_what_is_not_read_is_named(
    photometric: int,
    dtype: type,
    channels: int,
    fields: dict[int, tuple[int, Sequence[int]]],
    message: str,
    tmp_path: Path,
) -> None:
    page = Page(np.zeros((4, 5, channels), dtype), {262: short(photometric), **fields})
    (tmp_path / "a.tif").write_bytes(tiff(page))
    with pytest.raises(ImageReadError, match=message) as caught:
        read_image(tmp_path / "a.tif")
    assert "damaged" not in str(caught.value)
    assert read_size(tmp_path / "a.tif") is None


@pytest.mark.parametrize("kind", [DOUBLE, np.uint8], ids=["doubles", "YCbCr"])
def test_what_is_not_read_in_tiles_is_named(kind: type, tmp_path: Path) -> None:
    fields = {262: short(YCBCR if kind is np.uint8 else RGB), 530: short(1, 1)}
    (tmp_path / "a.tif").write_bytes(tiff(Page(np.zeros((4, 5, 3), kind), fields, tile=16)))
    with pytest.raises(ImageReadError, match="in tiles"):
        read_image(tmp_path / "a.tif")


needs_tiffcp = pytest.mark.skipif(
    shutil.which("tiffcp") is None, reason="libtiff's tools are not installed (libtiff-tools)"
)


@needs_tiffcp
@pytest.mark.parametrize(
    "options",
    [
        ["-c", "lzw"],
        ["-c", "lzw:2"],
        ["-c", "zip:2"],
        ["-c", "packbits"],
        ["-p", "separate"],
        ["-p", "separate", "-B"],
        ["-t", "-w", "16", "-l", "16", "-c", "zip:2"],
        ["-r", "2", "-f", "lsb2msb"],
        ["-8", "-B"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16], ids=["8", "16"])
@pytest.mark.parametrize(
    ("photometric", "channels"),
    [(WHITE_IS_ZERO, 1), (BLACK_IS_ZERO, 1), (RGB, 3), (RGB, 4), (CMYK, 4), (CIE_LAB, 3)],
)
def test_libtiff_stores_the_same_picture_in_other_ways(
    photometric: int,
    channels: int,
    dtype: type,
    options: list[str],
    rng: np.random.Generator,
    tmp_path: Path,
) -> None:
    if "separate" in options and dtype is np.uint16:
        pytest.skip("tiffcp makes planes of 8 bits only")
    samples = rng.integers(0, np.iinfo(dtype).max, (21, 33, channels), dtype, endpoint=True)
    fields = {262: short(photometric)}
    if photometric == RGB and channels == 4:
        fields[338] = short(UNASSOCIATED)
    source, copied = tmp_path / "a.tif", tmp_path / "b.tif"
    source.write_bytes(tiff(Page(samples, fields)))
    subprocess.run(["tiffcp", *options, source, copied], check=True, capture_output=True)
    first, second = read_image(source), read_image(copied)
    assert np.array_equal(first.samples, second.samples)
    assert (first.alpha is None) == (second.alpha is None) == (channels != 4 or photometric == CMYK)
    if first.alpha is not None and second.alpha is not None:
        assert np.array_equal(first.alpha, second.alpha)


@needs_tiffcp
@pytest.mark.parametrize("scheme", ["g3", "g3:2d", "g4", "lzw"])
@pytest.mark.parametrize("photometric", [WHITE_IS_ZERO, BLACK_IS_ZERO])
def test_black_and_white_is_read_from_each_fax_scheme(
    photometric: int, scheme: str, rng: np.random.Generator, tmp_path: Path
) -> None:
    ink = rng.integers(0, 2, (20, 33, 1), np.uint8)
    source, copied = tmp_path / "a.tif", tmp_path / "b.tif"
    source.write_bytes(tiff(Page(ink, {262: short(photometric)}, bits=1)))
    subprocess.run(["tiffcp", "-c", scheme, source, copied], check=True, capture_output=True)
    light = ink if photometric == BLACK_IS_ZERO else 1 - ink
    assert np.array_equal(read_image(copied).samples[..., :1], light * 255)


@pytest.mark.parametrize(("across", "down"), [(2, 2), (2, 1), (1, 2), (4, 4), (4, 1)])
def test_subsampled_ycbcr_is_read(across: int, down: int, tmp_path: Path) -> None:
    """Units of some lumas with one pair of chromas (TIFF 6.0, section 21): red everywhere."""
    unit = [76] * (across * down) + [85, 255]
    data = np.array(unit * (16 // across * 8 // down), np.uint8).reshape(1, -1, 1)
    fields = {256: long(16), 257: long(8), 258: short(8, 8, 8), 262: short(YCBCR), 277: short(3)}
    fields |= {278: long(8), 530: short(across, down)}
    (tmp_path / "a.tif").write_bytes(tiff(Page(data, fields)))
    image = read_image(tmp_path / "a.tif")
    assert image.size == Size(8, 16)
    assert np.abs(image.samples.astype(int) - [255, 0, 0]).max() <= 2


@pytest.mark.skipif(
    shutil.which("tiff2rgba") is None, reason="libtiff's tools are not installed (libtiff-tools)"
)
@pytest.mark.parametrize(
    "name",
    ["white, 8 bits", "black, 8 bits", "RGB, 8 bits", "palette, 8 bits", "YCbCr"],
)
def test_libtiff_sees_the_same_colours(name: str, tmp_path: Path) -> None:
    source, seen = tmp_path / "a.tif", tmp_path / "b.tif"
    [kind] = [each for each in KINDS if each.name == name]
    source.write_bytes(tiff(picture(kind)))
    subprocess.run(["tiff2rgba", "-c", "none", source, seen], check=True, capture_output=True)
    assert np.array_equal(read_image(seen).samples, read_image(source).samples)
