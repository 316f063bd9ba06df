from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage

from liifgan_core.geometry import Size
from liifgan_core.images.read_size import read_size
from liifgan_core.images.write import open_writer


@pytest.mark.parametrize(
    "suffix", ["png", "jpg", "webp", "tif", "avif", "jxl", "exr", "bmp", "gif"]
)
def test_a_size_is_read_without_decoding(
    suffix: str, photo: PilImage.Image, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"a.{suffix}"
    with open_writer(path, Size(37, 23)) as writer:
        writer.write_rows(np.asarray(photo) / 255)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("it was decoded")

    monkeypatch.setattr("liifgan_core.images.codecs.pillow_reader.Canvas", refuse)
    monkeypatch.setattr("liifgan_core.images.codecs.oiio_reader.Canvas", refuse)
    assert read_size(path) == Size(37, 23)


@pytest.mark.parametrize(
    "content", [b"", b"text", b"\x89PNG\r\n\x1a\n", b"\xff\x0a", b"BM" + bytes(40)]
)
def test_the_size_of_what_is_no_picture_is_unknown(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(content)
    assert read_size(tmp_path / "a") is None
    assert read_size(tmp_path / "missing") is None


def test_the_size_of_what_would_wait_or_is_refused_is_unknown(tmp_path: Path) -> None:
    """A folder, and a JPEG of a kind that is not read."""
    of_12_bits = b"\xff\xd8\xff\xc1\x00\x0b\x0c\x00\x08\x00\x08\x01\x01\x11\x00"
    (tmp_path / "a.jpg").write_bytes(of_12_bits)
    assert read_size(tmp_path) is None
    assert read_size(tmp_path / "a.jpg") is None
