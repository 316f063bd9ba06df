"""Tells the kinds of JPEG that no library here decodes, which would look like damage."""

from typing import BinaryIO

_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Start of frame markers (ITU-T T.81, table B.1); three of the range mean tables."""
_HIERARCHICAL = frozenset((0xC5, 0xC6, 0xC7, 0xCD, 0xCE, 0xCF, 0xDE))
_JPEG_LS = 0xF7
_ALONE = frozenset((0x01, *range(0xD0, 0xD8)))
"""Markers without a length."""
_START_OF_SCAN = 0xDA
_MAX_MARKERS = 10_000


def unreadable_kind(file: BinaryIO) -> str | None:
    """Return what kind of JPEG it is when it cannot be decoded here, otherwise None.

    Reads the headers in front of the picture. Damaged files give None: decoding says more.
    """
    file.seek(2)
    for _ in range(_MAX_MARKERS):
        marker = _next_marker(file)
        if marker is None or marker == _START_OF_SCAN:
            return None
        if marker in _ALONE:
            continue
        head = file.read(3)
        if len(head) < 3:
            return None
        if marker == _JPEG_LS:
            return "JPEG-LS"
        if marker in _HIERARCHICAL:
            return "hierarchical JPEG"
        if marker in _FRAMES:
            return None if head[2] == 8 else f"JPEG of {head[2]} bits a sample"
        file.seek(int.from_bytes(head[:2], "big") - 3, 1)
    return None


def _next_marker(file: BinaryIO) -> int | None:
    """Return the marker that the file stands at, fill bytes skipped; None where there is none."""
    if file.read(1) != b"\xff":
        return None
    byte = b"\xff"
    while byte == b"\xff":
        byte = file.read(1)
    return byte[0] if byte else None
