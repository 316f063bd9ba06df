"""The images of a run: which are trained on, which are held out, and a cache of decoded ones."""

import logging
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

from liifgan_core.progress import CancelToken, Progress, no_progress
from liifgan_core.train.batches import ImageCache, as_trained, training_batches
from liifgan_core.train.config import TrainConfig
from liifgan_core.train.image_folder import (
    DataError,
    ImageFolder,
    Skipped,
    read_rgb,
    scan_folder,
    split_root,
)
from liifgan_core.train.processes import Processes
from liifgan_core.train.sampling import Batch
from liifgan_core.train.validation import ValidationSet

_SHOWN = 20
"""Skipped files that are listed by name; the rest is counted."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Photos:
    """Images of a run."""

    training: ImageFolder
    validation: ValidationSet
    cache: ImageCache

    def batches(
        self, config: TrainConfig, processes: Processes, start_step: int, stop_step: int
    ) -> Generator[Batch]:
        """Yield a process' share of the batches of steps; see `training_batches`."""
        return training_batches(
            config,
            self.training,
            self.cache,
            start_step=start_step,
            stop_step=stop_step,
            rank=processes.rank,
            world_size=processes.world_size,
        )


def load_photos(
    config: TrainConfig,
    data: Path,
    validation: Path | None,
    *,
    progress: Progress = no_progress,
    cancel: CancelToken | None = None,
) -> Photos:
    """Return the usable images of `data`; files that are not usable are logged with the reason.

    Without a validation folder, evenly spaced images are held out of the training, a tenth at most
    and at least one. Raises DataError when fewer are left than the recipe needs.
    """
    training_root, known_validation = split_root(data)
    settings = config.data
    cache = ImageCache(settings.cache_bytes, resize_to=settings.resize_hr)
    folder = scan_folder(
        training_root,
        min_side=config.smallest_photo,
        decode=settings.check == "decode",
        keep=cache.put,
        progress=progress,
        cancel=cancel,
    )
    _log_skipped(folder.skipped)
    validation_root = validation or known_validation
    if validation_root is None:
        training, held_out = _hold_out(folder, config.validation.num_images)
    else:
        found = scan_folder(
            validation_root, min_side=_smallest_crop(config), decode=False, cancel=cancel
        )
        _log_skipped(found.skipped)
        training, held_out = folder, found.paths[: config.validation.num_images]
    _check_enough(training, folder, settings.min_images)
    crops = ValidationSet.of(
        held_out,
        lambda path: as_trained(read_rgb(path), settings.resize_hr),
        config.validation.crop_size,
    )
    return Photos(training, crops, cache)


def _hold_out(folder: ImageFolder, wanted: int) -> tuple[ImageFolder, tuple[Path, ...]]:
    """Return the images without some, and these."""
    paths = folder.paths
    if not paths or not wanted:
        return folder, ()
    if len(paths) == 1:
        raise DataError(
            f"{folder.root}: {paths[0].name} is the only usable image, and one is held out for "
            "validation; add photos, or give some with --validation"
        )
    count = max(1, min(wanted, len(paths) // 10))
    chosen = {paths[len(paths) * n // count] for n in range(count)}
    kept = tuple(path for path in paths if path not in chosen)
    return ImageFolder(folder.root, kept, folder.skipped), tuple(sorted(chosen))


def _check_enough(training: ImageFolder, found: ImageFolder, needed: int) -> None:
    if len(training.paths) >= max(1, needed):
        return
    reasons = "".join(f"; {s.path.name}: {s.reason}" for s in found.skipped[:3])
    raise DataError(
        f"{found.root}: {len(found.paths)} usable images and {len(found.skipped)} that are not"
        f"{reasons}. The recipe trains on at least {needed} beside those held out for validation; "
        "add photos"
    )


def _log_skipped(skipped: Sequence[Skipped]) -> None:
    for file in skipped[:_SHOWN]:
        _logger.warning("%s is skipped: %s", file.path, file.reason)
    if len(skipped) > _SHOWN:
        _logger.warning("and %d more files are skipped", len(skipped) - _SHOWN)


def _smallest_crop(config: TrainConfig) -> int:
    """Return the side that a validation image needs: 16 LR pixels at the largest scale."""
    return 16 * max(config.validation.scales, default=1)
