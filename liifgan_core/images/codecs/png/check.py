"""Tells whether a PNG is whole, without decoding it."""

import zlib
from typing import BinaryIO

_PIECE_BYTES = 1 << 20
_SIGNATURE_LENGTH, _HEADER_LENGTH, _CHECKSUM_LENGTH = 8, 8, 4


def check_png(file: BinaryIO) -> None:
    """Raise ValueError when a chunk up to the end mark is cut off, altered or missing.

    Reads the file once, from its start. Meant to run before OpenImageIO, because libpng writes its
    complaints to stderr.
    """
    file.seek(_SIGNATURE_LENGTH)
    kind = b""
    while kind != b"IEND":
        header = file.read(_HEADER_LENGTH)
        kind = header[4:]
        if len(header) < _HEADER_LENGTH:
            raise ValueError("its end mark is missing")
        _check_chunk(file, kind, int.from_bytes(header[:4], "big"))


def _check_chunk(file: BinaryIO, kind: bytes, length: int) -> None:
    checksum = zlib.crc32(kind)
    while length:
        piece = file.read(min(length, _PIECE_BYTES))
        if not piece:
            raise ValueError("it ends inside a chunk")
        checksum = zlib.crc32(piece, checksum)
        length -= len(piece)
    stored = file.read(_CHECKSUM_LENGTH)
    if len(stored) < _CHECKSUM_LENGTH:
        raise ValueError("it ends inside a chunk")
    if int.from_bytes(stored, "big") != checksum:
        raise ValueError("a checksum is wrong")
