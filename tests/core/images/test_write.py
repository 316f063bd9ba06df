from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image as PilImage

from liifgan_core.errors import ImageWriteError
from liifgan_core.geometry import Size
from liifgan_core.images.formats import FORMATS, Format
from liifgan_core.images.metadata.metadata import Metadata
from liifgan_core.images.read import read_image
from liifgan_core.images.write import open_writer

SUFFIXES = [".png", ".jpg", ".webp", ".tif"]


@st.composite
def pictures(draw: st.DrawFn) -> np.ndarray:
    """(H, W, 3 or 4) uint8 or uint16."""
    sides, channels = st.integers(1, 12), st.sampled_from([3, 4])
    shape = (draw(sides), draw(sides), draw(channels))
    return draw(arrays(draw(st.sampled_from([np.uint8, np.uint16])), shape))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(pixels=pictures(), suffix=st.sampled_from([".png", ".tif"]), band=st.integers(1, 12))
def test_lossless_formats_give_back_exactly_what_was_written(
    pixels: np.ndarray, suffix: str, band: int
) -> None:
    full = np.float32(np.iinfo(pixels.dtype).max)
    size, has_alpha = Size(*pixels.shape[:2]), pixels.shape[2] == 4
    with TemporaryDirectory() as folder:
        path = Path(folder, "a" + suffix)
        depth = pixels.dtype.itemsize * 8
        with open_writer(path, size, bit_depth=depth, alpha=has_alpha) as writer:
            for top in range(0, size.height, band):
                rows = pixels[top : top + band] / full
                writer.write_rows(rows[..., :3], rows[..., 3] if has_alpha else None)
        image = read_image(path)
    assert image.bit_depth == depth
    assert np.array_equal(image.samples, pixels[..., :3])
    is_opaque = has_alpha and pixels[..., 3].min() == full
    assert image.has_opaque_alpha == is_opaque
    if has_alpha and not is_opaque:
        assert image.alpha is not None
        assert np.array_equal(image.alpha, pixels[..., 3])


WRITABLE = [known for known in FORMATS if known.can_write]


@pytest.mark.parametrize("known", WRITABLE, ids=lambda known: known.name)
def test_each_format_comes_back_through_its_own_reader(
    known: Format, photo: PilImage.Image, save: Callable[..., None], tmp_path: Path
) -> None:
    for suffix in known.suffixes:
        save(tmp_path / f"a{suffix}", np.asarray(photo), bit_depth=known.depths[0])
        image = read_image(tmp_path / f"a{suffix}")
        assert image.source_format == known.name
        full = 1.0 if image.bit_depth == 32 else 255.0
        difference = np.abs(image.samples / full - np.asarray(photo) / 255.0)
        is_exact = known.max_colours is None and known.name not in ("jpeg", "webp", "avif", "exr")
        assert difference.mean() < (1e-9 if is_exact else 0.02)
    assert len(list(tmp_path.iterdir())) == len(known.suffixes)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_profile_and_the_program_are_stored(
    suffix: str,
    photo: PilImage.Image,
    srgb_profile: bytes,
    save: Callable[..., None],
    tmp_path: Path,
) -> None:
    path = tmp_path / f"a{suffix}"
    block = PilImage.Exif()
    block[305] = "LIIF-GAN 1"
    exif = block.tobytes().removeprefix(b"Exif\0\0")
    save(
        path,
        np.asarray(photo),
        icc_profile=srgb_profile,
        metadata=Metadata(note="LIIF-GAN 1", exif=exif),
    )
    with PilImage.open(path) as stored:
        assert stored.info["icc_profile"] == srgb_profile
        names = (stored.info.get("Software"), stored.getexif().get(305))
    assert "LIIF-GAN 1" in names


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_nothing_is_said_about_colour_when_the_source_said_nothing(
    suffix: str, photo: PilImage.Image, save: Callable[..., None], tmp_path: Path
) -> None:
    save(tmp_path / f"a{suffix}", np.asarray(photo))
    with PilImage.open(tmp_path / f"a{suffix}") as stored:
        assert not {"icc_profile", "gamma", "srgb", "chromaticity"} & set(stored.info)


def test_a_profile_that_is_not_for_rgb_is_left_out(
    photo: PilImage.Image,
    srgb_profile: bytes,
    save: Callable[..., None],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    gray_profile = srgb_profile[:16] + b"GRAY" + srgb_profile[20:]
    save(tmp_path / "a.png", np.asarray(photo), icc_profile=gray_profile)
    assert read_image(tmp_path / "a.png").icc_profile is None
    assert "left out" in caplog.text


@pytest.mark.parametrize("depth", [8, 16])
def test_values_are_rounded_to_nearest_and_clipped(depth: int, tmp_path: Path) -> None:
    full = 2**depth - 1
    values = np.array([-3, 0, 0.4 / full, 0.6 / full, (full - 0.6) / full, 1, 9], np.float32)
    rows = np.repeat(values[None, :, None], 3, axis=2)
    with open_writer(tmp_path / "a.png", Size(1, 7), bit_depth=depth) as writer:
        writer.write_rows(rows)
    expected = [0, 0, 0, 1, full - 1, full, full]
    assert read_image(tmp_path / "a.png").samples[0, :, 0].tolist() == expected


def test_rows_without_alpha_in_a_file_with_alpha_are_opaque(tmp_path: Path) -> None:
    with open_writer(tmp_path / "a.png", Size(2, 1), alpha=True) as writer:
        writer.write_rows(np.zeros((1, 1, 3)), np.zeros((1, 1)))
        writer.write_rows(np.zeros((1, 1, 3)))
    alpha = read_image(tmp_path / "a.png").alpha
    assert alpha is not None
    assert alpha.tolist() == [[0], [255]]


def test_jpeg_puts_transparency_on_white_and_warns_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with open_writer(tmp_path / "a.jpg", Size(16, 16), alpha=True, quality=100) as writer:
        writer.write_rows(np.zeros((8, 16, 3)), np.zeros((8, 16)))
        writer.write_rows(np.zeros((8, 16, 3)), np.full((8, 16), 0.5))
    samples = read_image(tmp_path / "a.jpg").samples
    assert (samples[:8] == 255).all()
    assert np.abs(samples[8:].astype(int) - 128).max() <= 1
    assert len(caplog.records) == 1


def test_a_long_band_is_split_without_a_seam(
    rng: np.random.Generator,
    save: Callable[..., None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("liifgan_core.images.write._BAND_VALUES", 100)
    samples = rng.integers(0, 256, (30, 17, 3), dtype=np.uint8)
    save(tmp_path / "a.png", samples)
    assert np.array_equal(read_image(tmp_path / "a.png").samples, samples)


def test_a_higher_quality_keeps_more(
    photo: PilImage.Image, save: Callable[..., None], tmp_path: Path
) -> None:
    for suffix in (".jpg", ".webp"):
        save(tmp_path / f"low{suffix}", np.asarray(photo), quality=10)
        save(tmp_path / f"high{suffix}", np.asarray(photo), quality=100)
        low, high = (tmp_path / f"{name}{suffix}" for name in ("low", "high"))
        assert low.stat().st_size < high.stat().st_size


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("a.jpg", {"bit_depth": 16}, "8 bits, not 16"),
        ("a.png", {"bit_depth": 12}, "8 or 16 bits, not 12"),
        ("a.jpg", {"quality": 101}, "from 1 to 100, not 101"),
        ("a.png", {"quality": 90}, "lossless"),
        ("a", {}, "no ending"),
        ("a.png", {"format": "xyz"}, "no format 'xyz'"),
    ],
)
def test_what_a_format_does_not_have_is_refused(
    name: str, options: dict[str, object], message: str, tmp_path: Path
) -> None:
    with pytest.raises(ImageWriteError, match=message):
        open_writer(tmp_path / name, Size(2, 2), **options)


def test_the_format_can_be_given_apart_from_the_name(tmp_path: Path) -> None:
    with open_writer(tmp_path / "a.dat", Size(1, 1), format="tiff") as writer:
        writer.write_rows(np.zeros((1, 1, 3)))
    assert read_image(tmp_path / "a.dat").source_format == "tiff"
