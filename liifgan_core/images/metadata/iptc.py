"""IPTC blocks (IIM 4.2) in and out of the Photoshop resources that carry them in JPEG and TIFF."""

import struct

PHOTOSHOP_MARK = b"Photoshop 3.0\0"
_RESOURCE_MARK = b"8BIM"
_IPTC_RESOURCE = 0x0404
_RECORD_MARK = 0x1C
_MAX_RESOURCES = 1000


def from_resources(data: bytes) -> bytes | None:
    """Return the IPTC block among Photoshop's resources, with or without the mark in front.

    None without one, or where it is damaged. A bare block is taken as it is.
    """
    data = data.removeprefix(PHOTOSHOP_MARK)
    if data[:1] == bytes([_RECORD_MARK]):
        return from_records(data)
    at = 0
    for _ in range(_MAX_RESOURCES):
        if data[at : at + 4] != _RESOURCE_MARK or len(data) < at + 8:
            return None
        [number] = struct.unpack_from(">H", data, at + 4)
        name_bytes = 1 + data[at + 6]
        at += 6 + name_bytes + name_bytes % 2
        if len(data) < at + 4:
            return None
        [length] = struct.unpack_from(">I", data, at)
        block = data[at + 4 : at + 4 + length]
        if number == _IPTC_RESOURCE:
            return from_records(block) if len(block) == length else None
        at += 4 + length + length % 2
    return None


def from_records(data: bytes) -> bytes | None:
    """Return the block without what pads it, None where it is none."""
    return data.rstrip(b"\0") or None if data[:1] == bytes([_RECORD_MARK]) else None


def to_resources(block: bytes) -> bytes:
    """Return Photoshop's resources with the IPTC block, the mark in front."""
    head = _RESOURCE_MARK + struct.pack(">HHI", _IPTC_RESOURCE, 0, len(block))
    return PHOTOSHOP_MARK + head + block + bytes(len(block) % 2)
