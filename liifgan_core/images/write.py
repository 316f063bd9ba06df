"""Writes a picture from top to bottom, and gives the file its name only when it is complete."""

import contextlib
import logging
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import numpy as np

from liifgan_core.errors import ImageWriteError
from liifgan_core.geometry import Size
from liifgan_core.images.encoder import Encoder, Layout
from liifgan_core.images.formats import Format
from liifgan_core.images.jpeg_encoder import JpegEncoder
from liifgan_core.images.png_encoder import PngEncoder
from liifgan_core.images.profile import rgb_profile
from liifgan_core.images.target import check_target, publish, write_error
from liifgan_core.images.tiff_encoder import TiffEncoder
from liifgan_core.images.webp_encoder import WebpEncoder

__all__ = ["ImageWriter", "check_target", "open_writer"]

_log = logging.getLogger(__name__)

_ENCODERS: dict[str, Callable[[BinaryIO, Layout], Encoder]] = {
    "png": PngEncoder,
    "jpeg": JpegEncoder,
    "webp": WebpEncoder,
    "tiff": TiffEncoder,
}

_BAND_VALUES = 1 << 21
"""Float samples that are rounded at a time: 8 MB of temporary memory."""

_STEM_LENGTH = 40
"""Characters of the target's name in the temporary one, so that this is never too long (255
bytes on most file systems; up to 4 bytes a character)."""


def open_writer(
    path: Path | str,
    size: Size,
    *,
    format: str | None = None,
    bit_depth: int = 8,
    alpha: bool = False,
    icc_profile: bytes | None = None,
    quality: int | None = None,
    software: str | None = None,
    overwrite: bool = False,
) -> "ImageWriter":
    """Return a writer for a picture of `size`, to be used as a context manager.

    Without `format` the file name's ending decides. `quality` (1 to 100) is for lossy formats,
    `bit_depth` 16 for PNG and TIFF. A format without alpha gets the picture over white, with a
    logged warning; a profile that is not for RGB is left out likewise. Nothing is created before
    the context is entered. Raises ImageWriteError for all that `check_target` finds, and for a
    depth or quality that the format does not have.
    """
    path = Path(path)
    chosen = check_target(path, size=size, format=format, overwrite=overwrite)
    name = chosen.name.upper()
    if bit_depth not in chosen.depths:
        depths = " or ".join(map(str, chosen.depths))
        raise ImageWriteError(f"{path}: {name} is written with {depths} bits, not {bit_depth}.")
    if quality is not None and not (chosen.is_lossy and 1 <= quality <= 100):
        wanted = "a quality from 1 to 100" if chosen.is_lossy else "no quality, it is lossless"
        raise ImageWriteError(f"{path}: {name} takes {wanted}, not {quality}.")
    if alpha and not chosen.has_alpha:
        _log.warning("%s: %s has no transparency; the picture is put on white.", path, name)
    layout = Layout(
        size,
        bit_depth=bit_depth,
        has_alpha=alpha and chosen.has_alpha,
        icc_profile=rgb_profile(icc_profile, name=str(path)),
        software=software,
        quality=chosen.default_quality if quality is None else quality,
    )
    return ImageWriter(path, layout, format=chosen, takes_alpha=alpha, overwrite=overwrite)


class ImageWriter:
    """One file being written, under a hidden temporary name in the target's folder.

    Leaving the context after the last row puts the file on disk and gives it its name; leaving it
    in any other way removes the temporary file. Not for several threads at once.
    """

    def __init__(
        self, path: Path, layout: Layout, *, format: Format, takes_alpha: bool, overwrite: bool
    ) -> None:
        self._path = path
        self._layout = layout
        self._format = format
        self._takes_alpha = takes_alpha
        self._overwrite = overwrite
        suffix = path.suffix or format.suffixes[0]
        token = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._temporary = path.with_name(f".{path.stem[:_STEM_LENGTH]}.{token}.part{suffix}")
        self._file: BinaryIO | None = None
        self._encoder: Encoder | None = None
        self._num_rows = 0

    @property
    def num_rows(self) -> int:
        """Rows written so far."""
        return self._num_rows

    def __enter__(self) -> Self:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._temporary.open("xb")
            self._encoder = _ENCODERS[self._format.name](self._file, self._layout)
        except OSError as error:
            self._discard()
            raise write_error(self._path, error) from error
        except BaseException:
            self._discard()
            raise
        return self

    def write_rows(self, rgb: np.ndarray, alpha: np.ndarray | None = None) -> None:
        """Append the next rows, top to bottom.

        `rgb` is (n, W, 3), `alpha` (n, W); both float, 0 to 1, not premultiplied; values beyond
        are clipped, then rounded to nearest. `alpha` None means opaque. Raises ImageWriteError
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
        if self._encoder is None or self._file is None:
            raise ValueError("the writer's context was not entered")
        try:
            self._encoder.finish()
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
        except OSError as error:
            raise write_error(self._path, error) from error
        publish(self._temporary, self._path, overwrite=self._overwrite)

    def _discard(self) -> None:
        """Close and remove the temporary file, if it is still there."""
        self._encoder = None
        if self._file is not None:
            with contextlib.suppress(OSError):  # a full disk shows again when closing flushes
                self._file.close()
            self._file = None
        with contextlib.suppress(OSError):
            self._temporary.unlink()

    def _rounded(self, rgb: np.ndarray, alpha: np.ndarray | None) -> np.ndarray:
        """Return integer samples (n, W, channels) of the layout's depth."""
        layout = self._layout
        values = np.empty((*rgb.shape[:2], layout.num_channels), np.float32)
        values[..., :3] = rgb
        if layout.has_alpha:
            values[..., 3] = 1.0 if alpha is None else alpha
        elif alpha is not None:
            weight = np.clip(alpha, 0.0, 1.0)[..., None]
            values[:] = np.clip(values, 0.0, 1.0) * weight + (1.0 - weight)
        if np.isnan(values.min(initial=0.0)):
            raise ValueError(f"rows from {self._num_rows} on hold NaN")
        full = 2**layout.bit_depth - 1
        np.clip(values, 0.0, 1.0, out=values)
        values *= full
        values += 0.5
        return values.astype(np.uint8 if full < 256 else np.uint16)
