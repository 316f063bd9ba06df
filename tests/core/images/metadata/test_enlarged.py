"""What a result says of itself: written, carried on, read back, and none of it a danger."""

import xml.etree.ElementTree as ET

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liifgan_core.images.metadata.enlarged import (
    NAMESPACE,
    SOURCE_TYPES,
    Enlargement,
    said_by,
    with_enlargement,
)
from tests.core.images.metadata.test_xmp import HEAD, RDF, TAIL, ULTRA_HDR

IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
FULL = Enlargement(
    program="LIIF-GAN 0.1.0",
    model="liif-gan",
    model_sha256="ab" * 32,
    factor_across=3.7,
    factor_down=3.69,
    source_width=640,
    source_height=480,
    precision="bf16",
    detail=0.75,
    detail_mask="sky & <sea>.png",
    geometry="rotation -2.5; distortion -0.1,0.01; frame inside",
    consistent="full",
    consistent_error=0.0625,
)
PLAIN = Enlargement(
    program="p",
    model="m",
    model_sha256="",
    factor_across=2.0,
    factor_down=2.0,
    source_width=1,
    source_height=1,
    precision="fp32",
)


def with_type(value: str) -> bytes:
    return (
        HEAD
        + f'<rdf:Description rdf:about="" xmlns:e="{IPTC}" e:DigitalSourceType="{value}"'
        '  xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="4"/>'.encode()
        + TAIL
    )


def test_a_new_packet_has_the_documented_properties() -> None:
    root = ET.fromstring(with_enlargement(None, FULL, invents=True))
    [item] = root.iter(f"{{{RDF}}}li")
    found = {element.tag.removeprefix(f"{{{NAMESPACE}}}"): element.text for element in item}
    assert found == {
        "Program": "LIIF-GAN 0.1.0",
        "Model": "liif-gan",
        "ModelSha256": "ab" * 32,
        "FactorAcross": "3.7",
        "FactorDown": "3.69",
        "SourceWidth": "640",
        "SourceHeight": "480",
        "Precision": "bf16",
        "Detail": "0.75",
        "DetailMask": "sky & <sea>.png",
        "Geometry": "rotation -2.5; distortion -0.1,0.01; frame inside",
        "Consistent": "full",
        "ConsistentError": "0.0625",
    }
    [kind] = root.iter(f"{{{IPTC}}}DigitalSourceType")
    assert kind.text == (
        "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
    )


@pytest.mark.parametrize("packet", [None, ULTRA_HDR, HEAD + TAIL])
def test_what_is_written_is_read_back_and_the_rest_stays(packet: bytes | None) -> None:
    made = with_enlargement(packet, FULL, invents=False)
    said = said_by(made)
    assert said is not None
    assert said.enlargements == (FULL,)
    assert said.source_type == "algorithmicallyEnhanced"
    if packet == ULTRA_HDR:
        assert b"<xmp:CreatorTool>a camera</xmp:CreatorTool>" in made
        assert len(made) > len(packet)


def test_enlarging_a_result_tells_of_both_times() -> None:
    once = with_enlargement(ULTRA_HDR, FULL, invents=True)
    twice = with_enlargement(once, PLAIN, invents=False)
    said = said_by(twice)
    assert said is not None
    assert said.enlargements == (FULL, PLAIN)
    # What was invented the first time is still in it.
    assert said.source_type == "compositeWithTrainedAlgorithmicMedia"
    assert twice.count(b"<liifgan:Enlarged>") == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("digitalCapture", "algorithmicallyEnhanced"),
        ("negativeFilm", "algorithmicallyEnhanced"),
        ("computationalCapture", "algorithmicallyEnhanced"),
        ("trainedAlgorithmicMedia", "trainedAlgorithmicMedia"),
        ("digitalCreation", "digitalCreation"),
        ("compositeWithTrainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia"),
        ("somethingNew", "somethingNew"),
    ],
)
def test_the_source_type_is_set_where_ours_says_more(before: str, after: str) -> None:
    packet = with_type(SOURCE_TYPES + before)
    made = with_enlargement(packet, PLAIN, invents=False)
    said = said_by(made)
    assert said is not None
    assert said.source_type == after
    assert b'xmp:Rating="4"' in made
    assert made.count(b"DigitalSourceType") in (1, 2)


def test_the_source_type_alone_names_no_program() -> None:
    made = with_enlargement(None, None, invents=True)
    said = said_by(made)
    assert said is not None
    assert said.enlargements == ()
    assert said.source_type == "compositeWithTrainedAlgorithmicMedia"
    assert b"liifgan:" not in made.replace(b"xmlns:liifgan", b"")


PRECISION = "<l:Precision>fp32</l:Precision>"
ATTRIBUTES = (
    'l:Program="p" l:Model="m" l:ModelSha256="" l:FactorAcross="2" l:FactorDown="2" '
    'l:SourceWidth="1" l:SourceHeight="1"'
)


@pytest.mark.parametrize(
    "item",
    [
        f'<rdf:li {ATTRIBUTES} l:Precision="fp32" l:Future="x"/>',
        f"<rdf:li><rdf:Description {ATTRIBUTES}>{PRECISION}</rdf:Description></rdf:li>",
    ],
    ids=["attributes", "description"],
)
def test_other_spellings_of_the_same_are_understood(item: str) -> None:
    text = (
        f'<rdf:Description rdf:about="" xmlns:l="{NAMESPACE}"><l:Enlarged><rdf:Seq>{item}'
        "</rdf:Seq></l:Enlarged></rdf:Description>"
    )
    packet = HEAD + text.encode() + TAIL
    said = said_by(packet)
    assert said is not None
    assert said.enlargements == (PLAIN,)
    again = said_by(with_enlargement(packet, FULL, invents=True))
    assert again is not None
    assert again.enlargements == (PLAIN, FULL)


@pytest.mark.parametrize(
    "packet",
    [
        b"<x",
        b"rdf:RDF",
        b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
        b"<x>" + b"\xff" * 9 + b"</x>",
    ],
)
def test_what_is_no_xml_says_nothing_and_takes_nothing(packet: bytes) -> None:
    assert said_by(packet) is None
    with pytest.raises(ValueError, match="no XML"):
        with_enlargement(packet, PLAIN, invents=True)


def test_entries_that_are_no_enlargements_are_left_out() -> None:
    made = with_enlargement(None, PLAIN, invents=True)
    broken = made.replace(b">2.0<", b">two<")
    said = said_by(broken)
    assert said is not None
    assert said.enlargements == ()


@given(st.text(max_size=40), st.text(max_size=10))
def test_any_name_makes_a_packet_that_can_be_read(model: str, program: str) -> None:
    entry = msgspec.structs.replace(PLAIN, model=model, program=program)
    said = said_by(with_enlargement(None, entry, invents=True))
    assert said is not None
    [found] = said.enlargements
    # XML has no place for control characters, and one kind of line end.
    if model.isprintable():
        assert found.model == model
