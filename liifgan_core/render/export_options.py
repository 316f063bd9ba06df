"""How a result is written, and what that took; no torch."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from liifgan_core.geometry import Size, Tile, Viewport
from liifgan_core.images.detail_mask import DetailMask
from liifgan_core.images.read import DEFAULT_MEMORY_BYTES
from liifgan_core.render.drawing import APART, Drawing, at_strength


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """How a result is written."""

    format: str
    """Name of an output format, e.g. "png"."""
    bit_depth: int | None = None
    """None is the least that the format has; 32 is float, and so is 16 in EXR."""
    quality: int | None = None
    """1 to 100 for lossy formats; None is the format's default."""
    overwrite: bool = False
    detail: float = 1.0
    """Strength of the detail layer."""
    detail_mask: DetailMask | None = None
    """Strength at each place, times `detail`; None: the same everywhere."""
    software: str | None = None
    """Name and version to note in the file, with model, precision, factor and detail."""
    strip_metadata: bool = False
    """Whether EXIF, XMP and the note are left out; the colour profile never is."""
    dpi: float | None = None
    """Resolution for printing; None keeps the photo's."""
    has_pyramid: bool = False
    """Whether smaller versions are stored along (TIFF)."""
    memory_bytes: int = DEFAULT_MEMORY_BYTES
    """Bound of the process's memory."""

    @property
    def drawing(self) -> Drawing:
        """How layers must be drawn for it: apart where places differ in strength."""
        return at_strength(self.detail) if self.detail_mask is None else APART

    def strengths(self, photo: Size, viewport: Viewport, tile: Tile) -> float | NDArray[np.float32]:
        """Return the strength of the detail layer in a tile of a viewport, (h, w) with a mask."""
        if self.detail_mask is None:
            return self.detail
        return self.detail_mask.strengths(photo, viewport, tile) * np.float32(self.detail)


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What an export took, and what drew it."""

    encoding_s: float
    """Seconds of the model's encoder, whenever it ran."""
    rendering_s: float
    writing_s: float
    """Seconds of colours, samples and the file, until it has its name."""
    precision: str
    """"fp32", "bf16" or "fp16"; "fp32" too where half precision has failed on the way."""
    engine: str
    """What computed the encoder that costs most: "torch", "ncnn" or "openvino"."""
    seconds: float
    """Of the whole export."""
