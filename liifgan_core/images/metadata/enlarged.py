"""What a result says of itself in XMP: that a model has enlarged it, which, and how.

The properties are those of docs/xmp.md. Packets are edited as text, as in `xmp.py`; only what is
read back is parsed.
"""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Sequence
from typing import Any, Literal
from xml.sax.saxutils import escape

import msgspec

from liifgan_core.images.metadata.xmp_claims import without_properties

NAMESPACE = "urn:uuid:5a1c3e0f-64de-4d6b-9c1e-7f2b8f0c9a41#"
"""Of our properties. A UUID, since XMP wants a URI that nobody else uses, not one that leads
somewhere."""
SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
"""IPTC's vocabulary of digital source types."""

Shown = Literal["picture", "invented"]
"""The enlarged picture, or the map of what was invented in it."""
Consistent = Literal["full", "low frequencies"]

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_SOURCE_TYPE = f"{{{_IPTC}}}DigitalSourceType"
_CAPTURES = frozenset(
    (
        *("digitalCapture", "computationalCapture", "negativeFilm", "positiveFilm", "print"),
        *("humanEdits", "minorHumanEdits", "algorithmicallyEnhanced"),
    )
)
"""Source types that stop being the whole truth when a model has enlarged the picture. Others, of
drawings and of what machines have made, say more of a result than ours would, and stay."""
_MAX_ENTRIES = 100
_MAX_BYTES = 32 << 20
_FRESH = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    f'<rdf:RDF xmlns:rdf="{_RDF}"></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
).encode()
_OPENING = re.compile(rb"""<rdf:RDF(?:\s(?:[^<>"'/]|"[^"]*"|'[^']*')*)?>""")
_DECLARATION = re.compile(rb"""xmlns:([A-Za-z_][\w.-]*)\s*=\s*["']([^"']{1,200})["']""")
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Enlargement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a picture was enlarged, once; a field's property is its name in CamelCase."""

    program: str
    """Name and version."""
    model: str
    model_sha256: str
    """SHA-256 of the weights file, in hexadecimal digits."""
    factor_across: float
    """Width of the result by width of its source, or of the frame that it was warped into."""
    factor_down: float
    source_width: int
    """In pixels, upright."""
    source_height: int
    precision: str
    """"fp32", "bf16" or "fp16": what was asked of the model when the file was begun."""
    detail: float | None = None
    """Strength of the detail layer; None where the model has none."""
    detail_mask: str | None = None
    """What the strength was multiplied by at each place: 16 digits of the mask's SHA-256."""
    geometry: str | None = None
    """How the source was turned or otherwise warped, in words; None: not at all."""
    shows: Shown = "picture"
    consistent: Consistent | None = None
    """What of the source comes back when the result is reduced; None: nothing was promised."""
    consistent_error: float | None = None
    """Mean absolute difference then, in 1/255 of the range, as measured."""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What a packet says of how its picture was made."""

    enlargements: tuple[Enlargement, ...] = ()
    """The latest last."""
    source_type: str | None = None
    """IPTC's DigitalSourceType, without the vocabulary's address where it is IPTC's."""


def said_by(packet: bytes | None) -> Said | None:
    """Return what a packet says; None where it is no XML. What is not understood is left out."""
    if not packet:
        return Said()
    if len(packet) > _MAX_BYTES or b"<!DOCTYPE" in packet:  # no entities: they may be bombs
        return None
    try:
        root = ElementTree.fromstring(packet.strip(b"\0 \r\n\t"))
    except (ElementTree.ParseError, ValueError, LookupError):
        return None
    entries: list[Enlargement] = []
    source_type = None
    for element in root.iter():
        if element.tag == f"{{{NAMESPACE}}}Enlarged":
            entries += _entries(element)
        if source_type is None:
            source_type = _source_type(element)
    return Said(enlargements=tuple(entries), source_type=source_type)


def with_enlargement(
    packet: bytes | None, enlargement: Enlargement | None, *, invents: bool
) -> bytes:
    """Return the packet, or a new one, that also says how its picture was enlarged.

    Earlier enlargements stay in front. `enlargement` None leaves them alone, and only the digital
    source type is set: `invents` says whether a detail layer has drawn what was not in the photo.
    ValueError for a packet that is no XML, or holds no description.
    """
    said = said_by(packet)
    if said is None:
        raise ValueError("the packet is no XML")
    if enlargement is not None and enlargement.shows == "invented":
        invents = True
    kept = packet or _FRESH
    properties: list[str] = []
    if enlargement is not None:
        kept = _without(kept, NAMESPACE, b"Enlarged")
        entries = [*said.enlargements, enlargement][-_MAX_ENTRIES:]
        items = "".join(f'<rdf:li rdf:parseType="Resource">{_item(e)}</rdf:li>' for e in entries)
        properties.append(f"<liifgan:Enlarged><rdf:Seq>{items}</rdf:Seq></liifgan:Enlarged>")
    if said.source_type is None or said.source_type in _CAPTURES:
        kept = _without(kept, _IPTC, b"DigitalSourceType")
        value = SOURCE_TYPES + source_type_for(invents=invents)
        properties.append(f"<Iptc4xmpExt:DigitalSourceType>{value}</Iptc4xmpExt:DigitalSourceType>")
    if not properties:
        return kept
    # In front, because a JPEG moves descriptions at the end into an extension.
    opening = _OPENING.search(kept)
    if opening is None:
        raise ValueError("the packet has no rdf:RDF")
    description = (
        f'<rdf:Description rdf:about="" xmlns:rdf="{_RDF}" xmlns:liifgan="{NAMESPACE}" '
        f'xmlns:Iptc4xmpExt="{_IPTC}">{"".join(properties)}</rdf:Description>'
    )
    return kept[: opening.end()] + description.encode() + kept[opening.end() :]


def source_type_for(*, invents: bool) -> str:
    """Return the digital source type of a photo that a model has enlarged.

    A faithful model corrects by algorithm; a detail layer adds what a generative model has made.
    """
    return "compositeWithTrainedAlgorithmicMedia" if invents else "algorithmicallyEnhanced"


def _item(entry: Enlargement) -> str:
    fields: dict[str, Any] = msgspec.to_builtins(entry)
    return "".join(
        f"<liifgan:{_property(name)}>{_text(value)}</liifgan:{_property(name)}>"
        for name, value in fields.items()
        if value is not None
    )


def _text(value: object) -> str:
    """Return a value as XML text; characters that XML has no place for are escaped visibly."""
    return escape(_NO_XML.sub(lambda c: f"\\u{ord(c[0]):04x}", str(value)))


def _property(field: str) -> str:
    return "".join(word.capitalize() for word in field.split("_"))


_FIELDS = {_property(name): name for name in Enlargement.__struct_fields__}


def _entries(enlarged: ElementTree.Element) -> Iterator[Enlargement]:
    """Yield what a list of structures says, written in any of RDF's ways."""
    items: Sequence[ElementTree.Element] = list(enlarged.iter(f"{{{_RDF}}}li"))
    for item in items[:_MAX_ENTRIES]:
        found: dict[str, str] = {}
        for element in item.iter():
            for name, value in ((element.tag, element.text or ""), *element.attrib.items()):
                space, _, local = name.removeprefix("{").partition("}")
                if space == NAMESPACE and local in _FIELDS:
                    found.setdefault(_FIELDS[local], value)
        try:
            yield msgspec.convert(found, Enlargement, strict=False)
        except msgspec.ValidationError:
            continue


def _source_type(element: ElementTree.Element) -> str | None:
    value = element.attrib.get(_SOURCE_TYPE)
    if element.tag == _SOURCE_TYPE:
        value = element.attrib.get(f"{{{_RDF}}}resource") or element.text
    if not value or not value.strip():
        return None
    return value.strip().removeprefix(SOURCE_TYPES)


def _without(packet: bytes, namespace: str, name: bytes) -> bytes:
    for prefix, uri in set(_DECLARATION.findall(packet)):
        if uri == namespace.encode():
            packet = without_properties(packet, re.escape(prefix + b":" + name))
    return packet
