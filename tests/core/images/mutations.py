"""Good files of every format, and thousands of ways to damage them. Seeded: the same each time."""

import io
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
from PIL import Image as PilImage
from PIL import ImageCms

from liifgan_core.geometry import Size
from liifgan_core.images.formats import FORMATS
from liifgan_core.images.metadata import iptc
from liifgan_core.images.metadata.metadata import Metadata, result_metadata
from liifgan_core.images.write import open_writer
from tests.core.images.codecs.dng_file import dng
from tests.core.images.codecs.test_jxl import FRAMES, GRAY_ALPHA, SMALL
from tests.core.images.codecs.tiff_files import Page, long, short, tiff
from tests.core.images.metadata.test_facts import RECORDS, pixels, raw, texted, write_png
from tests.core.images.metadata.test_metadata import camera_exif
from tests.core.images.metadata.test_xmp import big_packet
from tests.core.images.test_colour_meaning import HDR, SOURCES, hdr_file
from tests.core.images.test_gain_map import ultra_hdr

DATA = Path(__file__).parent / "data"
_EXTREMES = (0, 1, 2**31 - 1, 2**32 - 1, 2**16 - 1, 2**16, 2**24, 100_000)


def good_files(folder: Path) -> list[Path]:
    """Write small files in every format, depth and common variant, and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(11)
    small = PilImage.fromarray(rng.integers(0, 256, (5, 4, 3), dtype=np.uint8))
    photo = small.resize((43, 37), PilImage.Resampling.BICUBIC)
    return [
        *_by_our_writer(folder, photo),
        *_by_pillow(folder, photo),
        *_by_openimageio(folder, photo),
        *_by_hand(folder, photo),
        *_with_meaning(folder),
        *_copies(folder),
    ]


def mutated(files: list[Path], count: int, seed: int = 2026) -> Iterator[tuple[Path, bytes]]:
    """Yield (the file it was made of, content) `count` times, each file about as often."""
    contents = [path.read_bytes() for path in files]
    for number in range(count):
        chance = random.Random(f"{seed}-{number}")
        index = number % len(files)
        data = bytearray(contents[index])
        for _ in range(chance.choice((1, 1, 1, 2, 4))):
            _damage(data, chance, contents)
        yield files[index], bytes(data)


def _damage(data: bytearray, chance: random.Random, others: list[bytes]) -> None:
    if not data:
        return
    # Half of the damage goes to the header, where sizes and offsets are.
    reach = len(data) if chance.random() < 0.5 else min(len(data), 300)
    at = chance.randrange(reach)
    length = min(chance.choice((1, 2, 4, 16, 200)), len(data) - at)
    match chance.randrange(8):
        case 0:
            for _ in range(chance.choice((1, 3, 20))):
                data[chance.randrange(reach)] ^= 1 << chance.randrange(8)
        case 1:
            del data[at:]
        case 2:
            data[at : at + length] = chance.randbytes(length)
        case 3:
            data[at : at + length] = bytes([chance.choice((0, 255))]) * length
        case 4:
            value, order = chance.choice(_EXTREMES), chance.choice(("big", "little"))
            data[at : at + 4] = value.to_bytes(4, order)
        case 5:
            del data[at : at + length]
        case 6:
            data[at:at] = data[at : at + length]
        case _:
            other = chance.choice(others)
            start = chance.randrange(len(other))
            data[at : at + length] = other[start : start + length]


def _by_our_writer(folder: Path, photo: PilImage.Image) -> Iterator[Path]:
    rgb = np.asarray(photo, np.float32) / 255
    block = PilImage.Exif()
    block[271], block[274] = "Maker", 6
    block.get_ifd(34665)[36867] = "2026:01:02 03:04:05"
    source = Metadata(exif=block.tobytes().removeprefix(b"Exif\0\0"), xmp=b"<rdf:RDF></rdf:RDF>")
    size = Size(photo.height, photo.width)
    metadata = result_metadata(source, size, note="a note", dpi=300.0, name="a")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for known in FORMATS:
        for depth in known.depths if known.can_write else ():
            path = folder / f"ours{depth}{known.suffixes[0]}"
            alpha = np.tile(np.linspace(0, 1, size.width), (size.height, 1))
            with open_writer(
                path,
                size,
                bit_depth=depth,
                alpha=known.has_alpha,
                icc_profile=profile,
                metadata=metadata,
                has_pyramid=known.name == "tiff" and depth == 8,
            ) as writer:
                writer.write_rows(rgb, alpha if known.has_alpha else None)
            yield path


def _by_pillow(folder: Path, photo: PilImage.Image) -> Iterator[Path]:
    variants: list[tuple[str, PilImage.Image, dict[str, object]]] = [
        ("palette.png", photo.quantize(32), {"transparency": 3}),
        ("interlaced.png", photo, {"interlace": True}),
        ("frames.png", photo, {"save_all": True, "append_images": [photo.rotate(90)]}),
        ("progressive.jpg", photo, {"progressive": True}),
        ("cmyk.jpg", photo.convert("CMYK"), {}),
        ("gray.jpg", photo.convert("L"), {}),
        ("lossless.webp", photo.convert("RGBA"), {"lossless": True}),
        ("frames.webp", photo, {"save_all": True, "append_images": [photo.rotate(90)]}),
        ("lzw.tif", photo, {"compression": "tiff_lzw"}),
        ("jpeg.tif", photo, {"compression": "jpeg"}),
        ("fax.tif", photo.convert("1"), {"compression": "group4"}),
        ("cmyk.tif", photo.convert("CMYK"), {}),
        ("frames.gif", photo, {"save_all": True, "append_images": [photo.rotate(90)]}),
        ("palette.bmp", photo.quantize(200), {}),
        ("alpha.bmp", photo.convert("RGBA"), {}),
        ("gray.pgm", photo.convert("L"), {}),
    ]
    for name, picture, options in variants:
        picture.save(folder / name, **options)  # type: ignore[arg-type]
        yield folder / name
    buffer = io.StringIO()
    print("P3", *photo.size, 255, *np.asarray(photo).ravel(), file=buffer)
    (folder / "text.ppm").write_text(buffer.getvalue())
    yield folder / "text.ppm"


def _by_openimageio(folder: Path, photo: PilImage.Image) -> Iterator[Path]:
    samples = np.asarray(photo, np.float32) / 255
    for name, options in (
        ("piz.exr", {"compression": "piz"}),
        ("dwaa.exr", {"compression": "dwaa"}),
        ("b44.exr", {"compression": "b44"}),
        ("tiled.exr", {"compression": "zip", "tile": 16}),
        ("tiled.tif", {"compression": "zip", "tile": 16}),
        ("packed.tif", {"compression": "packbits"}),
        ("lossy.jxl", {"compression": "jpegxl:70"}),
    ):
        spec = oiio.ImageSpec(photo.width, photo.height, 3, oiio.FLOAT)
        spec.tile_width = spec.tile_height = options.pop("tile", 0)
        for key, value in options.items():
            spec.attribute(key, value)
        out = oiio.ImageOutput.create(str(folder / name))
        assert out.open(str(folder / name), spec)
        assert out.write_image(samples)
        assert out.close()
        yield folder / name


def _by_hand(folder: Path, photo: PilImage.Image) -> Iterator[Path]:
    rgb = np.asarray(photo)
    deep = rgb.astype(np.uint16) * 257
    with_two = np.dstack((rgb, rgb[..., 1:]))
    gray = Page(deep[..., :1], {262: short(0)}, is_planar=True)
    thumbnail = Page(rgb[::4, ::4], {262: short(2), 254: long(1), 274: short(6)})
    for name, content in (
        ("white16.tif", tiff(gray, order=">")),
        ("cmyk-alpha.tif", tiff(Page(with_two, {262: short(5), 338: short(2)}))),
        ("lab16.tif", tiff(Page(deep, {262: short(8)}, has_predictor=True))),
        ("icclab.tif", tiff(Page(rgb, {262: short(9)}, tile=16), is_big=True)),
        ("planes.tif", tiff(Page(deep, {262: short(2)}, is_planar=True, has_predictor=True))),
        ("pages.tif", tiff(thumbnail, Page(deep, {262: short(2)}))),
        ("below.tif", tiff(Page(thumbnail.samples, thumbnail.fields, below=[gray]))),
        ("below-big.tif", tiff(Page(rgb[::4], {262: short(2)}, below=[gray]), is_big=True)),
        ("small.jxl", SMALL),
        ("frames.jxl", FRAMES),
        ("gray-alpha.jxl", GRAY_ALPHA),
        ("raw.dng", dng(rgb[:36, :42] / 255, orientation=6)),
    ):
        (folder / name).write_bytes(content)
        yield folder / name


def _with_meaning(folder: Path) -> Iterator[Path]:
    """Files that tell colours and facts in ways of their own."""
    for name, (write, _curve, _points) in SOURCES.items():
        write(folder / name)
        yield folder / name
    for number, points in enumerate(HDR.values()):
        hdr_file(folder / f"hdr{number}.png", points)
        hdr_file(folder / f"hdr{number}.avif", points)
        yield folder / f"hdr{number}.png"
        yield folder / f"hdr{number}.avif"
    ultra_hdr(folder / "ultra.jpg", turned=True, iso=True)
    texted(folder / "texts.png")
    facts = raw("exif", camera_exif()) + raw("iptc", iptc.to_resources(RECORDS))
    write_png(folder / "raw.png", 16, behind=facts)
    extended = Metadata(xmp=big_packet(80_000), iptc=RECORDS, texts=(("Comment", "a"),))
    for name in ("facts.jpg", "facts.tif", "facts.jxl"):
        with open_writer(folder / name, Size(6, 9), metadata=extended) as writer:
            writer.write_rows(pixels() / 255)
        yield folder / name
    yield from (folder / name for name in ("ultra.jpg", "texts.png", "raw.png"))


def _copies(folder: Path) -> Iterator[Path]:
    for path in sorted(DATA.glob("*.heic")):
        (folder / path.name).write_bytes(path.read_bytes())
        yield folder / path.name
