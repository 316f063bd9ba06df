"""An edit beside its photo: `photo.jpg.liifgan.json`, which can be taken up again. No Qt.

docs/app.md describes the format. A file that is not one, or that another version or another photo
wrote, is never replaced.
"""

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import cv2
import msgspec
import numpy as np

from liifgan_core.errors import LiifganError
from liifgan_core.files.pending import PendingFile
from liifgan_core.geometry import Size
from liifgan_core.images.detail_mask import MAX_SIDE, DetailMask, Values, grid_size
from liifgan_core.render.export_options import MAX_DETAIL

SUFFIX = ".liifgan.json"
VERSION = 1
_MOST_BYTES = 64 * 2**20
"""Of a file that is read: a mask takes 8 MB at most, a third more as text."""
_PNG_HEAD = b"\x89PNG\r\n\x1a\n"


class SidecarError(LiifganError):
    """A sidecar file cannot be read, or not be written."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What a user has done to a photo, as far as it is kept beside it."""

    detail: float = 1.0
    """Overall strength of the detail layer."""
    mask: DetailMask | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """An edit as it lies on disk."""

    edit: Edit
    digest: str
    """SHA-256 of the file, to see whether another program has changed it."""


class _Mask(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    width: int
    height: int
    png: str


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: Literal["liifgan-edit"]
    version: int
    photo_width: int
    photo_height: int
    detail: Annotated[float, msgspec.Meta(ge=0.0, le=MAX_DETAIL)]
    mask: _Mask | None = None


def sidecar_path(photo: Path) -> Path:
    """Return where a photo's edit lies."""
    return photo.with_name(photo.name + SUFFIX)


def read_edit(photo: Path, size: Size) -> Stored | None:
    """Return the edit of a photo of `size`; None without a file.

    Raises SidecarError for a file that is no such edit, was made for another picture or cannot be
    read.
    """
    path = sidecar_path(photo)
    try:
        if not path.exists():
            return None
        if path.stat().st_size > _MOST_BYTES:
            raise SidecarError(f"{path} is too large for an edit; {_WAY_OUT}")
        content = path.read_bytes()
    except OSError as error:
        raise SidecarError(f"{path} cannot be read ({error.strerror}); {_WAY_OUT}") from error
    try:
        kept = msgspec.json.decode(content, type=_File)
    except (msgspec.DecodeError, ValueError) as error:
        raise SidecarError(f"{path} is no edit that this version knows; {_WAY_OUT}") from error
    if kept.version != VERSION:
        raise SidecarError(f"{path} was written by another version; {_WAY_OUT}")
    if Size(kept.photo_height, kept.photo_width) != size:
        raise SidecarError(
            f"{path} was made for a photo of {kept.photo_width}x{kept.photo_height}, not {size}; "
            f"{_WAY_OUT}"
        )
    try:
        mask = None if kept.mask is None else _mask(kept.mask)
        if mask is not None and mask.size != grid_size(size):
            raise ValueError(f"a grid of {mask.size}")
    except (ValueError, cv2.error) as error:
        raise SidecarError(f"{path} holds a damaged mask; {_WAY_OUT}") from error
    return Stored(Edit(kept.detail, mask), hashlib.sha256(content).hexdigest())


def write_edit(photo: Path, size: Size, edit: Edit, *, known: str | None) -> Stored:
    """Write a photo's edit whole or not at all, and return it.

    `known` is the digest of the file that may be replaced: the one that was read or written last;
    None: there was none. Raises SidecarError for any other file there, and when the folder cannot
    be written.
    """
    path = sidecar_path(photo)
    content = encoded(size, edit)
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None
        if found is not None and found != known:
            raise SidecarError(f"{path} is not what was read or written last; {_WAY_OUT}")
        pending = PendingFile(path, suffix=".json")
        try:
            pending.file.write(content)
            pending.publish(overwrite=found is not None)
        finally:
            pending.discard()
    except OSError as error:
        raise SidecarError(
            f"the edit of {photo.name} cannot be saved: {path.parent} cannot be written "
            f"({error.strerror}); give yourself leave to write there, or copy the photo elsewhere"
        ) from error
    return Stored(edit, hashlib.sha256(content).hexdigest())


def encoded(size: Size, edit: Edit) -> bytes:
    """Return the file's content."""
    mask = None
    if edit.mask is not None:
        mask = _Mask(edit.mask.size.width, edit.mask.size.height, grid_text(edit.mask.values))
    kept = _File("liifgan-edit", VERSION, size.width, size.height, edit.detail, mask)
    return msgspec.json.format(msgspec.json.encode(kept), indent=1) + b"\n"


_WAY_OUT = "move it away to have this photo's edits saved"


def grid_text(values: Values) -> str:
    """Return a mask's values as a PNG in base64."""
    _, png = cv2.imencode(".png", values, [cv2.IMWRITE_PNG_COMPRESSION, 3])
    return base64.b64encode(png.tobytes()).decode("ascii")


def _mask(kept: _Mask) -> DetailMask:
    mask = DetailMask(grid_of(kept.png))
    if mask.size != Size(kept.height, kept.width):
        raise ValueError("not the grid that is named")
    return mask


def grid_of(text: str) -> Values:
    """Return a mask's values; raises ValueError for none, before memory is taken for them."""
    content = base64.b64decode(text, validate=True)
    if not (content.startswith(_PNG_HEAD) and content[12:16] == b"IHDR"):
        raise ValueError("no PNG")
    width, height = (int.from_bytes(content[at : at + 4], "big") for at in (16, 20))
    is_gray_16 = content[24:26] == b"\x10\x00"
    if not is_gray_16:
        raise ValueError("not gray of 16 bits")
    if not (1 <= width <= MAX_SIDE and 1 <= height <= MAX_SIDE):
        raise ValueError("too large a grid")
    values = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    if values is None or values.dtype != np.uint16:
        raise ValueError("a damaged PNG")
    return np.asarray(values, np.uint16)
