"""Collects the rows of a file that is being decoded into an upright `Image`."""

from collections.abc import Iterator

import numpy as np

from liifgan_core.geometry import Size
from liifgan_core.images.colour.code_points import code_points_of
from liifgan_core.images.colour.tone import brightest, darkest, tone_of
from liifgan_core.images.image import Image
from liifgan_core.images.metadata.metadata import NO_METADATA, Metadata
from liifgan_core.images.orientation import stored_view, upright_shape
from liifgan_core.images.premultiplied import unpremultiplied
from liifgan_core.images.windows import Windows

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

    @property
    def has_light_without_opacity(self) -> bool:
        """Whether a pixel has colour where alpha is 0: premultiplied light, as of a flame."""
        if self._alpha is None:
            return False
        return any(_is_lit(colour[alpha == 0]) for colour, alpha in self._bands())

    def unpremultiply(self) -> None:
        """Divide the colours by alpha; 0 where that is 0."""
        for colour, alpha in self._bands():
            colour[...] = unpremultiplied(colour, alpha)

    def _bands(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield (n, W, 3) and (n, W) views of the picture's rows; none without alpha."""
        if self._alpha is None:
            return
        step = band_height(self._samples.shape[1], 4 * self._samples.itemsize)
        for top in range(0, len(self._samples), step):
            yield self._samples[top : top + step], self._alpha[top : top + step]

    def image(
        self,
        *,
        icc_profile: bytes | None,
        source_format: str,
        is_gray: bool = False,
        is_linear: bool = False,
        is_premultiplied: bool = False,
        windows: Windows | None = None,
        significant_bits: int | None = None,
        metadata: Metadata = NO_METADATA,
    ) -> Image:
        """Return the finished picture; an alpha that is opaque everywhere is dropped.

        Gray samples in PQ or HLG make a picture in colours, since only RGB profiles tell these.
        `is_linear` says that samples are linear light; its extreme values are looked for.
        """
        alpha, points = self._alpha, code_points_of(icc_profile)
        is_opaque = alpha is not None and bool(alpha.min() >= _opaque(alpha.dtype))
        return Image(
            self._samples,
            None if is_opaque else alpha,
            has_opaque_alpha=is_opaque,
            icc_profile=icc_profile,
            tone=tone_of(self._samples) if is_linear else None,
            is_gray=is_gray and not (points and points.is_hdr),
            metadata=metadata,
            significant_bits=significant_bits,
            source_format=source_format,
            is_premultiplied=is_premultiplied,
            windows=windows,
        )

    @property
    def peak(self) -> float:
        """The brightest finite value of float samples so far, at least 1; 1 for integers."""
        return brightest(self._samples)

    @property
    def floor(self) -> float:
        """The lowest finite value of float samples so far, at most 0; 0 for integers."""
        return darkest(self._samples)


def _is_lit(colour: np.ndarray) -> bool:
    return bool(((colour != 0) & np.isfinite(colour)).any())


def band_height(width: int, bytes_per_pixel: int) -> int:
    """Return how many rows make a band."""
    return max(1, BAND_BYTES // (width * bytes_per_pixel))


def full_range(band: np.ndarray, bits: int) -> np.ndarray:
    """Return samples of `bits` spread over the whole range of 16."""
    full = 2**bits - 1
    return ((band.astype(np.uint32) * 65535 + full // 2) // full).astype(np.uint16)


def _opaque(dtype: np.dtype) -> float:
    return 1.0 if dtype == np.float32 else float(np.iinfo(dtype).max)
