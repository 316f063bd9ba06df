"""Of the pictures in a TIFF file the photo is read, with what the file says about it."""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from liifgan_core.geometry import Size
from liifgan_core.images.metadata import exif
from liifgan_core.images.read import read_image
from liifgan_core.images.read_size import read_size
from tests.core.images.codecs.tiff_files import Page, long, short, tiff

RGB, CIE_LAB = 2, 8


def flat(value: int, size: Size, **fields: tuple[int, Sequence[int]]) -> Page:
    """An RGB page of one value; fields are named t254, t274, ..."""
    numbered = {int(name[1:]): numbers for name, numbers in fields.items()}
    samples = np.full((size.height, size.width, 3), value, np.uint8)
    return Page(samples, {262: short(RGB), **numbered})


def below(page: Page, *others: Page) -> Page:
    return Page(page.samples, page.fields, below=others)


SMALL, LARGE = Size(4, 6), Size(20, 30)


@pytest.mark.parametrize("is_big", [False, True], ids=["TIFF", "BigTIFF"])
@pytest.mark.parametrize("order", ["<", ">"], ids=["little", "big"])
@pytest.mark.parametrize(
    "pages",
    [
        [flat(9, SMALL, t254=long(1)), flat(200, LARGE, t254=long(0))],
        [flat(9, SMALL, t255=short(2)), flat(200, LARGE, t255=short(1))],
        [flat(9, LARGE, t254=long(1)), flat(200, SMALL)],
        [below(flat(9, SMALL, t254=long(1)), flat(200, LARGE))],
        [below(flat(9, SMALL, t254=long(1)), flat(8, LARGE, t254=long(1)), flat(200, LARGE))],
        [flat(9, SMALL, t254=long(1)), below(flat(8, SMALL, t254=long(1)), flat(200, LARGE))],
        [below(flat(200, LARGE), flat(9, SMALL, t254=long(1)), flat(8, SMALL, t254=long(1)))],
        [flat(200, SMALL), flat(9, Size(2, 3), t254=long(1)), flat(8, LARGE, t254=long(5))],
    ],
    ids=["page", "old page", "larger copy", "below", "second below", "below 2", "pyramid", "mask"],
)
def test_the_full_picture_is_taken(
    pages: list[Page], order: str, is_big: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "a.tif").write_bytes(tiff(*pages, order=order, is_big=is_big))
    image = read_image(tmp_path / "a.tif")
    assert (image.samples == 200).all()
    assert read_size(tmp_path / "a.tif") == image.size
    told = [record.message for record in caplog.records]
    assert ["mask" in message for message in told] == [True] * (len(pages) == 3)


def test_of_several_pictures_the_largest_is_taken_and_the_others_are_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pages = [flat(9, SMALL), flat(200, LARGE), flat(8, LARGE), flat(7, SMALL, t254=long(1))]
    (tmp_path / "a.tif").write_bytes(tiff(*pages))
    assert (read_image(tmp_path / "a.tif").samples == 200).all()
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert "3 pictures; only the largest, 30x20 pixels, is used" in record.message


def test_nothing_but_a_smaller_copy_is_used_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "a.tif").write_bytes(tiff(flat(200, SMALL, t254=long(1))))
    assert (read_image(tmp_path / "a.tif").samples == 200).all()
    assert "smaller copy" in caplog.text


def test_other_channels_are_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    page = Page(np.full((4, 5, 6), 200, np.uint8), {262: short(RGB), 338: short(0, 0, 2)})
    (tmp_path / "a.tif").write_bytes(tiff(page))
    read_image(tmp_path / "a.tif")
    assert "2 channels beside its colours" in caplog.text


def test_colours_beyond_srgb_are_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    samples = np.full((4, 5, 3), (200, 100, 60), np.uint8)
    (tmp_path / "a.tif").write_bytes(tiff(Page(samples, {262: short(CIE_LAB)})))
    read_image(tmp_path / "a.tif")
    assert [record.message.count("beyond sRGB") for record in caplog.records] == [1]


TURNED, MAKER, DPI = 274, 271, 282


def test_a_photo_below_a_thumbnail_has_the_facts_of_both(tmp_path: Path) -> None:
    """As cameras write them: orientation and maker stand at the thumbnail."""
    samples = np.zeros((4, 6, 3), np.uint8)
    samples[0, 0] = 200
    photo = Page(samples, {262: short(RGB), 282: (5, (300, 1)), 283: (5, (300, 1))})
    maker = (2, list(b"Maker\0"))
    thumbnail = flat(9, Size(2, 3), t254=long(1), t274=short(6), t271=maker, t282=(5, (72, 1)))
    (tmp_path / "a.tif").write_bytes(tiff(below(thumbnail, photo)))
    image = read_image(tmp_path / "a.tif")
    assert image.size == Size(6, 4)
    assert image.samples[0, 3].tolist() == [200] * 3
    assert image.metadata.dpi == 300
    parsed = exif.parse(image.metadata.exif or b"")
    assert parsed is not None
    assert parsed.main[MAKER].data == b"Maker\0"


def test_a_page_does_not_turn_as_another_one_says(tmp_path: Path) -> None:
    pages = [flat(9, SMALL, t254=long(1), t274=short(6)), flat(200, LARGE)]
    (tmp_path / "a.tif").write_bytes(tiff(*pages))
    assert read_image(tmp_path / "a.tif").size == LARGE


def test_directories_in_a_circle_end(tmp_path: Path) -> None:
    data = bytearray(tiff(flat(200, SMALL), flat(200, SMALL)))
    first = data[4:8]
    data[-4:] = first
    (tmp_path / "a.tif").write_bytes(data)
    assert (read_image(tmp_path / "a.tif").samples == 200).all()
