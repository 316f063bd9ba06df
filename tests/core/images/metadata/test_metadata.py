import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags, TiffImagePlugin
from PIL import Image as PilImage

from liifgan_core.geometry import Size
from liifgan_core.images.formats import FORMATS, Format
from liifgan_core.images.metadata import exif, xmp
from liifgan_core.images.metadata.metadata import Metadata, result_metadata
from liifgan_core.images.read import read_image
from liifgan_core.images.write import open_writer
from liifgan_core.losses import collected

WITH_EXIF = [known for known in FORMATS if "exif" in known.carries]
PACKET = b"""<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:tiff="http://ns.adobe.com/tiff/1.0/"
 xmlns:e="http://ns.adobe.com/exif/1.0/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 tiff:Orientation="6" e:PixelXDimension="23" xmp:Rating="4">
<tiff:ImageWidth>23</tiff:ImageWidth>
<xmp:Thumbnails><rdf:Alt><rdf:li>AAAA</rdf:li></rdf:Alt></xmp:Thumbnails>
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""
SIZE = Size(370, 230)


def camera_exif(orientation: int = 6) -> bytes:
    """A block like a camera's, with a thumbnail and a position, without the mark in front."""
    block = PilImage.Exif()
    block[ExifTags.Base.Make] = "Maker of cameras"
    block[ExifTags.Base.Orientation] = orientation
    block[ExifTags.Base.Artist] = "Somebody"
    block[ExifTags.Base.ImageWidth] = 23
    photo = block.get_ifd(ExifTags.IFD.Exif)
    photo[ExifTags.Base.DateTimeOriginal] = "2026:01:02 03:04:05"
    photo[ExifTags.Base.ExifImageWidth] = 23
    photo[ExifTags.Base.ExifImageHeight] = 37
    photo[ExifTags.Base.ExposureTime] = TiffImagePlugin.IFDRational(1, 250)
    photo[ExifTags.Base.MakerNote] = b"secret\0note"
    gps = block.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef] = "N"
    gps[ExifTags.GPS.GPSLatitude] = (48.0, 12.0, 30.5)
    return block.tobytes().removeprefix(b"Exif\0\0")


def little_endian(block: bytes) -> bytes:
    """The same block in the other byte order, by our own parser; Pillow writes big-endian."""
    parsed = exif.parse(block)
    assert parsed is not None
    assert parsed.order == ">"

    def swapped(directory: exif.Directory) -> dict[int, exif.Entry]:
        return {tag: exif.little_endian(entry, ">") for tag, entry in directory.items()}

    parts = (parsed.main, parsed.photo, parsed.gps, parsed.interop)
    return exif.to_bytes(exif.Exif("<", *map(swapped, parts)))


def result(block: bytes | None = None, packet: bytes | None = None, **options: object) -> Metadata:
    arguments = {"note": "LIIF-GAN 1", "dpi": None, **options}
    return result_metadata(Metadata(exif=block, xmp=packet), SIZE, name="a.jpg", **arguments)


def loaded(block: bytes) -> PilImage.Exif:
    found = PilImage.Exif()
    found.load(b"Exif\0\0" + block)
    return found


@pytest.mark.parametrize("is_little", [False, True])
def test_facts_are_kept_and_what_described_the_old_pixels_is_not(is_little: bool) -> None:
    block = little_endian(camera_exif()) if is_little else camera_exif()
    made = result(block).exif
    assert made is not None
    assert made[:2] == (b"II" if is_little else b"MM")
    found = loaded(made)
    assert found[ExifTags.Base.Make] == "Maker of cameras"
    assert found[ExifTags.Base.Artist] == "Somebody"
    assert found[ExifTags.Base.Orientation] == 1
    assert found[ExifTags.Base.Software] == "LIIF-GAN 1"
    assert ExifTags.Base.ImageWidth not in found
    photo = found.get_ifd(ExifTags.IFD.Exif)
    assert photo[ExifTags.Base.DateTimeOriginal] == "2026:01:02 03:04:05"
    assert photo[ExifTags.Base.ExifImageWidth] == 230
    assert photo[ExifTags.Base.ExifImageHeight] == 370
    assert photo[ExifTags.Base.ExposureTime] == pytest.approx(1 / 250)
    assert photo[ExifTags.Base.MakerNote] == b"secret\0note"
    gps = found.get_ifd(ExifTags.IFD.GPSInfo)
    assert gps[ExifTags.GPS.GPSLatitude] == (48.0, 12.0, 30.5)


def test_the_thumbnail_is_dropped(photo: PilImage.Image) -> None:
    thumbnail = io.BytesIO()
    photo.save(thumbnail, "JPEG")
    block = PilImage.Exif()
    block[ExifTags.Base.Make] = "x"
    first = block.get_ifd(ExifTags.IFD.IFD1)
    first[513], first[514] = 0, len(thumbnail.getvalue())
    data = block.tobytes().removeprefix(b"Exif\0\0") + thumbnail.getvalue()
    made = result(data).exif
    assert made is not None
    assert b"\xff\xd8" not in made
    assert not loaded(made).get_ifd(ExifTags.IFD.IFD1)


def test_a_print_resolution_is_set_and_the_source_s_otherwise_kept() -> None:
    block = PilImage.Exif()
    block[ExifTags.Base.XResolution] = block[ExifTags.Base.YResolution] = 72.0
    data = block.tobytes().removeprefix(b"Exif\0\0")
    kept, printed = result(data).exif, result(data, dpi=300.0).exif
    assert kept is not None
    assert printed is not None
    assert loaded(kept)[ExifTags.Base.XResolution] == 72.0
    assert loaded(printed)[ExifTags.Base.XResolution] == 300.0
    assert loaded(printed)[ExifTags.Base.YResolution] == 300.0
    assert loaded(printed)[ExifTags.Base.ResolutionUnit] == 2


def test_without_a_note_a_file_without_exif_stays_without() -> None:
    assert result_metadata(Metadata(), SIZE, note=None, dpi=None, name="a") == Metadata()


def test_a_damaged_block_is_left_out_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    made = result(b"nonsense", b"<no packet/>").exif
    assert made is not None
    assert loaded(made)[ExifTags.Base.Software] == "LIIF-GAN 1"
    assert "its EXIF block is damaged" in caplog.text
    assert "its XMP packet is damaged" in caplog.text


@given(data=st.data())
def test_no_damage_to_a_block_does_more_than_lose_it(data: st.DataObject) -> None:
    block = bytearray(camera_exif())
    for _ in range(data.draw(st.integers(1, 8))):
        block[data.draw(st.integers(0, len(block) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(block[: data.draw(st.integers(0, len(block)))])
    parsed = exif.parse(cut)
    assert parsed is None or 1 <= parsed.orientation <= 8
    made = result(cut).exif
    assert made is not None
    assert len(made) < 2 * len(block) + 1000
    again = exif.parse(made)
    assert again is not None
    assert again.orientation == 1


def test_directories_that_point_to_themselves_end() -> None:
    entry = b"\x69\x87\x04\0\1\0\0\0\x08\0\0\0"
    block = b"II*\0\x08\0\0\0" + b"\2\0" + entry + b"\x25\x88" + entry[2:] + bytes(4)
    assert exif.parse(block) is not None


def test_a_packet_keeps_everything_but_size_orientation_and_thumbnails() -> None:
    packet = result(packet=PACKET, dpi=300.0).xmp
    assert packet is not None
    assert b'tiff:Orientation="1"' in packet
    assert b'e:PixelXDimension="230"' in packet
    assert b"<tiff:ImageWidth>230</tiff:ImageWidth>" in packet
    assert b'xmp:Rating="4"' in packet
    assert b"Thumbnails" not in packet
    assert packet.startswith(b"<?xpacket begin")
    unchanged = xmp.for_result(b"<rdf:RDF/>", width=1, height=1, dpi=None)
    assert unchanged == b"<rdf:RDF/>"


@pytest.mark.parametrize("packet", [b"", b"<x/>", b"<!DOCTYPE a><rdf:RDF/>", bytes(5 << 20)])
def test_a_packet_that_cannot_be_trusted_is_refused(packet: bytes) -> None:
    assert xmp.for_result(packet, width=1, height=1, dpi=None) is None


@pytest.mark.parametrize("known", WITH_EXIF, ids=lambda known: known.name)
@pytest.mark.parametrize("is_little", [False, True])
def test_each_format_carries_all_of_it(
    known: Format, is_little: bool, photo: PilImage.Image, save: Callable[..., None], tmp_path: Path
) -> None:
    block = little_endian(camera_exif()) if is_little else camera_exif()
    made = result_metadata(
        Metadata(exif=block, xmp=PACKET), Size(37, 23), note="LIIF-GAN 1", dpi=300.0, name="a"
    )
    path = tmp_path / f"a{known.suffixes[0]}"
    save(path, np.asarray(photo), metadata=made)
    image = read_image(path)
    assert image.size == Size(37, 23)
    assert image.metadata.xmp == made.xmp
    assert image.metadata.exif is not None
    found = loaded(image.metadata.exif)
    assert found[ExifTags.Base.Make] == "Maker of cameras"
    assert found[ExifTags.Base.Software] == "LIIF-GAN 1"
    assert found[ExifTags.Base.XResolution] == 300.0
    assert found.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.ExposureTime] == pytest.approx(1 / 250)
    assert found.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] == (48.0, 12.0, 30.5)
    if "dpi" in known.carries:
        assert image.metadata.dpi == pytest.approx(300.0, abs=0.01)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".avif", ".tif"])
def test_pillow_finds_it_too(
    suffix: str, photo: PilImage.Image, save: Callable[..., None], tmp_path: Path
) -> None:
    made = result(camera_exif(), PACKET)
    save(tmp_path / f"a{suffix}", np.asarray(photo), metadata=made)
    with PilImage.open(tmp_path / f"a{suffix}") as stored:
        assert stored.getexif()[ExifTags.Base.Make] == "Maker of cameras"
        assert stored.getexif().get_ifd(ExifTags.IFD.GPSInfo)[1] == "N"
        packet = stored.info.get("xmp") or stored.info.get("XML:com.adobe.xmp")
    text = packet if isinstance(packet, str) else packet.decode()
    assert 'tiff:Orientation="1"' in text


def test_what_is_too_long_for_jpeg_is_left_out_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    made = Metadata(xmp=PACKET + b" " * 70_000)
    with open_writer(tmp_path / "a.jpg", Size(1, 1), metadata=made) as writer:
        writer.write_rows(np.zeros((1, 1, 3)))
    assert read_image(tmp_path / "a.jpg").metadata.xmp is None
    assert "XMP packet of 7" in caplog.text


def test_of_exif_that_is_too_long_for_jpeg_only_the_longest_values_are_left_out(
    tmp_path: Path,
) -> None:
    entries = {
        270: exif.Entry(exif.ASCII, b"d" * 40_000),
        271: exif.Entry(exif.ASCII, b"Camera\0"),
        37510: exif.Entry(exif.UNDEFINED, b"c" * 50_000),
    }
    main = {tag: entries[tag] for tag in (270, 271)}
    block = exif.to_bytes(exif.Exif("<", main, {37510: entries[37510]}, {}, {}))
    with (
        collected() as losses,
        open_writer(tmp_path / "a.jpg", Size(1, 1), metadata=Metadata(exif=block)) as writer,
    ):
        writer.write_rows(np.zeros((1, 1, 3)))
    kept = exif.parse(read_image(tmp_path / "a.jpg").metadata.exif or b"")
    assert kept is not None
    assert {tag: kept.main[tag] for tag in main} == main
    assert not kept.photo
    assert [(loss.code, loss.values["bytes"]) for loss in losses] == [("too-long", 50_000)]
