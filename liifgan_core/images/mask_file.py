"""Masks from gray pictures: black is strength 0, white 1."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from liifgan_core.errors import MaskError
from liifgan_core.images.detail_mask import MAX_SIDE, ONE, DetailMask
from liifgan_core.images.image import Image
from liifgan_core.images.read import read_image

_BITS = (8, 10, 12, 16)


def read_mask(path: Path) -> DetailMask:
    """Return the mask in a gray picture of any size and format, of 8 to 16 bits.

    Samples are strengths as they are stored; a colour profile says nothing about them. A picture of
    more than MAX_SIDE pixels a side is reduced to that, by the mean over areas. Raises
    ImageReadError, and MaskError for a picture with colours, transparency or float samples.
    """
    try:
        return mask_of(read_image(path))
    except MaskError as error:
        raise MaskError(f"{path} is no mask: {error}") from None


def mask_of(image: Image) -> DetailMask:
    """Return the mask that a gray picture means; see `read_mask`."""
    if image.num_bits not in _BITS:
        raise MaskError("its samples are floating-point; save it as gray of 8 or 16 bits")
    if image.alpha is not None:
        raise MaskError(
            "it has transparent places; save it without, black where detail is left out"
        )
    red, green, blue = (image.samples[..., channel] for channel in range(3))
    if not (image.is_gray or (np.array_equal(red, green) and np.array_equal(red, blue))):
        raise MaskError("it has colours; save it as grayscale, black for no detail, white for all")
    return DetailMask(_stored(_reduced(np.ascontiguousarray(red))))


def _reduced(samples: NDArray[np.uint8 | np.uint16]) -> NDArray[np.float32]:
    """Return samples from 0 to 1 on a grid that a mask can have."""
    full = np.iinfo(samples.dtype).max
    height, width = samples.shape
    factor = MAX_SIDE / max(height, width)
    if factor < 1.0:
        side = max(1, round(width * factor)), max(1, round(height * factor))
        samples = np.asarray(cv2.resize(samples, side, interpolation=cv2.INTER_AREA), samples.dtype)
    return np.divide(samples, np.float32(full), dtype=np.float32)


def _stored(strengths: NDArray[np.float32]) -> NDArray[np.uint16]:
    return (strengths * np.float32(ONE) + np.float32(0.5)).astype(np.uint16)
