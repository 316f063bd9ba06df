"""Reads TIFF: the largest picture of the file, its samples decoded by OpenImageIO.

OpenImageIO decodes strips, tiles, planes and predictors, but takes some colours for others, and
only sees the pictures of the chain. So the directories are read here, and decide. tifffile would
not do in its place: it decodes LZW, JPEG and CCITT only with imagecodecs, and leaves what
photometric interpretation and extra samples mean to its caller as well.
"""

import os
import shutil
import struct
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
import OpenImageIO as oiio

from liifgan_core.errors import ImageReadError
from liifgan_core.geometry import Size
from liifgan_core.images.canvas import Canvas
from liifgan_core.images.codecs import oiio_reader
from liifgan_core.images.codecs.oiio_reader import OiioError
from liifgan_core.images.codecs.raw import reader as raw_reader
from liifgan_core.images.codecs.tiff.directories import (
    MAX_DIRECTORIES,
    TiffDirectory,
    TiffPictures,
    read_pictures,
)
from liifgan_core.images.codecs.tiff.samples import Colours, Samples, TiffRefusal, samples_of
from liifgan_core.images.colour.lab import decode_lab, linear_srgb_of_lab
from liifgan_core.images.colour.profile import cmyk_to_rgb, rgb_profile
from liifgan_core.images.colour.tone import srgb_encode
from liifgan_core.images.image import Image
from liifgan_core.images.metadata import exif, iptc
from liifgan_core.images.metadata.metadata import Metadata, with_resolution
from liifgan_core.images.premultiplied import unpremultiplied
from liifgan_core.losses import tell

_STRIPS, _STRIP_BYTES, _TILES, _TILE_BYTES = 273, 279, 324, 325
_MAX_INVERTED_BITS = 8
"""OpenImageIO turns WhiteIsZero around by itself up to these bits, the alpha with it."""
_INTEGER_TYPES = {8: np.dtype(np.uint8), 16: np.dtype(np.uint16)}
_OUTSIDE_SRGB = 0.01
"""Light beyond sRGB's range by more than this is told; rounding of 8 bits stays below."""

Convert = Callable[[np.ndarray], np.ndarray]


def decode(file: BinaryIO, path: Path, *, check: Callable[[Size, int], None]) -> Image:
    """Return the photo in the TIFF `file`, which is the one at `path`.

    `check` gets the size and the bytes that a pixel takes while decoding. Raises ImageReadError
    for what is not read here, by name, and OiioError for damage.
    """
    pictures = _pictures(file)
    photo = pictures.photo
    if photo.is_camera_raw:
        metadata, _ = _facts(pictures)
        _check_data(file, photo)
        return raw_reader.decode(file, path, check=check, metadata=metadata)
    samples = _samples(photo, path)
    with _opened(file, path, photo, samples) as source:
        spec, size = source.spec(), _size(source, photo)
        check(size, 4 * (_dtype(samples).itemsize + spec.format.size()))
        _tell_what_is_left_out(path, pictures, samples, size)
        metadata, orientation = _facts(pictures)
        return _filled(source, path, samples, metadata, orientation)


def size_of(file: BinaryIO, path: Path) -> Size:
    """Return the size of the photo as `decode` gives it; raises as it does."""
    photo = _pictures(file).photo
    if photo.is_camera_raw:
        _check_data(file, photo)
        return raw_reader.size_of(file, path)
    with _opened(file, path, photo, _samples(photo, path)) as source:
        return _size(source, photo)


def _pictures(file: BinaryIO) -> TiffPictures:
    pictures = read_pictures(file)
    if pictures is None:
        raise OiioError("its first directory cannot be read")
    return pictures


def _samples(photo: TiffDirectory, path: Path) -> Samples:
    try:
        return samples_of(photo)
    except TiffRefusal as refusal:
        raise ImageReadError(
            f"{path} {refusal}; save it as RGB or gray, uncompressed or with deflate, first."
        ) from refusal


def _size(source: oiio.ImageInput, photo: TiffDirectory) -> Size:
    spec = source.spec()
    if spec.deep or spec.depth > 1:
        raise OiioError("it holds volume data instead of a picture")
    if spec.width * spec.height != photo.num_pixels:
        raise OiioError("its directories contradict each other")
    return Size(spec.height, spec.width)


def _check_data(file: BinaryIO, photo: TiffDirectory) -> None:
    """Raise OiioError where the file ends before its data: LibRaw would go on with zeros."""
    end = file.seek(0, os.SEEK_END)
    for places, lengths in ((_STRIPS, _STRIP_BYTES), (_TILES, _TILE_BYTES)):
        pairs = zip(photo.numbers(places), photo.numbers(lengths), strict=False)
        if any(place + length > end for place, length in pairs):
            raise OiioError("its data ends early")


def _tell_what_is_left_out(
    path: Path, pictures: TiffPictures, samples: Samples, size: Size
) -> None:
    if pictures.num_others:
        more = " or more" if pictures.has_more else ""
        tell(
            "pictures",
            file=path,
            amount=f"{pictures.num_others + 1}{more}",
            used=f"largest, {size} pixels,",
        )
    elif pictures.has_more:
        tell("pictures", file=path, amount=f"more than {MAX_DIRECTORIES}", used="largest of these")
    if pictures.num_masks:
        tell("transparency-mask", file=path)
    if pictures.photo.is_reduced:
        tell("smaller-copy", file=path)
    if samples.num_others:
        tell("channels", file=path, count=samples.num_others)


@contextmanager
def _opened(
    file: BinaryIO, path: Path, photo: TiffDirectory, samples: Samples
) -> Generator[oiio.ImageInput]:
    """Give OpenImageIO's reader of the photo's samples as they are stored, as far as it can."""
    is_raw = samples.colours is Colours.CMYK or samples.colours.is_lab
    if photo.index is not None:
        source = oiio_reader.open_input(path, "tiff", is_raw=is_raw)
        try:
            if not source.seek_subimage(photo.index, 0):
                raise OiioError(source.geterror() or "its picture cannot be reached")
            yield source
        finally:
            source.close()
        return
    with _with_first(file, path, photo) as copy:
        source = oiio_reader.open_input(copy, "tiff", is_raw=is_raw)
        try:
            yield source
        finally:
            source.close()


@contextmanager
def _with_first(file: BinaryIO, path: Path, photo: TiffDirectory) -> Generator[Path]:
    """Give a copy of the file whose header points to the photo, which libtiff sees then."""
    try:
        with tempfile.NamedTemporaryFile(suffix=".tif", delete=False) as copy:
            file.seek(0)
            shutil.copyfileobj(file, copy, 1 << 20)
            file.seek(2)
            is_big = file.read(2) in (b"+\0", b"\0+")
            copy.seek(8 if is_big else 4)
            copy.write(struct.pack(f"{photo.order}{'Q' if is_big else 'I'}", photo.offset))
    except OSError as error:
        raise ImageReadError(
            f"{path} holds its photo below another picture; the copy that reading it takes failed "
            f"({error.strerror}); free some space in {tempfile.gettempdir()}."
        ) from error
    try:
        yield Path(copy.name)
    finally:
        os.unlink(copy.name)


def _facts(pictures: TiffPictures) -> tuple[Metadata, int]:
    """Return what the file says about the photo, and its orientation.

    What its own directory does not say, the first one does, as for photos below a thumbnail; the
    resolution stands for one picture only, and the orientation for those below it.
    """
    photo = pictures.photo
    own = exif.exif_at(pictures.reader, photo.offset)
    first = exif.exif_at(pictures.reader, pictures.first.offset)
    resolution_tags = (exif.X_RESOLUTION, exif.Y_RESOLUTION, exif.RESOLUTION_UNIT)
    common = {tag: e for tag, e in first.main.items() if tag not in resolution_tags}
    if photo.index is not None:
        common.pop(exif.ORIENTATION, None)
    both = exif.Exif(
        own.order,
        {**common, **own.main},
        own.photo or first.photo,
        own.gps or first.gps,
        own.interop or first.interop,
    )
    told = exif.descriptive(both)
    packet = both.main.get(exif.XMP)
    metadata = Metadata(
        exif=exif.to_bytes(told) if told.main or told.photo or told.gps else None,
        xmp=packet.data if packet else None,
        iptc=_iptc(both),
    )
    return with_resolution(metadata, exif.resolution(both)), both.orientation


def _iptc(parsed: exif.Exif) -> bytes | None:
    """Return the IPTC block, which has a field of its own or is among Photoshop's resources."""
    for tag in (exif.IPTC, exif.PHOTOSHOP):
        entry = parsed.main.get(tag)
        block = iptc.from_resources(entry.data) if entry else None
        if block:
            return block
    return None


def _dtype(samples: Samples) -> np.dtype:
    """Return the type of the picture in memory."""
    if samples.colours is Colours.CMYK:
        return np.dtype(np.uint8)
    if samples.is_float or samples.bits == 32:
        return np.dtype(np.float32)
    return _INTEGER_TYPES[8 if samples.bits <= 8 or samples.colours is Colours.PALETTE else 16]


def _filled(
    source: oiio.ImageInput, path: Path, samples: Samples, metadata: Metadata, orientation: int
) -> Image:
    spec, dtype, colours = source.spec(), _dtype(samples), samples.colours
    profile = oiio_reader.stored_profile(spec)
    size = Size(spec.height, spec.width)
    canvas = Canvas(size, dtype=dtype, has_alpha=samples.alpha is not None, orientation=orientation)
    convert = _conversion(samples, profile, path)
    num_colours = 3 if colours is Colours.PALETTE else colours.num_channels
    is_inverted = colours is Colours.WHITE_IS_ZERO and samples.bits <= _MAX_INVERTED_BITS
    for top, band in oiio_reader.bands(source, dtype):
        stored = _complement(band) if is_inverted else band
        colour = stored[..., :num_colours]
        alpha = None if samples.alpha is None else stored[..., samples.alpha]
        if alpha is not None and samples.is_premultiplied:
            colour = unpremultiplied(colour, alpha)
        canvas.put(top, convert(colour), alpha)
    is_converted = colours is Colours.CMYK or colours.is_lab
    kept = None
    if not is_converted:
        kept = rgb_profile(profile, name=str(path), is_gray=colours.is_gray)
    return canvas.image(
        icc_profile=kept,
        source_format="tiff",
        is_gray=colours.is_gray,
        is_linear=oiio_reader.holds_light(canvas, kept),
        metadata=metadata,
    )


def _conversion(samples: Samples, profile: bytes | None, path: Path) -> Convert:
    """Return what turns stored colours (n, W, c) into those of the picture."""
    match samples.colours:
        case Colours.WHITE_IS_ZERO:
            return _complement
        case Colours.CMYK:
            if samples.bits != 8:
                tell("cmyk-bits", file=path)
            return cmyk_to_rgb(profile, name=str(path))
        case Colours.CIE_LAB | Colours.ICC_LAB:
            return _Lab(path, is_icc=samples.colours is Colours.ICC_LAB)
        case _:
            return lambda colour: colour


def _complement(stored: np.ndarray) -> np.ndarray:
    full = 1.0 if stored.dtype == np.float32 else np.iinfo(stored.dtype).max
    return np.subtract(full, stored, dtype=stored.dtype)


class _Lab:
    """Turns L*a*b* into sRGB of the same type, and tells once of colours that sRGB lacks."""

    def __init__(self, path: Path, *, is_icc: bool) -> None:
        self._path = path
        self._is_icc = is_icc
        self._has_told = False

    def __call__(self, stored: np.ndarray) -> np.ndarray:
        light = linear_srgb_of_lab(decode_lab(stored, is_icc=self._is_icc))
        outside = max(-light.min(), light.max() - 1)
        if outside > _OUTSIDE_SRGB and not self._has_told:
            self._has_told = True
            tell("lab-gamut", file=self._path)
        values = srgb_encode(light)
        if stored.dtype.kind == "f":
            return values
        full = np.iinfo(stored.dtype).max
        return (values * np.float64(full) + 0.5).astype(stored.dtype)
