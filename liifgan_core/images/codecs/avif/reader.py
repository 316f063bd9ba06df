"""Decodes AVIF: 8 bits with Pillow, 10 and 12 with OpenCV, both by libavif."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import cv2
import numpy as np
from PIL.AvifImagePlugin import AvifImageFile

from liifgan_core.geometry import Size
from liifgan_core.images.canvas import Canvas, band_height, full_range
from liifgan_core.images.codecs import pillow_reader
from liifgan_core.images.codecs.heif import boxes as heif_boxes
from liifgan_core.images.colour.code_points import told_profile
from liifgan_core.images.colour.profile import is_linear_profile
from liifgan_core.images.image import Image
from liifgan_core.losses import tell

_DEEP_BYTES = 24
"""Memory per pixel of more than 8 bits: libavif's planes, OpenCV's copy and ours."""
_GRAY, _COLOUR = 1, 3


def decode(file: BinaryIO, path: Path, *, check: Callable[[Size, int], None]) -> Image:
    """Return the picture in `file`, which is positioned at its start; as `pillow_reader.decode`."""
    head = file.read(heif_boxes.META_BYTES)
    bits = heif_boxes.num_bits(head)

    def meaning(icc_profile: bytes | None, is_gray: bool) -> bytes | None:
        points = heif_boxes.nclx_code_points(head)
        return told_profile(icc_profile, points, name=str(path), is_gray=is_gray)

    if heif_boxes.has_light_levels(head):
        tell("not-carried", file=path, what="light levels of the mastering display")
    file.seek(0)
    if bits <= 8:
        return pillow_reader.decode(file, path, format_name="avif", check=check, meaning=meaning)
    with pillow_reader.quiet_pillow(path), AvifImageFile(file) as picture:
        width, height = picture.size
        check(Size(height, width), _DEEP_BYTES)
        if picture.is_animated:
            tell("pictures", file=path, amount=picture.n_frames, used="first")
        metadata = pillow_reader.metadata_of(picture)
        icc_profile = picture.info.get("icc_profile")
    file.seek(0)
    samples = _samples(file.read())
    if samples.shape[:2] != (height, width):
        raise ValueError("its header and its data differ in size")
    channels = samples.shape[2]
    is_gray, has_alpha = channels < _COLOUR, channels in (_GRAY + 1, _COLOUR + 1)
    canvas = Canvas(
        Size(height, width),
        dtype=np.dtype(np.uint16),
        has_alpha=has_alpha,
        orientation=pillow_reader.orientation(metadata, path),
    )
    rows = band_height(width, channels * 2)
    for top in range(0, height, rows):
        band = full_range(samples[top : top + rows], bits)
        colour = band[..., :1] if is_gray else band[..., 2::-1]
        canvas.put(top, colour, band[..., -1] if has_alpha else None)
    kept = meaning(icc_profile, is_gray)
    return canvas.image(
        icc_profile=kept,
        source_format="avif",
        is_gray=is_gray,
        is_linear=is_linear_profile(kept),
        significant_bits=bits,
        metadata=metadata,
    )


@contextmanager
def _quiet_opencv() -> Generator[None]:
    """Keep OpenCV from writing to stderr about damaged files."""
    level = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        yield
    finally:
        cv2.utils.logging.setLogLevel(level)


def _samples(data: bytes) -> np.ndarray:
    """Return (H, W, channels) uint16, the colours in the order BGR."""
    try:
        with _quiet_opencv():
            samples = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise ValueError(str(error)) from error
    if samples is None or samples.dtype != np.uint16:
        raise ValueError("its picture cannot be decoded")
    return samples.reshape(*samples.shape[:2], -1)
