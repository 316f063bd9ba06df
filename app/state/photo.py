"""The photo that is open, from a file or the clipboard."""

import itertools
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from app.state.sidecar import SidecarError, Stored, read_edit
from liifgan_core.geometry import Size, Tile, Viewport
from liifgan_core.images.image import Image
from liifgan_core.images.read import DEFAULT_MAX_PIXELS, DEFAULT_MEMORY_BYTES, read_image
from liifgan_core.images.resample import resample
from liifgan_core.progress import Progress, no_progress, part

PREVIEW_PIXELS = 4_000_000
"""Pixels of the preview, so that a photo of any size is painted in a few milliseconds."""

DECODED = 0.8
"""Part of opening that decoding is: nearly all of it, but for photos of more than 8 bits."""

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
    edit: Stored | None = None
    """What was kept beside the file."""
    edit_problem: str | None = None
    """Why the file that lies there cannot be taken, and must not be replaced."""


def read_photo(
    path: Path,
    progress: Progress = no_progress,
    *,
    max_pixels: int = DEFAULT_MAX_PIXELS,
    memory_bytes: int = DEFAULT_MEMORY_BYTES,
) -> Photo:
    """Return the photo in a file. Any thread; raises ImageReadError.

    Decoders tell nothing while they work: `progress` is told DECODED after that, and then rows.
    """
    image = read_image(path, max_pixels=max_pixels, memory_bytes=memory_bytes)
    progress(DECODED)
    photo = make_photo(image, name=path.name, path=path, progress=part(progress, DECODED, 1.0))
    try:
        return replace(photo, edit=read_edit(path, photo.image.size))
    except SidecarError as error:
        return replace(photo, edit_problem=str(error))


def make_photo(
    image: Image, *, name: str, path: Path | None = None, progress: Progress = no_progress
) -> Photo:
    """Return a photo of an image. Any thread."""
    rgb, alpha = _preview(image, progress)
    key = f"photo-{next(_counter)}"
    return Photo(key, name, path, image, preview=rgb, preview_alpha=alpha)


def _preview(
    image: Image, progress: Progress
) -> tuple[NDArray[np.uint8], NDArray[np.uint8] | None]:
    factor = min(1.0, (PREVIEW_PIXELS / image.size.num_pixels) ** 0.5)
    size = Size(max(1, int(image.size.height * factor)), max(1, int(image.size.width * factor)))
    is_plain = image.samples.dtype == np.uint8 and image.tone is None and image.alpha is None
    if is_plain:  # 50 megapixels in a twentieth of the seconds that they take as floats
        if size == image.size:
            return image.samples, None
        shape = size.width, size.height
        small = cv2.resize(image.samples, shape, interpolation=cv2.INTER_AREA)
        return np.asarray(small, np.uint8), None
    viewport = Viewport.whole(image.size, size)
    # Row by row of tiles: a float copy of a large photo would take twelve times its bytes.
    rows = [
        Tile(top, 0, min(256, size.height - top), size.width) for top in range(0, size.height, 256)
    ]
    rgb: list[NDArray[np.uint8]] = []
    for tile in rows:
        rgb.append(_to_bytes(resample(image.rgb, image.size, viewport, tile)))
        progress(tile.bottom / size.height)
    alpha = None
    if image.alpha is not None:
        read = image.opacity
        alpha = np.concatenate(
            [_to_bytes(resample(read, image.size, viewport, tile)) for tile in rows]
        )
    return np.concatenate(rgb), alpha


def _to_bytes(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    return (values * 255.0 + 0.5).astype(np.uint8)
