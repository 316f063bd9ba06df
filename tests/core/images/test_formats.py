import pytest

from liifgan_core.errors import ImageWriteError
from liifgan_core.images.formats import (
    FORMATS,
    Format,
    format_by_content,
    format_by_name,
    format_by_suffix,
)


@pytest.mark.parametrize("known", FORMATS, ids=lambda known: known.name)
def test_each_format_is_found_by_name_and_by_each_of_its_suffixes(known: Format) -> None:
    assert format_by_name(known.name.upper()) is known
    for suffix in known.suffixes:
        assert format_by_suffix(f"some.dir/PICTURE.x{suffix.upper()}") is known


def test_no_suffix_belongs_to_two_formats() -> None:
    suffixes = [suffix for known in FORMATS for suffix in known.suffixes]
    assert len(suffixes) == len(set(suffixes))


@pytest.mark.parametrize("name", ["picture.xyz", "picture", "folder.png/picture"])
def test_an_unknown_ending_is_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(ImageWriteError, match=r"\.png, \.jpg"):
        format_by_suffix(name)


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ImageWriteError, match="png, jpeg, webp, tiff"):
        format_by_name("bmp")


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(8), "png"),
        (b"\xff\xd8\xff\xe0" + bytes(8), "jpeg"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "webp"),
        (b"II*\0" + bytes(8), "tiff"),
        (b"MM\0*" + bytes(8), "tiff"),
        (b"II+\0\x08\0\0\0", "tiff"),
        (b"RIFF\x10\0\0\0WAVEfmt ", None),
        (b"GIF89a" + bytes(8), None),
        (b"", None),
    ],
)
def test_content_tells_the_format(head: bytes, name: str | None) -> None:
    found = format_by_content(head)
    assert (found and found.name) == name
