"""What is to be done with a photo: which of its results, under which names, past what is there."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from liifgan_core.batch.exporter import Exporter
from liifgan_core.batch.in_the_way import ClashError, Taken, Way, way_to
from liifgan_core.batch.inputs import Photo
from liifgan_core.batch.manifest import Manifest
from liifgan_core.batch.options import BatchOptions
from liifgan_core.batch.outcome import Outcome
from liifgan_core.batch.paths import path_to_text
from liifgan_core.batch.stamps import FileStamp, is_unchanged, stamp_of
from liifgan_core.batch.wanted import Wanted
from liifgan_core.errors import ImageReadError, LiifganError
from liifgan_core.geometry import Size
from liifgan_core.images.detail_mask import DetailMask
from liifgan_core.images.formats import Format
from liifgan_core.images.header import read_header
from liifgan_core.images.image import Image
from liifgan_core.images.read import read_image
from liifgan_core.images.target import check_target


@dataclass(frozen=True, slots=True)
class Setting:
    """What the photos of a batch have in common, in one process."""

    options: BatchOptions
    exporter: Exporter
    taken: Taken
    manifest: Manifest | None
    settings: tuple[str, ...]
    """Fingerprints of `options.wanted`."""


@dataclass(frozen=True, slots=True)
class ReadPhoto:
    """A photo that is read."""

    photo: Photo
    image: Image
    source: FileStamp | None
    detail_mask: DetailMask | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Planned:
    """One of a photo's results, and where it goes."""

    number: int
    """Among `BatchOptions.wanted`."""
    wanted: Wanted
    settings: str
    source_size: Size
    """The photo's, or that of the frame that it is warped into."""
    size: Size
    target: Path
    format: Format
    way: Way


def plan_results(read: ReadPhoto, setting: Setting, parts: dict[int, Outcome]) -> list[Planned]:
    """Return the results that are to be written; how others end is added to `parts`.

    Raises ClashError where two of them would have one name, and GeometryError, before any is begun.
    """
    photo, planned = read.photo, list[Planned]()
    source_size = setting.options.geometry.frame_size(read.image.size)
    names: dict[str, Path] = {}
    for number, (wanted, settings) in enumerate(
        zip(setting.options.wanted, setting.settings, strict=True)
    ):
        try:
            target, size, chosen = _target(
                photo, setting, wanted, source_size, read.image.source_format
            )
            # Two names that differ in case may be one file.
            other = names.setdefault(str(target).casefold(), target)
            if other is not target:
                raise _SameNameError(
                    f"{photo.path}: two of its results would be {target}; tell them apart by "
                    "{size} or {preset} in the names"
                )
            if number in parts:
                continue
            # What exists is looked at below, where the manifest has a say.
            check_target(target, size=size, format=chosen.name, overwrite=True, source=photo.path)
            way = _way(target, photo, setting)
        except _SameNameError:
            raise
        except LiifganError as error:
            parts[number] = failed(photo, error)
            continue
        if way == "left":
            setting.taken.take(target, photo.path)
            parts[number] = skipped(photo, target)
            continue
        planned.append(Planned(number, wanted, settings, source_size, size, target, chosen, way))
    return planned


class _SameNameError(ClashError):
    """Two results of one photo would have the same name."""


def left_by_header(photo: Photo, setting: Setting) -> list[Path] | None:
    """Return the results if all are there and stay, and the photo's header tells their names."""
    found = read_header(photo.path)
    if found is None:
        return None
    photo_size, source_format = found
    source_size = setting.options.geometry.frame_size(photo_size)
    left: list[Path] = []
    for wanted in setting.options.wanted:
        target, _, _ = _target(photo, setting, wanted, source_size, source_format)
        if not os.path.isfile(target) or _way(target, photo, setting) != "left":
            return None
        left.append(target)
    return left


def _target(
    photo: Photo, setting: Setting, wanted: Wanted, source_size: Size, source_format: str
) -> tuple[Path, Size, Format]:
    return setting.options.output.target(
        photo,
        wanted,
        source_size=source_size,
        source_format=source_format,
        model=setting.exporter.name,
    )


def read_photo(photo: Photo, setting: Setting) -> ReadPhoto:
    """Return a photo's picture and mask; raises MaskError where that is not for it.

    Raises ImageReadError, also where the photo changes meanwhile.
    """
    options = setting.options
    start_s = time.perf_counter()
    source = None if setting.manifest is None else _stamp(photo.path)
    image = read_image(photo.path, max_pixels=options.max_pixels, memory_bytes=options.memory_bytes)
    if source is not None and not is_unchanged(photo.path, source):
        raise ImageReadError(f"{photo.path} has changed while it was read; run it again")
    mask = options.mask_for(image) if setting.exporter.has_detail else None
    return ReadPhoto(photo, image, source, mask, time.perf_counter() - start_s)


def _way(target: Path, photo: Photo, setting: Setting) -> Way:
    setting.taken.check(target, photo.path)
    return way_to(target, photo, setting.options, setting.manifest)


def way_by_now(plan: Planned, photo: Photo, setting: Setting) -> Way:
    """Return what becomes now of what has the result's name; raises ImageWriteError."""
    if setting.manifest is not None:
        setting.manifest.refresh()
    return _way(plan.target, photo, setting)


def _stamp(path: Path) -> FileStamp | None:
    try:
        return stamp_of(path) if path.is_file() else None
    except (OSError, ValueError):
        return None  # reading it says why


def skipped(photo: Photo, target: Path) -> Outcome:
    """Return that a result of a photo is there."""
    message = f"{photo.path}: {target} is there"
    return Outcome(status="skipped", output=path_to_text(target), message=message)


def failed(photo: Photo, error: LiifganError) -> Outcome:
    """Return that something failed; the message begins with the file's name."""
    message, path = str(error), str(photo.path)
    message = message if message.startswith(path) else f"{path}: {message}"
    return Outcome(status="failed", message=message, remedy=error.remedy)
