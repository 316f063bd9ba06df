"""What colours mean is the same in the result, whatever way a file tells it.

Expected values come from chromaticities and curves written out here, not from the program.
"""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import OpenImageIO as oiio
import pytest
from PIL import Image as PilImage
from PIL import ImageCms

from liifgan_core.geometry import Size, Tile
from liifgan_core.images.colour.code_points import CodePoints, code_points_of
from liifgan_core.images.file_colours import file_colours
from liifgan_core.images.formats import FORMATS, Format, format_by_name, result_depth
from liifgan_core.images.image import Image
from liifgan_core.images.read import read_image
from liifgan_core.images.write import open_writer
from tests.core.images.colour.test_hdr import hlg_nits, pq_nits
from tests.core.images.colour.test_tone import P3
from tests.core.images.test_read import chunk, png16

DATA = Path(__file__).parent / "data"
D65 = (0.3127, 0.3290)
SRGB_XY = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06), D65)
P3_XY = ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06), D65)
BT2020_XY = ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), D65)
ADOBE_XY = ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06), D65)

CHART = np.array([[128, 110, 100], [90, 120, 95], [80, 85, 120], [200, 200, 200], [20, 22, 30]])
"""Muted, so that they are colours of sRGB in whatever primaries they are read."""

Points = tuple[tuple[float, float], ...]
Curve = Callable[[np.ndarray], np.ndarray]
Source = tuple[Callable[[Path], None], Curve, Points]


def to_xyz(points: Points) -> np.ndarray:
    """From light to XYZ (D65) for chromaticities of red, green, blue and white."""
    columns = np.array([(x / y, 1, (1 - x - y) / y) for x, y in points]).T
    scales = np.linalg.solve(columns[:, :3], columns[:, 3])
    return columns[:, :3] * scales


def srgb_of(light: np.ndarray, points: Points) -> np.ndarray:
    """sRGB values, 0 to 255, of light (..., 3) in primaries whose white is D65."""
    linear = np.clip(light @ (np.linalg.inv(to_xyz(SRGB_XY)) @ to_xyz(points)).T, 0, 1)
    return 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def srgb_curve(values: np.ndarray) -> np.ndarray:
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def chart(dtype: type = np.uint8, side: int = 16) -> np.ndarray:
    """Flat patches side by side: (side, side * patches, 3)."""
    rows = np.repeat(CHART[None], side, 0).repeat(side, 1)
    return (rows * (257 if dtype == np.uint16 else 1)).astype(dtype)


def patches(pixels: np.ndarray, side: int = 16) -> np.ndarray:
    return pixels[side // 2, side // 2 :: side]


def write_png(path: Path, extra: bytes, dtype: type = np.uint8, behind: bytes = b"") -> None:
    if dtype == np.uint16:
        png16(path, chart(dtype), extra)
        return
    pixels = chart()
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 8, 2, 0, 0, 0)
    data = chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(rows)) + behind
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + data + chunk(b"IEND", b""))


def cicp(primaries: int, transfer: int, full: int = 1) -> bytes:
    return chunk(b"cICP", bytes((primaries, transfer, 0, full)))


def gama(gamma: float) -> bytes:
    return chunk(b"gAMA", struct.pack(">I", round(gamma * 100_000)))


def chrm(points: Points) -> bytes:
    red, green, blue, white = points
    numbers = [round(v * 100_000) for point in (white, red, green, blue) for v in point]
    return chunk(b"cHRM", struct.pack(">8I", *numbers))


def write_avif(path: Path, primaries: int, transfer: int, depth: int = 8) -> None:
    """AVIF by OpenCV, its code points replaced (they stand behind the box's kind)."""
    pixels = (chart().astype(np.uint32) * (2**depth - 1) // 255).astype(
        np.uint8 if depth == 8 else np.uint16
    )
    options = [cv2.IMWRITE_AVIF_DEPTH, depth, cv2.IMWRITE_AVIF_QUALITY, 100]
    is_made, data = cv2.imencode(".avif", pixels[..., ::-1], options)
    assert is_made
    path.write_bytes(with_nclx(data.tobytes(), primaries, transfer))


def with_nclx(data: bytes, primaries: int, transfer: int) -> bytes:
    at = data.index(b"colrnclx") + 8
    return data[:at] + struct.pack(">HH", primaries, transfer) + data[at + 4 :]


def write_bmp_v5(path: Path, kind: bytes, body: bytes = bytes(48), profile: bytes = b"") -> None:
    """BMP with a BITMAPV5HEADER; `body` are end points and gammas."""
    pixels = chart()[::-1, :, ::-1]
    num_bytes = pixels.size
    header = struct.pack(
        "<IiiHHIIiiII", 124, pixels.shape[1], pixels.shape[0], 1, 24, 0, num_bytes, 0, 0, 0, 0
    )
    header += struct.pack("<4I", 0xFF0000, 0xFF00, 0xFF, 0) + kind + body
    header += struct.pack("<4I", 4, 124 + num_bytes if profile else 0, len(profile), 0)
    start = struct.pack("<IHHI", 14 + 124 + num_bytes + len(profile), 0, 0, 14 + 124)
    path.write_bytes(b"BM" + start + header + pixels.tobytes() + profile)


def write_exr(path: Path, points: Points | None) -> None:
    pixels = srgb_curve(chart() / 255).astype(np.float32)
    spec = oiio.ImageSpec(pixels.shape[1], pixels.shape[0], 3, oiio.FLOAT)
    if points:
        spec.attribute("chromaticities", oiio.TypeDesc("float[8]"), tuple(np.ravel(points)))
    out = oiio.ImageOutput.create("openexr")
    assert out.open(str(path), spec)
    assert out.write_image(pixels)
    out.close()


def with_calibration(points: Points, gamma: float) -> bytes:
    """End points as chromaticities (2.30 fixed) and gammas (16.16), as programs write them."""
    numbers = [v for x, y in points[:3] for v in (x, y, 1 - x - y)]
    fixed = struct.pack("<9i", *(round(v * 2**30) for v in numbers))
    return fixed + struct.pack("<3I", *[round(gamma * 65536)] * 3)


def write_heic(path: Path, primaries: int, transfer: int) -> None:
    """A stored HEIC of 10 bits, its code points replaced."""
    path.write_bytes(with_nclx((DATA / "four-10bit.heic").read_bytes(), primaries, transfer))


def power(exponent: float) -> Curve:
    return lambda values: values**exponent


def bt709(values: np.ndarray) -> np.ndarray:
    return np.where(values < 0.081, values / 4.5, ((values + 0.099) / 1.099) ** (1 / 0.45))


def same(values: np.ndarray) -> np.ndarray:
    return values


SOURCES: dict[str, Source] = {
    "cicp.png": (lambda p: write_png(p, cicp(12, 13)), srgb_curve, P3_XY),
    "cicp16.png": (lambda p: write_png(p, cicp(12, 13), np.uint16), srgb_curve, P3_XY),
    "cicp709.png": (lambda p: write_png(p, cicp(1, 1)), bt709, SRGB_XY),
    "cicp-first.png": (
        lambda p: write_png(p, cicp(9, 13) + chunk(b"sRGB", b"\0") + gama(0.1)),
        srgb_curve,
        BT2020_XY,
    ),
    "srgb-first.png": (
        lambda p: write_png(p, gama(1.0) + chunk(b"sRGB", b"\0")),
        srgb_curve,
        SRGB_XY,
    ),
    "linear.png": (lambda p: write_png(p, gama(1.0)), same, SRGB_XY),
    "gamma.png": (lambda p: write_png(p, gama(1 / 1.8)), power(1.8), SRGB_XY),
    "gamma16.png": (lambda p: write_png(p, gama(1 / 1.8), np.uint16), power(1.8), SRGB_XY),
    "adobe.png": (lambda p: write_png(p, gama(1 / 2.2) + chrm(ADOBE_XY)), power(2.2), ADOBE_XY),
    "primaries.png": (lambda p: write_png(p, chrm(P3_XY)), srgb_curve, P3_XY),
    "p3.avif": (lambda p: write_avif(p, 12, 13), srgb_curve, P3_XY),
    "p3-10.avif": (lambda p: write_avif(p, 12, 13, 10), srgb_curve, P3_XY),
    "2020-12.avif": (lambda p: write_avif(p, 9, 1, 12), bt709, BT2020_XY),
    "p3.exr": (lambda p: write_exr(p, P3_XY), srgb_curve, P3_XY),
    "plain.exr": (lambda p: write_exr(p, None), srgb_curve, SRGB_XY),
    "embedded.bmp": (lambda p: write_bmp_v5(p, b"DEBM", profile=P3), srgb_curve, P3_XY),
    "calibrated.bmp": (
        lambda p: write_bmp_v5(p, bytes(4), with_calibration(ADOBE_XY, 2.2)),
        power(2.2),
        ADOBE_XY,
    ),
    "srgb.bmp": (lambda p: write_bmp_v5(p, b"BGRs"), srgb_curve, SRGB_XY),
}
"""Files of CHART: how each is made, its curve to light, its primaries."""
TARGETS = [known for known in FORMATS if known.can_write]


@pytest.mark.parametrize("target", TARGETS, ids=lambda known: known.name)
@pytest.mark.parametrize("source", SOURCES)
def test_a_chart_looks_the_same_in_every_format(
    source: str, target: Format, tmp_path: Path
) -> None:
    write, curve, points = SOURCES[source]
    write(tmp_path / source)
    image = read_image(tmp_path / source)
    result = converted(image, tmp_path / f"result{target.suffixes[0]}", target)
    expected = srgb_of(curve(CHART / 255), points)
    error = np.abs(seen(result) - expected).max()
    # Rounding before and behind another colour engine of 8 bits; dark colours of a linear curve
    # have 13 steps of sRGB between two of theirs.
    limit = 4.0 if target.is_lossy or target.max_colours else 1.6
    assert error < (8.0 if source == "linear.png" and target.name != "exr" else limit)


def converted(image: Image, path: Path, target: Format) -> Path:
    """Write the image as an export would, in its own size."""
    depth = result_depth(target, image.num_bits)
    colours = file_colours(image, target, depth, name=str(path))
    with open_writer(
        path,
        image.size,
        format=target.name,
        bit_depth=depth,
        is_gray=image.is_gray,
        icc_profile=colours.icc_profile,
        white_nits=colours.white_nits,
        quality=100 if target.is_lossy else None,
    ) as writer:
        writer.write_rows(colours.convert(image.rgb(Tile(0, 0, *image.samples.shape[:2]))))
    return path


def seen(path: Path) -> np.ndarray:
    """The patches in sRGB, 0 to 255, as other programs find them."""
    if path.suffix == ".exr":
        pixels, spec = by_openimageio(path)
        told = spec.getattribute("chromaticities")
        points = SRGB_XY if told is None else tuple(map(tuple, np.reshape(told, (4, 2))))
        return srgb_of(patches(pixels), points)
    if path.suffix == ".jxl":
        pixels, spec = by_openimageio(path)
        profile = np.asarray(spec.getattribute("ICCProfile"), np.uint8).tobytes()
        return by_littlecms(patches(pixels) * 255, profile)
    if path.suffix == ".tif":
        pixels, spec = by_openimageio(path)
        told = spec.getattribute("ICCProfile")
        profile = None if told is None else np.asarray(told, np.uint8).tobytes()
        if str(spec.format) == "float":
            return of_light(patches(pixels), profile)
        return by_littlecms(patches(pixels) * 255, profile) if profile else patches(pixels) * 255
    with PilImage.open(path) as picture:
        pixels, profile = np.asarray(picture.convert("RGB")), picture.info.get("icc_profile")
    data = path.read_bytes()
    if path.suffix == ".bmp" and data[14] == 124:
        offset, length = struct.unpack_from("<II", data, 14 + 112)
        profile = data[14 + offset :][:length]
    if path.suffix == ".avif" and profile is None:
        at = data.index(b"colrnclx") + 8
        curve, points = NCLX[struct.unpack(">HH", data[at : at + 4])]
        values = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)[..., ::-1]
        full = {np.dtype(np.uint8): 255}.get(values.dtype, 2 ** data[data.index(b"pixi") + 9] - 1)
        return srgb_of(curve(patches(values) / full), points)
    return by_littlecms(patches(pixels), profile) if profile else patches(pixels).astype(float)


NCLX = {
    (1, 13): (srgb_curve, SRGB_XY),
    (12, 13): (srgb_curve, P3_XY),
    (9, 13): (srgb_curve, BT2020_XY),
    (1, 1): (bt709, SRGB_XY),
    (9, 1): (bt709, BT2020_XY),
}


def by_openimageio(path: Path) -> tuple[np.ndarray, oiio.ImageSpec]:
    source = oiio.ImageInput.open(str(path))
    pixels, spec = source.read_image("float"), source.spec()
    source.close()
    return np.asarray(pixels)[..., :3], spec


def of_light(light: np.ndarray, profile: bytes) -> np.ndarray:
    """sRGB values of light, which 8 bits would round too much, by the profile's colorants."""

    def colorants(of: ImageCms.ImageCmsProfile) -> np.ndarray:
        found = of.profile
        columns = (found.red_colorant, found.green_colorant, found.blue_colorant)
        return np.array([column[0] for column in columns]).T

    own = colorants(ImageCms.getOpenProfile(io.BytesIO(profile)))
    srgb = colorants(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")))
    return srgb_of(light @ (np.linalg.inv(srgb) @ own).T, SRGB_XY)


def by_littlecms(values: np.ndarray, profile: bytes) -> np.ndarray:
    picture = PilImage.fromarray(np.round(values).astype(np.uint8)[None])
    own = ImageCms.getOpenProfile(io.BytesIO(profile))
    srgb = ImageCms.createProfile("sRGB")
    return np.asarray(ImageCms.profileToProfile(picture, own, srgb))[0].astype(float)


@pytest.mark.parametrize("target", ["png", "avif", "jxl", "tiff"])
@pytest.mark.parametrize("points", [(5, 13), (1, 4), (9, 14), (11, 5), (12, 13), (6, 8), (22, 16)])
def test_code_points_come_through_whether_a_format_has_words_for_them_or_not(
    points: tuple[int, int], target: str, tmp_path: Path
) -> None:
    write_png(tmp_path / "a.png", cicp(*points), np.uint16)
    known = format_by_name(target)
    path = converted(read_image(tmp_path / "a.png"), tmp_path / f"b{known.suffixes[0]}", known)
    result = read_image(path)
    assert code_points_of(result.icc_profile) == CodePoints(*points)
    error = np.abs(patches(result.samples) / 65535 - CHART / 255).max()
    assert error < (4 / 1023 if target == "avif" else 1e-9)


HDR = {"pq": (9, 16), "hlg": (9, 18), "p3-pq": (12, 16)}
KEEPING = ["png", "tiff", "avif", "jxl"]


def hdr_file(path: Path, points: tuple[int, int]) -> Image:
    if path.suffix == ".png":
        write_png(path, cicp(*points), np.uint16)
    elif path.suffix == ".avif":
        write_avif(path, *points, 10)
    else:
        write_heic(path, *points)
    return read_image(path)


@pytest.mark.parametrize("points", HDR)
@pytest.mark.parametrize("suffix", [".png", ".avif", ".heic"])
@pytest.mark.parametrize("name", KEEPING)
def test_pq_and_hlg_are_kept_where_the_format_can_tell_them(
    suffix: str, name: str, points: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    image = hdr_file(tmp_path / f"a{suffix}", HDR[points])
    target = format_by_name(name)
    path = converted(image, tmp_path / f"result{target.suffixes[0]}", target)
    assert "tone-mapped" not in caplog.text
    result = read_image(path)
    assert result.num_bits >= (10 if name == "avif" else 16)
    error = np.abs(result.samples.astype(int) - image.samples)[8::16, 8::16].max()
    assert error <= (8 * 65535 / 1023 if name == "avif" else 0)
    data = path.read_bytes()
    if name == "png":
        at = data.index(b"cICP") + 4
        assert data[at : at + 4] == bytes((*HDR[points], 0, 1))
    elif name == "avif":
        at = data.index(b"colrnclx") + 8
        assert struct.unpack(">HH", data[at : at + 4]) == HDR[points]
        assert b"colrprof" not in data
    elif name == "jxl":
        assert tuple(by_openimageio(path)[1].getattribute("CICP"))[:2] == HDR[points]
    else:
        told = by_openimageio(path)[1].getattribute("ICCProfile")
        profile = np.asarray(told, np.uint8).tobytes()
        at = profile.index(b"cicp", 132 + 12 * profile[131]) + 8
        assert profile[at : at + 2] == bytes(HDR[points])


@pytest.mark.parametrize("points", ["pq", "hlg"])
def test_exr_gets_the_light_of_pq_and_hlg(points: str, tmp_path: Path) -> None:
    image = hdr_file(tmp_path / "a.png", HDR[points])
    path = converted(image, tmp_path / "a.exr", format_by_name("exr"))
    pixels, spec = by_openimageio(path)
    assert spec.getattribute("whiteLuminance") == 203
    assert np.abs(np.ravel(BT2020_XY) - spec.getattribute("chromaticities")).max() < 1e-4
    for found, values in zip(patches(pixels) * 203, CHART / 255, strict=True):
        nits = [pq_nits(v) for v in values] if points == "pq" else hlg_nits(tuple(values))
        assert found.tolist() == pytest.approx(nits, rel=2e-3, abs=0.02)


@pytest.mark.parametrize("name", ["jpeg", "webp", "bmp", "gif", "ppm"])
@pytest.mark.parametrize("points", ["pq", "hlg"])
def test_elsewhere_pq_and_hlg_are_tone_mapped_and_it_is_said(
    name: str, points: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    image = hdr_file(tmp_path / "a.png", HDR[points])
    target = format_by_name(name)
    if name == "ppm":  # which has 16 bits too, but no word for PQ
        assert result_depth(target, image.num_bits) == 16
    path = converted(image, tmp_path / f"result{target.suffixes[0]}", target)
    assert "is tone-mapped to sRGB" in caplog.text
    found = seen(path)
    bright = 200 / 255
    assert (pq_nits(bright) if points == "pq" else hlg_nits((bright,) * 3)[0]) > 203
    assert found[3].min() > 250, "the picture's brightest patch becomes white"
    assert np.ptp(found[3]) <= 3
    assert found[4].max() < 40
    assert 60 < found[1].max() < 250


def test_pq_of_8_bits_stays_and_deeper_pq_does_not_go_into_8(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    png = format_by_name("png")
    write_png(tmp_path / "a.png", cicp(9, 16))
    shallow = read_image(tmp_path / "a.png")
    assert file_colours(shallow, png, 8, name="a").icc_profile == shallow.icc_profile
    deep = hdr_file(tmp_path / "b.png", (9, 16))
    assert not caplog.records
    assert file_colours(deep, png, 8, name="b").icc_profile is None
    assert "tone-mapped" in caplog.text


def test_a_dark_pq_picture_is_not_made_brighter(tmp_path: Path) -> None:
    """All its light is below white, so nothing needs room."""
    nits = 100.0
    sample = next(v for v in np.arange(0.3, 0.7, 1e-4) if pq_nits(v) >= nits)
    png16(tmp_path / "a.png", np.full((4, 4, 3), round(sample * 65535), np.uint16), cicp(1, 16))
    path = converted(read_image(tmp_path / "a.png"), tmp_path / "a.ppm", format_by_name("ppm"))
    expected = srgb_of(np.full(3, nits / 203), SRGB_XY)
    assert np.abs(by_openimageio(path)[0][2, 2] * 255 - expected).max() < 0.5


def test_video_range_is_spread(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write_png(tmp_path / "a.png", cicp(12, 13, full=0))
    found = patches(read_image(tmp_path / "a.png").samples)
    assert np.abs(found - np.clip((CHART - 16) * 255 / 219, 0, 255)).max() <= 0.5
    assert "video range" in caplog.text


@pytest.mark.parametrize(
    "extra",
    [
        chunk(b"cICP", b"\x0c\x0d\x01\x01"),
        gama(0.0),
        chrm(((0.3, 0.3), (0.3, 0.3), (0.1, 0.1), D65)),
        chunk(b"gAMA", b"\0"),
        chunk(b"iCCP", b"name\0\0nonsense"),
    ],
)
def test_what_is_damaged_is_told_and_srgb_is_assumed(
    extra: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    png16(tmp_path / "a.png", chart(np.uint16), extra)
    assert read_image(tmp_path / "a.png").icc_profile is None
    assert "damaged" in caplog.text


def test_nothing_said_stays_nothing_said(tmp_path: Path) -> None:
    write_png(tmp_path / "a.png", b"")
    write_avif(tmp_path / "a.avif", 2, 2)
    assert read_image(tmp_path / "a.png").icc_profile is None
    assert read_image(tmp_path / "a.avif").icc_profile is None


@pytest.mark.parametrize("gamma", [1.0, 1 / 1.8])
@pytest.mark.parametrize("name", ["png", "tiff", "webp", "avif", "ppm", "jxl", "exr"])
def test_gray_keeps_its_curve(name: str, gamma: float, tmp_path: Path) -> None:
    gray = np.repeat(chart(np.uint16)[..., :1], 1, 2)
    png16(tmp_path / "a.png", gray, gama(gamma))
    image = read_image(tmp_path / "a.png")
    assert image.is_gray
    target = format_by_name(name)
    path = converted(image, tmp_path / f"result{target.suffixes[0]}", target)
    result = read_image(path)
    assert result.is_gray == target.has_gray
    back = file_colours(result, format_by_name("ppm"), 16, name="a")
    height, width = result.samples.shape[:2]
    values = back.convert(result.rgb(Tile(0, 0, height, width)))
    expected = srgb_of(np.repeat((CHART[:, :1] / 255) ** (1 / gamma), 3, 1), SRGB_XY)
    assert np.abs(patches(values) * 255 - expected).max() < (3 if target.is_lossy else 1)


@pytest.mark.parametrize("depth", [10, 12])
def test_avif_keeps_its_depth(depth: int, tmp_path: Path) -> None:
    steps = np.tile(np.arange(0, 2**depth, 2 ** (depth - 6), dtype=np.uint16), (16, 1))
    options = [cv2.IMWRITE_AVIF_DEPTH, depth, cv2.IMWRITE_AVIF_QUALITY, 100]
    gray = np.repeat(steps[..., None], 3, 2)
    (tmp_path / "a.avif").write_bytes(cv2.imencode(".avif", gray, options)[1].tobytes())
    image = read_image(tmp_path / "a.avif")
    assert (image.bit_depth, image.num_bits) == (16, depth)
    values = image.samples.astype(float) / 65535 * (2**depth - 1)
    assert np.abs(values - gray).max() <= 1
    for name, expected in (("avif", depth), ("png", 16), ("tiff", 16), ("jpeg", 8), ("exr", 16)):
        assert result_depth(format_by_name(name), image.num_bits) == expected
    assert result_depth(format_by_name("avif"), 16) == 10
    again = converted(image, tmp_path / "b.avif", format_by_name("avif"))
    assert read_image(again).num_bits == depth
    assert np.abs(read_image(again).samples.astype(int) - image.samples).max() < 65535 / 255


def test_deep_avif_has_alpha_exif_and_is_turned(tmp_path: Path) -> None:
    block = PilImage.Exif()
    block[274], block[271] = 6, "Maker"
    pixels = np.full((6, 9, 4), 700, np.uint16)
    pixels[:2, :2, :3] = 100
    pixels[..., 3] = 500
    made = cv2.imencodeWithMetadata(
        ".avif",
        pixels,
        [cv2.IMAGE_METADATA_EXIF],
        [np.frombuffer(block.tobytes().removeprefix(b"Exif\0\0"), np.uint8)],
        [cv2.IMWRITE_AVIF_DEPTH, 10, cv2.IMWRITE_AVIF_QUALITY, 100],
    )
    (tmp_path / "a.avif").write_bytes(made[1].tobytes())
    image = read_image(tmp_path / "a.avif")
    assert image.size == Size(9, 6)
    assert image.alpha is not None
    assert np.abs(image.alpha / 65535 - 500 / 1023).max() < 0.002
    assert image.samples[0, -1, 0] < 10_000 < image.samples[-1, 0, 0]
    assert image.metadata.exif is not None


def test_heic_keeps_its_code_points(tmp_path: Path) -> None:
    write_heic(tmp_path / "a.heic", 12, 13)
    image = read_image(tmp_path / "a.heic")
    assert image.num_bits == 10
    path = converted(image, tmp_path / "a.avif", format_by_name("avif"))
    assert read_image(path).icc_profile == image.icc_profile
    assert with_nclx(path.read_bytes(), 12, 13) == path.read_bytes()
