from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest

from liifgan_core.errors import ImageWriteError
from liifgan_core.geometry import Size
from liifgan_core.images.codecs.tiff import encoder as tiff_encoder
from liifgan_core.images.metadata import exif
from liifgan_core.images.read import read_image
from liifgan_core.images.write import open_writer


def save(path: Path, pixels: np.ndarray, band: int = 100, **options: object) -> None:
    """Write integer or float samples (H, W, 3 or 4)."""
    full = 1.0 if pixels.dtype == np.float32 else np.iinfo(pixels.dtype).max
    depth = pixels.dtype.itemsize * 8
    rows = pixels.astype(np.float64) / full
    has_alpha = pixels.shape[2] == 4
    size = Size(*pixels.shape[:2])
    with open_writer(path, size, bit_depth=depth, alpha=has_alpha, **options) as writer:
        for top in range(0, len(rows), band):
            part = rows[top : top + band]
            writer.write_rows(part[..., :3], part[..., 3] if has_alpha else None)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("is_big", [False, True])
def test_tiles_are_read_back_exactly(
    *, dtype: type, channels: int, is_big: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_big:
        monkeypatch.setattr(tiff_encoder, "BIG_TIFF_BYTES", 1)
    rng = np.random.default_rng(5)
    full = 1 if dtype == np.float32 else np.iinfo(dtype).max
    pixels = (rng.random((600, 530, channels)) * full).astype(dtype)
    path = tmp_path / "a.tif"
    save(path, pixels, has_pyramid=not is_big)
    assert path.read_bytes()[:4] == (b"II+\0" if is_big else b"II*\0")
    source = oiio.ImageInput.open(str(path))
    assert source.spec().tile_width == source.spec().tile_height == 256
    source.close()
    image = read_image(path)
    expected = pixels[..., :3]
    if dtype == np.float32:
        assert np.abs(image.samples - expected).max() < 1e-6
    else:
        assert np.array_equal(image.samples, expected)


def test_each_level_is_half_the_one_above_and_small_at_the_end(tmp_path: Path) -> None:
    gradient = np.linspace(0, 255, 1100)[None, :, None] * np.ones((700, 1, 3))
    pixels = gradient.astype(np.uint8)
    path = tmp_path / "a.tif"
    save(path, pixels, has_pyramid=True)
    levels = _levels(path)
    assert [level.shape[:2] for level in levels] == [(350, 550), (175, 275), (88, 138)]
    mean = pixels.reshape(350, 2, 550, 2, 3).mean((1, 3))
    assert np.abs(levels[0] - mean).max() <= 0.5
    assert np.abs(levels[-1].mean() - pixels.mean()) < 2
    assert read_image(path).size == Size(700, 1100)


def test_a_pyramid_is_read_without_a_word_of_pages(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    save(tmp_path / "a.tif", np.zeros((600, 600, 3), np.uint8), has_pyramid=True)
    read_image(tmp_path / "a.tif")
    assert not caplog.records


@pytest.mark.parametrize("band", [1, 255, 256, 257, 700])
def test_the_bands_that_rows_come_in_change_nothing(band: int, tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (700, 40, 3), dtype=np.uint8)
    save(tmp_path / "a.tif", pixels, band=band, has_pyramid=True)
    save(tmp_path / "b.tif", pixels, band=64, has_pyramid=True)
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()


def test_only_tiff_has_pyramids(tmp_path: Path) -> None:
    with pytest.raises(ImageWriteError, match="no pyramid; choose TIFF"):
        open_writer(tmp_path / "a.png", Size(9, 9), has_pyramid=True)


def _fetch(path: Path) -> exif.Fetch:
    data = path.read_bytes()
    return lambda offset, length: data[offset : offset + length]


def _levels(path: Path) -> list[np.ndarray]:
    """The pixels of the smaller levels, decoded here from their tiles (8-bit RGB)."""
    import zlib

    fetch = _fetch(path)
    main = exif.parse_tiff(fetch)
    assert main is not None
    found: list[np.ndarray] = []
    for place in np.frombuffer(main.main[330].data, "<u4").tolist():
        count = int.from_bytes(fetch(place, 2), "little")
        fields: dict[int, list[int]] = {}
        for number in range(count):
            entry = fetch(place + 2 + 12 * number, 12)
            tag, kind, length = (
                int.from_bytes(entry[a:b], "little") for a, b in ((0, 2), (2, 4), (4, 8))
            )
            item = {3: "<u2", 4: "<u4"}[kind]
            data = entry[8:]
            if length * np.dtype(item).itemsize > 4:
                data = fetch(int.from_bytes(data, "little"), length * np.dtype(item).itemsize)
            fields[tag] = np.frombuffer(data, item)[:length].tolist()
        assert fields[254] == [1]
        height, width = fields[257][0], fields[256][0]
        columns = -(-width // 256)
        picture = np.zeros((-(-height // 256) * 256, columns * 256, 3), np.uint8)
        for index, (offset, size) in enumerate(zip(fields[324], fields[325], strict=True)):
            tile = np.frombuffer(zlib.decompress(fetch(offset, size)), np.uint8)
            tile = np.cumsum(tile.reshape(256, 256, 3), axis=1, dtype=np.uint8)
            top, left = index // columns * 256, index % columns * 256
            picture[top : top + 256, left : left + 256] = tile
        found.append(picture[:height, :width])
    return found
