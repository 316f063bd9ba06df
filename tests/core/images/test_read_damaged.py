import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage

from liifgan_core.errors import ImageReadError
from liifgan_core.images.read import DEFAULT_MAX_PIXELS, read_image

KINDS = ["8.png", "16.png", "a.jpg", "progressive.jpg", "a.webp", "8.tif", "16.tif", "lzw.tif"]


@pytest.fixture
def whole(
    photo: PilImage.Image, save: Callable[..., None], tmp_path: Path
) -> Callable[[str], Path]:
    """Make a good file of one of KINDS."""

    def make(kind: str) -> Path:
        path = tmp_path / kind
        if kind.startswith("16"):
            save(path, np.asarray(photo).astype(np.uint16) * 257)
        elif kind == "8.tif":
            save(path, np.asarray(photo))
        else:
            options = {"progressive": True} if kind.startswith("prog") else {}
            options |= {"compression": "tiff_lzw"} if kind.startswith("lzw") else {}
            photo.save(path, **options)
        return path

    return make


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_is_cut_off_anywhere_is_refused_or_whole(
    kind: str, whole: Callable[[str], Path], capfd: pytest.CaptureFixture[str]
) -> None:
    path = whole(kind)
    data, expected = path.read_bytes(), read_image(path).samples
    num_refused = 0
    cuts = [*range(1, len(data), max(1, len(data) // 60)), len(data) - 30]
    for length in cuts:
        path.write_bytes(data[:length])
        try:
            samples = read_image(path).samples
        except ImageReadError as error:
            num_refused += 1
            assert str(path) in str(error)
        else:  # only metadata or the end mark was lost
            assert np.array_equal(samples, expected)
    assert num_refused > len(cuts) * 0.7
    assert capfd.readouterr() == ("", "")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImageReadError, match=r"nowhere\.png does not exist"):
        read_image(tmp_path / "nowhere.png")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageReadError, match="is a folder"):
        read_image(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs on this system")
def test_a_fifo_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(ImageReadError, match="not a regular file"):
        read_image(tmp_path / "pipe.png")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    with pytest.raises(ImageReadError, match="is empty"):
        read_image(tmp_path / "a.png")


def test_a_file_without_permission_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.png").write_bytes(b"x")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ImageReadError, match="may not be read"):
        read_image(tmp_path / "a.png")


@pytest.mark.parametrize("name", ["x" * 300, "a\0b"])
def test_an_impossible_name_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ImageReadError, match="cannot be opened"):
        read_image(tmp_path / name)


@pytest.mark.parametrize("content", [b"x", b"BAD" + bytes(50), b"%PDF-1.7\n", bytes(100)])
def test_what_is_no_image_is_refused_with_the_readable_formats(
    content: bytes, tmp_path: Path
) -> None:
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(ImageReadError, match="PNG, JPEG, WEBP, TIFF, AVIF, JXL, EXR"):
        read_image(tmp_path / "a.png")


@pytest.mark.parametrize("kind", KINDS)
def test_more_pixels_than_allowed_are_refused_with_the_limit(
    kind: str, whole: Callable[[str], Path]
) -> None:
    path = whole(kind)
    with pytest.raises(ImageReadError, match=r"23x37 = 851 pixels, more than the limit of 850"):
        read_image(path, max_pixels=850)
    assert read_image(path, max_pixels=851).size.num_pixels == 851


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize(
    ("size", "message"),
    [
        ((40_000, 40_000), f"limit of {DEFAULT_MAX_PIXELS:,}"),
        ((10_000, 10_000), "damaged or cut off"),  # above Pillow's limit for a warning
        ((0, 5), "damaged or cut off"),
    ],
)
def test_a_png_header_alone_is_judged_without_decoding(
    depth: int, size: tuple[int, int], message: str, tmp_path: Path
) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checksum

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", *size, depth, 2, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + header + data)
    with pytest.raises(ImageReadError, match=message):
        read_image(tmp_path / "a.png")


def test_a_picture_beyond_the_memory_is_refused(
    whole: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("liifgan_core.images.codecs.pillow_reader.Canvas", refuse)
    with pytest.raises(ImageReadError, match="does not fit into memory"):
        read_image(whole("8.png"))


def without_picture(marker: int, bits: int) -> bytes:
    """The headers of a JPEG (ITU-T T.81, annex B), with a comment and fill bytes in front."""
    frame = struct.pack(">BHHB", bits, 8, 8, 1) + b"\1\x11\0"
    start = b"\xff\xd8\xff\xfe\0\x08\xff\xc0note"
    return start + b"\xff\xff\xff" + bytes([marker]) + struct.pack(">H", 2 + len(frame)) + frame


@pytest.mark.parametrize(
    ("marker", "bits", "kind"),
    [
        (0xC1, 12, "JPEG of 12 bits a sample"),
        (0xC2, 12, "JPEG of 12 bits a sample"),
        (0xC3, 16, "JPEG of 16 bits a sample"),
        (0xC5, 8, "hierarchical JPEG"),
        (0xF7, 8, "JPEG-LS"),
    ],
)
def test_kinds_of_jpeg_that_are_not_decoded_are_named(
    marker: int, bits: int, kind: str, tmp_path: Path
) -> None:
    (tmp_path / "a.jpg").write_bytes(without_picture(marker, bits))
    with pytest.raises(ImageReadError, match=f"is a {kind}, which is not read here"):
        read_image(tmp_path / "a.jpg")


def test_a_cut_off_jpeg_is_damaged(tmp_path: Path) -> None:
    content = without_picture(0xC0, 8)
    for length in range(3, len(content) + 1):
        (tmp_path / "a.jpg").write_bytes(content[:length])
        with pytest.raises(ImageReadError, match="damaged or cut off"):
            read_image(tmp_path / "a.jpg")
