import io
from pathlib import Path

import numpy as np
import OpenImageIO
import pytest
from PIL import Image as PillowImage
from PIL import ImageOps
from PySide6.QtCore import QSize

from app.qimage import qimage_from_rgb, rgb_from_qimage
from app.state.drafts import draft, embedded_thumbnail, thumbnail, upright
from liifgan_core.images.read import read_image

ORIENTATION = 0x0112


def corners(height: int, width: int) -> PillowImage.Image:
    """Return a picture whose corners tell its orientation."""
    samples = np.full((height, width, 3), 128, np.uint8)
    samples[: height // 2, : width // 2] = (255, 0, 0)
    samples[: height // 2, width // 2 :] = (0, 255, 0)
    samples[height // 2 :, : width // 2] = (0, 0, 255)
    return PillowImage.fromarray(samples)


def jpeg_with_thumbnail(path: Path, orientation: int) -> None:
    """Write a JPEG of 240x160 whose EXIF has a thumbnail of 60x40, by hand: EXIF's IFD 1."""
    small = io.BytesIO()
    corners(40, 60).save(small, "jpeg", quality=95)
    content = small.getvalue()
    tiff = b"II*\x00" + (8).to_bytes(4, "little")
    ifd0 = (1).to_bytes(2, "little") + entry(ORIENTATION, 3, orientation)
    ifd1_at = 8 + len(ifd0) + 4
    ifd1_bytes = 2 + 3 * 12 + 4
    ifd1 = (
        (3).to_bytes(2, "little")
        + entry(0x0103, 3, 6)
        + entry(0x0201, 4, ifd1_at + ifd1_bytes)
        + entry(0x0202, 4, len(content))
        + bytes(4)
    )
    exif = b"Exif\x00\x00" + tiff + ifd0 + ifd1_at.to_bytes(4, "little") + ifd1 + content
    corners(160, 240).save(path, "jpeg", quality=95, exif=exif)


def entry(tag: int, kind: int, value: int) -> bytes:
    return b"".join(
        number.to_bytes(size, "little")
        for number, size in ((tag, 2), (kind, 2), (1, 4), (value, 4))
    )


@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_embedded_thumbnail_is_upright_as_the_photo_is(tmp_path: Path, orientation: int) -> None:
    path = tmp_path / "photo.jpg"
    jpeg_with_thumbnail(path, orientation)
    found = rgb_from_qimage(embedded_thumbnail(path)).astype(int)
    whole = read_image(path).samples
    wanted = np.asarray(PillowImage.fromarray(whole).resize(found.shape[1::-1])).astype(int)
    assert found.shape == ((40, 60, 3) if orientation < 5 else (60, 40, 3))
    assert np.median(np.abs(found - wanted)) <= 3


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_draft_is_upright_and_a_part_of_the_size(tmp_path: Path, orientation: int) -> None:
    path = tmp_path / "photo.jpg"
    exif = PillowImage.Exif()
    exif[ORIENTATION] = orientation
    corners(1600, 2400).save(path, "jpeg", exif=exif)
    found = draft(path, QSize(300, 200))
    with PillowImage.open(path) as file:
        wanted = ImageOps.exif_transpose(file).resize((found.width(), found.height()))
    assert max(found.width(), found.height()) <= 600
    pixels = rgb_from_qimage(found).astype(int)
    assert np.median(np.abs(pixels - np.asarray(wanted))) <= 3


def test_orientations_of_a_picture_are_exifs() -> None:
    assert rgb_from_qimage(upright(qimage_from_rgb(np.asarray(corners(4, 6))), 6))[
        0, -1
    ].tolist() == [255, 0, 0]


@pytest.mark.parametrize("content", [b"", b"hello"])
def test_what_is_no_picture_has_no_draft(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.jpg"
    path.write_bytes(content)
    assert embedded_thumbnail(path).isNull()
    assert draft(path, QSize(10, 10)).isNull()
    found = thumbnail(path, QSize(10, 10), fit="within")
    assert found is not None
    assert found.isNull()


def test_a_file_that_is_gone_has_no_thumbnail(tmp_path: Path) -> None:
    assert thumbnail(tmp_path / "gone.jpg", QSize(10, 10), fit="over") is None
    assert embedded_thumbnail(tmp_path / "gone.jpg").isNull()


def test_thumbnails_are_whole_or_fill_their_place(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    corners(100, 300).save(path)
    whole = thumbnail(path, QSize(60, 60), fit="within", ratio=2.0)
    filled = thumbnail(path, QSize(60, 60), fit="over", ratio=2.0)
    assert whole is not None
    assert filled is not None
    assert (whole.width(), whole.height(), whole.devicePixelRatio()) == (120, 40, 2.0)
    assert (filled.width(), filled.height()) == (120, 120)


def test_a_format_that_qt_cannot_read_has_a_thumbnail(tmp_path: Path) -> None:
    path = tmp_path / "photo.exr"
    light = np.ascontiguousarray(np.asarray(corners(64, 96)).astype(np.float32) / 255.0)
    assert OpenImageIO.ImageBuf(light).write(str(path))
    assert draft(path, QSize(48, 32)).isNull()
    found = thumbnail(path, QSize(48, 32), fit="within")
    assert found is not None
    assert (found.width(), found.height()) == (48, 32)
    assert rgb_from_qimage(found)[4, 4].tolist() == [255, 0, 0]
