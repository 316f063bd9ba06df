"""What a result keeps of its photo beside the size: colours, edges, metadata; and its memory."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags
from PIL import Image as PilImage

from liifgan_core.errors import LiifganError
from liifgan_core.geometry import Size
from liifgan_core.images.colour.icc_matrix import parse
from liifgan_core.images.colour.icc_writer import linear_srgb_profile
from liifgan_core.images.colour.tone import Tone
from liifgan_core.images.formats import format_by_name
from liifgan_core.images.image import Image
from liifgan_core.images.metadata.metadata import Metadata
from liifgan_core.images.read import read_image
from liifgan_core.images.windows import Windows
from liifgan_core.models.liif import LIIF
from liifgan_core.render.continuous_image import FEATURE_BYTES
from liifgan_core.render.export import ExportOptions, export_image
from liifgan_core.render.export_memory import feature_bytes
from liifgan_core.render.placed_model import load_model
from tests.conftest import Place
from tests.core.images.colour.test_tone import P3
from tests.core.render.conftest import MakeImage

SIZE = Size(30, 40)


def camera_metadata() -> Metadata:
    block = PilImage.Exif()
    block[ExifTags.Base.Make] = "Maker"
    block[ExifTags.Base.Orientation] = 6
    block.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.ExifImageWidth] = 13
    packet = b"<rdf:RDF xmlns:rdf='x'>kept</rdf:RDF>"
    return Metadata(exif=block.tobytes().removeprefix(b"Exif\0\0"), xmp=packet, dpi=72.0)


@pytest.mark.parametrize("format", ["png", "jpeg", "webp", "tiff", "avif", "jxl"])
def test_facts_go_along_and_the_result_says_how_it_was_made(
    format: str, detail_network: LIIF, place: Place, make_image: MakeImage, tmp_path: Path
) -> None:
    image = dataclasses.replace(make_image(11, 13), metadata=camera_metadata())
    options = ExportOptions(format=format, detail=0.5, software="LIIF-GAN 9", dpi=300.0)
    export_image(image, tmp_path / "a", SIZE, place(detail_network), options)
    stored = read_image(tmp_path / "a")
    assert stored.size == SIZE
    assert stored.metadata.exif is not None
    assert stored.metadata.xmp is not None
    assert b"kept" in stored.metadata.xmp
    found = PilImage.Exif()
    found.load(b"Exif\0\0" + stored.metadata.exif)
    assert found[ExifTags.Base.Make] == "Maker"
    assert found[ExifTags.Base.Software] == (
        "LIIF-GAN 9; model tiny; fp32 by torch; factor 3.077x2.727; detail 0.5"
    )
    assert found[ExifTags.Base.XResolution] == 300.0
    assert found.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.ExifImageWidth] == 40


@pytest.mark.parametrize("format", ["png", "jpeg", "webp", "tiff", "avif", "jxl"])
def test_stripping_leaves_the_colour_profile_only(
    format: str, tiny_network: LIIF, place: Place, make_image: MakeImage, tmp_path: Path
) -> None:
    profile = linear_srgb_profile()
    image = dataclasses.replace(make_image(11, 13), metadata=camera_metadata(), icc_profile=profile)
    options = ExportOptions(format=format, software="LIIF-GAN 9", strip_metadata=True)
    export_image(image, tmp_path / "a", SIZE, place(tiny_network), options)
    stored = read_image(tmp_path / "a")
    assert stored.metadata.exif is None
    assert stored.metadata.xmp is None
    assert stored.icc_profile == profile
    content = (tmp_path / "a").read_bytes()
    assert b"Maker" not in content
    assert b"LIIF-GAN" not in content


def test_what_a_format_has_no_place_for_is_told(
    tiny_network: LIIF,
    place: Place,
    make_image: MakeImage,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    image = dataclasses.replace(make_image(11, 13), metadata=camera_metadata())
    options = ExportOptions(format="bmp")
    export_image(image, tmp_path / "a.bmp", SIZE, place(tiny_network), options)
    assert "the format has no place for EXIF and XMP" in caplog.text


@pytest.mark.parametrize("format", ["png", "tiff", "exr", "jxl"])
def test_gray_photos_give_gray_files(
    format: str, tiny_network: LIIF, place: Place, tmp_path: Path
) -> None:
    gray = np.random.default_rng(0).integers(0, 256, (11, 13, 1), dtype=np.uint8)
    image = Image(np.repeat(gray, 3, axis=2), is_gray=True)
    export_image(image, tmp_path / "a", SIZE, place(tiny_network), ExportOptions(format=format))
    assert read_image(tmp_path / "a").is_gray


@pytest.mark.parametrize("peak", [1.0, 30.0])
def test_light_goes_through_the_network_and_stays_light(
    peak: float, tiny_network: LIIF, place: Place, tmp_path: Path
) -> None:
    """The same picture as light and as sRGB-like values gives the same light."""
    values = np.random.default_rng(1).random((11, 13, 3)).astype(np.float32)
    tone, model = Tone(peak), place(tiny_network)
    light = Image(tone.decode(values), tone=tone)
    as_float = ExportOptions(format="exr", bit_depth=32)
    export_image(light, tmp_path / "a.exr", SIZE, model, as_float)
    plain = ExportOptions(format="tiff", bit_depth=32)
    export_image(Image(values), tmp_path / "b.tif", SIZE, model, plain)
    expected = tone.decode(read_image(tmp_path / "b.tif").samples)
    found = read_image(tmp_path / "a.exr").samples
    assert np.abs(found - expected).max() < 2e-4 * peak


def test_hidden_colours_do_not_fringe_what_is_seen(
    tiny_network: LIIF, place: Place, tmp_path: Path
) -> None:
    """Whatever a file has under its transparent pixels, the result is the same."""
    alpha = np.zeros((20, 20), np.uint8)
    alpha[:, :10] = 255
    results: list[Image] = []
    for hidden in ((0, 0, 0), (255, 255, 255), (255, 0, 255)):
        samples = np.full((20, 20, 3), (200, 120, 40), np.uint8)
        samples[:, 10:] = hidden
        export_image(
            Image(samples, alpha),
            tmp_path / "a.png",
            SIZE,
            place(tiny_network),
            ExportOptions(format="png", overwrite=True),
        )
        results.append(read_image(tmp_path / "a.png"))
    for other in results[1:]:
        assert np.array_equal(other.samples, results[0].samples)
        assert other.alpha is not None
        assert np.array_equal(other.alpha, results[0].alpha)


@pytest.mark.parametrize("name", ["png", "tiff", "jxl", "exr"])
@pytest.mark.parametrize("patch", [(230, 40, 20), (30, 200, 60), (128, 128, 128), (20, 30, 90)])
def test_a_flat_patch_of_a_wide_gamut_comes_back_in_its_profile(
    name: str, patch: tuple[int, int, int], public_weights: Path, tmp_path: Path
) -> None:
    """The real network, in the photo's own profile: less than half of 1/255 of mean difference."""
    image = Image(np.full((24, 24, 3), patch, np.uint8), icc_profile=P3)
    model = load_model(str(public_weights), device="cpu", precision="fp32")
    options = ExportOptions(format=name, bit_depth=32 if name == "exr" else 16)
    if name == "jxl":
        options = dataclasses.replace(options, quality=100)
    export_image(image, tmp_path / "a", Size(60, 60), model, options)
    stored = read_image(tmp_path / "a")
    if name == "exr":
        own, found = parse(P3), parse(stored.icc_profile or b"")
        assert own is not None
        assert found is not None
        assert np.abs(own.to_xyz - found.to_xyz).max() < 1e-3
        expected = own.linear_srgb(np.array(patch, np.float32) / 255)
        difference = np.abs(found.linear_srgb(stored.samples) - expected).mean()
    else:
        assert stored.icc_profile == P3
        difference = np.abs(stored.samples / 65535 - np.array(patch) / 255).mean()
    assert difference < 0.5 / 255


def test_an_export_that_cannot_fit_is_refused_with_the_need_and_the_way_out(
    tiny_network: LIIF, place: Place, make_image: MakeImage, tmp_path: Path
) -> None:
    image, model = make_image(11, 13), place(tiny_network)
    huge = Size(30_000, 30_000)
    with pytest.raises(LiifganError, match=r"takes about \d+\.\d GiB, .* 2\.0 GiB; choose a str"):
        export_image(image, tmp_path / "a.jxl", huge, model, ExportOptions(format="jxl"))
    small = ExportOptions(format="png", memory_bytes=2**28)
    with pytest.raises(LiifganError, match="raise the limit") as caught:
        export_image(image, tmp_path / "a.png", SIZE, model, small)
    assert caught.value.remedy == "memory"
    assert not list(tmp_path.iterdir())


def test_a_photo_may_be_kept_in_parts_only(make_image: MakeImage) -> None:
    png, image = format_by_name("png"), make_image(1100, 1300)
    roomy = feature_bytes(image, SIZE, png, bit_depth=8, latent_bytes=256)
    tight = feature_bytes(image, SIZE, png, bit_depth=8, latent_bytes=256, memory_bytes=850 * 2**20)
    assert roomy == FEATURE_BYTES
    assert 0 < tight < FEATURE_BYTES


def test_a_wide_photo_as_large_as_may_be_opened_fits_into_the_default() -> None:
    """Its samples are a view of one pixel, so that the test takes no memory."""
    samples = np.broadcast_to(np.zeros((1, 1, 3), np.uint8), (8_900, 20_000, 3))
    png = format_by_name("png")
    kept = feature_bytes(Image(samples), Size(17_800, 40_000), png, bit_depth=8, latent_bytes=256)
    assert kept > 256 * 48 * 2


def test_a_result_with_a_pyramid_is_the_same_picture(
    tiny_network: LIIF, place: Place, make_image: MakeImage, tmp_path: Path
) -> None:
    image, model = make_image(11, 13), place(tiny_network)
    for has_pyramid in (False, True):
        options = ExportOptions(format="tiff", has_pyramid=has_pyramid)
        export_image(image, tmp_path / f"{has_pyramid}.tif", Size(300, 520), model, options)
    plain, tiled = (read_image(tmp_path / f"{name}.tif") for name in (False, True))
    assert np.array_equal(plain.samples, tiled.samples)
    assert (tmp_path / "True.tif").stat().st_size > (tmp_path / "False.tif").stat().st_size


def test_windows_go_along_or_are_told(
    tiny_network: LIIF,
    place: Place,
    make_image: MakeImage,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    image = dataclasses.replace(make_image(11, 13), windows=Windows(-2, 3, 0, 0, 26, 22))
    model = place(tiny_network)
    export_image(image, tmp_path / "a.exr", Size(22, 26), model, ExportOptions(format="exr"))
    assert read_image(tmp_path / "a.exr").windows == Windows(-4, 6, 0, 0, 52, 44)
    assert caplog.records == []
    export_image(image, tmp_path / "a.png", Size(22, 26), model, ExportOptions(format="png"))
    assert "PNG has no display window" in caplog.text


def test_light_without_opacity_goes_along_or_is_told(
    tiny_network: LIIF, place: Place, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    samples = np.full((11, 13, 3), 0.5, np.float32)
    alpha = np.zeros((11, 13), np.float32)
    image = Image(samples, alpha, tone=Tone(), is_premultiplied=True)
    model = place(tiny_network)
    export_image(image, tmp_path / "a.exr", SIZE, model, ExportOptions(format="exr"))
    stored = read_image(tmp_path / "a.exr")
    assert stored.is_premultiplied
    assert stored.samples.max() > 0
    assert caplog.records == []
    export_image(image, tmp_path / "a.png", SIZE, model, ExportOptions(format="png"))
    assert "light where the picture is transparent" in caplog.text
