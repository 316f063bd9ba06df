import struct
import sys
from pathlib import Path

import numpy as np
import pytest

from liifgan_core.errors import ImageReadError
from liifgan_core.geometry import Size
from liifgan_core.images.codecs.raw import metadata as raw_metadata
from liifgan_core.images.colour.tone import srgb_encode
from liifgan_core.images.formats import format_by_content
from liifgan_core.images.metadata import exif
from liifgan_core.images.read import read_image
from liifgan_core.images.read_size import read_size
from tests.core.images.codecs.dng_file import dng

MAKER = 271


@pytest.fixture
def light() -> np.ndarray:
    """(48, 64, 3): gray of 25 % of light on the left, a colour on the right."""
    light = np.full((48, 64, 3), 0.25)
    light[:, 32:] = (0.4, 0.2, 0.1)
    return light


def test_a_dng_is_developed_with_the_cameras_white_balance(
    light: np.ndarray, tmp_path: Path
) -> None:
    (tmp_path / "a.dng").write_bytes(dng(light))
    image = read_image(tmp_path / "a.dng")
    assert (image.size, image.bit_depth, image.source_format) == (Size(48, 64), 16, "raw")
    assert image.icc_profile is None
    # sRGB of 25 % is 0.53710 (IEC 61966-2-1).
    assert np.abs(image.samples[10:40, 8:24] / 65535 - 0.53710).max() < 1 / 255
    colour = np.abs(image.samples[10:40, 40:56] / 65535 - srgb_encode(light[0, -1])).max()
    assert colour < 2 / 255
    assert read_size(tmp_path / "a.dng") == image.size


def test_a_dng_is_turned_and_its_exif_is_carried(light: np.ndarray, tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_bytes(dng(light, orientation=6))
    image = read_image(tmp_path / "a.tif")
    assert image.size == Size(64, 48) == read_size(tmp_path / "a.tif")
    # Stored columns run downwards: what was right is below.
    assert image.samples[50, 24, 0] > image.samples[50, 24, 2] * 1.5
    assert np.ptp(image.samples[14, 24].astype(int)) < 300
    parsed = exif.parse(image.metadata.exif or b"")
    assert parsed is not None
    assert parsed.main[MAKER].data == b"Maker\0"


def test_without_rawpy_a_camera_raw_is_refused_with_the_way_out(
    light: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "rawpy", None)
    (tmp_path / "a.dng").write_bytes(dng(light))
    with pytest.raises(ImageReadError, match=r"pip install 'liifgan\[raw\]'"):
        read_image(tmp_path / "a.dng")


def test_a_camera_raw_that_is_cut_off_is_refused(light: np.ndarray, tmp_path: Path) -> None:
    content = dng(light)
    for length in range(1000, len(content) - 3000, 700):
        (tmp_path / "a.dng").write_bytes(content[:length])
        with pytest.raises(ImageReadError):
            read_image(tmp_path / "a.dng")


def test_an_unknown_camera_raw_is_no_damage(tmp_path: Path) -> None:
    (tmp_path / "a.raf").write_bytes(b"FUJIFILMCCD-RAW 0201" + bytes(4000))
    with pytest.raises(ImageReadError, match=r"LibRaw .* does not know"):
        read_image(tmp_path / "a.raf")


def test_bounds_are_checked_before_a_camera_raw_is_developed(
    light: np.ndarray, tmp_path: Path
) -> None:
    (tmp_path / "a.dng").write_bytes(dng(light))
    with pytest.raises(ImageReadError, match=r"64x48 = 3,072 pixels, more than the limit"):
        read_image(tmp_path / "a.dng", max_pixels=3000)
    with pytest.raises(ImageReadError, match="GiB to decode"):
        read_image(tmp_path / "a.dng", memory_bytes=20 * 3072)


@pytest.mark.parametrize(
    "head",
    [
        b"FUJIFILMCCD-RAW 0201FF383501",
        b"IIRO\x08\0\0\0",
        b"IIU\0\x18\0\0\0",
        b"II*\0\x10\0\0\0CR\x02\0",
        b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom",
    ],
)
def test_camera_raws_are_told_by_their_content(head: bytes) -> None:
    found = format_by_content(head.ljust(32, b"\0"))
    assert found is not None
    assert found.name == "raw"


BLOCK = b"II*\0\x08\0\0\0\x01\0" + struct.pack("<HHI", MAKER, 2, 4) + b"ABC\0" + bytes(4)
"""A TIFF structure that names a maker."""


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def raf() -> bytes:
    jpeg = b"\xff\xd8\xff\xe0\0\x04JF\xff\xe1" + struct.pack(">H", 8 + len(BLOCK))
    head = (b"FUJIFILMCCD-RAW ".ljust(84, b"\0") + struct.pack(">II", 92, 99)).ljust(92, b"\0")
    return head + jpeg + b"Exif\0\0" + BLOCK


def cr3() -> bytes:
    uuid = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
    moov = box(b"uuid", uuid + box(b"CNCV", b"x") + box(b"CMT1", BLOCK) + box(b"CMT2", BLOCK))
    return box(b"ftyp", b"crx " + bytes(8)) + box(b"moov", moov)


@pytest.mark.parametrize(
    "content",
    [raf(), cr3(), b"IIU\0" + BLOCK[4:], b"IIRO" + BLOCK[4:], BLOCK],
    ids=["RAF", "CR3", "RW2", "ORF", "like TIFF"],
)
def test_exif_is_found_where_each_maker_puts_it(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(content)
    with (tmp_path / "a").open("rb") as file:
        parsed = exif.parse(raw_metadata.read(file).exif or b"")
    assert parsed is not None
    assert parsed.main[MAKER].data == b"ABC\0"


@pytest.mark.parametrize("content", [raf(), cr3(), b"IIU\0" + BLOCK[4:]])
def test_what_is_cut_off_says_nothing(content: bytes, tmp_path: Path) -> None:
    for length in range(len(content)):
        (tmp_path / "a").write_bytes(content[:length])
        with (tmp_path / "a").open("rb") as file:
            raw_metadata.read(file)
