"""What every offered format and depth gives back: no format is offered without these."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage

from liifgan_core.geometry import Size
from liifgan_core.images.colour.icc_writer import linear_srgb_profile
from liifgan_core.images.formats import FORMATS, Format, format_by_name
from liifgan_core.images.image import Image
from liifgan_core.images.read import read_image
from liifgan_core.images.write import open_writer

DATA = Path(__file__).parent / "data"
OFFERED = [(known, depth) for known in FORMATS if known.can_write for depth in known.depths]
LOSSY = {"jpeg": 0.02, "webp": 0.02, "avif": 0.02, "gif": 0.03}
"""Mean error that lossy formats may have on a smooth picture at their default quality."""


def named(offered: tuple[Format, int]) -> str:
    return f"{offered[0].name}-{offered[1]}"


def written(
    path: Path, rgb: np.ndarray, alpha: np.ndarray | None = None, **options: object
) -> Image:
    """Write float samples, read them back."""
    size = Size(*rgb.shape[:2])
    with open_writer(path, size, alpha=alpha is not None, **options) as writer:
        for top in range(0, size.height, 7):
            rows = slice(top, top + 7)
            writer.write_rows(rgb[rows], None if alpha is None else alpha[rows])
    return read_image(path)


def as_float(samples: np.ndarray) -> np.ndarray:
    full = 1.0 if samples.dtype == np.float32 else np.iinfo(samples.dtype).max
    return samples / np.float32(full)


@pytest.fixture
def smooth(photo: PilImage.Image) -> np.ndarray:
    """(37, 23, 3) float32 with values between those of 8 bits."""
    return np.asarray(photo, np.float32) / 255 * 0.97 + 0.011


@pytest.mark.parametrize("offered", OFFERED, ids=named)
def test_colours_come_back_in_the_depth_of_the_file(
    offered: tuple[Format, int], smooth: np.ndarray, tmp_path: Path
) -> None:
    known, depth = offered
    image = written(tmp_path / f"a{known.suffixes[0]}", smooth, bit_depth=depth)
    is_float = depth == 32 or known.is_linear
    assert image.source_format == known.name
    assert image.num_bits == (32 if is_float else depth)
    error = np.abs(as_float(image.samples) - smooth)
    if known.name in LOSSY:
        assert error.mean() < LOSSY[known.name]
    else:
        step = {8: 1 / 255, 16: 2**-11 if known.is_linear else 1 / 65535, 32: 0.0}[depth]
        assert error.max() <= 0.51 * step


@pytest.mark.parametrize("offered", [o for o in OFFERED if o[0].has_alpha], ids=named)
def test_alpha_comes_back_with_its_colours(
    offered: tuple[Format, int], smooth: np.ndarray, tmp_path: Path
) -> None:
    known, depth = offered
    alpha = np.tile(np.linspace(0.2, 1, 23, dtype=np.float32), (37, 1))
    image = written(tmp_path / f"a{known.suffixes[0]}", smooth, alpha, bit_depth=depth)
    assert image.alpha is not None
    assert np.abs(as_float(image.alpha) - alpha).max() < 0.01
    error = np.abs(as_float(image.samples) - smooth).mean()
    assert error < LOSSY.get(known.name, 0.004)


@pytest.mark.parametrize("offered", [o for o in OFFERED if o[0].has_gray], ids=named)
def test_gray_stays_gray(offered: tuple[Format, int], smooth: np.ndarray, tmp_path: Path) -> None:
    known, depth = offered
    gray = np.repeat(smooth[..., :1], 3, axis=2)
    path = tmp_path / f"a{known.suffixes[0]}"
    image = written(path, gray, bit_depth=depth, is_gray=True)
    assert image.is_gray
    assert np.ptp(image.samples, axis=2).max() == 0
    assert np.abs(as_float(image.samples) - gray).mean() < 0.01
    colour = written(tmp_path / f"b{known.suffixes[0]}", gray, bit_depth=depth)
    assert not colour.is_gray
    if known.has_alpha:
        alpha = np.tile(np.linspace(0.2, 1, 23, dtype=np.float32), (37, 1))
        both = written(
            tmp_path / f"c{known.suffixes[0]}", gray, alpha, bit_depth=depth, is_gray=True
        )
        assert both.is_gray == known.has_gray_alpha
        assert both.alpha is not None
        assert np.abs(as_float(both.alpha) - alpha).max() < 0.01


@pytest.mark.parametrize("name", ["tiff", "exr", "jxl"])
def test_float_files_hold_light_beyond_white(name: str, tmp_path: Path) -> None:
    light = np.linspace(0, 40, 5 * 6 * 3, dtype=np.float32).reshape(5, 6, 3)
    # JPEG XL always says what its values are, and without a profile that is sRGB.
    profile = linear_srgb_profile() if name == "jxl" else None
    image = written(tmp_path / "a", light, bit_depth=32, format=name, icc_profile=profile)
    assert np.abs(image.samples - light).max() < 1e-4
    assert image.tone is not None
    assert image.tone.peak == pytest.approx(40.0)


def test_exr_stores_colours_multiplied_by_alpha(tmp_path: Path) -> None:
    import OpenImageIO as oiio

    rgb, alpha = np.full((3, 4, 3), 0.8, np.float32), np.full((3, 4), 0.25, np.float32)
    written(tmp_path / "a.exr", rgb, alpha, bit_depth=32)
    source = oiio.ImageInput.open(str(tmp_path / "a.exr"))
    assert source.spec().channelnames == ("R", "G", "B", "A")
    assert source.read_image("float")[0, 0].tolist() == pytest.approx([0.2, 0.2, 0.2, 0.25])
    source.close()


@pytest.mark.parametrize("height", [1, 15, 16, 17, 50])
@pytest.mark.parametrize("depth", [16, 32])
def test_exr_blocks_are_read_by_openimageio(
    height: int, depth: int, rng: np.random.Generator, tmp_path: Path
) -> None:
    values = rng.standard_normal((height, 9, 3)).astype(np.float16).astype(np.float32)
    image = written(tmp_path / "a.exr", values, bit_depth=depth)
    assert np.array_equal(image.samples, values)


@pytest.mark.parametrize("width", [1, 2, 3, 4, 5])
def test_bmp_rows_of_any_length_are_padded(
    width: int, rng: np.random.Generator, tmp_path: Path
) -> None:
    pixels = rng.integers(0, 256, (9, width, 3), dtype=np.uint8)
    image = written(tmp_path / "a.bmp", pixels / np.float32(255))
    assert np.array_equal(image.samples, pixels)


def test_the_quality_of_jpeg_xl_goes_up_to_lossless(smooth: np.ndarray, tmp_path: Path) -> None:
    exact = written(tmp_path / "a.jxl", smooth)
    assert np.array_equal(exact.samples, (smooth * 255 + 0.5).astype(np.uint8))
    lossy = written(tmp_path / "b.jxl", smooth, quality=60)
    assert 0 < np.abs(lossy.samples.astype(int) - exact.samples).mean() < 10


def test_webp_of_the_highest_quality_is_lossless(smooth: np.ndarray, tmp_path: Path) -> None:
    alpha = np.linspace(0, 1, smooth[..., 0].size, dtype=np.float32).reshape(smooth.shape[:2])
    exact = written(tmp_path / "a.webp", smooth, alpha, quality=100)
    assert np.array_equal(exact.samples, (smooth * 255 + 0.5).astype(np.uint8))
    assert exact.alpha is not None
    assert np.array_equal(exact.alpha, (alpha * 255 + 0.5).astype(np.uint8))


@pytest.mark.parametrize(("name", "bits", "depth"), [("four", 8, 8), ("four-10bit", 10, 16)])
def test_heic_is_read_in_its_depth_and_upright(name: str, bits: int, depth: int) -> None:
    """The file's pixels are turned for 8 bits, as phones store them."""
    image = read_image(DATA / f"{name}.heic")
    assert (image.source_format, image.bit_depth) == ("heic", depth)
    corners = as_float(image.samples[[8, 8, -8, -8], [8, -8, 8, -8]]) * 255
    expected = [(200, 30, 30), (30, 160, 40), (40, 60, 190), (230, 220, 60)]
    if bits == 8:
        assert image.size == Size(64, 48)
        assert image.metadata.exif is not None
        assert image.icc_profile is not None
        expected = [expected[2], expected[0], expected[3], expected[1]]
    assert np.abs(corners - expected).max() < 4


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"P6\n2 1\n65535\n\x12\x34\0\0\xff\xff\0\1\0\2\0\3", [[0x1234, 0, 65535], [1, 2, 3]]),
        (b"P5\n2 1\n255\n\x07\xff", [[7] * 3, [255] * 3]),
        (b"P2\n# a comment\n2 1\n10\n0 10\n", [[0] * 3, [255] * 3]),
        (b"P3 2 1 255 1 2 3 4 5 6", [[1, 2, 3], [4, 5, 6]]),
        (b"P4\n2 1\n\x40", [[255] * 3, [0] * 3]),
    ],
)
def test_each_kind_of_ppm_is_read(
    content: bytes, expected: list[list[int]], tmp_path: Path
) -> None:
    (tmp_path / "a.ppm").write_bytes(content)
    assert read_image(tmp_path / "a.ppm").samples[0].tolist() == expected


def test_the_first_frame_of_a_gif_is_read_and_it_is_said(
    photo: PilImage.Image, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    frames = [photo.quantize(64), photo.rotate(180).quantize(64)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    image = read_image(tmp_path / "a.gif")
    assert np.array_equal(image.samples, np.asarray(frames[0].convert("RGB")))
    assert "only the first is used" in caplog.text


@pytest.mark.parametrize("mode", ["P", "RGBA", "L"])
def test_bmp_of_each_mode_is_read(mode: str, photo: PilImage.Image, tmp_path: Path) -> None:
    picture = photo.convert(mode)
    picture.save(tmp_path / "a.bmp")
    expected = np.asarray(picture.convert("RGB"))
    assert np.array_equal(read_image(tmp_path / "a.bmp").samples, expected)


def test_what_cannot_be_written_well_becomes_png() -> None:
    from liifgan_core.images.formats import result_format

    assert result_format("gif") is format_by_name("png")
    assert result_format("heic") is format_by_name("png")
    assert result_format("jxl") is format_by_name("jxl")


def test_a_linear_tiff_profile_is_recognised(save: Callable[..., None], tmp_path: Path) -> None:
    light = np.full((3, 3, 3), 1000, np.uint16)
    save(tmp_path / "a.tif", light, icc_profile=linear_srgb_profile())
    image = read_image(tmp_path / "a.tif")
    assert image.tone is not None
    assert image.icc_profile == linear_srgb_profile()
