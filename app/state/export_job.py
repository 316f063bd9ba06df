"""What an export shall do, and what it will cost."""

from dataclasses import dataclass
from pathlib import Path

from liifgan_core.geometry import Size
from liifgan_core.images.image import Image

_BYTES_PER_VALUE = {
    "png": 0.55,
    "tiff": 0.75,
    "webp": 0.07,
    "jpeg": 0.13,
    "avif": 0.09,
    "jxl": 0.35,
    "exr": 0.5,
    "bmp": 1.0,
    "gif": 0.15,
    "ppm": 1.0,
}
"""Bytes of an 8-bit sample, for photos upscaled by 2 to 4 at the default quality: measured on the
sample photos, November 2026. A busy photo takes twice that, a smooth one half."""
_PLAIN_BYTES = 1.0
"""Of formats that were not measured."""
_LR_PIXEL_COST = 1.7
"""What encoding a pixel of the photo costs in output pixels: 1.2 of 0.72 million multiply-adds."""


@dataclass(frozen=True, slots=True, eq=False)
class ExportJob:
    """Everything that decides the file."""

    image: Image
    target: Path
    size: Size
    model: str
    """Name of an installed model."""
    detail: float
    format: str
    """Name in the format table, such as "png"."""
    bit_depth: int
    quality: int | None
    """1 to 100 for lossy formats; None is the format's default."""
    names_program: bool
    """Whether the file says which program made it, with the model, the factor and the detail."""
    keeps_metadata: bool
    """Whether EXIF and XMP of the photo go into the file; the colour profile always does."""
    dpi: float | None
    """Resolution for printing; None keeps the photo's."""
    overwrite: bool
    device: str
    precision: str


def file_bytes(size: Size, format: str, *, bit_depth: int, quality: int | None) -> int:
    """Return about how many bytes the file will have; right within a factor of two."""
    per_value = _BYTES_PER_VALUE.get(format, _PLAIN_BYTES)
    if quality == 100 and format == "jxl":  # lossless
        quality = None
    if quality is not None:
        # From 95 to 75 both lossy formats shrink to about a third.
        per_value *= 3.0 ** ((quality - 92) / 20)
    if bit_depth > 8 and quality is None:
        per_value = bit_depth / 8 * max(per_value, 0.85)  # the lower bytes hardly compress
    return int(size.num_pixels * 3 * per_value)


def seconds(photo: Size, size: Size, pixels_per_second: float | None) -> float | None:
    """Return about how long an export takes; None as long as nothing has been rendered."""
    if pixels_per_second is None:
        return None
    samples = max(1.0, photo.num_pixels / size.num_pixels)
    return (size.num_pixels * samples + _LR_PIXEL_COST * photo.num_pixels) / pixels_per_second
