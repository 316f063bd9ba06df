"""Writes a picture from top to bottom, and gives the file its name only when it is complete."""

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from liifgan_core.errors import ImageWriteError
from liifgan_core.files.failures import exists_error, write_error
from liifgan_core.files.pending import PendingFile
from liifgan_core.geometry import Size
from liifgan_core.images.codec_table import ENCODERS
from liifgan_core.images.codecs.encoder import Encoder, Layout
from liifgan_core.images.colour.profile import colour_space, coloured, rgb_profile
from liifgan_core.images.formats import Format
from liifgan_core.images.gain_map import GainMap
from liifgan_core.images.metadata.metadata import NO_METADATA, Metadata
from liifgan_core.images.target import check_target
from liifgan_core.images.windows import Windows
from liifgan_core.losses import tell

__all__ = ["ImageWriter", "check_target", "open_writer"]

_BAND_VALUES = 1 << 21
"""Float samples that are rounded at a time: 8 MB of temporary memory."""


def open_writer(
    path: Path | str,
    size: Size,
    *,
    format: str | None = None,
    bit_depth: int | None = None,
    alpha: bool = False,
    is_gray: bool = False,
    icc_profile: bytes | None = None,
    metadata: Metadata = NO_METADATA,
    quality: int | None = None,
    has_pyramid: bool = False,
    windows: Windows | None = None,
    is_premultiplied: bool = False,
    white_nits: float | None = None,
    gain_map: GainMap | None = None,
    gain_map_size: Size | None = None,
    overwrite: bool = False,
    before_naming: Callable[[int, str], None] | None = None,
) -> "ImageWriter":
    """Return a writer for a picture of `size`, to be used as a context manager.

    Without `format` the file name's ending decides. `bit_depth` None is the least that the format
    has; 32 is float, and so is 16 in EXR. `quality` (1 to 100) is for lossy formats; 100 is
    lossless in JPEG XL. `white_nits` is the luminance of light 1 in cd/m2, for EXR; `gain_map` is
    stored in `gain_map_size` (None: its own) where the format carries one. `is_premultiplied` says
    that rows come multiplied by their alpha, which only EXR takes.

    A format without alpha gets the picture over white, with a logged warning; a profile that is
    not for RGB (or gray, if the file is) is left out likewise; what else a format has no place for
    is left out. Nothing is created before the context is entered. Raises ImageWriteError for all
    that `check_target` finds, and for a depth, quality or pyramid that the format does not have.
    """
    path = Path(path)
    chosen = check_target(path, size=size, format=format, overwrite=overwrite)
    name = chosen.name.upper()
    bit_depth = bit_depth or chosen.depths[0]
    if bit_depth not in chosen.depths:
        depths = " or ".join(map(str, chosen.depths))
        raise ImageWriteError(f"{path}: {name} is written with {depths} bits, not {bit_depth}.")
    if quality is not None and not (chosen.is_lossy and 1 <= quality <= 100):
        wanted = "a quality from 1 to 100" if chosen.is_lossy else f"no quality ({_why(chosen)})"
        raise ImageWriteError(f"{path}: {name} takes {wanted}, not {quality}.")
    if has_pyramid and chosen.name != "tiff":
        raise ImageWriteError(f"{path}: {name} has no pyramid; choose TIFF.")
    if is_premultiplied and not chosen.is_linear:
        raise ImageWriteError(f"{path}: {name} takes no colours multiplied by alpha; choose EXR.")
    if alpha and not chosen.has_alpha:
        tell("transparency", file=path, format=name)
    if chosen.max_colours is not None:
        tell("palette", file=path, format=name, colours=chosen.max_colours)
    is_rgb = icc_profile is not None and colour_space(icc_profile) == "RGB"
    can_be_gray = chosen.has_gray and (chosen.has_gray_alpha or not alpha)
    is_gray = is_gray and can_be_gray and not is_rgb
    if {"icc", "chromaticities"} & chosen.carries:
        kept = icc_profile if is_gray else coloured(icc_profile)
        icc_profile = rgb_profile(kept, name=str(path), is_gray=is_gray)
    else:
        icc_profile = None
    layout = Layout(
        size,
        bit_depth=bit_depth,
        has_alpha=alpha and chosen.has_alpha,
        is_gray=is_gray,
        icc_profile=icc_profile,
        metadata=metadata,
        quality=chosen.default_quality if quality is None else quality,
        is_half=chosen.is_linear,
        white_nits=white_nits,
        gain_map=gain_map if "gain map" in chosen.carries else None,
        gain_map_size=gain_map_size,
        has_pyramid=has_pyramid,
        windows=windows if "windows" in chosen.carries else None,
    )
    return ImageWriter(
        path,
        layout,
        format=chosen,
        takes_alpha=alpha,
        multiplies=chosen.is_linear and not is_premultiplied,
        overwrite=overwrite,
        before_naming=before_naming,
    )


def _why(chosen: Format) -> str:
    return "its 256 colours have none" if chosen.max_colours else "it is lossless"


class ImageWriter:
    """One file being written, without its name until it is complete.

    Leaving the context after the last row puts the file on disk and gives it its name; leaving it
    in any other way removes what was written. Not for several threads at once.
    """

    def __init__(
        self,
        path: Path,
        layout: Layout,
        *,
        format: Format,
        takes_alpha: bool,
        multiplies: bool,
        overwrite: bool,
        before_naming: Callable[[int, str], None] | None = None,
    ) -> None:
        self._path = path
        self._layout = layout
        self._format = format
        self._takes_alpha = takes_alpha
        self._multiplies = multiplies
        self._overwrite = overwrite
        self._before_naming = before_naming
        self._pending: PendingFile | None = None
        self._encoder: Encoder | None = None
        self._num_rows = 0

    @property
    def num_rows(self) -> int:
        """Rows written so far."""
        return self._num_rows

    def __enter__(self) -> Self:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            suffix = self._path.suffix or self._format.suffixes[0]
            self._pending = PendingFile(self._path, suffix=suffix)
            self._encoder = ENCODERS[self._format.name](self._pending.file, self._layout)
        except OSError as error:
            self._discard()
            raise write_error(self._path, error) from error
        except BaseException:
            self._discard()
            raise
        return self

    def write_rows(self, rgb: np.ndarray, alpha: np.ndarray | None = None) -> None:
        """Append the next rows, top to bottom.

        `rgb` is (n, W, 3), `alpha` (n, W); both float, 0 to 1, not premultiplied. For integer
        samples values beyond are clipped, then rounded to nearest; float files take any. A gray
        file gets the mean of the colours. `alpha` None means opaque. Raises ImageWriteError
        when the disk does not take them, ValueError for a wrong shape, too many rows or NaN.
        """
        if self._encoder is None:
            raise ValueError("rows can only be written inside the writer's context")
        size = self._layout.size
        if rgb.ndim != 3 or rgb.shape[1:] != (size.width, 3):
            raise ValueError(f"rows must be (n, {size.width}, 3), not {rgb.shape}")
        if alpha is not None and (not self._takes_alpha or alpha.shape != rgb.shape[:2]):
            raise ValueError(f"alpha {alpha.shape} does not belong to rows {rgb.shape} here")
        if self._num_rows + len(rgb) > size.height:
            raise ValueError(f"row {self._num_rows + len(rgb)} is below a picture of {size}")
        step = max(1, _BAND_VALUES // (size.width * self._layout.num_channels))
        try:
            for top in range(0, len(rgb), step):
                part = slice(top, top + step)
                band = self._rounded(rgb[part], None if alpha is None else alpha[part])
                self._encoder.put(band)
                self._num_rows += len(band)
        except OSError as error:
            raise write_error(self._path, error) from error

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._complete()
        finally:
            self._discard()

    def _complete(self) -> None:
        """Finish the file and give it its name."""
        missing = self._layout.size.height - self._num_rows
        if missing:
            raise ImageWriteError(
                f"{self._path} was not written: {missing} of {self._layout.size.height} rows are "
                "missing; run it again."
            )
        if self._encoder is None or self._pending is None:
            raise ValueError("the writer's context was not entered")
        try:
            self._encoder.finish()
            if self._before_naming is not None:
                self._before_naming(*self._pending.digest())
            self._pending.publish(overwrite=self._overwrite)
        except FileExistsError as error:
            raise exists_error(self._path) from error
        except OSError as error:
            raise write_error(self._path, error) from error
        except ValueError as error:  # Pillow's, for what an encoder's library cannot hold
            raise ImageWriteError(
                f"{self._path} was not written: the encoder gave up ({error}); choose PNG or TIFF"
            ) from error

    def _discard(self) -> None:
        """Close the file and remove it unless it has its name."""
        self._encoder = None
        if self._pending is not None:
            self._pending.discard()
            self._pending = None

    def _rounded(self, rgb: np.ndarray, alpha: np.ndarray | None) -> np.ndarray:
        """Return samples (n, W, channels) of the layout's type, as the encoder takes them."""
        layout = self._layout
        values = np.empty((*rgb.shape[:2], 4 if layout.has_alpha else 3), np.float32)
        values[..., :3] = rgb
        if layout.has_alpha:
            values[..., 3] = 1.0 if alpha is None else alpha
            if self._multiplies:  # EXR stores colours multiplied by alpha
                values[..., :3] *= np.clip(values[..., 3:], 0.0, 1.0)
        elif alpha is not None:
            weight = np.clip(alpha, 0.0, 1.0)[..., None]
            values[:] = np.clip(values, 0.0, 1.0) * weight + (1.0 - weight)
        if np.isnan(values.min(initial=0.0)):
            raise ValueError(f"rows from {self._num_rows} on hold NaN")
        if layout.is_gray:
            values = np.concatenate((values[..., :3].mean(-1, keepdims=True), values[..., 3:]), -1)
        if layout.dtype.kind == "f":
            return values.astype(layout.dtype)
        full = 2**layout.bit_depth - 1
        np.clip(values, 0.0, 1.0, out=values)
        values *= full
        values += 0.5
        return values.astype(layout.dtype)
