"""The header's size is the one that reading gives, or none is given."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage

from liifgan_core.geometry import Size
from liifgan_core.images.header import read_header
from liifgan_core.images.read import read_image

CERTAIN = ("png", "jpg", "webp", "bmp", "gif", "ppm")


def turned(path: Path, orientation: int) -> None:
    exif = PilImage.Exif()
    exif[274] = orientation
    options = {} if path.suffix in (".bmp", ".gif", ".ppm") else {"exif": exif}
    PilImage.fromarray(np.zeros((5, 9, 3), np.uint8)).save(path, **options)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("suffix", [*CERTAIN, "tif", "avif"])
def test_the_size_is_that_of_the_picture_as_it_is_read(
    suffix: str, orientation: int, tmp_path: Path
) -> None:
    path = tmp_path / f"a.{suffix}"
    turned(path, orientation)
    found = read_header(path)
    if suffix in CERTAIN:
        assert found is not None
    if found is not None:
        image = read_image(path)
        assert found == (image.size, image.source_format)


def test_orientation_behind_the_pixels_of_a_png_is_left_to_reading(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    turned(path, 1)
    content = path.read_bytes()
    at = content.index(b"eXIf") - 4 if b"eXIf" in content else None
    if at is not None:
        length = struct.unpack(">I", content[at : at + 4])[0] + 12
        content = content[:at] + content[at + length :]
    exif = PilImage.Exif()
    exif[274] = 6
    body = b"eXIf" + exif.tobytes().removeprefix(b"Exif\0\0")
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    end = content.index(b"IEND") - 4
    path.write_bytes(content[:end] + chunk + content[end:])
    assert read_header(path) is None


@pytest.mark.parametrize("content", [b"", b"text", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0"])
def test_what_is_damaged_has_no_header(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(content)
    assert read_header(tmp_path / "a") is None
    assert read_header(tmp_path / "missing") is None
    assert read_header(tmp_path) is None


def test_nothing_is_decoded(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    PilImage.fromarray(np.zeros((300, 200, 3), np.uint8)).save(path)
    path.write_bytes(path.read_bytes()[:60])
    assert read_header(path) == (Size(300, 200), "png")
