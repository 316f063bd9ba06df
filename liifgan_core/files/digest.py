"""Size and SHA-256 of an open file."""

import hashlib
from typing import BinaryIO

_BLOCK_BYTES = 1 << 20


def digest_of(file: BinaryIO) -> tuple[int, str]:
    """Return (bytes, SHA-256 as hexadecimal digits) of a file from its start to its end."""
    file.seek(0)
    sha256 = hashlib.sha256()
    while block := file.read(_BLOCK_BYTES):
        sha256.update(block)
    return file.tell(), sha256.hexdigest()
