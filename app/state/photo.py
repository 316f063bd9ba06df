"""The photo that is open, from a file or the clipboard."""

import itertools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from liifgan_core.geometry import Size, Tile, Viewport
from liifgan_core.images.image import Image
from liifgan_core.images.read import DEFAULT_MAX_PIXELS, DEFAULT_MEMORY_BYTES, read_image
from liifgan_core.images.resample import resample

PREVIEW_PIXELS = 4_000_000
"""Pixels of the preview, so that a photo of any size is painted in a few milliseconds."""

_counter = itertools.count(1)


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """An image and what the app needs to know beside it."""

    key: str
    """Different for each photo that is opened, also for the same file opened again."""
    name: str
    """For people: the file's name."""
    path: Path | None
    """None for a picture from the clipboard."""
    image: Image
    preview: NDArray[np.uint8]
    """(h, w, 3) RGB of at most PREVIEW_PIXELS: shown until something better is there."""
    preview_alpha: NDArray[np.uint8] | None
    """(h, w) opacity of the preview."""


def read_photo(
    path: Path,
    *,
    max_pixels: int = DEFAULT_MAX_PIXELS,
    memory_bytes: int = DEFAULT_MEMORY_BYTES,
) -> Photo:
    """Return the photo in a file. Any thread; raises ImageReadError."""
    image = read_image(path, max_pixels=max_pixels, memory_bytes=memory_bytes)
    return make_photo(image, name=path.name, path=path)


def make_photo(image: Image, *, name: str, path: Path | None = None) -> Photo:
    """Return a photo of an image. Any thread."""
    rgb, alpha = _preview(image)
    key = f"photo-{next(_counter)}"
    return Photo(key, name, path, image, preview=rgb, preview_alpha=alpha)


def _preview(image: Image) -> tuple[NDArray[np.uint8], NDArray[np.uint8] | None]:
    factor = min(1.0, (PREVIEW_PIXELS / image.size.num_pixels) ** 0.5)
    size = Size(max(1, int(image.size.height * factor)), max(1, int(image.size.width * factor)))
    viewport = Viewport.whole(image.size, size)
    # Row by row of tiles: a float copy of a large photo would take twelve times its bytes.
    rows = [
        Tile(top, 0, min(256, size.height - top), size.width) for top in range(0, size.height, 256)
    ]
    rgb = [_to_bytes(resample(image.rgb, image.size, viewport, tile)) for tile in rows]
    alpha = None
    if image.alpha is not None:
        read = image.opacity
        alpha = np.concatenate(
            [_to_bytes(resample(read, image.size, viewport, tile)) for tile in rows]
        )
    return np.concatenate(rgb), alpha


def _to_bytes(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    return (values * 255.0 + 0.5).astype(np.uint8)
