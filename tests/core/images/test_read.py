import io
import logging
import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest
from PIL import ExifTags, ImageOps
from PIL import Image as PilImage

from liifgan_core.images.read import read_image

WITH_EXIF = ["png", "jpg", "webp", "tif"]


def write_tiff(path: Path, samples: np.ndarray, **attributes: object) -> None:
    """Write (H, W, C) samples with OpenImageIO; a double underscore stands for a colon."""
    kind = {"uint8": oiio.UINT8, "uint16": oiio.UINT16, "float32": oiio.FLOAT}[samples.dtype.name]
    height, width, channels = samples.shape
    spec = oiio.ImageSpec(width, height, channels, kind)
    if channels == 2:
        spec.channelnames, spec.alpha_channel = ("Y", "A"), 1
    for name, value in attributes.items():
        if name == "tile":
            spec.tile_width = spec.tile_height = value
        else:
            spec.attribute(name.replace("__", ":"), value)
    out = oiio.ImageOutput.create("tiff")
    assert out.open(str(path), spec)
    assert out.write_image(samples)
    out.close()


def png16(path: Path, samples: np.ndarray, extra: bytes = b"") -> None:
    """Write (H, W, C) uint16 as PNG without filters, with `extra` chunks before the data."""
    height, width, channels = samples.shape
    colour_type = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in samples)
    header = struct.pack(">IIBBBBB", width, height, 16, colour_type, 0, 0, 0)
    data = chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(rows))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + data + chunk(b"IEND", b""))


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@pytest.mark.parametrize("suffix", ["png", "tif"])
@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB"])
def test_each_opaque_mode_becomes_rgb(
    suffix: str, mode: str, photo: PilImage.Image, tmp_path: Path
) -> None:
    picture = photo.convert(mode)
    picture.save(tmp_path / f"a.{suffix}")
    image = read_image(tmp_path / f"a.{suffix}")
    assert image.bit_depth == 8
    assert image.alpha is None
    assert not image.has_opaque_alpha
    difference = np.abs(image.samples.astype(int) - np.asarray(picture.convert("RGB")))
    # Pillow writes the 16-bit palette of a TIFF as 256 times the 8-bit one instead of 257 times.
    assert difference.max() <= (1 if (suffix, mode) == ("tif", "P") else 0)
    assert image.samples.flags.c_contiguous


@pytest.mark.parametrize("suffix", ["png", "webp", "tif"])
@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_alpha_comes_beside_the_colours_and_is_not_multiplied_in(
    suffix: str, mode: str, photo: PilImage.Image, rng: np.random.Generator, tmp_path: Path
) -> None:
    if (suffix, mode) == ("webp", "LA"):
        pytest.skip("WebP has no gray mode")
    picture = photo.convert(mode)
    picture.putalpha(PilImage.fromarray(rng.integers(1, 256, (37, 23), dtype=np.uint8)))
    options = {"lossless": True, "exact": True} if suffix == "webp" else {}
    picture.save(tmp_path / f"a.{suffix}", **options)
    image = read_image(tmp_path / f"a.{suffix}")
    assert image.alpha is not None
    both = np.dstack((image.samples, image.alpha))
    assert np.array_equal(both, np.asarray(picture.convert("RGBA")))


@pytest.mark.parametrize("suffix", ["png", "webp", "tif"])
def test_an_opaque_alpha_is_dropped_and_remembered(
    suffix: str, photo: PilImage.Image, tmp_path: Path
) -> None:
    photo.convert("RGBA").save(tmp_path / f"a.{suffix}", lossless=True)
    image = read_image(tmp_path / f"a.{suffix}")
    # libwebp itself drops it on writing
    assert (image.alpha, image.has_opaque_alpha) == (None, suffix != "webp")


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB"])
def test_a_transparent_colour_of_a_png_becomes_alpha(
    mode: str, photo: PilImage.Image, tmp_path: Path
) -> None:
    picture = photo.convert(mode)
    picture.save(tmp_path / "a.png", transparency=picture.getpixel((0, 0)))
    image = read_image(tmp_path / "a.png")
    assert image.alpha is not None
    assert image.alpha[0, 0] == 0
    assert image.alpha.max() == 255


@pytest.mark.parametrize("suffix", ["jpg", "tif"])
def test_cmyk_becomes_srgb_without_a_profile(
    suffix: str, photo: PilImage.Image, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    picture = photo.convert("CMYK")
    picture.save(tmp_path / f"a.{suffix}", **({"quality": 95} if suffix == "jpg" else {}))
    image = read_image(tmp_path / f"a.{suffix}")
    assert image.icc_profile is None
    difference = np.abs(image.samples.astype(int) - np.asarray(picture.convert("RGB")))
    assert difference.max() <= (0 if suffix == "tif" else 40)
    assert difference.mean() < 5
    assert "CMYK" in caplog.text


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_16_bits_stay_16_bits(
    suffix: str, channels: int, rng: np.random.Generator, tmp_path: Path
) -> None:
    samples = rng.integers(0, 65536, (9, 7, channels), dtype=np.uint16)
    path = tmp_path / f"a.{suffix}"
    if suffix == "png":
        png16(path, samples)
    else:
        write_tiff(path, samples, oiio__UnassociatedAlpha=1)
    image = read_image(path)
    assert image.bit_depth == 16
    num_colours = 3 if channels > 2 else 1
    expected = np.broadcast_to(samples[..., :num_colours], (9, 7, 3))
    assert np.array_equal(image.samples, expected)
    assert (image.alpha is not None) == (channels in (2, 4))
    if image.alpha is not None:
        assert np.array_equal(image.alpha, samples[..., -1])


def test_a_16_bit_png_is_turned_and_keeps_its_profile(
    rng: np.random.Generator, srgb_profile: bytes, tmp_path: Path
) -> None:
    exif = PilImage.Exif()
    exif[ExifTags.Base.Orientation] = 6
    extra = chunk(b"iCCP", b"x\0\0" + zlib.compress(srgb_profile))
    extra += chunk(b"eXIf", exif.tobytes().removeprefix(b"Exif\0\0"))
    samples = rng.integers(0, 65536, (9, 7, 3), dtype=np.uint16)
    png16(tmp_path / "a.png", samples, extra)
    image = read_image(tmp_path / "a.png")
    assert np.array_equal(image.samples, np.rot90(samples, -1))
    assert image.icc_profile == srgb_profile


def test_float_tiff_stays_float(tmp_path: Path) -> None:
    samples = np.linspace(-1, 2, 60, dtype=np.float32).reshape(4, 5, 3)
    write_tiff(tmp_path / "a.tif", samples)
    image = read_image(tmp_path / "a.tif")
    assert image.bit_depth == 32
    assert np.array_equal(image.samples, samples)


def test_a_tiled_tiff_is_read(
    rng: np.random.Generator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liifgan_core.images.canvas.BAND_BYTES", 10_000)
    samples = rng.integers(0, 65536, (70, 45, 3), dtype=np.uint16)
    write_tiff(tmp_path / "a.tif", samples, tile=16)
    assert np.array_equal(read_image(tmp_path / "a.tif").samples, samples)


@pytest.mark.parametrize("suffix", ["png", "webp", "tif"])
def test_bands_join_without_a_seam(
    suffix: str, photo: PilImage.Image, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liifgan_core.images.canvas.BAND_BYTES", 500)
    photo.save(tmp_path / f"a.{suffix}", lossless=True)
    assert np.array_equal(read_image(tmp_path / f"a.{suffix}").samples, np.asarray(photo))


def test_a_premultiplied_tiff_is_divided_by_its_alpha(tmp_path: Path) -> None:
    samples = np.array([[[50, 25, 0, 100], [0, 0, 0, 0], [9, 8, 7, 255]]], np.uint8)
    write_tiff(tmp_path / "a.tif", samples)
    image = read_image(tmp_path / "a.tif")
    assert image.alpha is not None
    assert image.alpha.tolist() == [[100, 0, 255]]
    assert image.samples.tolist() == [[[128, 64, 0], [0, 0, 0], [9, 8, 7]]]


@pytest.mark.parametrize("suffix", WITH_EXIF)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_exif_orientation_is_applied(
    suffix: str, orientation: int, photo: PilImage.Image, tmp_path: Path
) -> None:
    exif = PilImage.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    path = tmp_path / f"a.{suffix}"
    photo.save(path, exif=exif, **({"lossless": True} if suffix == "webp" else {}))
    with PilImage.open(path) as stored:
        expected = np.asarray(ImageOps.exif_transpose(stored).convert("RGB"))
    image = read_image(path)
    assert np.array_equal(image.samples, expected)
    assert image.samples.flags.c_contiguous


@pytest.mark.parametrize("suffix", WITH_EXIF)
def test_an_rgb_profile_is_kept(
    suffix: str, photo: PilImage.Image, srgb_profile: bytes, tmp_path: Path
) -> None:
    photo.save(tmp_path / f"a.{suffix}", icc_profile=srgb_profile)
    assert read_image(tmp_path / f"a.{suffix}").icc_profile == srgb_profile


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif"])
def test_a_gray_picture_keeps_its_gray_profile(
    suffix: str, photo: PilImage.Image, srgb_profile: bytes, tmp_path: Path
) -> None:
    gray_profile = srgb_profile[:16] + b"GRAY" + srgb_profile[20:]
    photo.convert("L").save(tmp_path / f"a.{suffix}", icc_profile=gray_profile)
    image = read_image(tmp_path / f"a.{suffix}")
    assert image.is_gray
    assert image.icc_profile == gray_profile


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif"])
def test_a_gray_profile_of_a_colour_picture_is_dropped_with_a_warning(
    suffix: str,
    photo: PilImage.Image,
    srgb_profile: bytes,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    gray_profile = srgb_profile[:16] + b"GRAY" + srgb_profile[20:]
    photo.save(tmp_path / f"a.{suffix}", icc_profile=gray_profile)
    assert read_image(tmp_path / f"a.{suffix}").icc_profile is None
    assert "profile is for GRAY" in caplog.text


@pytest.mark.parametrize("suffix", ["png", "webp", "tif"])
def test_of_several_frames_the_first_is_taken_with_a_warning(
    suffix: str, photo: PilImage.Image, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / f"a.{suffix}"
    options = {"lossless": True} if suffix == "webp" else {}
    photo.save(path, save_all=True, append_images=[photo.rotate(180)], **options)
    assert np.array_equal(read_image(path).samples, np.asarray(photo))
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def test_the_content_decides_not_the_suffix(photo: PilImage.Image, tmp_path: Path) -> None:
    photo.save(tmp_path / "a.jpg", "PNG")
    image = read_image(str(tmp_path / "a.jpg"))
    assert image.source_format == "png"
    assert np.array_equal(image.samples, np.asarray(photo))


def test_a_damaged_exif_block_is_ignored(photo: PilImage.Image, tmp_path: Path) -> None:
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x09\x01\x12\0\x03"
    for suffix in ("jpg", "png"):
        photo.save(tmp_path / f"a.{suffix}", exif=exif)
        assert read_image(tmp_path / f"a.{suffix}").size.height == 37


def test_no_warning_filter_is_left_behind(photo: PilImage.Image, tmp_path: Path) -> None:
    before = list(warnings.filters)
    photo.save(tmp_path / "a.png")
    read_image(tmp_path / "a.png")
    assert warnings.filters == before


def test_a_file_with_bytes_behind_its_end_is_read(photo: PilImage.Image, tmp_path: Path) -> None:
    out = io.BytesIO()
    photo.save(out, "PNG")
    (tmp_path / "a.png").write_bytes(out.getvalue() + b"more")
    assert read_image(tmp_path / "a.png").size.width == 23
