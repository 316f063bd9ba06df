"""Facts beside the pixels come along into every format that has a place for them, or it is said."""

import binascii
import io
import struct
import zlib
from pathlib import Path

import brotli
import numpy as np
import OpenImageIO as oiio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags, IptcImagePlugin, PngImagePlugin
from PIL import Image as PilImage

from liifgan_core.geometry import Size
from liifgan_core.images.codecs.jxl import boxes as jxl_boxes
from liifgan_core.images.formats import FORMATS, Format, format_by_name
from liifgan_core.images.metadata import iptc
from liifgan_core.images.metadata.metadata import Metadata, result_metadata
from liifgan_core.images.read import read_image
from liifgan_core.images.write import open_writer
from tests.core.images.metadata.test_metadata import PACKET, camera_exif, loaded
from tests.core.images.test_read import chunk

SIZE = Size(6, 9)
RECORDS = b"\x1c\x02\x78\0\x0bA cat asleep"[:5] + b"A cat aslee" + b"\x1c\x02\x50\0\x08Somebody"
"""Caption (2:120) and by-line (2:80)."""


def pixels(dtype: type = np.uint8) -> np.ndarray:
    rows = np.zeros((6, 9, 3), dtype)
    rows[:2, :2] = np.iinfo(dtype).max
    return rows


def write_png(path: Path, bits: int, before: bytes = b"", behind: bytes = b"") -> None:
    dtype = np.uint8 if bits == 8 else np.uint16
    rows = b"".join(b"\0" + row.astype(f">u{bits // 8}").tobytes() for row in pixels(dtype))
    header = struct.pack(">IIBBBBB", 9, 6, bits, 2, 0, 0, 0)
    data = chunk(b"IHDR", header) + before + chunk(b"IDAT", zlib.compress(rows)) + behind
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + data + chunk(b"IEND", b""))


def upscaled(source: Path, target: Path, note: str | None = None) -> Path:
    """Write the picture's facts beside other pixels, as an export does."""
    image = read_image(source)
    known = next(each for each in FORMATS if target.suffix in each.suffixes)
    made = result_metadata(
        image.metadata, SIZE, note=note, dpi=None, name=str(target), carries=known.carries
    )
    with open_writer(target, SIZE, metadata=made) as writer:
        writer.write_rows(pixels() / 255)
    return target


def raw(kind: str, data: bytes) -> bytes:
    """A zTXt chunk as ImageMagick writes it: length, then lines of 72 digits."""
    digits = binascii.hexlify(data)
    lines = b"\n".join(digits[at : at + 72] for at in range(0, len(digits), 72))
    text = b"\n" + kind.encode() + b"\n%8d\n" % len(data) + lines + b"\n"
    return chunk(b"zTXt", b"Raw profile type " + kind.encode() + b"\0\0" + zlib.compress(text))


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("place", ["before", "behind"])
def test_exif_and_xmp_of_a_png_count_before_and_behind_the_pixels(
    bits: int, place: str, tmp_path: Path
) -> None:
    facts = chunk(b"eXIf", camera_exif(orientation=6))
    facts += chunk(b"iTXt", b"XML:com.adobe.xmp" + bytes(5) + PACKET)
    write_png(tmp_path / "a.png", bits, **{place: facts})
    image = read_image(tmp_path / "a.png")
    assert image.size == Size(9, 6)
    assert image.samples[0, -1].tolist() == [2**bits - 1] * 3
    assert image.metadata.exif == camera_exif(orientation=6)
    assert image.metadata.xmp == PACKET


@pytest.mark.parametrize("bits", [8, 16])
def test_raw_profiles_count(bits: int, srgb_profile: bytes, tmp_path: Path) -> None:
    facts = raw("exif", b"Exif\0\0" + camera_exif()) + raw("xmp", PACKET)
    facts += raw("iptc", iptc.to_resources(RECORDS)) + raw("icc", srgb_profile)
    write_png(tmp_path / "a.png", bits, facts)
    image = read_image(tmp_path / "a.png")
    assert image.size == Size(9, 6)
    assert image.metadata.exif == camera_exif()
    assert image.metadata.xmp == PACKET
    assert image.metadata.iptc == RECORDS
    assert image.icc_profile == srgb_profile
    assert image.metadata.texts == ()
    write_png(tmp_path / "b.png", bits, raw("APP1", b"http://ns.adobe.com/xap/1.0/\0" + PACKET))
    assert read_image(tmp_path / "b.png").metadata.xmp == PACKET


@pytest.mark.parametrize(
    "text", [b"\nexif\n 4\n00", b"\nexif\nx\n00", b"\nexif\n 1\nzz", b"nothing", b""]
)
def test_a_damaged_raw_profile_is_left_out_and_told(
    text: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_png(tmp_path / "a.png", 8, chunk(b"tEXt", b"Raw profile type exif\0" + text))
    assert read_image(tmp_path / "a.png").metadata == Metadata()
    assert "damaged" in caplog.text


TEXTS = {
    "Title": "Katze auf dem Dach",
    "Author": "Žofie",
    "Copyright": "somebody",
    "Description": "a cat",
    "parameters": "a cat, Steps: 20, Seed: 1234\nSampler: x",
    "Comment": "none",
    "Source": "a camera",
}


def texted(path: Path) -> Path:
    info = PngImagePlugin.PngInfo()
    for keyword, text in TEXTS.items():
        info.add_text(keyword, text, zip=keyword == "parameters")
    info.add_text("Software", "another program")
    info.add_text("Thumb::Size", "12")
    PilImage.fromarray(pixels()).save(path, pnginfo=info)
    return path


def test_texts_of_a_png_go_into_a_png(tmp_path: Path) -> None:
    texted(tmp_path / "a.png")
    with PilImage.open(upscaled(tmp_path / "a.png", tmp_path / "b.png", "LIIF-GAN 1")) as found:
        assert found.text == TEXTS | {"Software": "LIIF-GAN 1"}
    with PilImage.open(upscaled(tmp_path / "a.png", tmp_path / "c.png")) as found:
        assert found.text == TEXTS | {"Software": "another program"}


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".avif", ".tif"])
def test_texts_of_a_png_go_into_exif_elsewhere_and_the_rest_is_told(
    suffix: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    texted(tmp_path / "a.png")
    with PilImage.open(upscaled(tmp_path / "a.png", tmp_path / f"b{suffix}", "LIIF-GAN 1")) as b:
        block = b.getexif()
        assert block[ExifTags.Base.ImageDescription] == TEXTS["Description"]
        assert block[ExifTags.Base.Copyright] == "somebody"
        assert block[ExifTags.Base.Software] == "LIIF-GAN 1"
        assert bytes(block[ExifTags.Base.XPTitle]).decode("utf-16-le") == TEXTS["Title"] + "\0"
        comment = block.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment]
        assert comment == b"ASCII\0\0\0" + TEXTS["parameters"].encode()
        stored = b.info.get("comment")
    image = read_image(tmp_path / f"b{suffix}")
    assert image.metadata.exif is not None
    assert "Žofie".encode() in image.metadata.exif
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 1
    assert "'Source'" in told[0]
    assert ("'Comment'" in told[0]) == (suffix != ".jpg")
    assert stored == (b"none" if suffix == ".jpg" else None)


def test_a_field_of_exif_is_not_replaced_by_a_text(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    facts = chunk(b"eXIf", camera_exif()) + chunk(b"tEXt", b"Author\0another")
    write_png(tmp_path / "a.png", 8, facts)
    with PilImage.open(upscaled(tmp_path / "a.png", tmp_path / "b.jpg")) as b:
        assert b.getexif()[ExifTags.Base.Artist] == "Somebody"
    assert "'Author'" in caplog.text
    caplog.clear()
    write_png(
        tmp_path / "c.png", 8, chunk(b"eXIf", camera_exif()) + chunk(b"tEXt", b"Author\0Somebody")
    )
    upscaled(tmp_path / "c.png", tmp_path / "d.jpg")
    assert not caplog.records


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".gif"])
def test_a_comment_of_a_jpeg_is_carried(suffix: str, tmp_path: Path) -> None:
    PilImage.fromarray(pixels()).save(tmp_path / "a.jpg", comment="my cömment".encode())
    result = upscaled(tmp_path / "a.jpg", tmp_path / f"b{suffix}")
    with PilImage.open(result) as found:
        text = found.info.get("comment") or found.info["Comment"].encode()
    assert text == "my cömment".encode()
    assert read_image(result).metadata.texts == (("Comment", "my cömment"),)


def test_a_comment_goes_into_exif_where_the_format_has_none(tmp_path: Path) -> None:
    PilImage.fromarray(pixels()).save(tmp_path / "a.jpg", comment="my cömment".encode())
    with PilImage.open(upscaled(tmp_path / "a.jpg", tmp_path / "b.webp")) as found:
        ifd = found.getexif().get_ifd(ExifTags.IFD.Exif)
    assert ifd[ExifTags.Base.UserComment] == b"UNICODE\0" + "my cömment".encode("utf-16-le")


@pytest.mark.parametrize("suffix", [".jpg", ".tif", ".png"])
@pytest.mark.parametrize("source", ["jpg", "tif"])
def test_iptc_is_carried(source: str, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{source}"
    if source == "jpg":
        segment = iptc.to_resources(RECORDS)
        PilImage.fromarray(pixels()).save(
            path, extra=b"\xff\xed" + struct.pack(">H", len(segment) + 2) + segment
        )
    else:
        PilImage.fromarray(pixels()).save(path, tiffinfo={33723: RECORDS})
    with PilImage.open(path) as stored:
        assert IptcImagePlugin.getiptcinfo(stored)[2, 120] == b"A cat aslee"
    result = upscaled(path, tmp_path / f"b{suffix}")
    assert read_image(result).metadata.iptc == RECORDS
    if suffix != ".png":
        with PilImage.open(result) as found:
            assert IptcImagePlugin.getiptcinfo(found)[2, 80] == b"Somebody"


@pytest.mark.parametrize("suffix", [".webp", ".avif", ".jxl"])
def test_iptc_is_told_where_it_is_lost(
    suffix: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    PilImage.fromarray(pixels()).save(tmp_path / "a.tif", tiffinfo={33723: RECORDS})
    upscaled(tmp_path / "a.tif", tmp_path / f"b{suffix}")
    assert "no place for IPTC" in caplog.text


@given(data=st.binary(max_size=80))
def test_any_bytes_are_read_as_resources(data: bytes) -> None:
    assert iptc.from_resources(iptc.to_resources(RECORDS)) == RECORDS
    found = iptc.from_resources(iptc.PHOTOSHOP_MARK + b"8BIM" + data)
    assert found is None or found.startswith(b"\x1c")


@pytest.mark.parametrize("known", [k for k in FORMATS if "dpi" in k.carries], ids=lambda k: k.name)
@pytest.mark.parametrize("source", ["jpg", "png", "tif"])
def test_an_uneven_resolution_is_carried(source: str, known: Format, tmp_path: Path) -> None:
    PilImage.fromarray(pixels()).save(tmp_path / f"a.{source}", dpi=(300, 200))
    result = upscaled(tmp_path / f"a.{source}", tmp_path / f"b{known.suffixes[0]}")
    if known.name == "exr":
        spec = oiio.ImageInput.open(str(result)).spec()
        across, down = spec.getattribute("XResolution"), spec.getattribute("YResolution")
        assert spec.getattribute("PixelAspectRatio") == pytest.approx(200 / 300, abs=1e-3)
        assert across == pytest.approx(300, abs=0.1)
        assert down == pytest.approx(200, abs=0.1)
        return
    with PilImage.open(result) as found:
        assert found.info["dpi"] == pytest.approx((300, 200), abs=0.1)
    assert read_image(result).metadata.resolution == pytest.approx((300, 200), abs=0.1)


@pytest.mark.parametrize("name", ["webp", "avif", "jxl"])
def test_a_resolution_goes_into_exif_where_the_format_has_no_other_place(
    name: str, tmp_path: Path
) -> None:
    PilImage.fromarray(pixels()).save(tmp_path / "a.jpg", dpi=(300, 200))
    known = format_by_name(name)
    block = read_image(upscaled(tmp_path / "a.jpg", tmp_path / f"b{known.suffixes[0]}")).metadata
    assert block.exif is not None
    found = loaded(block.exif)
    assert (found[282], found[283], found[296]) == (300, 200, 2)


def test_compressed_boxes_of_jpeg_xl_are_read(tmp_path: Path) -> None:
    with open_writer(tmp_path / "a.jxl", SIZE) as writer:
        writer.write_rows(pixels() / 255)
    content = (tmp_path / "a.jxl").read_bytes()
    plain = b"".join(jxl_boxes.with_metadata(content, Metadata(exif=camera_exif(), xmp=PACKET)))
    at = plain.index(b"Exif") - 4
    packed = b""
    for kind, data in ((b"Exif", bytes(4) + camera_exif()), (b"xml ", PACKET)):
        body = kind + brotli.compress(data)
        packed += struct.pack(">I4s", 8 + len(body), b"brob") + body
    end = plain.index(PACKET) + len(PACKET)
    (tmp_path / "b.jxl").write_bytes(plain[:at] + packed + plain[end:])
    metadata = read_image(tmp_path / "b.jxl").metadata
    assert (metadata.exif, metadata.xmp) == (camera_exif(), PACKET)
    (tmp_path / "c.jxl").write_bytes(plain[:at] + packed.replace(b"\x8b", b"\x00") + plain[end:])
    assert read_image(tmp_path / "c.jxl").metadata.xmp in (None, PACKET)


def test_a_compressed_box_that_grows_without_end_is_left_out() -> None:
    bomb = brotli.compress(bytes(200 << 20))
    body = struct.pack(">I4s", 12 + len(bomb), b"brob") + b"xml " + bomb
    codestream = struct.pack(">I4s", 8 + 16, b"jxlc") + b"\xff\x0a" + bytes(14)
    head = b"\0\0\0\x0cJXL \r\n\x87\n" + struct.pack(">I", 20) + b"ftypjxl \0\0\0\0jxl "
    metadata = jxl_boxes.read_header(io.BytesIO(head + body + codestream)).metadata
    assert metadata.xmp is None


@pytest.mark.parametrize("suffix", [".tif", ".png", ".jxl"])
def test_a_packet_of_more_than_a_mebibyte_is_carried(suffix: str, tmp_path: Path) -> None:
    padding = b"<!--" + b"a" * (3 << 20) + b"-->"
    packet = PACKET.replace(b"</x:xmpmeta>", padding + b"</x:xmpmeta>")
    assert len(packet) > 3 << 20
    path = tmp_path / f"a{suffix}"
    with open_writer(path, Size(2, 3), metadata=Metadata(xmp=packet)) as writer:
        writer.write_rows(np.zeros((2, 3, 3)))
    assert read_image(path).metadata.xmp == packet


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        (b"mDCV", "light levels of the mastering display"),
        (b"cLLI", "light levels of the mastering display"),
        (b"caBX", "content credentials (C2PA)"),
    ],
)
def test_what_of_a_png_is_not_carried_is_told(kind: bytes, what: str, tmp_path: Path) -> None:
    write_png(tmp_path / "a.png", 8, before=chunk(kind, bytes(24)))
    [loss] = read_image(tmp_path / "a.png").losses
    assert (loss.code, loss.values["what"]) == ("not-carried", what)


def test_content_credentials_of_a_jpeg_are_told(tmp_path: Path) -> None:
    whole = io.BytesIO()
    PilImage.new("RGB", (8, 8)).save(whole, "JPEG")
    content = b"JP\0\1\0\0\0\1" + b"\0\0\0\x20jumb" + b"c2pa" + bytes(20)
    segment = b"\xff\xeb" + struct.pack(">H", len(content) + 2) + content
    (tmp_path / "a.jpg").write_bytes(whole.getvalue()[:2] + segment + whole.getvalue()[2:])
    [loss] = read_image(tmp_path / "a.jpg").losses
    assert (loss.code, loss.values["what"]) == ("not-carried", "content credentials (C2PA)")


def test_a_profile_of_which_a_part_is_missing_is_told(srgb_profile: bytes, tmp_path: Path) -> None:
    whole = io.BytesIO()
    PilImage.new("RGB", (8, 8)).save(whole, "JPEG", icc_profile=srgb_profile)
    data = whole.getvalue()
    at = data.index(b"ICC_PROFILE\0\1\1") + len(b"ICC_PROFILE\0\1")
    (tmp_path / "a.jpg").write_bytes(data[:at] + b"\2" + data[at + 1 :])
    [loss] = read_image(tmp_path / "a.jpg").losses
    assert (loss.code, loss.values["part"]) == ("damaged", "colour profile")
