"""Develops camera raws with LibRaw (package rawpy, extra "raw"): DNG, NEF, CR2, CR3, ARW, RAF, ...

Development is plain: the camera's white balance, its exposure as it is, sRGB, 16 bits. Who wants
another one develops the photo elsewhere and enlarges that.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from liifgan_core.errors import ImageReadError
from liifgan_core.geometry import Size
from liifgan_core.images.codecs.raw import metadata as raw_metadata
from liifgan_core.images.image import Image
from liifgan_core.images.metadata.metadata import Metadata
from liifgan_core.losses import tell

_DECODING_BYTES = 24
"""Memory per pixel: the sensor's values (2), LibRaw's four colours (8), its result (6) and ours,
which is the same, and as much again while it demosaics."""
_SRGB_POWER, _SRGB_SLOPE = 2.4, 12.92


def decode(
    file: BinaryIO,
    path: Path,
    *,
    check: Callable[[Size, int], None],
    metadata: Metadata | None = None,
) -> Image:
    """Return the developed photo in the camera raw `file`: upright, 16 bits, sRGB.

    `check` gets the size and the bytes that a pixel takes while decoding, the file's own included.
    `metadata` replaces what is found here. Raises ImageReadError without rawpy and for cameras
    that LibRaw does not know; ValueError for damage.
    """
    rawpy = _rawpy(path)
    metadata = raw_metadata.read(file) if metadata is None else metadata
    file.seek(0)
    raw: Any = rawpy.RawPy()
    try:
        raw.open_buffer(file)
        size = _upright_size(raw)
        check(size, _DECODING_BYTES + os.fstat(file.fileno()).st_size // size.num_pixels)
        raw.unpack()
        if not any(raw.camera_whitebalance[:3]):
            tell("white-balance", file=path)
        samples = raw.postprocess(
            use_camera_wb=True,
            output_color=rawpy.ColorSpace.sRGB,
            output_bps=16,
            gamma=(_SRGB_POWER, _SRGB_SLOPE),
            no_auto_bright=True,
        )
    except (rawpy.LibRawFileUnsupportedError, rawpy.LibRawNotImplementedError) as error:
        version = ".".join(map(str, rawpy.libraw_version))
        raise ImageReadError(
            f"{path} is a camera raw of a kind that LibRaw {version} does not know; convert it to "
            "a plain DNG or develop it in another program first."
        ) from error
    except rawpy.LibRawError as error:
        raise ValueError(_text(error)) from error
    finally:
        raw.close()
    is_gray = samples.shape[2] == 1
    return Image(
        np.ascontiguousarray(np.broadcast_to(samples, (*samples.shape[:2], 3))),
        is_gray=is_gray,
        metadata=metadata,
        source_format="raw",
    )


def size_of(file: BinaryIO, path: Path) -> Size:
    """Return the size of the photo as `decode` gives it; raises ImageReadError, or ValueError."""
    rawpy = _rawpy(path)
    file.seek(0)
    raw: Any = rawpy.RawPy()
    try:
        raw.open_buffer(file)
        return _upright_size(raw)
    except rawpy.LibRawError as error:
        raise ValueError(_text(error)) from error
    finally:
        raw.close()


def _upright_size(raw: Any) -> Size:
    sizes = raw.sizes
    is_turned = bool(sizes.flip & 4)
    return Size(sizes.width, sizes.height) if is_turned else Size(sizes.height, sizes.width)


def _rawpy(path: Path) -> Any:
    try:
        import rawpy
    except ImportError as error:
        raise ImageReadError(
            f"{path} is a camera raw, which takes the package rawpy to develop; install it "
            "(pip install 'liifgan[raw]') or develop the photo in another program first."
        ) from error
    return rawpy


def _text(error: Exception) -> str:
    """Return LibRaw's message, which rawpy hands over as bytes."""
    [message] = error.args[:1] or [""]
    return message.decode("utf-8", "replace") if isinstance(message, bytes) else str(message)
