"""A chart of flat patches comes through every pair of formats, whatever its kind."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from liifgan_core.geometry import Size, Tile
from liifgan_core.images.colour.code_points import CodePoints, profile_of
from liifgan_core.images.colour.icc_writer import gamma_curve, gray_profile
from liifgan_core.images.file_colours import file_colours
from liifgan_core.images.formats import FORMATS, Format, format_by_name
from liifgan_core.images.image import Image
from liifgan_core.images.metadata import exif
from liifgan_core.images.metadata.metadata import Metadata
from liifgan_core.images.orientation import stored_view
from liifgan_core.images.read import read_image
from liifgan_core.images.write import open_writer
from tests.core.images.colour.test_tone import P3

PATCH = 16
COLOURS = np.array(
    [
        [[128, 110, 100], [90, 120, 95], [80, 85, 120]],
        [[200, 200, 200], [60, 62, 70], [250, 240, 245]],
    ]
)
"""Two rows of three patches, within every gamut and neither dark nor clipped."""
WRITABLE = [known for known in FORMATS if known.can_write]
TURNED = frozenset(("png", "jpeg", "webp", "avif"))
"""Formats whose writer leaves an orientation as it is given."""
PROFILES = {
    "none": None,
    "icc": P3,
    "p3": profile_of(CodePoints(12, 13), name="a"),
    "bt2020": profile_of(CodePoints(9, 14), name="a"),
    "gray": gray_profile(gamma_curve(1.8), description="gray"),
}

GROWTH = {"none": 1.0, "gray": 1.0, "icc": 1.3, "p3": 1.3, "bt2020": 1.8}
"""By how much an error grows from the primaries of the file to sRGB's, in which it is measured."""
ROUNDING = 0.02
"""Of half precision light near white, in the same steps of 8 bits as the limits."""


@dataclass(frozen=True)
class Kind:
    """What a source file is."""

    source: str
    depth: int
    is_gray: bool
    has_alpha: bool
    profile: str
    orientation: int
    target: str
    target_depth: int


@st.composite
def kinds(draw: st.DrawFn) -> Kind:
    source: Format = draw(st.sampled_from([k for k in WRITABLE if k.max_colours is None]))
    target: Format = draw(st.sampled_from(WRITABLE))
    is_gray = draw(st.booleans())
    return Kind(
        source.name,
        draw(st.sampled_from(source.depths)),
        is_gray,
        draw(st.booleans()) and source.has_alpha and target.has_alpha,
        draw(st.sampled_from(sorted(PROFILES if is_gray else PROFILES.keys() - {"gray"}))),
        draw(st.integers(1, 8)) if source.name in TURNED else 1,
        target.name,
        draw(st.sampled_from(target.depths)),
    )


@settings(max_examples=200, deadline=None)
@given(kind=kinds())
def test_a_flat_chart_comes_back_from_every_format_in_every_format(kind: Kind) -> None:
    base = chart(kind)
    source, target = format_by_name(kind.source), format_by_name(kind.target)
    with tempfile.TemporaryDirectory() as folder:
        first = Path(folder) / f"a{source.suffixes[0]}"
        write(base, first, source, kind.depth, kind.orientation)
        image = read_image(first)
        assert image.size == base.size
        second = Path(folder) / f"b{target.suffixes[0]}"
        write(image, second, target, kind.target_depth)
        result = read_image(second)
    assert result.size == base.size
    num_lossy = sum(known.is_lossy and not known.lossless_quality for known in (source, target))
    limit = (2.0 * num_lossy or 1.0) + ROUNDING
    assert np.abs(seen(result) - seen(base)).max() <= limit * GROWTH[kind.profile]
    if kind.has_alpha:
        assert image.alpha is not None
        assert result.alpha is not None
        difference = patches(result.opacity(whole(result))) - patches(base.opacity(whole(base)))
        assert np.abs(difference).max() <= 1.01 / 255 * (1 + target.is_lossy + source.is_lossy)
    else:
        assert result.alpha is None


def chart(kind: Kind) -> Image:
    colours = np.repeat(COLOURS[..., :1], 3, 2) if kind.is_gray else COLOURS
    samples = (colours.repeat(PATCH, 0).repeat(PATCH, 1) * 257).astype(np.uint16)
    steps = np.arange(1, 7).reshape(2, 3) * (65535 // 7)
    alpha = steps.repeat(PATCH, 0).repeat(PATCH, 1).astype(np.uint16)
    return Image(
        samples,
        alpha if kind.has_alpha else None,
        icc_profile=PROFILES[kind.profile],
        is_gray=kind.is_gray,
    )


def write(image: Image, path: Path, known: Format, depth: int, orientation: int = 1) -> None:
    """Write the image as an export would, its rows stored as a camera held that way would."""
    colours = file_colours(image, known, depth, name=str(path))
    rgb = stored_view(image.rgb(whole(image)), orientation)
    alpha = None if image.alpha is None else stored_view(image.opacity(whole(image)), orientation)
    facts = exif.for_result(None, width=1, height=1, note="a", dpi=None)
    turn = exif.Entry(exif.SHORT, orientation.to_bytes(2, "little"))
    block = exif.to_bytes(exif.Exif("<", {**facts.main, exif.ORIENTATION: turn}, {}, {}, {}))
    with open_writer(
        path,
        Size(*rgb.shape[:2]),
        format=known.name,
        bit_depth=depth,
        alpha=alpha is not None,
        is_gray=image.is_gray,
        icc_profile=colours.icc_profile,
        metadata=Metadata(exif=block, xmp=b"<rdf:RDF>" + b" " * 200 + b"</rdf:RDF>"),
        quality=100 if known.is_lossy else None,
    ) as writer:
        writer.write_rows(colours.convert(rgb), alpha)


def whole(image: Image) -> Tile:
    return Tile(0, 0, image.size.height, image.size.width)


def patches(pixels: np.ndarray) -> np.ndarray:
    return pixels[PATCH // 2 :: PATCH, PATCH // 2 :: PATCH]


def seen(image: Image) -> np.ndarray:
    """The patches as sRGB, 0 to 255."""
    convert = file_colours(image, format_by_name("ppm"), 16, name="a").convert
    return patches(convert(image.rgb(whole(image)))) * 255
