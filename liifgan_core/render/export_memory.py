"""How an export's memory is shared out under a bound."""

from liifgan_core.errors import LiifganError
from liifgan_core.geometry import Size
from liifgan_core.images.codecs.tiff.level import TILE_SIDE
from liifgan_core.images.formats import Format
from liifgan_core.images.image import Image
from liifgan_core.images.read import DEFAULT_MEMORY_BYTES
from liifgan_core.render.continuous_image import FEATURE_BYTES, WARPED_BAND_BYTES
from liifgan_core.render.encoded_tiles import LOWEST_TILE

_PROGRAM_BYTES = 512 * 2**20
"""Python, torch and what it keeps for itself, 290 to 345 MiB resident beside the model (Linux,
torch 2.13, one thread, November 2026), and the bands that are being rendered."""
_LEAST_ROWS = 2 * LOWEST_TILE
"""LR rows whose features are always kept: two rows of tiles at their lowest."""
_WARPED_BYTES = 2 * WARPED_BAND_BYTES
"""Two layers of a band of a warped view."""
_TABLES = 1.25
"""Features and the decoder's tables, in units of the features."""


def feature_bytes(
    image: Image,
    size: Size,
    format: Format,
    *,
    bit_depth: int,
    latent_bytes: int,
    resident_bytes: int = 0,
    trunk_bytes: int = 0,
    has_pyramid: bool = False,
    is_warped: bool = False,
    quality: int | None = None,
    beside_bytes: int = 0,
    memory_bytes: int = DEFAULT_MEMORY_BYTES,
) -> int:
    """Return how much an export may keep of the encoded photo.

    Raises LiifganError when the picture, the model and the least to work with do not fit into
    `memory_bytes`, saying how much would do. `latent_bytes` is the size of the features of one LR
    pixel, `resident_bytes` what models and their engines keep, `trunk_bytes` what a trunk takes
    beside all that at its peak, `beside_bytes` what else is held until the file is complete. Only
    the CPU's memory is meant; on another device features lie in that device's.
    """
    fixed = (
        _PROGRAM_BYTES
        + resident_bytes
        + trunk_bytes
        + beside_bytes
        + _picture_bytes(image)
        + writer_bytes(size, format, bit_depth, has_pyramid=has_pyramid, quality=quality)
    )
    if is_warped:
        fixed += min(_WARPED_BYTES, 24 * size.num_pixels)
    rows = min(_LEAST_ROWS, image.size.height)
    least = int(_TABLES * latent_bytes * image.size.width * rows)
    if fixed + least > memory_bytes:
        needed = (fixed + least) / 2**30
        way_out = "" if format.is_streamed else "choose a streamed format such as TIFF, or "
        raise LiifganError(
            f"{image.size} to {size} pixels as {format.name.upper()} takes about {needed:.1f} GiB, "
            f"more than the limit of {memory_bytes / 2**30:.1f} GiB; {way_out}raise the limit",
            remedy="memory",
        )
    return min(FEATURE_BYTES, int((memory_bytes - fixed) / _TABLES))


def writer_bytes(
    size: Size,
    format: Format,
    bit_depth: int,
    *,
    has_pyramid: bool = False,
    quality: int | None = None,
) -> int:
    """Return the memory that writing a file takes beside the rows that are being drawn."""
    if not format.is_streamed:
        num_samples = size.num_pixels * (4 if format.has_alpha else 3)
        num_bytes = num_samples * format.bytes_per_sample(quality)
    else:
        # TIFF collects a row of tiles; the other encoders hold less.
        num_bytes = 2 * TILE_SIDE * size.width * 4 * bit_depth // 8
        num_bytes = num_bytes if format.name == "tiff" else 0
    return num_bytes * (2 if has_pyramid else 1)


def _picture_bytes(image: Image) -> int:
    return image.samples.nbytes + (image.alpha.nbytes if image.alpha is not None else 0)
