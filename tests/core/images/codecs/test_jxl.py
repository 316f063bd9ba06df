"""JPEG XL files, written by libjxl 0.11, that OpenImageIO takes for damaged or for others."""

import base64
import struct
import sys
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
DEEP_FRAMES = base64.b64decode(
    "AAAADEpYTCANCocKAAAAFGZ0eXBqeGwgAAAAAGp4bCAAAAAJanhsbAoAAAAvanhscAAAAAD/CphAQRMAfgCKVgIIBAEA"
    "RABLGIsVgN38/wAElgUAyAhDDwAAACRqeGxwgAAAAQgEBQBIAEsYixWAZfj/AQhECwAA7gWmBg=="
)
"""Two flat frames of 16 bits."""
SMALL = base64.b64decode("/wpBQCQIBAEAPABLGIsVgB3U/wAY0K+aaAA=")
"""8x8 pixels of 77."""

GRAY_ALPHA = base64.b64decode(
    "/wrFwKK4EQgQEAAUAUsoMt2E9QZXhcF3CQklAREj5sSJ/xs5+DllJxcCAAKEAANIGQoAiH0RyP8GAAB7ACXC9OjneC5i"
    "KtX4Z6QNwVBa4doYAw=="
)
"""24x32 pixels: gray 7 times the column, alpha 9 times the row."""


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
def test_of_an_animation_the_first_frame_is_read_and_that_is_told(
    content: bytes, tmp_path: Path
) -> None:
    (tmp_path / "a.jxl").write_bytes(content)
    image = read_image(tmp_path / "a.jxl")
    assert (image.samples == np.full((64, 48, 3), 50)).all()
    assert [loss.code for loss in image.losses] == ["pictures"]
    assert read_size(tmp_path / "a.jxl") == Size(64, 48)


def test_an_animation_of_more_than_8_bits_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.jxl").write_bytes(DEEP_FRAMES)
    with pytest.raises(ImageReadError, match="is an animation of 16 bits"):
        read_image(tmp_path / "a.jxl")


def test_without_the_extra_an_animation_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pylibjxl", None)
    (tmp_path / "a.jxl").write_bytes(FRAMES)
    with pytest.raises(ImageReadError, match=r"liifgan\[jxl\]"):
        read_image(tmp_path / "a.jxl")


def test_an_animation_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    for length in range(12, 24):
        (tmp_path / "a.jxl").write_bytes(FRAMES[:length])
        with pytest.raises(ImageReadError):
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


def test_alpha_behind_gray_is_alpha(tmp_path: Path) -> None:
    (tmp_path / "a.jxl").write_bytes(GRAY_ALPHA)
    image = read_image(tmp_path / "a.jxl")
    rows, columns = np.mgrid[0:24, 0:32]
    assert image.is_gray
    assert (image.samples[..., 0] == 7 * columns).all()
    assert image.alpha is not None
    assert (image.alpha == 9 * rows).all()
    assert not image.losses
