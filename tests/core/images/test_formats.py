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
    with pytest.raises(ImageWriteError, match="png, jpeg, webp, tiff, avif"):
        format_by_name("xyz")


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
        (b"GIF89a" + bytes(8), "gif"),
        (b"BM" + bytes(30), "bmp"),
        (b"\xff\x0a" + bytes(8), "jxl"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "jxl"),
        (b"v/1\1" + bytes(8), "exr"),
        (b"P6\n5 5 255\n", "ppm"),
        (b"P6", None),
        (b"PK\3\4" + bytes(28), None),
        (b"\0\0\0\x1cftypavif\0\0\0\0mif1avif", "avif"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", "avif"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "heic"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", None),
        (b"", None),
    ],
)
def test_content_tells_the_format(head: bytes, name: str | None) -> None:
    found = format_by_content(head)
    assert (found and found.name) == name


def test_what_is_lossless_may_take_more_memory() -> None:
    webp, jxl, png = (format_by_name(name) for name in ("webp", "jxl", "png"))
    assert webp.bytes_per_sample(None) == webp.bytes_per_sample(99) == webp.encoder_bytes
    assert webp.bytes_per_sample(100) > 2 * webp.encoder_bytes
    assert jxl.bytes_per_sample(100) == jxl.bytes_per_sample(None) == jxl.encoder_bytes
    assert png.bytes_per_sample(None) == 0
