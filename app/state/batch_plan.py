"""What a batch does with each photo: from dropped files and folders to names of results."""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.state.export_job import ExportJob
from app.state.target_rule import TargetRule
from liifgan_core.errors import ImageWriteError
from liifgan_core.geometry import Size
from liifgan_core.images.formats import FORMATS, format_by_name, result_depth
from liifgan_core.images.image import Image
from liifgan_core.images.read import read_image
from liifgan_core.images.target import check_target
from liifgan_core.progress import CancelToken, Progress

AS_THE_PHOTO = ""
"""Format of a result: that of its photo, or PNG where that cannot be written."""

Export = Callable[[ExportJob, Progress, CancelToken], Path]
Existing = Literal["skip", "replace"]

_READABLE = frozenset(suffix for known in FORMATS if known.can_read for suffix in known.suffixes)


@dataclass(frozen=True, slots=True)
class BatchItem:
    """A photo of a batch."""

    path: Path
    root: Path
    """The folder that was dropped; of a single file, its folder."""


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """What is the same for all photos of a batch."""

    rule: TargetRule
    folder: Path
    """Where results go."""
    keeps_tree: bool
    """Whether results lie in the subfolders that their photos lie in."""
    existing: Existing
    """What to do where a result is there already."""
    format: str
    """Name in the format table, or AS_THE_PHOTO."""
    quality: int
    """1 to 100, for lossy formats."""
    model: str
    detail: float
    names_program: bool
    keeps_metadata: bool
    device: str
    precision: str


@dataclass(frozen=True, slots=True)
class Done:
    """A photo's result."""

    target: Path
    was_there: bool
    """Whether it existed, and was left alone."""


class TakenNames:
    """Paths that no result may replace: a batch's photos and the results it has written.

    For one thread at a time.
    """

    def __init__(self, photos: Iterable[Path]) -> None:
        self._taken = {os.path.realpath(path) for path in photos}

    def check(self, target: Path) -> None:
        """Raise ImageWriteError for a path of this batch."""
        if os.path.realpath(target) in self._taken:
            raise ImageWriteError(
                f"{target} is a photo or another result of this batch; choose another folder, or "
                "keep the tree of folders"
            )

    def take(self, target: Path) -> None:
        """Note a result that was written."""
        self._taken.add(os.path.realpath(target))


def find_photos(paths: Sequence[Path], cancel: CancelToken) -> list[BatchItem]:
    """Return files themselves and all photos below folders, each once, in the order of names.

    A file is listed whatever its name, so that what cannot be read is reported; hidden files and
    folders are left out. Any thread.
    """
    found: dict[Path, BatchItem] = {}
    for path in paths:
        root = path.absolute()
        if not root.is_dir():
            found.setdefault(root, BatchItem(root, root.parent))
            continue
        for photo in _photos_below(root, cancel):
            found.setdefault(photo, BatchItem(photo, root))
    return list(found.values())


def target_path(item: BatchItem, plan: BatchPlan, size: Size, source_format: str) -> Path:
    """Return where the result of a photo goes: `holiday/beach_3840x2160.png`."""
    suffix = format_by_name(_format_name(plan, source_format)).suffixes[0]
    folder = plan.folder
    if plan.keeps_tree:
        folder = folder / item.path.parent.relative_to(item.root)
    return folder / f"{item.path.stem}_{size}{suffix}"


def upscale_item(
    item: BatchItem,
    plan: BatchPlan,
    taken: TakenNames,
    export: Export,
    progress: Progress,
    cancel: CancelToken,
) -> Done:
    """Write a photo's result. Any thread; raises Cancelled and LiifganErrors."""
    image = read_image(item.path)
    size = plan.rule.output_size(image.size)
    target = target_path(item, plan, size, image.source_format)
    taken.check(target)
    if plan.existing == "skip" and target.is_file():
        return Done(target, was_there=True)
    job = _job(plan, image, target, size)
    check_target(target, size=size, format=job.format, overwrite=job.overwrite, source=item.path)
    cancel.check()
    export(job, progress, cancel)
    taken.take(target)
    return Done(target, was_there=False)


def _job(plan: BatchPlan, image: Image, target: Path, size: Size) -> ExportJob:
    chosen = format_by_name(_format_name(plan, image.source_format))
    return ExportJob(
        image=image,
        target=target,
        size=size,
        model=plan.model,
        detail=plan.detail,
        format=chosen.name,
        bit_depth=result_depth(chosen, image.num_bits),
        quality=plan.quality if chosen.is_lossy else None,
        names_program=plan.names_program,
        keeps_metadata=plan.keeps_metadata,
        dpi=plan.rule.dpi,
        overwrite=plan.existing == "replace",
        device=plan.device,
        precision=plan.precision,
    )


def _format_name(plan: BatchPlan, source_format: str) -> str:
    name = plan.format or source_format
    return name if format_by_name(name).can_write else "png"


def _photos_below(root: Path, cancel: CancelToken) -> list[Path]:
    found: list[Path] = []
    for folder, subfolders, names in os.walk(root):
        cancel.check()
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        found += [
            Path(folder, name)
            for name in sorted(names)
            if not name.startswith(".") and Path(name).suffix.lower() in _READABLE
        ]
    return found
