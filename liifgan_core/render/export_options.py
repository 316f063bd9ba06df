"""How a result is written, and what that took; no torch."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from liifgan_core.geometry import Size, Tile, Viewport
from liifgan_core.images.detail_mask import DetailMask
from liifgan_core.images.metadata.enlarged import Consistent, Shown
from liifgan_core.images.read import DEFAULT_MEMORY_BYTES
from liifgan_core.images.warped import warped_strengths
from liifgan_core.losses import Loss
from liifgan_core.render.drawing import APART, Drawing, at_strength
from liifgan_core.warp import AS_IT_IS, Geometry, Warp

Colour = tuple[float, float, float]
"""RGB, 0 to 1, in the photo's own profile."""
MAX_DETAIL = 1.5
"""Largest strength of the detail layer that can be asked for: beyond, noise is all that grows."""


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
    shows: Shown = "picture"
    """What is written: the picture, or the map of what its detail layer has invented."""
    is_consistent: bool = False
    """Whether the result, reduced, shall give the photo back (`render/consistency.py`)."""
    geometry: Geometry = AS_IT_IS
    """How the photo is turned or otherwise warped, in the same sampling."""
    background: Colour | None = None
    """What is beyond the photo then; None: transparent, or white where the format has no alpha. A
    map of what was invented is black there."""

    @property
    def drawing(self) -> Drawing:
        """How layers must be drawn for it: apart where places differ in strength."""
        is_one_layer = self.detail_mask is None and self.shows == "picture"
        return at_strength(self.detail) if is_one_layer else APART

    def strengths(
        self, photo: Size, viewport: Viewport, tile: Tile, *, warp: Warp | None = None
    ) -> float | NDArray[np.float32]:
        """Return the strength of the detail layer in a tile of a viewport, (h, w) with a mask.

        With a warp the viewport is one of its frame; the mask follows the photo.
        """
        if self.detail_mask is None:
            return self.detail
        if warp is None:
            found = self.detail_mask.strengths(photo, viewport, tile)
        else:
            found = warped_strengths(self.detail_mask, warp, viewport, tile)
        return found * np.float32(self.detail)


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """One of the files that are made from one encoding."""

    target: Path
    size: Size
    options: ExportOptions
    before_naming: Callable[[int, str], None] | None = None
    """Gets bytes and SHA-256 of the complete file before it has its name, and may raise to leave
    none."""


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What an export took, and what drew it."""

    encoding_s: float
    """Seconds of the model's encoder, whenever it ran for this file; of several files from one
    encoding, the first has most or all of it."""
    rendering_s: float
    writing_s: float
    """Seconds of colours, samples and the file, until it has its name."""
    precision: str
    """"fp32", "bf16" or "fp16"; "fp32" too where half precision has failed on the way."""
    engine: str
    """What computed the encoder that costs most: "torch", "ncnn" or "openvino"."""
    seconds: float
    """Of the whole export."""
    consistent: Consistent | None = None
    """What of the photo comes back when the result is reduced; None: nothing was promised."""
    consistent_error: float | None = None
    """Mean absolute difference then, in 1/255, as measured."""
    losses: tuple[Loss, ...] = ()
    """What of the photo's file is not in the result, or changed, beside what was asked for."""
