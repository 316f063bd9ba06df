"""JPEG XL files, written by libjxl 0.11, that OpenImageIO takes for damaged or for others."""

import base64
import struct
from pathlib import Path

import numpy as np
import pytest

from liifgan_core.errors import ImageReadError
from liifgan_core.geometry import Size
from liifgan_core.images.read import read_image
from liifgan_core.images.read_size import read_size

FRAMES = base64.b64decode(
    "/woPiqAJAMQECAQBAEAASxiLFYDV/38AAIcWAELXSAgEAQBEAEsYixWAHf7/AAAQLQCcn8EBCAQFAEQASxiLFYBd"
    "/v8AABItAByNQQI="
)
"""Three flat frames of 48x64 pixels, 50, 120 and 200."""
SMALL = base64.b64decode("/wpBQCQIBAEAPABLGIsVgB3U/wAY0K+aaAA=")
"""8x8 pixels of 77."""


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


HEAD = box(b"JXL ", b"\r\n\x87\n") + box(b"ftyp", b"jxl " + bytes(4) + b"jxl ")


@pytest.mark.parametrize(
    "content",
    [
        FRAMES,
        HEAD + box(b"jxlc", FRAMES),
        HEAD + box(b"jxlp", bytes(4) + FRAMES[:3]) + box(b"jxlp", b"\x80\0\0\1" + FRAMES[3:]),
    ],
    ids=["codestream", "box", "parts"],
)
def test_an_animation_is_refused_by_name(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.jxl").write_bytes(content)
    with pytest.raises(ImageReadError, match="is an animation; of JPEG XL only still pictures"):
        read_image(tmp_path / "a.jxl")


@pytest.mark.parametrize(
    "content",
    [
        SMALL,
        HEAD + box(b"jxlc", SMALL),
        HEAD + struct.pack(">I4s", 0, b"jxlc") + SMALL,
        HEAD + box(b"xml ", b"<x/>") + box(b"jxlc", SMALL),
    ],
    ids=["codestream", "box", "open box", "XMP"],
)
def test_files_of_less_than_128_bytes_are_read(content: bytes, tmp_path: Path) -> None:
    assert len(content) < 128
    (tmp_path / "a.jxl").write_bytes(content)
    assert (read_image(tmp_path / "a.jxl").samples == np.full((8, 8, 3), 77)).all()
    assert read_size(tmp_path / "a.jxl") == Size(8, 8)


def test_short_files_that_are_cut_off_are_refused(tmp_path: Path) -> None:
    for content in (SMALL, HEAD + box(b"jxlc", SMALL)):
        for length in range(1, len(content) - 2):
            (tmp_path / "a.jxl").write_bytes(content[:length])
            with pytest.raises(ImageReadError):
                read_image(tmp_path / "a.jxl")
