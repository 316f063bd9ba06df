import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PilImage
from PIL import ImageCms

from liifgan_core.geometry import Size, Tile
from liifgan_core.images.bleed import RADIUS, bled
from liifgan_core.images.colour import icc_matrix, icc_writer
from liifgan_core.images.colour.tone import Tone, srgb_decode, srgb_encode
from liifgan_core.images.file_colours import file_colours
from liifgan_core.images.formats import format_by_name
from liifgan_core.images.image import Image


@given(peak=st.floats(1.0, 1e5), share=st.floats(0.0, 1.0))
def test_the_curve_is_undone_exactly_enough(peak: float, share: float) -> None:
    tone, light = Tone(peak), np.float32(peak * share)
    values = tone.encode(light)
    assert 0 <= values <= 1
    assert tone.decode(values) == pytest.approx(light, rel=2e-5, abs=2e-7 * peak)


def test_up_to_white_it_is_the_srgb_curve() -> None:
    # IEC 61966-2-1: 18 % gray is 117.7 of 255.
    assert srgb_encode(np.float32(0.18)) * 255 == pytest.approx(117.7, abs=0.1)
    assert srgb_encode(np.float32(0.001)) == pytest.approx(0.01292)
    assert srgb_decode(np.float32(0.5)) == pytest.approx(0.21404, abs=1e-5)


def test_the_curve_rises_without_a_kink_at_white() -> None:
    light = np.linspace(0.9, 1.1, 201)
    slopes = np.diff(Tone(50.0).encode(light).astype(np.float64))
    assert (slopes > 0).all()
    assert np.abs(np.diff(slopes)).max() < 0.05 * slopes.mean()


def test_a_picture_of_light_shows_the_network_srgb_like_values() -> None:
    samples = np.array([[[0.18, 0.18, np.nan], [9.0, -1.0, 0.0]]], np.float32)
    rgb = Image(samples, tone=Tone(9.0)).rgb(Tile(0, 0, 1, 2))
    assert rgb[0, 0, 0] == pytest.approx(0.4614 / (1 + 0.4396 * np.log(9)), abs=1e-3)
    assert rgb[0, 1].tolist() == pytest.approx([1.0, 0.0, 0.0])
    assert rgb[0, 0, 2] == 0


def profile(primaries: dict[bytes, tuple[float, float, float]], curve: bytes) -> bytes:
    """The linear sRGB profile with other primaries (XYZ) and another curve of 12 bytes or more."""
    data = bytearray(icc_writer.linear_srgb_profile())
    count = int.from_bytes(data[128:132], "big")
    for at in range(132, 132 + 12 * count, 12):
        name = bytes(data[at : at + 4])
        offset = int.from_bytes(data[at + 4 : at + 8], "big")
        if name in primaries:
            values = [round(v * 65536) for v in primaries[name]]
            packed = b"".join(v.to_bytes(4, "big", signed=True) for v in values)
            data[offset + 8 : offset + 20] = packed
        if name.endswith(b"TRC"):
            data[at + 4 : at + 12] = len(data).to_bytes(4, "big") + len(curve).to_bytes(4, "big")
            data += curve + bytes(-len(curve) % 4)
    data[0:4] = len(data).to_bytes(4, "big")
    return bytes(data)


DISPLAY_P3 = {
    b"rXYZ": (0.51512, 0.24120, -0.00105),
    b"gXYZ": (0.29198, 0.69225, 0.04189),
    b"bXYZ": (0.15710, 0.06657, 0.78407),
}
PARAMETRIC_SRGB = (
    b"para"
    + bytes(4)
    + b"\0\3\0\0"
    + b"".join(
        round(v * 65536).to_bytes(4, "big")
        for v in (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    )
)
GAMMA_22 = b"curv" + bytes(4) + b"\0\0\0\1" + b"\x02\x33"
TABLE = (
    b"curv"
    + bytes(4)
    + (256).to_bytes(4, "big")
    + b"".join(
        round(65535 * float(srgb_decode(np.float32(i / 255)))).to_bytes(2, "big")
        for i in range(256)
    )
)


MUTED = (128, 77, 51)


def by_littlecms(icc_profile: bytes) -> np.ndarray:
    """What another program makes of MUTED in sRGB, 0 to 255."""
    own = ImageCms.getOpenProfile(io.BytesIO(icc_profile))
    seen = ImageCms.profileToProfile(
        PilImage.new("RGB", (1, 1), MUTED), own, ImageCms.createProfile("sRGB")
    )
    return np.asarray(seen)[0, 0].astype(int)


@pytest.mark.parametrize("curve", [PARAMETRIC_SRGB, TABLE], ids=["formula", "table"])
def test_display_p3_becomes_srgb(curve: bytes) -> None:
    parsed = icc_matrix.parse(profile(DISPLAY_P3, curve))
    assert parsed is not None
    assert not parsed.is_linear
    white = srgb_encode(parsed.linear_srgb(np.ones((1, 3), np.float32)))
    assert np.abs(white - 1).max() < 0.002
    found = srgb_encode(parsed.linear_srgb(np.array([MUTED], np.float32) / 255))[0]
    assert np.abs(found * 255 - by_littlecms(profile(DISPLAY_P3, curve))).max() < 1
    beyond = parsed.linear_srgb(np.array([[0.0, 1.0, 0.0]], np.float32))[0]
    assert beyond[0] < -0.1


def test_a_plain_gamma_is_understood() -> None:
    parsed = icc_matrix.parse(profile({}, GAMMA_22))
    assert parsed is not None
    assert parsed.curves[0](np.array(0.5)) == pytest.approx(0.5**2.19922, abs=1e-4)


@given(data=st.data())
def test_damaged_profiles_are_refused_or_read_without_harm(data: st.DataObject) -> None:
    whole = bytearray(profile(DISPLAY_P3, PARAMETRIC_SRGB))
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(128, len(whole) - 1))] = data.draw(st.integers(0, 255))
    parsed = icc_matrix.parse(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
    assert parsed is None or parsed.to_xyz.shape == (3, 3)


def test_the_linear_profile_is_one_that_littlecms_understands() -> None:
    linear = ImageCms.getOpenProfile(io.BytesIO(icc_writer.linear_srgb_profile()))
    picture = PilImage.new("RGB", (1, 1), (46, 128, 0))
    seen = ImageCms.profileToProfile(picture, linear, ImageCms.createProfile("sRGB"))
    expected = srgb_encode(np.array([46, 128, 0]) / 255) * 255
    assert np.abs(np.asarray(seen)[0, 0] - expected).max() <= 1.5
    parsed = icc_matrix.parse(icc_writer.linear_srgb_profile())
    assert parsed is not None
    assert parsed.is_linear


P3 = profile(DISPLAY_P3, PARAMETRIC_SRGB)
ROWS = np.array([[[0.5, 0.3, 0.2], [1, 1, 1]]], np.float32)


def plain(**fields: object) -> Image:
    return Image(np.zeros((1, 1, 3), np.float32), **fields)


@pytest.mark.parametrize("name", ["png", "jpeg", "webp", "tiff", "avif", "jxl", "bmp"])
def test_a_profile_goes_along_with_unchanged_values(name: str) -> None:
    colours = file_colours(plain(icc_profile=P3), format_by_name(name), 8, name="a")
    assert colours.icc_profile == P3
    assert np.array_equal(colours.convert(ROWS), ROWS)


@pytest.mark.parametrize("name", ["gif", "ppm"])
def test_where_no_profile_fits_colours_become_srgb(name: str) -> None:
    colours = file_colours(plain(icc_profile=P3), format_by_name(name), 8, name="a")
    assert colours.icc_profile is None
    found = colours.convert(np.array([[MUTED]], np.float32) / 255)[0, 0]
    assert np.abs(found * 255 - by_littlecms(P3)).max() < 1


def test_exr_gets_light_and_gives_it_back() -> None:
    exr = format_by_name("exr")
    colours = file_colours(plain(), exr, 32, name="a")
    assert colours.convert(ROWS)[0, 0, 0] == pytest.approx(0.21404, abs=1e-5)
    light = plain(tone=Tone(20.0))
    back = file_colours(light, exr, 32, name="a").convert(ROWS)
    assert back[0, 1].tolist() == pytest.approx([20.0] * 3)


def test_light_becomes_srgb_in_integers_and_stays_light_in_floats() -> None:
    light, tiff = plain(tone=Tone(20.0)), format_by_name("tiff")
    as_integers = file_colours(light, tiff, 16, name="a")
    assert as_integers.icc_profile is None
    assert as_integers.convert(ROWS).max() == pytest.approx(1.0)
    as_floats = file_colours(light, tiff, 32, name="a")
    assert as_floats.icc_profile == icc_writer.linear_srgb_profile()
    assert as_floats.convert(ROWS).max() == pytest.approx(20.0)


def test_a_profile_of_tables_is_left_out_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    tables = bytearray(P3)
    tables[132:136] = b"xxxx"
    broken = bytes(tables).replace(b"rXYZ", b"qXYZ")
    colours = file_colours(plain(icc_profile=broken), format_by_name("ppm"), 8, name="a.ppm")
    assert np.abs(colours.convert(ROWS) - ROWS).max() < 1e-5
    assert "cannot be converted" in caplog.text


def test_colours_bleed_under_transparent_pixels() -> None:
    colour = np.zeros((30, 30, 3), np.float32)
    colour[:, :10] = (0.8, 0.5, 0.2)
    opacity = np.zeros((30, 30), np.float32)
    opacity[:, :10] = 1
    filled = bled(colour, opacity)
    assert np.allclose(filled, (0.8, 0.5, 0.2), atol=1e-5)
    assert np.array_equal(bled(colour, np.ones((30, 30), np.float32)), colour)
    assert np.array_equal(bled(colour, np.zeros((30, 30), np.float32)), colour)


def test_a_tile_has_the_bled_colours_of_the_whole() -> None:
    rng = np.random.default_rng(3)
    samples = rng.integers(0, 256, (150, 140, 3), dtype=np.uint8)
    alpha = np.where(rng.random((150, 140)) < 0.002, 255, 0).astype(np.uint8)
    image = Image(samples, alpha)
    whole = image.rgb(Tile(0, 0, 150, 140))
    for tile in (Tile(0, 0, 40, 40), Tile(50, 60, 31, 80), Tile(149, 0, 1, 140)):
        part = whole[tile.top : tile.bottom, tile.left : tile.right]
        assert np.allclose(image.rgb(tile), part, atol=1e-5)
    seen = alpha > 0
    assert np.allclose(whole[seen], samples[seen] / 255, atol=1e-6)
    assert RADIUS > 34
    assert Size(150, 140) == image.size
