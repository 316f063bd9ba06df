"""Small pictures of photo files, there long before the photo is: for thumbnails and for opening."""

import contextlib
from pathlib import Path
from typing import Literal

from PIL import ExifTags, UnidentifiedImageError
from PIL import Image as PillowImage
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QImageReader, QTransform

from app.qimage import qimage_from_rgb
from app.state.photo import read_photo
from liifgan_core.errors import LiifganError

_THUMBNAIL_OFFSET, _THUMBNAIL_BYTES = 0x0201, 0x0202
"""EXIF's JPEGInterchangeFormat and JPEGInterchangeFormatLength."""
_EXIF_HEAD = 6
"""Bytes of the marker in front of what offsets count from."""
_LARGEST_THUMBNAIL = 1 << 20
"""Bytes; EXIF cannot hold more than 64 KiB in a JPEG."""
_TURNS = {3: 180, 4: 180, 5: 270, 6: 90, 7: 90, 8: 270}
"""Degrees clockwise by EXIF orientation, after those of _MIRRORED were mirrored."""
_MIRRORED = (2, 4, 5, 7)

Fit = Literal["within", "over"]


def draft(path: Path, size: QSize) -> QImage:
    """Return the picture in a file, about as large as `size`, upright; a null one if Qt cannot.

    JPEG is decoded at a part of its size: 0.4 s for 50 megapixels, a third of decoding it whole.
    Any thread.
    """
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    reader.setDecideFormatFromContent(True)
    whole = reader.size()
    if whole.isValid():
        by_expanding = Qt.AspectRatioMode.KeepAspectRatioByExpanding
        scaled = whole.scaled(size, by_expanding)
        if scaled.width() < whole.width():
            reader.setScaledSize(scaled)
    return reader.read()


def embedded_thumbnail(path: Path) -> QImage:
    """Return the thumbnail that a camera has put into a file's EXIF, upright; a null one if none.

    Takes milliseconds: nothing of the picture is decoded. Any thread.
    """
    # Whatever is wrong with the file, reading the photo itself says it.
    with contextlib.suppress(OSError, ValueError, SyntaxError, KeyError, UnidentifiedImageError):
        with PillowImage.open(path) as file:
            exif = file.getexif()
            small = exif.get_ifd(ExifTags.IFD.IFD1)
            start, length = small[_THUMBNAIL_OFFSET], small[_THUMBNAIL_BYTES]
            orientation = exif.get(ExifTags.Base.Orientation, 1)
            content: bytes = file.info["exif"]
        if 0 < length <= _LARGEST_THUMBNAIL:
            picture = QImage.fromData(content[_EXIF_HEAD + start : _EXIF_HEAD + start + length])
            return upright(picture, orientation)
    return QImage()


def upright(picture: QImage, orientation: int) -> QImage:
    """Return a picture as an EXIF orientation, 1 to 8, says that it is to be seen."""
    if orientation in _MIRRORED:
        picture = picture.flipped(Qt.Orientation.Horizontal)
    turn = _TURNS.get(orientation, 0)
    return picture.transformed(QTransform().rotate(turn)) if turn else picture


def thumbnail(path: Path, size: QSize, *, fit: Fit, ratio: float = 1.0) -> QImage | None:
    """Return a thumbnail of `size` in logical pixels; None where there is no such file.

    "within" keeps all of the photo, "over" fills the size and cuts off what is too much. A format
    that Qt cannot read is decoded whole; one that nothing reads gives a null picture. Any thread.
    """
    if not path.is_file():
        return None
    target = size * ratio
    picture = draft(path, target)
    if picture.isNull():
        try:
            photo = read_photo(path)
        except LiifganError:
            return QImage()
        picture = qimage_from_rgb(photo.preview, photo.preview_alpha)
    modes = {
        "within": Qt.AspectRatioMode.KeepAspectRatio,
        "over": Qt.AspectRatioMode.KeepAspectRatioByExpanding,
    }
    smooth = Qt.TransformationMode.SmoothTransformation
    scaled = picture.scaled(target, modes[fit], smooth)
    if fit == "over":
        left = (scaled.width() - target.width()) // 2
        top = (scaled.height() - target.height()) // 2
        scaled = scaled.copy(left, top, target.width(), target.height())
    scaled.setDevicePixelRatio(ratio)
    return scaled
