"""Arrays to QImage and back. Every QImage made here owns its bytes, so any thread may drop it."""

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from liifgan_core.images.image import Image

Bytes = NDArray[np.uint8]


def qimage_from_rgb(rgb: Bytes, alpha: Bytes | None = None) -> QImage:
    """Return an image of (h, w, 3) RGB and (h, w) opacity, in Qt's fastest format for painting."""
    height, width = rgb.shape[:2]
    kind = QImage.Format.Format_RGB32 if alpha is None else QImage.Format.Format_ARGB32
    picture = QImage(width, height, kind)
    # Written in place: a copy would take as long as the conversion.
    bgra = np.frombuffer(picture.bits(), np.uint8).reshape(height, width, 4)
    cv2.cvtColor(rgb, cv2.COLOR_RGB2BGRA, dst=bgra)
    if alpha is None:
        return picture
    bgra[..., 3] = alpha
    return picture.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)


def paint_rgb(picture: QImage, rgb: Bytes, at: tuple[int, int]) -> None:
    """Write (h, w, 3) RGB into an opaque picture of `qimage_from_rgb`, at (row, column)."""
    pixels = np.frombuffer(picture.bits(), np.uint8).reshape(picture.height(), picture.width(), 4)
    height, width = rgb.shape[:2]
    part = pixels[at[0] : at[0] + height, at[1] : at[1] + width]
    cv2.cvtColor(rgb, cv2.COLOR_RGB2BGRA, dst=part)


def rgb_from_qimage(picture: QImage) -> Bytes:
    """Return the pixels as (h, w, 3) RGB, without opacity."""
    rgb = picture.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), rgb.bytesPerLine())
    return rows[:, : 3 * rgb.width()].reshape(rgb.height(), rgb.width(), 3).copy()


def image_from_qimage(picture: QImage) -> Image:
    """Return a pasted or dropped picture as 8-bit image, with its opacity where it has some."""
    rgba = picture.convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(rgba.constBits(), np.uint8).reshape(rgba.height(), rgba.bytesPerLine())
    samples = rows[:, : 4 * rgba.width()].reshape(rgba.height(), rgba.width(), 4)
    alpha = samples[..., 3].copy() if picture.hasAlphaChannel() else None
    if alpha is not None and alpha.min() == 255:
        alpha = None
    return Image(samples[..., :3].copy(), alpha=alpha)
