from pathlib import Path

import numpy as np
import pytest

from liifgan_core.errors import ImageReadError
from liifgan_core.geometry import Size
from liifgan_core.images.formats import FORMATS
from liifgan_core.images.inspection import READABLE, WITHOUT_XMP, Inspection, inspect_file
from liifgan_core.images.metadata.enlarged import with_enlargement
from liifgan_core.images.metadata.metadata import Metadata
from liifgan_core.images.read import read_image
from liifgan_core.images.write import open_writer
from tests.core.images.metadata.test_enlarged import FULL

WRITTEN = [known for known in FORMATS if known.can_write]
DEEP = [(known.name, depth) for known in WRITTEN for depth in known.depths]


def write(path: Path, format: str, depth: int, xmp: bytes | None) -> None:
    size = Size(8, 9)
    with open_writer(
        path, size, format=format, bit_depth=depth, metadata=Metadata(xmp=xmp)
    ) as file:
        file.write_rows(np.full((8, 9, 3), 0.5, np.float32))


@pytest.mark.parametrize(("format", "depth"), DEEP)
def test_it_is_read_back_from_every_format_that_carries_xmp(
    format: str, depth: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    write(path, format, depth, with_enlargement(None, FULL, invents=True))
    carries = "xmp" in next(known for known in FORMATS if known.name == format).carries
    found = inspect_file(path)
    assert found.format == format
    assert found.carries_xmp == carries
    if carries:
        assert found.enlarged == (FULL,)
        assert found.digital_source_type == "compositeWithTrainedAlgorithmicMedia"
        # As whoever decodes the picture finds it.
        assert read_image(path).metadata.xmp is not None
    else:
        assert format in WITHOUT_XMP
        assert found == Inspection(format=format, carries_xmp=False)


def test_the_table_of_formats_says_which_carry_it() -> None:
    carrying = {known.name for known in WRITTEN if "xmp" in known.carries}
    assert carrying == set(READABLE) - {"heic"}
    assert set(WITHOUT_XMP) == {"exr", "bmp", "gif", "ppm"}


@pytest.mark.parametrize("format", ["png", "jpeg", "webp", "tiff", "avif", "jxl"])
def test_a_file_that_says_nothing_is_told_so(format: str, tmp_path: Path) -> None:
    write(tmp_path / "a", format, 8, None)
    assert inspect_file(tmp_path / "a") == Inspection(format=format, carries_xmp=True)


def test_it_survives_xmp_that_a_jpeg_splits(tmp_path: Path) -> None:
    long = b"<rdf:Description rdf:about=''><a>" + b"x" * 70_000 + b"</a></rdf:Description>"
    fresh = with_enlargement(None, FULL, invents=True)
    packet = fresh.replace(b"</rdf:RDF>", long + b"</rdf:RDF>")
    write(tmp_path / "a", "jpeg", 8, packet)
    assert inspect_file(tmp_path / "a").enlarged == (FULL,)
    # It is in the part that every program reads.
    assert b"ModelSha256" in (tmp_path / "a").read_bytes()[:65_000]


def test_heic_is_read_too() -> None:
    path = Path(__file__).parent / "data" / "four.heic"
    assert inspect_file(path) == Inspection(format="heic", carries_xmp=True)


def test_what_is_no_picture_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"hello")
    with pytest.raises(ImageReadError, match="is not an image"):
        inspect_file(tmp_path / "a")
    with pytest.raises(ImageReadError, match="cannot be read"):
        inspect_file(tmp_path / "b")
    with pytest.raises(ImageReadError, match="cannot be read"):
        inspect_file(tmp_path)


@pytest.mark.parametrize("format", ["png", "jpeg", "webp", "tiff", "avif", "jxl"])
def test_a_file_that_is_cut_off_anywhere_is_told_or_read(format: str, tmp_path: Path) -> None:
    path = tmp_path / "a"
    write(path, format, 8, with_enlargement(None, FULL, invents=True))
    content = path.read_bytes()
    for end in range(0, len(content), 97):
        path.write_bytes(content[:end])
        try:
            found = inspect_file(path)
        except ImageReadError as error:
            assert str(path) in str(error)
        else:
            assert found.enlarged in ((), (FULL,))


def test_damaged_xmp_is_told(tmp_path: Path) -> None:
    write(tmp_path / "a", "png", 8, b"<rdf:RDF")
    with pytest.raises(ImageReadError, match="XMP packet is damaged"):
        inspect_file(tmp_path / "a")
