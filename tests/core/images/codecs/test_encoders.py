"""The encoders against other programs' decoders and encoders."""

from io import BytesIO
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest
from PIL import Image as PilImage

from liifgan_core.geometry import Size
from liifgan_core.images.codecs.encoder import Layout
from liifgan_core.images.codecs.jpeg.encoder import BAND_ROWS, JpegEncoder
from liifgan_core.images.codecs.png.encoder import PngEncoder, filter_rows
from liifgan_core.images.codecs.tiff import encoder as tiff_encoder
from liifgan_core.images.codecs.tiff import level as tiff_level
from liifgan_core.images.codecs.tiff.encoder import TiffEncoder
from liifgan_core.images.metadata.metadata import Metadata


@pytest.mark.parametrize("height", [1, 7, 8, BAND_ROWS - 1, BAND_ROWS, 2 * BAND_ROWS + 9])
@pytest.mark.parametrize("width", [1, 19])
def test_jpeg_bands_give_the_pixels_of_one_piece(
    height: int, width: int, rng: np.random.Generator
) -> None:
    pixels = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    banded, whole = BytesIO(), BytesIO()
    encoder = JpegEncoder(
        banded, Layout(Size(height, width), quality=90, metadata=Metadata(note="x"))
    )
    for top in range(0, height, 11):
        encoder.put(pixels[top : top + 11])
    encoder.finish()
    PilImage.fromarray(pixels).save(whole, "JPEG", quality=90, subsampling="4:4:4")
    with PilImage.open(banded) as ours, PilImage.open(whole) as theirs:
        assert ours.size == (width, height)
        assert np.array_equal(np.asarray(ours), np.asarray(theirs))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("is_big", [False, True])
def test_tiff_is_read_by_openimageio_and_pillow(
    *,
    dtype: type,
    channels: int,
    is_big: bool,
    rng: np.random.Generator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tiff_level, "_STRIP_BYTES", 700)
    if is_big:
        monkeypatch.setattr(tiff_encoder, "BIG_TIFF_BYTES", 0)
    pixels = rng.integers(0, np.iinfo(dtype).max + 1, (41, 13, channels), dtype=dtype)
    path = tmp_path / "a.tif"
    layout = Layout(
        Size(41, 13),
        bit_depth=pixels.dtype.itemsize * 8,
        has_alpha=channels == 4,
        metadata=Metadata(note="ab"),
    )
    with path.open("wb") as file:
        encoder = TiffEncoder(file, layout)
        encoder.put(pixels[:20])
        encoder.put(pixels[20:])
        encoder.finish()
    assert path.read_bytes()[:4] == (b"II+\0" if is_big else b"II*\0")
    config = oiio.ImageSpec()
    config.attribute("oiio:UnassociatedAlpha", 1)
    source = oiio.ImageInput.open(str(path), config)
    decoded = source.read_image(0, 0, 0, channels, oiio.TypeDesc(pixels.dtype.name))
    source.close()
    assert np.array_equal(decoded, pixels)
    if dtype == np.uint8:
        with PilImage.open(path) as stored:
            assert np.array_equal(np.asarray(stored), pixels)


@pytest.mark.parametrize("depth", [8, 16])
def test_png_is_read_by_openimageio(
    depth: int, rng: np.random.Generator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liifgan_core.images.codecs.png.encoder._BAND_BYTES", 300)
    pixels = rng.integers(0, 2**depth, (33, 9, 4)).astype(f"u{depth // 8}")
    with (tmp_path / "a.png").open("wb") as file:
        encoder = PngEncoder(file, Layout(Size(33, 9), bit_depth=depth, has_alpha=True))
        encoder.put(pixels[:2])
        encoder.put(pixels[2:])
        encoder.finish()
    config = oiio.ImageSpec()
    config.attribute("oiio:UnassociatedAlpha", 1)
    source = oiio.ImageInput.open(str(tmp_path / "a.png"), config)
    decoded = source.read_image(0, 0, 0, 4, oiio.TypeDesc(pixels.dtype.name))
    source.close()
    assert np.array_equal(decoded, pixels)


def test_each_png_filter_is_taken_where_it_fits() -> None:
    across = np.arange(0, 60, 2, dtype=np.uint8)[None]  # constant step from the left: Sub
    noise = np.random.default_rng(1).integers(0, 256, 30, dtype=np.uint8)
    rows = np.vstack((across, noise[None], noise[None]))  # the same as above: Up
    filtered = filter_rows(rows, np.zeros(30, np.uint8), 1)
    assert filtered[0, 0] == 1
    assert filtered[2].tolist() == [2] + [0] * 30
    edge = np.array([[9, 9, 200, 200], [200, 200, 200, 200]], np.uint8)
    edge = np.vstack((edge, [[200, 200, 90, 90]])).astype(np.uint8)
    assert filter_rows(edge[2:], edge[1], 1)[0, 0] == 4  # nothing from above, a step aside: Paeth
