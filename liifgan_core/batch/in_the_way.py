"""What becomes of a file that has the name of a result: nothing of the user's is ever lost."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from liifgan_core.batch.inputs import Photo
from liifgan_core.batch.manifest import Manifest
from liifgan_core.batch.options import BatchOptions
from liifgan_core.batch.paths import identity
from liifgan_core.errors import ImageWriteError, TargetExistsError
from liifgan_core.files.failures import exists_error

Way = Literal["free", "left", "replaced"]


class ClashError(ImageWriteError):
    """The result's name belongs to something else: another photo, or a file that stays."""


class Taken:
    """Names that no result of a batch may have: its photos, and results of others among them.

    Names are compared as files on the disk too, so that two which differ only in case do not get
    around it where case does not count. For one thread at a time.
    """

    def __init__(self, photos: Iterable[Path] = ()) -> None:
        self._photos: set[object] = set()
        self._results: dict[object, Path] = {}
        for path in photos:
            self.add_photo(path)

    def add_photo(self, path: Path) -> None:
        """Keep a photo from being replaced."""
        self._photos.update(_keys(path))

    def check(self, target: Path, photo: Path) -> None:
        """Raise ClashError when the name belongs to this batch, but not as the photo's result."""
        for key in _keys(target):
            owner = self._results.get(key, photo)
            if key in self._photos:
                raise ClashError(
                    f"{photo}: its result {target} would be another photo of this batch; choose "
                    "another folder"
                )
            if owner != photo:
                raise ClashError(
                    f"{photo}: its result {target} is that of {owner} already; upscale one of them "
                    "into another folder"
                )

    def take(self, target: Path, photo: Path) -> None:
        """Note a result, whether it was written or was there."""
        for key in _keys(target):
            self._results.setdefault(key, photo)


def way_to(target: Path, photo: Photo, options: BatchOptions, manifest: Manifest | None) -> Way:
    """Return what becomes of what is at `target`; raises ImageWriteError when it must stay.

    It is replaced where the user allows that, or under `resume` if the manifest wrote it for this
    very photo and it is still that; never as long as it is the result of another photo.
    """
    if not os.path.lexists(target):
        return "free"
    writer, is_as_written = (None, False) if manifest is None else manifest.writer_of(target)
    is_own = writer is not None and identity(writer) == identity(photo.path)
    # A photo that has gone away needs no result.
    is_needed = options.existing != "replace" or (writer is not None and os.path.lexists(writer))
    if writer is not None and not is_own and is_needed:
        raise ClashError(
            f"{photo.path}: its result {target} is that of {writer} already; upscale one of them "
            "into another folder"
        )
    if options.existing == "replace" or (options.resume and is_own and is_as_written):
        return "replaced"
    if options.existing == "skip":
        return "left"
    if options.resume:
        raise TargetExistsError(
            f"{target} exists, and is not what this batch has written there; move it away or allow "
            "overwriting",
            remedy="overwrite",
        )
    raise exists_error(target)


def _keys(path: Path) -> set[object]:
    keys: set[object] = {identity(path)}
    try:
        keys.add(os.path.realpath(path))
        status = os.stat(path)
    except (OSError, ValueError):
        return keys
    if status.st_nlink == 1:  # hard links are files of their own to whoever replaces one
        keys.add((status.st_dev, status.st_ino))
    return keys
