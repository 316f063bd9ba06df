"""Collects the rows of a file that is being decoded into an upright `Image`."""

import numpy as np

from liifgan_core.geometry import Size
from liifgan_core.images.image import Image
from liifgan_core.images.metadata import NO_METADATA, Metadata
from liifgan_core.images.orientation import stored_view, upright_shape
from liifgan_core.images.tone import Tone

BAND_BYTES = 8 << 20
"""Decoders hand over bands of about this many bytes: large enough that the loop costs nothing,
small enough that temporary copies do not count beside the picture."""


class Canvas:
    """The picture's only full-size arrays: each row goes straight to its upright place."""

    def __init__(self, stored: Size, *, dtype: np.dtype, has_alpha: bool, orientation: int) -> None:
        height, width = upright_shape(stored.height, stored.width, orientation)
        self._samples = np.empty((height, width, 3), dtype)
        self._alpha = np.empty((height, width), dtype) if has_alpha else None
        self._stored_samples = stored_view(self._samples, orientation)
        self._stored_alpha = None if self._alpha is None else stored_view(self._alpha, orientation)

    def put(self, top: int, colour: np.ndarray, alpha: np.ndarray | None) -> None:
        """Store the file's rows from `top` on: `colour` (n, w, 3) or gray (n, w, 1), `alpha`
        (n, w) if the canvas has alpha."""
        rows = slice(top, top + len(colour))
        self._stored_samples[rows] = colour
        if self._stored_alpha is not None:
            self._stored_alpha[rows] = alpha

    def image(
        self,
        *,
        icc_profile: bytes | None,
        source_format: str,
        is_gray: bool = False,
        is_linear: bool = False,
        significant_bits: int | None = None,
        metadata: Metadata = NO_METADATA,
    ) -> Image:
        """Return the finished picture; an alpha that is opaque everywhere is dropped.

        `is_linear` says that samples are linear light; its brightest value is looked for.
        """
        alpha = self._alpha
        is_opaque = alpha is not None and bool(alpha.min() >= _opaque(alpha.dtype))
        return Image(
            self._samples,
            None if is_opaque else alpha,
            has_opaque_alpha=is_opaque,
            icc_profile=icc_profile,
            tone=Tone(_peak(self._samples)) if is_linear else None,
            is_gray=is_gray,
            metadata=metadata,
            significant_bits=significant_bits,
            source_format=source_format,
        )

    @property
    def peak(self) -> float:
        """The brightest finite value of float samples so far, at least 1; 1 for integers."""
        return _peak(self._samples)


def band_height(width: int, bytes_per_pixel: int) -> int:
    """Return how many rows make a band."""
    return max(1, BAND_BYTES // (width * bytes_per_pixel))


def _opaque(dtype: np.dtype) -> float:
    return 1.0 if dtype == np.float32 else float(np.iinfo(dtype).max)


def _peak(samples: np.ndarray) -> float:
    if samples.dtype != np.float32:
        return 1.0
    step = band_height(samples.shape[1], 12)
    peak = 1.0
    for top in range(0, len(samples), step):
        band = samples[top : top + step]
        peak = max(peak, float(band.max(initial=1.0, where=np.isfinite(band))))
    return peak
