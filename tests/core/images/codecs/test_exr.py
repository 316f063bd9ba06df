"""EXR: which channels make the picture, its windows, light below black and without opacity."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest

from liifgan_core.errors import ImageReadError, ImageWriteError
from liifgan_core.geometry import Size, Tile
from liifgan_core.images.codecs.exr.reader import Channels, choose_channels
from liifgan_core.images.colour.icc_writer import gamma_curve, gray_profile, linear_gray_profile
from liifgan_core.images.colour.profile import is_linear_profile
from liifgan_core.images.colour.tone import Tone
from liifgan_core.images.file_colours import file_colours
from liifgan_core.images.formats import format_by_name
from liifgan_core.images.image import Image
from liifgan_core.images.read import read_image
from liifgan_core.images.read_size import read_size
from liifgan_core.images.windows import Windows
from liifgan_core.images.write import open_writer

SIZE = Size(6, 8)


def write_exr(
    path: Path,
    pixel: Sequence[float],
    names: str = "R G B",
    window: tuple[int, int] = (0, 0),
    display: tuple[int, int, int, int] | None = None,
) -> None:
    """Write a flat picture with OpenImageIO; `display` is (left, top, width, height)."""
    channels = names.split()
    spec = oiio.ImageSpec(SIZE.width, SIZE.height, len(channels), oiio.FLOAT)
    spec.channelnames = tuple(channels)
    spec.alpha_channel = channels.index("A") if "A" in channels else -1
    spec.x, spec.y = window
    left, top, width, height = display or (*window, SIZE.width, SIZE.height)
    spec.full_x, spec.full_y, spec.full_width, spec.full_height = left, top, width, height
    out = oiio.ImageOutput.create("exr")
    assert out.open(str(path), spec), out.geterror()
    samples = np.empty((SIZE.height, SIZE.width, len(channels)), np.float32)
    samples[:] = pixel
    assert out.write_image(samples)
    assert out.close()


def enlarged(image: Image, path: Path, **options: object) -> Image:
    """Write the picture with each pixel twice in both directions, as an export does; read it."""
    known = format_by_name(path.suffix.removeprefix(".").replace("tif", "tiff"))
    depth = known.depths[-1]
    if not known.is_linear:
        image = image.divided()
    size = Size(2 * image.size.height, 2 * image.size.width)
    colours = file_colours(image, known, depth, name=str(path))
    whole = Tile(0, 0, *(image.size.height, image.size.width))
    rows = image.rgb(whole).repeat(2, 0).repeat(2, 1)
    alpha = None if image.alpha is None else image.opacity(whole).repeat(2, 0).repeat(2, 1)
    with open_writer(
        path,
        size,
        bit_depth=depth,
        alpha=alpha is not None,
        is_gray=image.is_gray,
        icc_profile=colours.icc_profile,
        is_premultiplied=image.is_premultiplied,
        windows=None if image.windows is None else image.windows.scaled(image.size, size),
        **options,
    ) as writer:
        writer.write_rows(colours.convert(rows), alpha)
    return read_image(path)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("R G B", Channels((0, 1, 2), None, "")),
        ("A B G R", Channels((3, 2, 1), 0, "")),
        ("R G B A Z", Channels((0, 1, 2), 3, "")),
        ("Y", Channels((0,), None, "")),
        ("Z A Y", Channels((2,), 1, "")),
        ("R", Channels((0, None, None), None, "")),
        ("Z diffuse.R diffuse.G diffuse.B", Channels((1, 2, 3), None, "diffuse")),
        ("depth.Z beauty.A beauty.B beauty.G beauty.R", Channels((4, 3, 2), 1, "beauty")),
        ("diffuse.R diffuse.G diffuse.B R G B", Channels((3, 4, 5), None, "")),
        ("mask.Y", Channels((0,), None, "mask")),
        ("Z", Channels((0,), None, "")),
        ("a.b.Z N.X", Channels((0,), None, "a.b")),
        ("RY BY Y", None),
    ],
)
def test_the_channels_of_the_picture_are_chosen_by_name(
    names: str, expected: Channels | None
) -> None:
    assert choose_channels(names.split()) == expected


def test_channels_that_are_left_out_are_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_exr(tmp_path / "a.exr", [9, 0.1, 0.2, 0.3, 8], "Z beauty.R beauty.G beauty.B N.X")
    image = read_image(tmp_path / "a.exr")
    assert np.allclose(image.samples, [0.1, 0.2, 0.3])
    assert len(caplog.records) == 1
    assert "of the layer 'beauty'" in caplog.text
    assert "left out: " in caplog.text
    assert "N.X" in caplog.text
    assert "Z" in caplog.text


def test_a_depth_alone_is_shown_as_gray(tmp_path: Path) -> None:
    write_exr(tmp_path / "a.exr", [9], "Z")
    image = read_image(tmp_path / "a.exr")
    assert image.is_gray
    assert (image.samples == 9).all()


def test_luminance_and_chroma_are_refused(tmp_path: Path) -> None:
    write_exr(tmp_path / "a.exr", [0, 0, 0.5], "BY RY Y")
    with pytest.raises(ImageReadError, match="luminance and chroma"):
        read_image(tmp_path / "a.exr")


WINDOWS = [
    # data window, display window: overscan, a part of a frame, a part beyond it, moved as a whole
    ((-2, -1), (0, 0, 4, 4)),
    ((3, 5), (0, 0, 40, 30)),
    ((-3, 28), (0, 0, 40, 30)),
    ((10, 20), (10, 20, 8, 6)),
]


@pytest.mark.parametrize(("window", "display"), WINDOWS)
def test_windows_are_kept_and_scaled(
    window: tuple[int, int], display: tuple[int, int, int, int], tmp_path: Path
) -> None:
    write_exr(tmp_path / "a.exr", [0.5, 0.25, 0.125], window=window, display=display)
    image = read_image(tmp_path / "a.exr")
    assert image.windows == Windows(*window, *display)
    assert read_size(tmp_path / "a.exr") == SIZE
    result = enlarged(image, tmp_path / "b.exr")
    assert np.abs(result.samples - [0.5, 0.25, 0.125]).max() < 1e-5
    source = oiio.ImageInput.open(str(tmp_path / "b.exr"))
    spec = source.spec()
    assert (spec.x, spec.y) == (2 * window[0], 2 * window[1])
    assert (spec.width, spec.height) == (16, 12)
    found = (spec.full_x, spec.full_y, spec.full_width, spec.full_height)
    assert found == tuple(2 * v for v in display)
    assert np.abs(source.read_image("float") - [0.5, 0.25, 0.125]).max() < 1e-5
    source.close()


def test_a_picture_that_fills_its_frame_has_no_windows(tmp_path: Path) -> None:
    write_exr(tmp_path / "a.exr", [0.5, 0.25, 0.125])
    assert read_image(tmp_path / "a.exr").windows is None


def test_windows_are_scaled_half_up() -> None:
    windows = Windows(-3, 5, 0, 1, 7, 1)
    assert windows.scaled(Size(10, 10), Size(5, 15)) == Windows(-4, 3, 0, 1, 11, 1)
    assert windows.scaled(Size(10, 10), Size(1, 1)) == Windows(0, 1, 0, 0, 1, 1)


@pytest.mark.parametrize("suffix", [".exr", ".tif", ".jxl"])
def test_negative_light_is_kept(suffix: str, tmp_path: Path) -> None:
    pixel = [-0.25, 0.5, 3.0]
    write_exr(tmp_path / "a.exr", pixel)
    image = read_image(tmp_path / "a.exr")
    assert image.tone is not None
    assert image.tone.floor == pytest.approx(-0.25)
    result = enlarged(image, tmp_path / f"b{suffix}")
    assert np.abs(result.samples - pixel).max() < 1e-4


def test_negative_samples_of_a_float_tiff_are_light(tmp_path: Path) -> None:
    image = Image(np.full((4, 5, 3), -0.25, np.float32), tone=Tone(1.0, -0.25))
    result = enlarged(image, tmp_path / "a.tif")
    assert np.abs(result.samples + 0.25).max() < 1e-5
    again = enlarged(result, tmp_path / "b.tif")
    assert np.abs(again.samples + 0.25).max() < 1e-5


def test_light_without_opacity_is_kept(tmp_path: Path) -> None:
    """A flame is light that hides nothing behind it."""
    write_exr(tmp_path / "a.exr", [2.0, 1.0, 0.5, 0.0], "R G B A")
    image = read_image(tmp_path / "a.exr")
    assert image.is_premultiplied
    result = enlarged(image, tmp_path / "b.exr")
    assert result.is_premultiplied
    assert np.abs(result.samples - [2.0, 1.0, 0.5]).max() < 1e-4
    assert result.alpha is not None
    assert (result.alpha == 0).all()


def test_the_rest_of_a_picture_with_light_without_opacity_is_as_before(tmp_path: Path) -> None:
    samples = np.array([[[0.4, 0.2, 0.1], [1.0, 1.0, 1.0]]], np.float32)
    alpha = np.array([[0.5, 0.0]], np.float32)
    image = Image(samples, alpha, tone=Tone(), is_premultiplied=True)
    by_premultiplied = enlarged(image, tmp_path / "a.exr")
    assert np.allclose(by_premultiplied.samples[0, 0], [0.4, 0.2, 0.1], atol=1e-4)
    divided = enlarged(image, tmp_path / "a.tif")
    assert np.allclose(divided.samples[0, 0], [0.8, 0.4, 0.2], atol=1e-4)


def test_premultiplied_rows_are_for_exr_only(tmp_path: Path) -> None:
    with pytest.raises(ImageWriteError, match="multiplied by alpha; choose EXR"):
        open_writer(tmp_path / "a.png", SIZE, alpha=True, is_premultiplied=True)


@pytest.mark.parametrize("suffix", [".exr", ".tif", ".jxl"])
@pytest.mark.parametrize("alpha", [None, 0.5])
def test_gray_light_stays_gray(alpha: float | None, suffix: str, tmp_path: Path) -> None:
    samples = np.full((4, 5, 3), 4.0, np.float32)
    opacity = None if alpha is None else np.full((4, 5), alpha, np.float32)
    image = Image(samples, opacity, tone=Tone(4.0), is_gray=True)
    result = enlarged(image, tmp_path / f"a{suffix}")
    # OpenImageIO 3.2.2 cannot write gray with alpha as JPEG XL.
    assert result.is_gray == (suffix != ".jxl" or alpha is None)
    assert result.tone is not None
    assert np.abs(result.samples - 4.0).max() < 1e-4
    again = enlarged(result, tmp_path / f"b{suffix}")
    assert np.abs(again.samples - 4.0).max() < 1e-4
    assert again.is_gray == result.is_gray


def test_the_linear_gray_profile_is_known_again() -> None:
    assert is_linear_profile(linear_gray_profile())
    assert not is_linear_profile(gray_profile(gamma_curve(2.2), description="gray"))
    assert not is_linear_profile(linear_gray_profile()[:140])
