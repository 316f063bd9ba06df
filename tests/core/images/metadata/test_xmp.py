"""XMP packets: claims about the old file, and packets that a JPEG splits."""

import hashlib
import struct
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PilImage

from liifgan_core.geometry import Size
from liifgan_core.images.metadata import xmp_extended
from liifgan_core.images.metadata.metadata import Metadata, result_metadata
from liifgan_core.images.metadata.xmp_claims import without_claims
from liifgan_core.images.read import read_image
from liifgan_core.images.write import open_writer

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
HEAD = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}">'.encode()
TAIL = b"</rdf:RDF></x:xmpmeta>"
ULTRA_HDR = (
    HEAD
    + b"""<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:g="http://ns.adobe.com/hdr-gain-map/1.0/"
 xmlns:Container="http://ns.google.com/photos/1.0/container/"
 xmlns:Item="http://ns.google.com/photos/1.0/container/item/"
 xmlns:GCamera="http://ns.google.com/photos/1.0/camera/"
 g:Version="1.0" GCamera:MotionPhoto="1" GCamera:MicroVideoOffset='99'
 GCamera:SpecialTypeID="kept" xmp:Rating="4">
<g:GainMapMax><rdf:Seq><rdf:li>2.3</rdf:li></rdf:Seq></g:GainMapMax><g:OffsetSDR/>
<Container:Directory><rdf:Seq><rdf:li rdf:parseType="Resource">
<Container:Item Item:Mime="image/jpeg" Item:Semantic="Primary"/></rdf:li></rdf:Seq>
</Container:Directory>
<GCamera:MotionPhotoPresentationTimestampUs>7</GCamera:MotionPhotoPresentationTimestampUs>
<xmp:CreatorTool>a camera</xmp:CreatorTool>
</rdf:Description>"""
    + TAIL
)


def test_claims_of_gain_maps_and_motion_photos_leave_and_all_else_stays() -> None:
    packet = without_claims(ULTRA_HDR)
    ET.fromstring(packet)
    for gone in (b"g:", b"Item:", b"Container:", b"Motion", b"MicroVideo"):
        assert gone not in packet.replace(b"xmlns:", b"")
    assert b'xmp:Rating="4"' in packet
    assert b'GCamera:SpecialTypeID="kept"' in packet
    assert b"<xmp:CreatorTool>a camera</xmp:CreatorTool>" in packet


def test_the_sizes_of_a_photo_sphere_grow_with_it() -> None:
    packet = (
        HEAD
        + b"""<rdf:Description xmlns:GPano="http://ns.google.com/photos/1.0/panorama/"
 GPano:FullPanoWidthPixels="5376" GPano:ProjectionType="equirectangular"
 GPano:PoseHeadingDegrees="90"><GPano:CroppedAreaTopPixels>101</GPano:CroppedAreaTopPixels>
</rdf:Description>"""
        + TAIL
    )
    result = result_metadata(
        Metadata(xmp=packet),
        Size(50, 300),
        note=None,
        dpi=None,
        name="a",
        source_size=Size(20, 100),
    )
    assert result.xmp is not None
    assert b'FullPanoWidthPixels="16128"' in result.xmp
    assert b"<GPano:CroppedAreaTopPixels>253</GPano" in result.xmp
    assert b'PoseHeadingDegrees="90"' in result.xmp


def test_a_packet_without_claims_stays_byte_by_byte() -> None:
    packet = HEAD + b'<rdf:Description xmlns:m="urn:m" m:MotionPhoto="1"/>' + TAIL
    assert without_claims(packet) == packet


def test_an_element_that_never_ends_takes_no_time_and_nothing_away() -> None:
    packet = b'<a xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/">' + b"<hdrgm:A>" * 200_000
    assert without_claims(packet) == packet


def big_packet(num_bytes: int) -> bytes:
    """A small description and one with a long value, its namespace declared around it."""
    return (
        HEAD.replace(b"<rdf:RDF", b'<rdf:RDF xmlns:d="urn:depth"')
        + b'<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
        + b'xmp:Rating="4"/>\n'
        + b'<rdf:Description rdf:about=""><d:Data>'
        + b"QUJD" * (num_bytes // 4)
        + b"</d:Data></rdf:Description>\n"
        + TAIL
    )


def values(packet: bytes) -> dict[str, str]:
    """Every property of a packet, whichever way it is written."""
    found: dict[str, str] = {}
    for description in ET.fromstring(packet.strip()).iter(f"{{{RDF}}}Description"):
        found |= {k: v for k, v in description.attrib.items() if RDF not in k}
        found |= {child.tag: child.text or "" for child in description}
    return found


def saved(path: Path, packet: bytes) -> list[tuple[str, bytes]]:
    with open_writer(path, Size(2, 3), metadata=Metadata(xmp=packet)) as writer:
        writer.write_rows(np.zeros((2, 3, 3)))
    with PilImage.open(path) as stored:
        return list(stored.applist)


def test_a_long_packet_is_split_in_a_jpeg_and_whole_again(tmp_path: Path) -> None:
    packet = big_packet(150_000)
    segments = [data for kind, data in saved(tmp_path / "a.jpg", packet) if kind == "APP1"]
    standard = next(s for s in segments if s.startswith(b"http://ns.adobe.com/xap/1.0/\0"))
    extended = [s for s in segments if s.startswith(xmp_extended.MARK)]
    assert len(extended) == 3
    # XMP part 3, 1.1.3.1: 32 digits of the MD5 of all, its length, and where each part goes.
    extension = b"".join(s[75:] for s in extended)
    guid = hashlib.md5(extension).hexdigest().upper()
    assert [s[35:67].decode() for s in extended] == [guid] * 3
    assert struct.unpack(">II", extended[1][67:75]) == (len(extension), len(extended[0]) - 75)
    assert f'HasExtendedXMP="{guid}"'.encode() in standard
    found = read_image(tmp_path / "a.jpg").metadata.xmp
    assert found is not None
    note = "{http://ns.adobe.com/xmp/note/}HasExtendedXMP"
    assert values(found) == values(packet) | {note: guid}
    result = result_metadata(Metadata(xmp=found), Size(2, 3), note=None, dpi=None, name="a")
    assert result.xmp is not None
    assert values(result.xmp) == values(packet)
    assert b"HasExtendedXMP=" not in result.xmp


@pytest.mark.parametrize("cut", ["missing", "short", "other"])
def test_an_extension_that_is_not_whole_is_left_out(cut: str) -> None:
    halves = xmp_extended.split(big_packet(150_000), 60_000)
    assert halves is not None
    segments = xmp_extended.extension_segments(halves[1])
    broken = {"missing": segments[:-1], "short": [segments[0][:-1], *segments[1:]], "other": []}
    assert xmp_extended.merged(halves[0], broken[cut]) == halves[0]
    assert values(xmp_extended.merged(halves[0], segments)).keys() > values(big_packet(8)).keys()


def test_what_is_no_xml_is_not_split() -> None:
    assert xmp_extended.split(b"<rdf:RDF>" + b"x" * 70_000, 60_000) is None
    assert xmp_extended.split(b"<!DOCTYPE a>" + big_packet(70_000), 60_000) is None


@given(data=st.data())
def test_damage_loses_an_extension_at_most(data: st.DataObject) -> None:
    halves = xmp_extended.split(big_packet(3000), 600)
    assert halves is not None
    both = [bytearray(halves[0]), bytearray(xmp_extended.extension_segments(halves[1])[0])]
    for _ in range(data.draw(st.integers(1, 5))):
        part = both[data.draw(st.integers(0, 1))]
        part[data.draw(st.integers(0, len(part) - 1))] = data.draw(st.integers(0, 255))
    merged = xmp_extended.merged(bytes(both[0]), [bytes(both[1])])
    assert len(merged) >= len(both[0])
    without_claims(merged)
