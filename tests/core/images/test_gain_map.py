"""Photos with other pictures behind them in one JPEG file: gain maps go along, others are told."""

import io
import logging
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PilImage
from PIL import MpoImagePlugin

from liifgan_core.geometry import Size
from liifgan_core.images.codecs.jpeg import multi_picture
from liifgan_core.images.formats import FORMATS
from liifgan_core.images.metadata.metadata import Metadata, result_metadata
from liifgan_core.images.read import read_image
from liifgan_core.images.write import open_writer
from tests.core.images.metadata.test_metadata import camera_exif
from tests.core.images.metadata.test_xmp import HEAD, TAIL, ULTRA_HDR, big_packet

ISO = b"urn:iso:std:iso:ts:21496:-1\0" + bytes(range(40))
MAP_XMP = (
    HEAD
    + b'<rdf:Description xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0" '
    + b'hdrgm:GainMapMax="2.3" hdrgm:HDRCapacityMax="2.3"/>'
    + TAIL
)


def jpeg(pixels: np.ndarray, **options: object) -> bytes:
    out = io.BytesIO()
    PilImage.fromarray(pixels).save(out, "JPEG", quality=95, **options)
    return out.getvalue()


def segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def with_picture(photo: bytes, other: bytes, kind: int = 0) -> bytes:
    """Both in one file, by CIPA DC-007: a little-endian directory behind the start of the photo."""
    entries = struct.pack("<IIIHH", 0x030000, 0, 0, 0, 0)
    table = struct.pack("<HHHI4s", 3, 0xB000, 7, 4, b"0100")
    table += struct.pack("<HHIIHHII", 0xB001, 4, 1, 2, 0xB002, 7, 32, 50) + bytes(4)
    length = 4 + 4 + 8 + len(table) + 32
    end = len(photo) + length + 4 - 4 - 2 - 4  # from behind the mark, which follows SOI and head
    entries += struct.pack("<IIIHH", kind, len(other), end + 0, 0, 0)
    content = b"MPF\0II*\0\x08\0\0\0" + table + entries
    whole = photo[:2] + segment(0xE2, content) + photo[2:]
    offset = len(whole) - whole.index(b"MPF\0") - 4
    return whole.replace(entries, entries[:24] + struct.pack("<I", offset) + entries[28:]) + other


def gradient(height: int, width: int) -> np.ndarray:
    return np.tile(np.linspace(20, 230, width, dtype=np.uint8), (height, 1))


def ultra_hdr(path: Path, *, turned: bool = False, iso: bool = False, gray: bool = True) -> None:
    map_pixels = gradient(12, 16) if gray else np.dstack([gradient(12, 16)] * 3)
    other = jpeg(map_pixels, xmp=MAP_XMP, extra=segment(0xE2, ISO) if iso else b"")
    options = {"exif": b"Exif\0\0" + camera_exif(6)} if turned else {}
    photo = jpeg(np.full((48, 64, 3), 120, np.uint8), xmp=ULTRA_HDR, **options)
    path.write_bytes(with_picture(photo, other))


def upscaled(source: Path, target: Path, size: Size) -> Path:
    image = read_image(source)
    known = next(each for each in FORMATS if target.suffix in each.suffixes)
    made = result_metadata(
        image.metadata, size, note=None, dpi=None, name=str(target), carries=known.carries
    )
    gain_map = image.gain_map
    with open_writer(
        target,
        size,
        metadata=made,
        gain_map=gain_map,
        gain_map_size=gain_map.size_for(image.size, size) if gain_map else None,
        quality=95 if known.is_lossy else None,
    ) as writer:
        writer.write_rows(np.full((size.height, size.width, 3), 0.47))
    return target


def frames(path: Path) -> list[PilImage.Image]:
    """All pictures of the file, as Pillow finds them."""
    with MpoImagePlugin.MpoImageFile(path) as found:
        pictures = []
        for number in range(found.n_frames):
            found.seek(number)
            pictures.append(found.copy())
        return pictures


@pytest.mark.parametrize("gray", [True, False])
def test_a_gain_map_grows_with_its_photo(gray: bool, tmp_path: Path) -> None:
    ultra_hdr(tmp_path / "a.jpg", gray=gray)
    image = read_image(tmp_path / "a.jpg")
    assert image.gain_map is not None
    assert (image.gain_map.size, image.gain_map.is_gray) == (Size(12, 16), gray)
    result = upscaled(tmp_path / "a.jpg", tmp_path / "b.jpg", Size(150, 200))
    photo, gain_map = frames(result)
    assert photo.size == (200, 150)
    assert gain_map.size == (50, 38)
    assert gain_map.mode == ("L" if gray else "RGB")
    expected = PilImage.fromarray(gradient(12, 16)).resize((50, 38), PilImage.Resampling.BICUBIC)
    difference = np.asarray(gain_map.convert("L"), int) - np.asarray(expected)
    assert np.abs(difference).max() <= 4


def test_the_result_says_what_is_in_it(tmp_path: Path) -> None:
    ultra_hdr(tmp_path / "a.jpg", iso=True)
    result = upscaled(tmp_path / "a.jpg", tmp_path / "b.jpg", Size(96, 128))
    data = result.read_bytes()
    second = data.index(b"\xff\xd8", 2)
    photo, other = data[:second], data[second:]
    assert photo.endswith(b"\xff\xd9")
    assert b'hdrgm:Version="1.0"' in photo
    assert f'Item:Length="{len(other)}"'.encode() in photo
    assert b'xmp:Rating="4"' in photo
    assert b"MotionPhoto" not in photo
    assert photo.count(b"urn:iso:std:iso:ts:21496:-1\0\0\0\0\0") == 1
    assert MAP_XMP in other
    assert ISO in other
    again = read_image(result)
    assert again.gain_map is not None
    assert (again.gain_map.xmp, again.gain_map.iso) == (MAP_XMP, ISO)
    assert again.gain_map.size == Size(24, 32)


def test_a_gain_map_is_turned_as_its_photo(tmp_path: Path) -> None:
    ultra_hdr(tmp_path / "a.jpg", turned=True)
    image = read_image(tmp_path / "a.jpg")
    assert image.size == Size(64, 48)
    assert image.gain_map is not None
    assert image.gain_map.size == Size(16, 12)
    column = image.gain_map.samples[:, 5, 0].astype(int)
    assert (np.diff(column) > 0).all(), "what was left is on top"


def test_a_claim_stays_in_the_first_part_of_a_long_packet(tmp_path: Path) -> None:
    from liifgan_core.images.codecs.jpeg.gain_map import with_claim

    ultra_hdr(tmp_path / "a.jpg")
    gain_map = read_image(tmp_path / "a.jpg").gain_map
    with open_writer(
        tmp_path / "b.jpg",
        Size(8, 8),
        metadata=Metadata(xmp=big_packet(100_000)),
        gain_map=gain_map,
    ) as writer:
        writer.write_rows(np.zeros((8, 8, 3)))
    data = (tmp_path / "b.jpg").read_bytes()
    assert data.index(b"hdrgm:Version") < data.index(b"http://ns.adobe.com/xmp/extension/\0")
    assert with_claim(None, 5).count(b"<rdf:Description") == 1


@pytest.mark.parametrize("suffix", [".png", ".webp", ".avif", ".tif", ".jxl"])
def test_elsewhere_no_claim_is_left(suffix: str, tmp_path: Path) -> None:
    ultra_hdr(tmp_path / "a.jpg")
    packet = read_image(upscaled(tmp_path / "a.jpg", tmp_path / f"b{suffix}", Size(8, 8))).metadata
    assert packet.xmp is not None
    assert b"Container:Item" not in packet.xmp
    assert b'g:Version="1.0"' not in packet.xmp


def test_a_video_of_a_motion_photo_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "a.jpg").write_bytes(
        jpeg(np.zeros((4, 4, 3), np.uint8), xmp=ULTRA_HDR) + b"\0\0\0\x18ftypmp42"
    )
    upscaled(tmp_path / "a.jpg", tmp_path / "b.jpg", Size(8, 8))
    assert "the video of a motion photo" in caplog.text


def test_other_pictures_are_told(
    photo: PilImage.Image, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    photo.save(tmp_path / "a.jpg", "MPO", save_all=True, append_images=[photo.rotate(180)])
    image = read_image(tmp_path / "a.jpg")
    assert image.size == Size(photo.height, photo.width)
    assert image.gain_map is None
    assert [r.levelno for r in caplog.records] == [logging.WARNING]
    assert "has 2 pictures; only the first is used" in caplog.text


def test_a_smaller_copy_for_a_camera_s_display_is_not_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    photo, small = (jpeg(np.full((s, s, 3), 90, np.uint8)) for s in (32, 8))
    (tmp_path / "a.jpg").write_bytes(with_picture(photo, small, kind=0x010002))
    read_image(tmp_path / "a.jpg")
    assert not caplog.records


def test_a_gain_map_that_is_only_claimed_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "a.jpg").write_bytes(jpeg(np.zeros((4, 4, 3), np.uint8), xmp=MAP_XMP))
    upscaled(tmp_path / "a.jpg", tmp_path / "b.jpg", Size(8, 8))
    assert "gain map is not where it should be" in caplog.text
    assert b"hdrgm:Version" not in (tmp_path / "b.jpg").read_bytes()


def test_a_gain_map_of_apple_s_kind_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    packet = b'<a xmlns:HDRGainMap="http://ns.apple.com/HDRGainMap/1.0/"/>'
    photo, other = (jpeg(np.full((8, 8, 3), 90, np.uint8), xmp=x) for x in (b"", packet))
    (tmp_path / "a.jpg").write_bytes(with_picture(photo, other))
    assert read_image(tmp_path / "a.jpg").gain_map is None
    assert "Apple's kind" in caplog.text


def test_a_damaged_gain_map_costs_itself_only(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    other = jpeg(gradient(12, 16), xmp=MAP_XMP)
    photo = jpeg(np.full((8, 8, 3), 90, np.uint8))
    (tmp_path / "a.jpg").write_bytes(with_picture(photo, other[:-60]))
    image = read_image(tmp_path / "a.jpg")
    assert image.gain_map is None
    assert image.size == Size(8, 8)
    assert "its gain map is damaged" in caplog.text


@given(data=st.data())
def test_damage_to_the_directory_is_no_error(data: st.DataObject) -> None:
    whole = bytearray(with_picture(jpeg(gradient(8, 8)), jpeg(gradient(4, 4), xmp=MAP_XMP)))
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(2, 130))] = data.draw(st.integers(0, 255))
    for picture in multi_picture.other_pictures(io.BytesIO(whole)):
        assert picture.startswith(b"\xff\xd8")
